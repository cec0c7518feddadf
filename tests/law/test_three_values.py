"""True, false and unknown: properties over many cases."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.eligibility import FACTS, Law, decide, parse_facts

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


@GENTLY
@given(base=BASE)
def test_the_next_question_can_still_change_the_answer(law: Law, base: dict[str, Any]) -> None:
    """For some answer the outcome, or what is asked next, is another."""
    before = screen(base, law)
    wanted = before["next_question"]
    assert (wanted is not None) == (before["outcome"] == "NEED_FACTS")
    if wanted is None:
        return
    values = POOL.get(wanted, ["甲地", "乙地"])
    heard = {
        (after["outcome"], after["next_question"])
        for after in (screen({**base, wanted: value}, law) for value in values)
    }
    assert len(heard) > 1 or heard != {(before["outcome"], wanted)}


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
