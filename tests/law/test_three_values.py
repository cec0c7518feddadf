"""True, false and unknown: properties over many cases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.eligibility import FACTS, Law, decide, parse_facts
from router.eligibility.facts import plain
from router.eligibility.finding import Told
from router.eligibility.questions import candidates

from .conftest import CASES

# What a chat can tell; texts and routes-only facts are left out.
POOL: dict[str, list[Any]] = {
    "region": ["NAT", "T1", "T3", "T4", "SD", "BJ", "HZ", "NEG", "990101"],
    "apply_date": ["2021-06-01", "2026-03-01", "2026-09-10"],
    "matter": list(FACTS["matter"].values),
    "income_pc": [0, 1400, 1500, 1800, 2000, 9000],
    "household_income": [0, 3000, 90000],
    "household_size": [1, 2, 5],
    "applicant_income": [0, 1500, 9000],
    "age": [9, 16, 17, 30, 59, 60, 80],
    "homes": [0, 2],
    "days_left": [-5, 3, 7, 40],
    "amount": [500, 1000, 50000],
    "days_since_refusal": [3, 15, 16, 40],
    "groups": [[], ["dibao"], ["migrant_worker"], ["military"], ["no_fixed_income"],
               ["dibao_edge"], ["judicial_relief"]],
    "docs": [[], ["dibao"], ["migrant_worker"], ["no_fixed_income"], ["dibao_edge"],
             ["judicial_relief"]],
}  # fmt: skip
for _name in (
    "party", "nationality", "disability", "mental_capacity", "hukou", "applicant_by", "role",
    "criminal_stage", "possible_sentence", "other_reason", "request", "violence",
    "opponent_relation", "martyr_relation", "ground", "repeat", "temporary_hardship", "event",
    "danger",
):  # fmt: skip
    POOL[_name] = list(FACTS[_name].values)
for _name in (
    "lawyer", "detained", "applied", "opponent_in_household", "act_recognised", "disputed",
    "retrial_ordered", "protest", "preservation_needed",
):  # fmt: skip
    POOL[_name] = [True, False]
RARE = {"danger", "event", "request", "nationality", "party"}

LIKELY = st.fixed_dictionaries(
    {},
    optional={name: st.sampled_from(values) for name, values in POOL.items() if name not in RARE},
)
BASE = st.one_of(st.sampled_from([case["facts"] for case in CASES]), LIKELY)
GENTLY = settings(
    max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


def screen(facts: dict[str, Any], law: Law) -> dict[str, Any]:
    return decide(parse_facts(facts), law).to_dict()


def contradicts(name: str, value: Any, assumed: dict[str, Any]) -> bool:
    return name in assumed and assumed[name] != value


@GENTLY
@given(base=BASE, data=st.data())
def test_one_more_fact_never_flips_a_decision_unless_it_was_assumed_away(
    law: Law, base: dict[str, Any], data: st.DataObject
) -> None:
    before = screen(base, law)
    if before["outcome"] == "NEED_FACTS":
        return
    name = data.draw(st.sampled_from(sorted(set(POOL) - set(base))))
    value = data.draw(st.sampled_from(POOL[name]))
    after = screen({**base, name: value}, law)
    if not contradicts(name, value, before["assumed"]):
        assert after["outcome"] == before["outcome"], (name, value, before["assumed"])


@GENTLY
@given(base=BASE, data=st.data())
def test_a_decision_is_the_same_for_every_completion_that_keeps_the_assumptions(
    law: Law, base: dict[str, Any], data: st.DataObject
) -> None:
    before = screen(base, law)
    if before["outcome"] == "NEED_FACTS":
        return
    more = data.draw(LIKELY)
    more = {
        name: value
        for name, value in more.items()
        if base.get(name) is None and not contradicts(name, value, before["assumed"])
    }
    after = screen({**base, **more}, law)
    assert after["outcome"] == before["outcome"], (more, before["assumed"])


def ends(facts: dict[str, Any], law: Law, left: list[int]) -> Iterator[str]:
    """How the talk can end, whatever is answered; at most so many answers are tried."""
    left[0] -= 1
    answer = decide(parse_facts(facts), law)
    wanted = answer.next_question
    if wanted is None or facts.get(wanted, "") is None or wanted in facts:
        yield answer.outcome
    elif left[0] > 0:
        for value in candidates(wanted, Told(parse_facts(facts).told), law):
            yield from ends({**facts, wanted: plain(value)}, law, left)


@GENTLY
@given(base=BASE)
def test_the_next_question_can_still_change_the_outcome(law: Law, base: dict[str, Any]) -> None:
    """Its answers lead to different ends; a question put before goes to a person."""
    before = screen(base, law)
    assert (before["next_question"] is not None) == (before["outcome"] == "NEED_FACTS")
    if before["next_question"] is None or before["asked_already"]:
        return
    found: set[str] = set()
    for end in ends(base, law, [20_000]):
        found.add(end)
        if len(found) > 1:
            return
    raise AssertionError((before["next_question"], found))


# Everything that the law reads of a claim for support told with region, day and standing.
SMALL: dict[str, list[Any]] = {
    "lawyer": [False, True],
    "violence": ["none", "suffered"],
    "danger": ["none", "life"],
    "opponent_in_household": [False, True],
    "income_pc": [1500, 1501],
    "applicant_income": [1500, 1501],
    "docs": [[], ["dibao"]],
}
TOLD = {"region": "T1", "apply_date": "2026-09-10", "matter": "support", "groups": ["dibao"]}


def test_all_of_a_small_domain_ends_as_was_said_while_facts_were_unknown(law: Law) -> None:
    """Every way to know some of the facts, against every way to complete it."""
    full = {
        values: screen({**TOLD, **dict(zip(SMALL, values, strict=True))}, law)["outcome"]
        for values in all_of(SMALL, hidden=False)
    }
    decided = asked = 0
    for values in all_of(SMALL, hidden=True):
        known = {n: v for n, v in zip(SMALL, values, strict=True) if v is not HIDDEN}
        said = screen({**TOLD, **known}, law)
        completions = {
            other: outcome
            for other, outcome in full.items()
            if all(a is HIDDEN or a == b for a, b in zip(values, other, strict=True))
        }
        wanted = said["next_question"]
        if wanted is None:
            decided += 1
            for other, outcome in completions.items():
                told = dict(zip(SMALL, other, strict=True))
                if not any(contradicts(n, v, said["assumed"]) for n, v in told.items()
                           if n not in known):  # fmt: skip
                    assert outcome == said["outcome"], (known, told, said["assumed"])
        else:
            asked += 1
            place = list(SMALL).index(wanted)
            ends_by_rest: dict[Any, set[str]] = {}
            for other, outcome in completions.items():
                rest = repr(other[:place] + other[place + 1 :])
                ends_by_rest.setdefault(rest, set()).add(outcome)
            assert any(len(found) > 1 for found in ends_by_rest.values()), (known, wanted)
    assert decided > 500 and asked > 500


HIDDEN = object()


def all_of(domain: dict[str, list[Any]], hidden: bool) -> Iterator[tuple[Any, ...]]:
    more = [HIDDEN] if hidden else []
    return product(*([*more, *map(_frozen, values)] for values in domain.values()))


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@GENTLY
@given(base=BASE, data=st.data())
def test_not_knowing_is_never_a_no(law: Law, base: dict[str, Any], data: st.DataObject) -> None:
    """A fact taken back to unknown may open the case; it never turns a yes into a refusal."""
    told = {name: value for name, value in base.items() if value is not None}
    if not told or screen(told, law)["outcome"] not in ("ELIGIBLE", "NO_HARDSHIP"):
        return
    name = data.draw(st.sampled_from(sorted(told)))
    assert screen({**told, name: None}, law)["outcome"] not in ("NOT_MEANS", "OUT_OF_SCOPE")


@GENTLY
@given(base=BASE)
def test_every_answer_is_plain_json_with_cited_reasons(law: Law, base: dict[str, Any]) -> None:
    answer = screen(base, law)
    assert json.loads(json.dumps(answer)) == answer
    assert answer["basis"] and len(answer["summary"]) <= 120
    for reason in answer["reasons"]:
        assert set(reason) == {
            "rule", "article", "finding", "text", "quote", "input", "standard", "mark",
        }  # fmt: skip
        assert reason["finding"] in ("true", "false", "unknown")


@GENTLY
@given(base=BASE)
def test_the_same_facts_give_the_same_answer(law: Law, base: dict[str, Any]) -> None:
    facts = parse_facts(base)
    assert decide(facts, law) == decide(parse_facts(facts.to_dict()), law)
