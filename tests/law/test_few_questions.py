"""How many questions a talk takes, and what a correction asks again."""

from __future__ import annotations

from statistics import median
from typing import Any

import pytest

from router.eligibility import FACTS, Law, decide, parse_facts
from router.eligibility.facts import plain
from router.eligibility.finding import Told
from router.eligibility.questions import candidates

from .conftest import CASES

# What the first message shows anyway: where, when, who and what it is about.
SHOWN = ("region", "apply_date", "matter", "role", "event", "danger", "request", "party", "groups",
         "docs", "applicant_by")  # fmt: skip


def talk(told: dict[str, Any], known: dict[str, Any], law: Law) -> tuple[list[str], dict[str, Any]]:
    """Asks what the engine asks, answered from what is known; else "I do not know"."""
    told, asked = dict(told), []
    while True:
        wanted = decide(parse_facts(told), law).next_question
        if wanted is None or wanted in told:
            return asked, told
        asked.append(wanted)
        told[wanted] = known.get(wanted)


def first_message(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: facts[name] for name in SHOWN if name in facts}


def test_a_golden_case_takes_less_than_half_of_the_questions_of_a_form(
    law: Law, capsys: pytest.CaptureFixture[str]
) -> None:
    """A form has to ask whatever any case may need; the talk asks what this one needs."""
    talks = [talk(first_message(c["facts"]), c["facts"], law)[0] for c in CASES]
    form = {name for asked in talks for name in asked}
    middle, longest = median(map(len, talks)), max(map(len, talks))
    with capsys.disabled():
        print(
            f"\nquestions to a decision: median {middle:g}, most {longest}; the form: {len(form)}"
        )
    assert 2 * middle <= len(form)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_correction_asks_only_what_hangs_on_it(case: dict[str, Any], law: Law) -> None:
    """What was told stays told; what is asked anew is what a fresh talk would have asked too."""
    facts = case["facts"]
    _, told = talk(first_message(facts), facts, law)
    for name in [name for name in told if told[name] is not None and name != "region"][:8]:
        for value in other_answers(name, told, law)[:3]:
            corrected = {**told, name: value}
            anew, _ = talk(corrected, facts, law)
            assert not set(anew) & set(told)
            fresh, _ = talk({**first_message(facts), name: value}, {**facts, **corrected}, law)
            assert set(anew) <= set(fresh) | _behind(fresh, told), (name, value, anew, fresh)


def other_answers(name: str, told: dict[str, Any], law: Law) -> list[Any]:
    """What a person can say; "none" of some facts is said by not telling it."""
    sayable = FACTS[name].values
    values = [plain(v) for v in candidates(name, Told(parse_facts(told).told), law)]
    enum = FACTS[name].type == "enum"
    return [v for v in values if v != told[name] and (not enum or v in sayable)]


def _behind(fresh: list[str], told: dict[str, Any]) -> set[str]:
    """Not known to one question, the talk looks behind it for another."""
    unknown = [name for name in fresh if told.get(name) is None]
    return {"household_income", "household_size", "income_pc"} if unknown else set()


def test_a_correction_of_what_nothing_hangs_on_asks_nothing(law: Law) -> None:
    told = {"region": "T1", "apply_date": "2026-09-10", "matter": "wages", "lawyer": False,
            "income_pc": 900, "source": "web"}  # fmt: skip
    before = decide(parse_facts(told), law)
    for name, value in (("source", "hotline"), ("income_pc", 901), ("age", 45), ("homes", 1)):
        after = decide(parse_facts({**told, name: value}), law)
        assert (after.outcome, after.next_question) == (before.outcome, None)


def test_what_hung_on_the_corrected_fact_is_asked_and_nothing_else(law: Law) -> None:
    told = {"region": "T1", "apply_date": "2026-09-10", "matter": "wages", "lawyer": False,
            "income_pc": 900}  # fmt: skip
    assert decide(parse_facts(told), law).next_question is None
    asked, _ = talk({**told, "matter": "support"}, {"violence": "none"}, law)
    assert asked == ["violence"]
