"""Putting a question: about a fact, between labels, fine matters or two troubles."""

from __future__ import annotations

from actions import phrases
from actions.exchange import PERSON, Reply, Turn
from actions.matters import matters
from actions.merging import PATIENCE
from actions.offering import DUTY, offer_again

NONE_OF_THESE = "都不是"


def ask(turn: Turn, fact: str, lead: str = "", slim: bool = False) -> Reply:
    memory = turn.memory
    if memory.choosing:
        memory.choosing = None
    memory.ask(fact)
    question = pending(turn)
    assert question is not None
    return Reply(lead + question.text, question.buttons)


def pending(turn: Turn) -> Reply | None:
    """The question on the table, to be put (again)."""
    memory = turn.memory
    if memory.choosing:
        kind = memory.choosing["kind"]
        if kind == "first":
            return which_first(turn)
        if kind == "label":
            return ask_options(turn, "", memory.choosing["options"])
        return ask_matter(turn, "", again=True)
    if not memory.asked:
        return None
    asked = memory.asked
    if asked == "household_income" and memory.facts.get("household_size") == 1:
        asked = "applicant_income"  # 全家 is one person
    text, buttons = phrases.question(asked, memory.times_asked)
    if memory.times_asked == 2 and asked not in ("story", "danger"):
        text += "（不清楚就说不知道）"
    return Reply(text, buttons)


def ask_label(turn: Turn, lead: str = "") -> Reply:
    memory = turn.memory
    if memory.offered and turn.urgent():
        return offer_again(turn, "")  # who is in danger is not asked what kind of trouble it is
    options = turn.heard.likely()
    vague = len(turn.text) <= 3 or not turn.heard.ranking
    if memory.asked == "story" and memory.times_asked >= PATIENCE and options:
        vague = False
    if vague or len(options) < 2:
        tried = memory.times_asked if memory.asked == "story" else 0
        if tried >= PATIENCE:
            return person_instead(turn)
        return ask(turn, "story", lead or ("" if tried else "您好，我在听。"), slim=tried > 0)
    memory.settle()
    memory.choosing = {"kind": "label", "options": options}
    return ask_options(turn, lead, options)


def person_instead(turn: Turn) -> Reply:
    """Nothing is guessed of somebody who cannot say what it is about."""
    memory = turn.memory
    memory.settle()
    memory.choosing, memory.offered = None, [DUTY]
    offer = {"kind": "offer", "destinations": memory.offered}
    return Reply(phrases.say("person_instead"), [phrases.button(PERSON)], offer)


def ask_options(turn: Turn, lead: str, options: list[str]) -> Reply:
    names = [matters()[option].name for option in options]
    return Reply(lead + "您说的是哪一种？", [phrases.button(n) for n in [*names, NONE_OF_THESE]])


def ask_matter(turn: Turn, lead: str, again: bool = False) -> Reply:
    memory = turn.memory
    matter = matters()[str(memory.label)]
    if not again:
        memory.settle()
        memory.choosing = {"kind": "matter", "options": [], "tries": 0}
    return Reply(lead + str(matter.question), [phrases.button(c.say) for c in matter.choices])


def which_first(turn: Turn) -> Reply:
    options = (turn.memory.choosing or {})["options"]
    return Reply(phrases.say("which_first"), [phrases.button(matters()[o].name) for o in options])
