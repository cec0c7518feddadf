"""The golden cases by their own scoring rule, and our own at the edges of the law."""

from __future__ import annotations

import json
from typing import Any

import pytest

from router.eligibility import Law, decide, parse_facts

from .conftest import CASES, OWN
from .score import missing, satisfies, wrong


@pytest.mark.parametrize("case", CASES, ids=[f"{c['id']}-{c['title']}" for c in CASES])
def test_a_golden_case_is_decided_by_its_article(case: dict[str, Any], law: Law) -> None:
    answer = decide(parse_facts(case["facts"]), law).to_dict()
    assert not wrong(case["expect"], answer)


@pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])
def test_every_answer_carries_consultation_and_says_who_decides(
    case: dict[str, Any], law: Law
) -> None:
    answer = decide(parse_facts(case["facts"]), law).to_dict()
    assert any("12348" in door for door in answer["route"])
    assert len(answer["summary"]) <= 120
    assert "预审，由法律援助机构决定" in answer["summary"]
    assert answer["basis"]
    assert answer["reasons"]
    assert (answer["next_question"] is not None) == (answer["outcome"] == "NEED_FACTS")


@pytest.mark.parametrize("case", OWN, ids=[f"{c['id']}-{c['why']}" for c in OWN])
def test_a_case_at_the_edge_is_decided_as_the_text_says(case: dict[str, Any], law: Law) -> None:
    answer = decide(parse_facts(case["facts"]), law).to_dict()
    assert not (wrong(case["expect"], answer) or missing(case["expect"], answer))
    assert any("12348" in door for door in answer["route"])
    assert len(answer["summary"]) <= 120


def test_own_cases_are_many_and_each_is_said_once() -> None:
    told = [json.dumps(case["facts"], sort_keys=True) for case in OWN]
    assert len(told) == len(set(told)) >= 150
    assert len({case["id"] for case in (*CASES, *OWN)}) == len(CASES) + len(OWN)


def test_an_item_satisfies_its_article_and_another_article_never_does() -> None:
    assert satisfies("LAL 25(1)(2)", "LAL 25(1)")
    assert satisfies("PR2023 22 (R-high)", "PR2023 22 (R-high)")
    assert not satisfies("LAL 25", "LAL 25(1)")
    assert not satisfies("LAL 31(5)", "LAL 3")
