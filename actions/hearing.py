"""Taking a message in: which trouble it is about, what it answers, adds and corrects."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from actions import answers
from actions.corrections import BETTER, MEANT, SHOWN, changed, resolved
from actions.details import only_evidence
from actions.heard import Heard, Taken
from actions.matters import by_name, matters, named_in, told_of
from actions.memory import Memory
from actions.merging import merge
from actions.settling import forget_matter, settle_matter
from actions.shelf import apart, begins_another, of_the_other
from actions.told_family import names_kin, suffered
from bot.language import spans

VAGUE = 4  # characters: a story of no longer pieces names no trouble for good


def take(heard: Heard, memory: Memory) -> Taken:
    """Merges the message into the memory."""
    taken = Taken()
    heard = _as_meant(heard)
    text = heard.text
    fresh = memory.label is None and not memory.choosing
    troubles = apart(text, heard.label()) if fresh else []
    if len(troubles) > 1:
        (label, text), *taken.others = troubles
        heard = replace(heard, text=text, ranking=[(label, 1.0)], spans=spans.read(text).as_dict())
    if memory.shelf and of_the_other(text, memory):
        memory.shelf["told"] = [*memory.shelf["told"], text][:12]
        memory.shelf["pending"] = [*memory.shelf.get("pending", []), text][:12]
        memory.details["other_told"] = memory.shelf["told"]
        taken.for_other = taken.learnt = True
        return taken
    before_facts, before_details = dict(memory.facts), dict(memory.details)
    meant = MEANT.split(text)[-1] if BETTER.search(text) else text
    answer = _answer(memory, meant or text, heard)
    _label(heard, memory, taken, answered=answer is not None)
    if taken.others and not taken.label_new:
        return taken
    merge(heard, memory, meant or text, answer, taken)
    if (
        BETTER.search(text)
        and not taken.answered
        and memory.previous
        and not changed(memory.facts, before_facts)
    ):
        again = answers.read(memory.previous, meant, heard.today, memory.facts)
        if again is not None and again is not answers.UNKNOWN:
            memory.facts[memory.previous] = again
    if memory.label and not memory.choosing:
        settle_matter(memory)
    changes = changed(memory.facts, before_facts) | changed(memory.details, before_details)
    taken.learnt = bool(changes)
    if BETTER.search(text):
        taken.corrected = {
            name: value
            for name, value in changes.items()
            if name in SHOWN and (before_facts.get(name) or before_details.get(name)) is not None
        }
    return taken


def _as_meant(heard: Heard) -> Heard:
    """Figures that the message itself takes back were never said."""
    text = resolved(heard.text)
    return (
        heard if text == heard.text else replace(heard, text=text, spans=spans.read(text).as_dict())
    )


def _answer(memory: Memory, text: str, heard: Heard) -> Any:
    asked = memory.asked
    if asked is None or asked not in answers.readable() or asked == "danger":
        return None
    found = answers.read(asked, text, heard.today, memory.facts)
    if found is None and (heard.means("dont_know", "nothing_more") and len(text) <= 12):
        return answers.UNKNOWN
    return found


def _label(heard: Heard, memory: Memory, taken: Taken, answered: bool) -> None:
    text, label = heard.text, heard.label()
    nothing = ("other", "procedure")
    if memory.label in nothing and label not in (None, *nothing) and not memory.shelf:
        forget_matter(memory)  # what began as nothing in particular has become clear
        memory.label = memory.offered = memory.outcome = None
    if memory.label is None:
        if label is None and suffered(text) and names_kin(memory.story + text):
            label = "domestic_violence"
        told = label not in nothing or len(text) > 12
        if label and told and not memory.choosing:
            _begin(memory, label, text, taken)
            memory.details["label_chance"] = dict(heard.ranking).get(label, 0.0)
            second = next((one for one in heard.ranking if one[0] != label), ("other", 0.0))
            told_too = second[0] in named_in(text) or second[1] >= 0.35
            if second[1] >= 0.2 and told_too and second[0] not in nothing:
                memory.details["secondary"] = second[0]
        elif len(text) > 1:
            memory.story = (memory.story + "，" + text).strip("，")[:500]
        return
    if max(map(len, memory.story.split("，"))) <= VAGUE and not answered and len(text) <= VAGUE + 2:
        label = by_name(text, [one for one in matters() if one not in ("other", "procedure")])
        if label and label != memory.label:  # 欠钱, then 工资: the second word says which
            forget_matter(memory)
            _begin(memory, label, text, taken)
        return
    if label in (None, memory.label, *nothing) or only_evidence(text):
        return
    chance = dict(heard.ranking).get(str(label), 0.0)
    another = begins_another(text, memory.story) and memory.shelf is None
    if another and len(text) >= 8 and not answered:
        taken.others = [(str(label), text)]
    elif (
        label == "domestic_violence"
        and memory.label in ("marriage", "support_custody")
        and suffered(text)
    ):
        memory.details["secondary"], memory.label = memory.label, label
    elif not answered and (
        (BETTER.search(text) and chance >= 0.7 and len(text) >= 5)
        or (
            memory.details.get("label_chance", 1.0) < 0.7
            and chance >= 0.6
            and named_in(text) == [label]
        )
    ):
        memory.details["label_chance"] = chance
        forget_matter(memory)
        _begin(memory, str(label), text, taken)
    elif memory.offered and memory.shelf is None and chance >= 0.8 and told_of(text) == label:
        taken.others = [(str(label), text)]  # after the decision: another trouble
    elif chance >= 0.75 and label in named_in(text) and not answered:
        memory.details.setdefault("secondary", label)


def _begin(memory: Memory, label: str, text: str, taken: Taken) -> None:
    memory.label, taken.label_new = label, True
    if memory.asked == "story":
        memory.settle()


def choose_label(memory: Memory, label: str, taken: Taken) -> None:
    """The citizen has said which kind of trouble it is; what was told before counts again."""
    _begin(memory, label, memory.story, taken)
    memory.choosing = None
