"""The regional files: what the test copies share with them, and what no list can take away."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from router.eligibility import Law, decide, load_law, parse_facts
from router.eligibility.law import NegativeEntry, Region

from .conftest import HERE

REAL = ("BJ", "HN", "HZ", "SD", "SH", "ZJ")
FLOOR = sorted({matter for matter in load_law().era(dt.date(2026, 9, 10)).matters})  # type: ignore[union-attr]
# Whatever an entry may be about, beside the matter itself.
NARROWING: list[dict[str, Any]] = [
    {},
    {"amount_below": 1e9},
    {"party": ["natural_person", "sole_trader"]},
    {"groups": ["dibao"]},
    {"civil": True},
    {"role": ["claimant"]},
]


@pytest.mark.parametrize("code", REAL)
def test_the_test_copy_of_a_real_region_differs_in_its_figures_only(law: Law, code: str) -> None:
    def clauses(region: Region) -> dict[str, Any]:
        return region.model_dump(exclude={"note": True, "standard": {"label", "values"}})

    assert clauses(law.regions[code]) == clauses(load_law().regions[code])
    assert (HERE / "regions" / f"{code}.yml").exists()


@pytest.mark.parametrize("condition", NARROWING, ids=str)
@pytest.mark.parametrize("matter", FLOOR)
def test_a_negative_list_never_narrows_a_listed_matter(
    law: Law, matter: str, condition: dict[str, Any]
) -> None:
    refuse = {"matters": [matter], **condition}
    entry = NegativeEntry.model_validate(
        {"id": "X", "words": "缩小底线", "cites": ["NEG X"], "refuse": refuse}
    )
    narrowed = with_entry(law, entry)
    for role in ("claimant", "respondent"):
        facts = parse_facts({
            "region": "NEG", "apply_date": "2026-09-10", "matter": matter, "lawyer": False,
            "violence": "none", "income_pc": 900, "amount": 10, "groups": ["dibao"],
            "ground": "other", "role": role,
        })  # fmt: skip
        before, after = decide(facts, law), decide(facts, narrowed)
        assert after.outcome != "OUT_OF_SCOPE"
        if role == "claimant":
            assert (after.outcome, after.basis) == (before.outcome, before.basis)


@pytest.mark.parametrize(
    "facts",
    [
        {"matter": "hero_personality", "martyr_relation": "child"},
        {"matter": "good_samaritan"},
        {"matter": "state_compensation", "ground": "retrial_acquittal"},
        {"matter": "divorce", "violence": "suffered", "danger": "none"},
        {"matter": "domestic_violence", "danger": "none"},
        {"matter": "retrial", "retrial_ordered": True},
        {"role": "victim", "criminal_stage": "prosecution_review", "matter": "damages"},
        {"role": "private_prosecutor", "matter": "reputation"},
        {"role": "suspect", "age": 15, "matter": "private_loan"},
    ],
    ids=str,
)
def test_a_negative_list_never_narrows_the_heads_without_a_list(
    law: Law, facts: dict[str, Any]
) -> None:
    entry = NegativeEntry.model_validate(
        {"id": "X", "words": "什么都不援助", "cites": ["NEG X"], "refuse": {}}
    )
    told = {"region": "NEG", "apply_date": "2026-09-10", "lawyer": False, "income_pc": 900, **facts}
    narrowed = decide(parse_facts(told), with_entry(law, entry))
    assert narrowed.outcome == decide(parse_facts(told), law).outcome != "OUT_OF_SCOPE"


def test_an_entry_counts_from_its_day_to_its_last_day(law: Law) -> None:
    entry = NegativeEntry.model_validate({
        "id": "X", "words": "相邻纠纷", "cites": ["NEG X"], "refuse": {"matters": ["neighbour"]},
        "since": "2024-01-01", "until": "2024-12-31",
    })  # fmt: skip
    dated = with_entry(law, entry)
    for day, outcome in (
        ("2023-12-31", "ELIGIBLE"), ("2024-01-01", "OUT_OF_SCOPE"),
        ("2024-12-31", "OUT_OF_SCOPE"), ("2025-01-01", "ELIGIBLE"),
    ):  # fmt: skip
        assert on(dated, "NEG", day, "neighbour") == outcome, day


def test_the_second_regime_counts_from_its_day_and_the_national_list_before(law: Law) -> None:
    neg = law.regions["NEG"]
    scope = neg.scope.model_copy(
        update={"since": dt.date(2024, 1, 1), "until": dt.date(2025, 12, 31)}
    )
    pilot = replace(law, regions={**law.regions, "NEG": neg.model_copy(update={"scope": scope})})
    assert on(pilot, "NEG", "2023-12-31", "neighbour") == "OUT_OF_SCOPE"
    assert on(pilot, "NEG", "2024-01-01", "neighbour") == "ELIGIBLE"
    assert on(pilot, "NEG", "2025-12-31", "neighbour") == "ELIGIBLE"
    assert on(pilot, "NEG", "2026-01-01", "neighbour") == "OUT_OF_SCOPE"
    for day in ("2023-12-31", "2024-01-01", "2026-01-01"):
        assert on(pilot, "NEG", day, "wages") == "ELIGIBLE"


def test_how_sure_a_rule_is_is_said_in_the_reasons(law: Law) -> None:
    facts = {"region": "NEG", "apply_date": "2026-09-10", "lawyer": False, "matter": "reputation"}
    reasons = decide(parse_facts(facts), law).to_dict()["reasons"]
    (entry,) = [reason for reason in reasons if reason["rule"] == "N3"]
    assert entry["text"].endswith("(当地配置)")


def with_entry(law: Law, entry: NegativeEntry) -> Law:
    neg = law.regions["NEG"]
    more = neg.model_copy(update={"negative_list": (entry, *neg.negative_list)})
    return replace(law, regions={**law.regions, "NEG": more})


def on(law: Law, region: str, day: str, matter: str) -> str:
    told = {
        "region": region,
        "apply_date": day,
        "matter": matter,
        "lawyer": False,
        "income_pc": 900,
    }
    return decide(parse_facts(told), law).outcome
