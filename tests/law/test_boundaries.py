"""Just under, at, just over; the day before a change and the day of it."""

from __future__ import annotations

from typing import Any

import pytest

from router.eligibility import Law, decide, parse_facts


def screen(law: Law, **facts: Any) -> dict[str, Any]:
    told = {"region": "990101", "apply_date": "2026-09-10", "lawyer": False, **facts}
    return decide(parse_facts(told), law).to_dict()


@pytest.mark.parametrize(
    ("day", "income", "outcome"),
    [
        ("2026-09-10", 1499.99, "ELIGIBLE"),
        ("2026-09-10", 1500, "ELIGIBLE"),
        ("2026-09-10", 1500.01, "NOT_MEANS"),
        ("2024-06-30", 1400, "ELIGIBLE"),
        ("2024-06-30", 1400.01, "NOT_MEANS"),
        ("2024-06-30", 1500, "NOT_MEANS"),
        ("2024-07-01", 1500, "ELIGIBLE"),
    ],
)
def test_the_demonstration_county_applies_the_line_of_the_day(
    law: Law, day: str, income: float, outcome: str
) -> None:
    assert screen(law, apply_date=day, matter="wages", income_pc=income)["outcome"] == outcome


def test_the_demonstration_county_does_not_guess_before_its_rules_begin(law: Law) -> None:
    answer = screen(law, apply_date="2021-12-31", matter="wages", income_pc=100)
    assert answer["outcome"] == "NEED_AGENCY"


@pytest.mark.parametrize(
    ("region", "at_the_line"),
    [("T1", "ELIGIBLE"), ("T2", "NOT_MEANS"), ("T3", "NEED_AGENCY")],
)
def test_income_equal_to_the_line_follows_the_regions_operator(
    law: Law, region: str, at_the_line: str
) -> None:
    given: dict[str, Any] = {"region": region, "matter": "social_insurance"}
    assert screen(law, **given, income_pc=1499)["outcome"] == "ELIGIBLE"
    assert screen(law, **given, income_pc=1500)["outcome"] == at_the_line
    assert screen(law, **given, income_pc=1501)["outcome"] == "NOT_MEANS"


def test_a_household_of_four_is_counted_per_head(law: Law) -> None:
    given = {"matter": "traffic_injury", "household_size": 4}
    assert screen(law, **given, household_income=6000)["outcome"] == "ELIGIBLE"
    assert screen(law, **given, household_income=6001)["outcome"] == "NOT_MEANS"


@pytest.mark.parametrize(
    ("days", "outcome"),
    [(-1, "ELIGIBLE"), (0, "URGENT"), (6, "URGENT"), (7, "ELIGIBLE"), (8, "ELIGIBLE")],
)
def test_exactly_seven_days_are_not_less_than_seven(law: Law, days: int, outcome: str) -> None:
    assert screen(law, matter="wages", income_pc=900, days_left=days)["outcome"] == outcome


def test_urgency_does_not_wait_for_the_income_and_never_beats_a_no(law: Law) -> None:
    assert screen(law, matter="wages", days_left=5)["outcome"] == "URGENT"
    assert screen(law, matter="wages", days_left=5, income_pc=9000)["outcome"] == "NOT_MEANS"
    assert screen(law, matter="divorce", violence="none", days_left=5)["outcome"] == "OUT_OF_SCOPE"


@pytest.mark.parametrize(("age", "outcome"), [(17, "MUST_NOTIFY"), (18, "DUTY_LAWYER")])
def test_eighteen_is_no_longer_a_minor(law: Law, age: int, outcome: str) -> None:
    answer = screen(
        law, role="suspect", criminal_stage="investigation", age=age, disability="none",
        mental_capacity="normal", possible_sentence="fixed_term", income_pc=9000,
    )  # fmt: skip
    assert answer["outcome"] == outcome


@pytest.mark.parametrize(("age", "outcome"), [(59, "NOT_MEANS"), (60, "EXEMPT_VERIFICATION")])
def test_sixty_is_old_age_for_who_has_no_fixed_income(law: Law, age: int, outcome: str) -> None:
    answer = screen(
        law, matter="social_assistance", age=age, groups=["no_fixed_income"],
        docs=["no_fixed_income"], income_pc=3000,
    )  # fmt: skip
    assert answer["outcome"] == outcome


@pytest.mark.parametrize(
    ("day", "outcome"), [("2026-06-30", "NEED_AGENCY"), ("2026-07-01", "EXEMPT_VERIFICATION")]
)
def test_the_edge_of_dibao_counts_from_the_day_of_the_social_assistance_law(
    law: Law, day: str, outcome: str
) -> None:
    answer = screen(
        law, apply_date=day, matter="medical_injury", groups=["dibao_edge"],
        docs=["dibao_edge"], income_pc=2400,
    )  # fmt: skip
    assert answer["outcome"] == outcome


@pytest.mark.parametrize(
    ("day", "outcome"), [("2021-12-31", "OUT_OF_SCOPE"), ("2022-01-01", "ELIGIBLE")]
)
def test_traffic_injury_came_in_with_the_legal_aid_law(law: Law, day: str, outcome: str) -> None:
    answer = screen(law, region="T1", apply_date=day, matter="traffic_injury", income_pc=600)
    assert answer["outcome"] == outcome


def test_an_application_pending_on_the_day_of_the_law_is_held_to_both(law: Law) -> None:
    given: dict[str, Any] = {"region": "T1", "apply_date": "2021-12-28", "income_pc": 600}
    assert screen(law, **given, matter="wages", pending_on="2022-01-05")["outcome"] == "ELIGIBLE"
    decided = screen(law, **given, matter="traffic_injury", pending_on="2021-12-31")
    assert decided["outcome"] == "OUT_OF_SCOPE"
    pending = screen(law, **given, matter="traffic_injury", pending_on="2022-01-01")
    assert pending["outcome"] == "NEED_AGENCY"


@pytest.mark.parametrize(("days", "outcome"), [(15, "REMEDY"), (16, "NEED_AGENCY")])
def test_the_shortest_objection_period_is_the_safe_one(law: Law, days: int, outcome: str) -> None:
    answer = screen(law, region="SD", event="objection", days_since_refusal=days)
    assert answer["outcome"] == outcome


@pytest.mark.parametrize(("amount", "outcome"), [(999, "OUT_OF_SCOPE"), (1000, "ELIGIBLE")])
def test_a_negative_entry_ends_at_its_amount(law: Law, amount: int, outcome: str) -> None:
    answer = screen(law, region="NEG", matter="private_loan", amount=amount, income_pc=900)
    assert answer["outcome"] == outcome


def test_the_negative_list_never_narrows_the_floor(law: Law) -> None:
    answer = screen(law, region="NEG", matter="wages", amount=10, income_pc=900)
    assert answer["outcome"] == "ELIGIBLE"
    assert answer["basis"][0] == "LAL 31(5)"


@pytest.mark.parametrize("region", ["SD", "BJ", "HZ", "SH", "ZJ", "HN"])
def test_a_real_region_carries_no_invented_figure(region: str) -> None:
    from router.eligibility import load_law

    shipped = load_law()
    standard = shipped.regions[region].standard
    assert standard is not None and not standard.values
    assert screen(shipped, region=region, matter="wages", income_pc=1)["outcome"] == "NEED_AGENCY"
