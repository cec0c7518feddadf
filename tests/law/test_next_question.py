"""Asks what can still change the answer, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from router.eligibility import Law, decide, load_law, parse_facts

START = {"region": "990101", "apply_date": "2026-11-22"}
EVERYDAY: dict[str, Any] = {
    "lawyer": False, "income_pc": 1000, "violence": "none", "danger": "none", "age": 30,
    "opponent_in_household": False, "criminal_stage": "investigation", "disability": "none",
    "mental_capacity": "normal", "possible_sentence": "fixed_term",
}  # fmt: skip


def talk(law: Law, **first_message: Any) -> tuple[list[str], str]:
    told: dict[str, Any] = {**START, **first_message}
    asked: list[str] = []
    while True:
        decision = decide(parse_facts(told), law)
        wanted = decision.next_question
        if wanted is None:
            return asked, decision.outcome
        assert wanted not in told
        asked.append(wanted)
        told[wanted] = EVERYDAY[wanted]


@pytest.mark.parametrize(
    ("first_message", "questions", "outcome"),
    [
        ({"matter": "wages"}, ["lawyer", "income_pc"], "ELIGIBLE"),
        ({"matter": "work_injury"}, ["lawyer", "income_pc"], "ELIGIBLE"),
        ({"matter": "traffic_injury"}, ["lawyer", "income_pc"], "ELIGIBLE"),
        ({"matter": "domestic_violence"}, ["danger", "lawyer"], "NO_HARDSHIP"),
        ({"matter": "divorce"}, ["lawyer", "violence"], "OUT_OF_SCOPE"),
        ({"matter": "private_loan"}, ["lawyer"], "OUT_OF_SCOPE"),
        ({"matter": "consumer_prepaid"}, ["lawyer"], "OUT_OF_SCOPE"),
        ({"matter": "neighbour"}, ["lawyer"], "OUT_OF_SCOPE"),
        ({"matter": "property_fee"}, ["lawyer"], "OUT_OF_SCOPE"),
        (
            {"matter": "support"},
            ["lawyer", "violence", "opponent_in_household", "income_pc"],
            "ELIGIBLE",
        ),
        (
            {"matter": "child_support"},
            ["lawyer", "violence", "opponent_in_household", "income_pc"],
            "ELIGIBLE",
        ),
    ],
)
def test_an_everyday_matter_takes_few_questions(
    first_message: dict[str, Any], questions: list[str], outcome: str
) -> None:
    assert talk(load_law(), **first_message) == (questions, outcome)


def test_a_suspects_family_is_asked_for_the_heads_that_need_no_means_first() -> None:
    asked, outcome = talk(load_law(), role="suspect")
    assert asked[0] == "lawyer" and asked[-1] == "income_pc" and len(asked) <= 7
    assert outcome == "ELIGIBLE"


def test_nothing_told_begins_with_the_matter(law: Law) -> None:
    assert decide(parse_facts({}), law).next_question == "matter"


def test_who_tells_of_violence_is_asked_about_danger_before_anything(law: Law) -> None:
    told = {"violence": "suffered", "matter": "divorce"}
    assert decide(parse_facts(told), law).next_question == "danger"
    assert decide(parse_facts({**told, "danger": None}), law).next_question == "danger"


def test_a_minor_suspect_is_asked_nothing_more(law: Law) -> None:
    told = {"apply_date": "2026-09-10", "role": "suspect", "lawyer": False, "age": 15}
    decision = decide(parse_facts(told), law)
    assert (decision.outcome, decision.next_question) == ("MUST_NOTIFY", None)


def test_no_income_is_asked_where_no_line_is_configured(law: Law) -> None:
    told = {"region": "NAT", "apply_date": "2026-09-10", "matter": "wages", "lawyer": False}
    decision = decide(parse_facts(told), law)
    assert (decision.outcome, decision.next_question) == ("NEED_AGENCY", None)


def test_who_does_not_know_the_income_per_head_is_asked_for_the_household(law: Law) -> None:
    told: dict[str, Any] = {**START, "matter": "wages", "lawyer": False, "income_pc": None}
    assert decide(parse_facts(told), law).next_question == "household_income"
    told["household_income"] = 4000
    assert decide(parse_facts(told), law).next_question == "household_size"


def test_what_was_asked_and_is_not_known_is_not_a_no(law: Law) -> None:
    told = {**START, "matter": "wages", "lawyer": None}
    decision = decide(parse_facts(told), law)
    assert decision.outcome == "NEED_FACTS"
    assert decision.next_question == "income_pc"


def test_with_the_opponent_under_one_roof_only_the_own_income_is_asked(law: Law) -> None:
    told = {
        **START, "matter": "support", "lawyer": False, "violence": "none",
        "opponent_in_household": True,
    }  # fmt: skip
    assert decide(parse_facts(told), law).next_question == "applicant_income"


def test_homes_are_asked_only_where_they_count_and_only_when_the_income_fits(law: Law) -> None:
    told = {
        "region": "T4", "apply_date": "2026-09-10", "matter": "wages", "lawyer": False,
    }  # fmt: skip
    assert decide(parse_facts({**told, "income_pc": 900}), law).next_question == "homes"
    assert decide(parse_facts({**told, "income_pc": 9000}), law).outcome == "NOT_MEANS"
    assert decide(parse_facts({**told, "region": "T1", "income_pc": 1}), law).outcome == "ELIGIBLE"


def test_before_income_shuts_the_door_a_status_is_worth_a_question(law: Law) -> None:
    told: dict[str, Any] = {**START, "matter": "wages", "lawyer": False, "income_pc": 9000}
    assert decide(parse_facts(told), law).ask_before_no == "groups"
    told["groups"] = ["migrant_worker"]
    assert decide(parse_facts(told), law).ask_before_no == "docs"
    told["docs"] = ["migrant_worker"]
    decision = decide(parse_facts(told), law)
    assert (decision.outcome, decision.ask_before_no) == ("EXEMPT_VERIFICATION", None)
    told["groups"] = []
    assert decide(parse_facts(told), law).ask_before_no is None


def test_a_mother_applying_for_a_child_is_asked_the_childs_age(law: Law) -> None:
    told: dict[str, Any] = {
        **START, "matter": "child_support", "lawyer": False, "violence": "none",
        "applicant_by": "mother", "opponent_relation": "father", "income_pc": 800,
    }  # fmt: skip
    assert decide(parse_facts(told), law).next_question == "age"
    assert decide(parse_facts({**told, "age": 9}), law).outcome == "ELIGIBLE"


def test_what_is_assumed_is_said(law: Law) -> None:
    told = {**START, "matter": "wages", "lawyer": False, "income_pc": 900}
    assumed = decide(parse_facts(told), law).to_dict()["assumed"]
    assert assumed["danger"] == "none" and assumed["nationality"] == "cn"
    assert "lawyer" not in assumed


def test_a_question_that_was_put_before_goes_to_a_person(law: Law) -> None:
    told: dict[str, Any] = {**START, "matter": "wages", "lawyer": False}
    assert not decide(parse_facts(told), law).asked_already
    unknown = dict.fromkeys(("income_pc", "household_income", "household_size"))
    assert decide(parse_facts({**told, **unknown}), law).asked_already
    assert decide(parse_facts({**told, "nationality": "foreign"}), law).asked_already
