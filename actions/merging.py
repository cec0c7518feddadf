"""Merging what a message answers and tells into the facts and the record."""

from __future__ import annotations

import re
from typing import Any

from actions import answers, details, sums, volunteered
from actions.corrections import BETTER, MEANT
from actions.heard import Heard, Taken
from actions.memory import Memory
from actions.told_family import names_kin
from actions.told_person import speaker_age

STANDS_FOR = {"trial_procedure": "criminal_stage", "violence_by_kin": "violence"}
PATIENCE = 3  # the same question so often, then it counts as not known


def merge(heard: Heard, memory: Memory, text: str, answer: Any, taken: Taken) -> None:
    asked = memory.asked
    whole = heard.text
    if len(whole) > 1 and memory.label:
        if whole not in memory.story:
            memory.story = (memory.story + "，" + whole).strip("，")[-500:]
        if not answers.dont_know(whole):
            memory.details |= details.told(memory.details, whole)
    source = memory.story if taken.label_new else whole
    spans = _as_corrected(heard.spans, whole)
    extra = volunteered.read(source, memory.label, memory.details, spans, heard.today)
    extra |= volunteered.read(text, memory.label, memory.details, spans, heard.today)
    amount, record = sums.take(
        text if not taken.label_new else source,
        memory.label,
        memory.facts,
        memory.details,
        asked,
        corrects=BETTER.search(whole) is not None,
    )
    corrects_months = "months" in record and BETTER.search(whole) is not None
    if asked in ("household_income", "applicant_income") and not corrects_months:
        amount = record = {}  # an income is not what is at stake
    memory.details |= details.read(source, memory.label, memory.details, spans) | record
    if memory.details.get("at_court"):
        _defendant(memory)
    if memory.details.get("for_whom") and (years := speaker_age(whole)):
        memory.details["applicant_age"] = years
    if answer is answers.UNKNOWN and asked not in extra:
        memory.facts[STANDS_FOR.get(str(asked), str(asked))] = None
        taken.answered = taken.unknown = True
    elif answer is not None and answer is not answers.UNKNOWN:
        _accept(memory, str(asked), answer)
        taken.answered = True
    elif asked in extra:
        taken.answered = True
    for name, value in {**extra, **amount}.items():
        if name == asked and answer is not None and answer is not answers.UNKNOWN:
            continue
        _tell(memory, name, value)
    _reckon(memory, whole)
    if (
        asked
        and asked not in ("story", "danger")
        and not taken.answered
        and (memory.times_asked >= PATIENCE)
    ):
        if asked in answers.readable():
            memory.facts[STANDS_FOR.get(asked, asked)] = None
        taken.unknown = taken.answered = True


def _as_corrected(spans: dict[str, Any], text: str) -> dict[str, Any]:
    """零八年…… 不对 一八年: what was taken back is no time and no sum of the case."""
    taken_back = MEANT.split(text)
    if len(taken_back) < 2 or not taken_back[-1]:
        return spans
    kept = {n: [w for w in spans.get(n) or [] if w in taken_back[-1]] for n in ("time", "money")}
    return {**spans, **{n: words or spans.get(n) or [] for n, words in kept.items()}}


def _accept(memory: Memory, asked: str, answer: Any) -> None:
    """The answer to the question that was put."""
    if asked in ("criminal_stage", "trial_procedure"):
        if answer == "trial":
            memory.details["at_court"] = "是"
            _defendant(memory)
            return
        asked = "criminal_stage"
        if answer in ("trial_ordinary", "trial_simplified", "fast_track"):
            _defendant(memory)
    if asked == "violence_by_kin":
        asked = "violence"
    if asked in ("region", "agency_at", "forum_at"):
        memory.details["region"] = answer
        if asked == "region":
            memory.facts["region"] = None
            return
    if asked == "role" and memory.label != "criminal" and answer in ("suspect", "defendant"):
        memory.label = "criminal"
    memory.facts[asked] = _tidy(answer)


def _defendant(memory: Memory) -> None:
    if memory.facts.get("role") == "suspect":
        memory.facts["role"] = "defendant"


def _tell(memory: Memory, name: str, value: Any) -> None:
    """A fact told unasked: lists grow, a later word on anything else wins."""
    if name in ("groups", "docs"):
        value = sorted({*(memory.facts.get(name) or []), *value})
    if name == "violence" and value == "none" and memory.facts.get(name) == "suffered":
        return  # 没打孩子 does not take back what was told
    if name == "request" and value == "mediation" and memory.facts.get("violence") == "suffered":
        return
    if name == "accident_date" and memory.facts.get(name):
        return
    memory.facts[name] = _tidy(value)


def _tidy(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value == int(value) else value


_STRANGERS = re.compile(
    r"邻居|隔壁|楼上|同事|同学|老板|路人|陌生|幼儿园|学校|老师|医院|商场|超市|司机|"
    r"保安|城管|网友|物业|狗"
)


def _reckon(memory: Memory, text: str) -> None:
    """What follows from what was told, by arithmetic and by the meaning of words."""
    facts = memory.facts
    if (
        memory.label == "injury_tort"
        and _STRANGERS.search(memory.story)
        and (facts.get("violence") in (None, "suffered") and not names_kin(memory.story))
    ):
        facts["violence"] = "none"  # the word means violence in the family
    years = facts.get("age")
    if isinstance(years, int) and (years < 18 or years >= 60):
        known, group = (
            list(memory.details.get("groups") or []),
            "minor" if years < 18 else "elderly",
        )
        if years >= 60 and facts.get("matter") == "support":
            known = [one for one in known if one != "minor"]  # their children are grown
        memory.details["groups"] = known + [group] * (group not in known)
    own = facts.get("applicant_income")
    alone = facts.get("household_size") == 1 or re.search(
        r"我(?:和|跟|带着?)(?:一个|两个|俩)?(?:孩子|娃|小孩|儿子|女儿)", text
    )
    if alone and own is not None and "household_income" not in facts:
        facts["household_income"] = own
    size, income = facts.get("household_size"), facts.get("household_income")
    if ("household_size" in facts and size is None) or (
        "household_income" in facts and income is None
    ):
        facts["income_pc"] = None
    elif "income_pc" in facts and facts["income_pc"] is None:
        del facts["income_pc"]
