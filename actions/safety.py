"""Danger: one question before anything else, and what its answer means."""

from __future__ import annotations

import re

from actions import answers, hearing, phrases
from actions.acts import HUMAN, to_person
from actions.asking import ask, ask_label
from actions.exchange import Reply, Turn
from actions.matters import named_in
from actions.screening import proceed
from actions.shelf import shelve

_NOW = re.compile(
    r"救命|救我|正在|现在(?:就)?(?:在)?(?:打|砸|追)|又(?:来)?打|砸门|在门口|拿(?:着)?刀|"
    r"不想活|跳楼|自杀"
)
_SUICIDE = re.compile(r"不想活|自杀|轻生|跳楼|想死|活不下去|遗书|天台|一了百了")
_SAFE_NOW = re.compile(
    r"(?<!不)安全了|我(?:现在)?安全|没事了|(?:跑|逃|躲)(?:了)?出来了|已经(?:离开|走)了|(?:被|把(?:他|她|人))[^，。]{0,6}带走|"
    r"(?:在|到|去)(?:了)?(?:派出所|医院|救助站|宾馆|学校|娘家|我?(?:爸|妈|姐|哥|弟|妹|朋友|同学|同事|亲戚|邻居|老师)家)"
)
_KINDS = {"violence_or_threat": "violence_now", "suicide": "life", "crime_in_progress": "crime_now"}


def in_danger(turn: Turn) -> bool:
    memory, heard = turn.memory, turn.heard
    if memory.asked == "danger":
        return True
    if over(turn):
        return True
    if HUMAN.match(turn.text) and not heard.danger:
        return False
    flagged = (
        heard.danger
        or heard.spans.get("danger")
        or (heard.intent == "in_danger" and heard.confidence >= 0.85 and len(turn.text) <= 60)
    )
    if not flagged:
        return False
    return (memory.facts.get("danger") is None and memory.safety is None) or (
        memory.facts.get("danger") == "none" and _NOW.search(turn.text) is not None
    )


def over(turn: Turn) -> bool:
    """Whether who was in danger from another now says to be out of it."""
    memory, heard = turn.memory, turn.heard
    return (
        memory.safety == "danger"
        and memory.facts.get("danger") not in (None, "none", "life")
        and _SAFE_NOW.search(turn.text) is not None
        and answers.read("danger", turn.text, heard.today) == "safe"
    )


async def safety(turn: Turn) -> Reply:
    memory, heard = turn.memory, turn.heard
    sounds = list(heard.spans.get("danger") or [])
    kinds = [*heard.danger, *sounds]
    if memory.asked != "danger" and not over(turn):
        memory.safety = "asked" if heard.danger else "heard"
        if kinds:
            memory.details["danger_signs"] = list(dict.fromkeys(kinds))
        memory.facts.pop("danger", None)
        if memory.label is None:
            memory.choosing = None  # what was said now counts, not what was offered before
        taken = hearing.take(heard, memory)
        if taken.others:
            shelve(memory, taken.others)
            memory.choosing = None  # safety first
        lead = phrases.say(f"tell/{memory.label}") if taken.label_new else ""
        # to somebody in despair the name of a dispute is no answer
        return ask(turn, "danger", "" if "suicide" in kinds else lead)
    if HUMAN.match(turn.text) or heard.means("ask_human"):
        return await to_person(turn)
    answer = answers.read("danger", turn.text, heard.today)
    told = heard.danger or (sounds and memory.times_asked > 1)  # by ear alone: asked once more
    if told and answer is not answers.UNKNOWN and answer != "safe":
        answer = "now"  # the answer itself tells of danger
        memory.details["danger_signs"] = list(
            dict.fromkeys([*(memory.details.get("danger_signs") or []), *kinds])
        )
    if answer is None and memory.times_asked < 2 and (sounds or memory.safety == "asked"):
        hearing.take(heard, memory)
        return ask(turn, "danger", phrases.say("noted"))
    lead = ""
    if answer == "safe":
        memory.facts["danger"], memory.safety, lead = "none", "safe", phrases.say("safe")
        memory.offered = memory.outcome = None  # what was offered to somebody in danger
    elif answer == "now":
        signs = memory.details.get("danger_signs") or ["violence_or_threat"]
        kind = "suicide" if "suicide" in signs else signs[0]
        memory.facts["danger"], memory.safety = _KINDS.get(kind, "life"), "danger"
    elif _SUICIDE.search(memory.story + turn.text):
        memory.facts["danger"], memory.safety = "life", "danger"  # silence is no comfort
    elif memory.safety not in ("asked", "heard") or memory.facts.get("violence", "none") != "none":
        memory.facts["danger"] = None  # not settled: a person looks at it
    memory.settle()
    if answer in ("safe", "now") and memory.label is None and not named_in(turn.text):
        heard.ranking = []  # where somebody is now is no matter: 我在派出所，安全了
    hearing.take(heard, memory)
    if memory.label is None and answer != "now":
        return ask_label(turn, lead)
    return await proceed(turn, lead)
