"""A wrong fact is a named error in a sentence, never a guess."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from router.eligibility import FACTS, FactError, Law, decide, parse_facts


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("incom_pc", 900),
        ("", 1),
        ("age", -1),
        ("age", 121),
        ("age", True),
        ("age", "30"),
        ("age", 30.5),
        ("age", [30]),
        ("household_size", 0),
        ("household_size", 51),
        ("household_size", 2.0),
        ("income_pc", -0.01),
        ("income_pc", 1e18),
        ("income_pc", float("nan")),
        ("income_pc", float("inf")),
        ("income_pc", True),
        ("income_pc", "900"),
        ("income_pc", 10**400),
        ("amount", 0),
        ("lawyer", 1),
        ("lawyer", "false"),
        ("matter", "alimony"),
        ("matter", 5),
        ("matter", ["wages"]),
        ("matter", "wages "),
        ("days_left", 1.5),
        ("days_since_refusal", -1),
        ("homes", -1),
        ("homes", 10**9),
        ("household_income", float("-inf")),
        ("applicant_income", 1e10),
        ("amount", -5),
        ("age_at_act", 200),
        ("nationality", "chinese"),
        ("accident_date", "2026-13-01"),
        ("employment_end", 0),
        ("docs", ["diploma"]),
        ("criminal_stage", "retrial"),
        ("agency_at", "  "),
        ("forum_at", 5),
        ("event", "none"),
        ("groups", "dibao"),
        ("groups", ["dibao", "rich"]),
        ("groups", [None]),
        ("groups", {"dibao": True}),
        ("apply_date", "2026-02-30"),
        ("apply_date", "20260910"),
        ("apply_date", "2026-9-1"),
        ("apply_date", 20260910),
        ("apply_date", "1026-09-10"),
        ("apply_date", "９９９９-09-10"),
        ("apply_date", dt.datetime(2026, 9, 10)),
        ("region", 370000),
        ("region", ""),
        ("agency_at", "x" * 101),
        ("__class__", "x"),
    ],
)
def test_a_wrong_fact_is_named(name: str, value: Any) -> None:
    with pytest.raises(FactError) as wrong:
        parse_facts({name: value})
    assert wrong.value.fact == name
    assert name in str(wrong.value)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in wrong.value.sentence)
    assert isinstance(wrong.value, ValueError)


def test_facts_that_are_no_mapping_are_an_error() -> None:
    for raw in (None, [], "x", 5):
        with pytest.raises(FactError):
            parse_facts(raw)  # type: ignore[arg-type]


def test_a_pending_day_before_the_application_is_an_error() -> None:
    with pytest.raises(FactError) as wrong:
        parse_facts({"apply_date": "2026-09-10", "pending_on": "2026-09-09"})
    assert wrong.value.fact == "pending_on"


TODAY = {"apply_date": "2026-09-10"}
WORKED = {"employment_end": "2026-09-09"}


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({**TODAY, "accident_date": "2026-09-11"}, "accident_date"),
        ({**TODAY, "known_date": "2026-09-11"}, "known_date"),
        ({**TODAY, "arrears_from": "2026-09-11"}, "arrears_from"),
        ({**TODAY, "employment_end": "2026-09-11"}, "employment_end"),
        ({**TODAY, "employment_end": "2026-09-11", "employed": False}, "employment_end"),
        ({**TODAY, **WORKED, "employed": True}, "employment_end"),
        ({**TODAY, **WORKED, "arrears_from": "2026-09-10"}, "arrears_from"),
        ({"accident_date": "2026-07-02", "known_date": "2026-07-01"}, "known_date"),
        ({"age": 17, "age_at_act": 18}, "age_at_act"),
        ({"stage": "applying", "event": "objection"}, "event"),
        ({"stage": "refused", "event": "hired_lawyer"}, "event"),
        ({"stage": "in_aid", "event": "no_supplement"}, "event"),
    ],
)
def test_facts_that_cannot_be_true_together_are_named(facts: dict[str, Any], named: str) -> None:
    with pytest.raises(FactError) as wrong:
        parse_facts(facts)
    assert wrong.value.fact == named
    assert "\u4e00" <= wrong.value.sentence[0] <= "\u9fff"


@pytest.mark.parametrize(
    "facts",
    [
        {**TODAY, "accident_date": "2026-09-10", "known_date": "2026-09-10"},
        {**TODAY, "arrears_from": "2026-09-09", **WORKED, "employed": False},
        {**TODAY, "employment_end": "2026-09-10", "employed": True},
        {**TODAY, "employment_end": "2026-09-11", "employed": True},
        {**TODAY, **WORKED},
        {**TODAY, **WORKED, "employed": None},
        {"age": 18, "age_at_act": 18},
        {"stage": "in_aid", "event": "objection", "days_since_refusal": 3},
        {"stage": "under_review", "event": "no_supplement"},
        {"groups": [], "docs": ["dibao"]},
    ],
)
def test_facts_that_only_look_odd_are_taken(facts: dict[str, Any]) -> None:
    assert parse_facts(facts).to_dict() == facts


def test_a_region_without_a_file_is_an_error(law: Law) -> None:
    with pytest.raises(FactError) as wrong:
        decide(parse_facts({"region": "ATLANTIS", "matter": "wages"}), law)
    assert wrong.value.fact == "region"


def test_null_is_allowed_for_every_fact_and_decides_nothing(law: Law) -> None:
    nothing = parse_facts(dict.fromkeys(FACTS))
    assert set(nothing) == set(FACTS)
    decision = decide(nothing, law)
    assert decision.outcome == "NEED_FACTS" and decision.next_question == "danger"


@pytest.mark.parametrize("name", sorted(FACTS))
def test_one_null_never_breaks_the_engine(name: str, law: Law) -> None:
    base = {"region": "T4", "apply_date": "2026-09-10", "matter": "support", "lawyer": False}
    assert decide(parse_facts({**base, name: None}), law).outcome


def test_facts_come_back_from_json_as_they_were() -> None:
    raw = {"apply_date": "2026-09-10", "groups": ["dibao"], "age": None, "income_pc": 1.5}
    assert parse_facts(raw).to_dict() == raw


def test_every_fact_has_a_chinese_label() -> None:
    for name, fact in FACTS.items():
        assert fact.name == name and fact.label
        assert any("\u4e00" <= letter <= "\u9fff" for letter in fact.label)
