"""The compiled law answers as the walk does, in every field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.eligibility import (
    FACTS,
    FactError,
    Law,
    decide,
    decide_plainly,
    graph,
    parse_facts,
    probe,
)

from .conftest import CASES, OWN
from .test_three_values import BASE, GENTLY, POOL

FIGURES = [name for name, fact in FACTS.items() if fact.type in ("int", "number")]
DATES = [name for name, fact in FACTS.items() if fact.type == "date"]


def same(facts: dict[str, Any], law: Law) -> None:
    """Twice: while it is learned, and when it is found again."""
    parsed = parse_facts(facts)
    walked = decide_plainly(parsed, law).to_dict()
    assert decide(parsed, law).to_dict() == walked
    assert decide(parsed, law).to_dict() == walked


def neighbours(facts: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, value in facts.items():
        yield {key: told for key, told in facts.items() if key != name}
        yield {**facts, name: None}
        if name in FIGURES and value is not None:
            steps = (1,) if FACTS[name].type == "int" else (0.01, 1)
            yield from ({**facts, name: value + sign * step} for step in steps for sign in (-1, 1))
        if name in DATES and value is not None:
            day = dt.date.fromisoformat(value)
            yield from ({**facts, name: str(day + dt.timedelta(n))} for n in (-1, 1))


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_golden_case_and_its_neighbours_are_decided_as_the_walk_decides(
    case: dict[str, Any], law: Law
) -> None:
    same(case["facts"], law)
    for facts in neighbours(case["facts"]):
        try:
            parse_facts(facts)
        except FactError:
            continue
        same(facts, law)


def test_our_own_cases_are_decided_as_the_walk_decides(law: Law) -> None:
    for case in OWN:
        same(case["facts"], law)


@GENTLY
@given(base=BASE, data=st.data())
def test_any_facts_are_decided_as_the_walk_decides(
    law: Law, base: dict[str, Any], data: st.DataObject
) -> None:
    same(base, law)
    for name in data.draw(st.lists(st.sampled_from(sorted(POOL)), max_size=3)):
        same({**base, name: data.draw(st.sampled_from([*POOL[name], None]))}, law)


LINES = (1200, 1400, 1500, 1800, 2000)


@GENTLY
@given(
    case=st.sampled_from(CASES),
    name=st.sampled_from([*FIGURES, *DATES]),
    data=st.data(),
)
def test_every_figure_and_day_is_compared_as_the_walk_compares_it(
    law: Law, case: dict[str, Any], name: str, data: st.DataObject
) -> None:
    """Figures around every line, days around every change of the law and 29 February."""
    if name in DATES:
        edges = ["2022-01-01", "2026-07-01", "2024-02-29", "2020-02-29", "2023-02-28", "2026-09-10"]
        day = dt.date.fromisoformat(data.draw(st.sampled_from(edges)))
        value: Any = str(day + dt.timedelta(data.draw(st.integers(-370, 370))))
    elif FACTS[name].type == "int":
        value = data.draw(st.integers(0, 100))
    else:
        value = data.draw(st.sampled_from(LINES)) + data.draw(st.sampled_from([-1, -0.01, 0, 0.01]))
    try:
        parse_facts({**case["facts"], name: value})
    except FactError:
        return
    same({**case["facts"], name: value}, law)


def test_nothing_in_the_law_escapes_compiling(law: Law, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clause that does what a figure cannot follow would be right and slow."""
    monkeypatch.delattr(graph.PlainAdvice, "work_out")
    for case in [*CASES, *OWN]:
        told = parse_facts(case["facts"]).told
        graph.Graph(law).decide(told).advice.read()


def test_no_clause_reads_a_figure_itself(law: Law, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compared, reckoned with and shown, it is followed; read exactly, every cent is learned."""

    def exactly(figure: probe.Probe) -> Any:
        raise AssertionError(figure.figure.key)

    monkeypatch.setattr(probe.Probe, "exactly", exactly)
    for case in [*CASES, *OWN]:
        if not {"household_income", "household_size"} & set(case["facts"]):
            graph.Graph(law).decide(parse_facts(case["facts"]).told).advice.read()


def test_a_clause_that_cannot_be_followed_is_walked(
    law: Law, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unfollowed(*_: object) -> None:
        raise graph.Unlearnable

    facts = parse_facts(CASES[0]["facts"])
    monkeypatch.setattr(graph.Graph, "decide", unfollowed)
    assert decide(facts, law) == decide_plainly(facts, law)


def test_a_place_named_with_our_own_signs_is_no_figure(law: Law) -> None:
    told = {
        "region": "SD", "apply_date": "2026-09-10", "matter": "wages", "lawyer": False,
        "income_pc": 900, "hukou": "rural", "agency_at": "甲", "forum_at": "\ue0000\ue001",
    }  # fmt: skip
    same(told, law)
    assert any(
        "\ue0000\ue001" in reason["text"] for reason in decide(parse_facts(told), law).reasons
    )


def test_a_full_graph_learns_no_more_and_after_many_misses_begins_anew(
    law: Law, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph, "MOST_NODES", 500)
    monkeypatch.setattr(graph, "MOST_MISSED", 30)
    fresh, began, sizes = replace(law), 0, [0]
    for case in CASES:
        same(case["facts"], fresh)
        sizes.append(fresh.made["graph"].nodes)
        began += sizes[-1] < sizes[-2]
    assert began and max(sizes) < 700


def test_what_decisions_share_cannot_be_written_into(law: Law) -> None:
    decision = decide(parse_facts(CASES[0]["facts"]), law)
    with pytest.raises(TypeError):
        decision.reasons[0]["text"] = "x"  # type: ignore[index]
    mine = decision.to_dict()
    mine["reasons"][0]["input"]["matter"] = mine["articles"][0]["text"] = "x"
    assert decide(parse_facts(CASES[0]["facts"]), law).to_dict() != mine
