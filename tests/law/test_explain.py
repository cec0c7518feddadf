"""What would change a decision: each claim is tried."""

from __future__ import annotations

from typing import Any

import pytest

from router.eligibility import FACTS, Law, decide_plainly, explain, parse_facts

from .conftest import CASES

WAGES = {"region": "T1", "apply_date": "2026-09-10", "matter": "wages", "lawyer": False}


def of(law: Law, fact: str, **facts: Any) -> list[dict[str, Any]]:
    changes = explain(parse_facts({**WAGES, **facts}), law)["changes"]
    return [change for change in changes if change["fact"] == fact]


def otherwise(facts: dict[str, Any], change: dict[str, Any], value: Any) -> dict[str, Any]:
    """As the explanation means it: a status is told with its proof."""
    if change["fact"] == "groups" and value:
        return {
            **facts,
            "groups": [*(facts.get("groups") or []), *value],
            "docs": [*(facts.get("docs") or []), *value],
        }
    return {**facts, change["fact"]: value}


@pytest.mark.parametrize("case", CASES[::3], ids=[case["id"] for case in CASES[::3]])
def test_every_change_that_is_named_ends_as_it_says(case: dict[str, Any], law: Law) -> None:
    facts = case["facts"]
    explained = explain(parse_facts(facts), law)
    assert bool(explained["changes"]) <= (explained["outcome"] != "NEED_FACTS")
    for change in explained["changes"]:
        single = FACTS[change["fact"]].type != "list" and not isinstance(change["value"], list)
        values = [change["value"]] if single else change["value"]
        if FACTS[change["fact"]].type == "list" and not (values and isinstance(values[0], list)):
            values = [values]
        for value in values:
            decision = decide_plainly(parse_facts(otherwise(facts, change, value)), law)
            assert decision.outcome == change["outcome"] != explained["outcome"], change["text"]
        assert change["basis"] and change["text"].startswith("如果")


def test_an_income_over_the_line_is_told_the_line_itself(law: Law) -> None:
    (change,) = of(law, "income_pc", income_pc=1500.01)
    assert (change["compare"], change["value"], change["outcome"]) == ("at_most", 1500, "ELIGIBLE")
    assert "不超过1,500 元" in change["text"]


def test_an_income_on_the_line_is_told_the_first_cent_over_it(law: Law) -> None:
    (change,) = of(law, "income_pc", income_pc=1500)
    assert (change["compare"], change["value"], change["outcome"]) == (
        "at_least",
        1500.01,
        "NOT_MEANS",
    )
    assert "高于1,500 元" in change["text"]


def test_of_a_household_the_income_and_the_heads_are_told(law: Law) -> None:
    (income,) = of(law, "household_income", household_income=4501, household_size=3)
    assert (income["compare"], income["value"]) == ("at_most", 4500)
    (heads,) = of(law, "household_size", household_income=4501, household_size=3)
    assert (heads["compare"], heads["value"]) == ("at_least", 4)


def test_a_status_with_its_proof_opens_the_door_again(law: Law) -> None:
    changes = of(law, "groups", income_pc=9000)
    opened = next(c for c in changes if c["outcome"] == "EXEMPT_VERIFICATION")
    assert ["dibao"] in opened["value"] and "并有证明" in opened["text"]


def test_the_age_of_a_suspect_changes_at_eighteen(law: Law) -> None:
    told = {"matter": None, "role": "suspect", "age": 18, "criminal_stage": "investigation",
            "possible_sentence": "fixed_term", "disability": "none", "mental_capacity": "normal",
            "income_pc": 9000}  # fmt: skip
    (change,) = of(law, "age", **told)
    assert (change["compare"], change["value"], change["outcome"]) == ("at_most", 17, "MUST_NOTIFY")


def test_while_something_is_asked_nothing_is_explained(law: Law) -> None:
    assert explain(parse_facts(WAGES), law)["changes"] == []
