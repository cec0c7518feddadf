"""A reply to a choice between labels, fine matters, or two troubles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from actions import answers, hearing, phrases
from actions.asking import ask_matter, ask_options, person_instead, which_first
from actions.exchange import Reply, Turn
from actions.heard import Taken
from actions.matters import by_name, matters
from actions.screening import lead_in, proceed, respond
from actions.settling import settle_matter
from actions.shelf import begins_another, put_first, wanted_first
from actions.volunteered import only_means
from bot.language import spans


async def choice(turn: Turn) -> Reply | None:
    """A reply to a choice between labels, fine matters, or two troubles."""
    memory, text = turn.memory, turn.text
    choosing: dict[str, Any] = dict(memory.choosing or {})
    kind, options = choosing["kind"], choosing["options"]
    lost = answers.dont_know(text) or turn.heard.means("dont_know", "nothing_more")
    if kind == "first":
        return await choice_of_first(turn, choosing, lost)
    if kind == "label" and begins_another(text, memory.story):
        _settle_first(turn, options[0])
        return await respond(turn, hearing.take(turn.heard, memory))
    if kind == "label":
        label = by_name(text, options)
        own = turn.heard.label()
        label = label or (own if own and own != "other" else None)
        taken = Taken()
        if label:
            memory.story = (memory.story + "，" + text).strip("，")
            hearing.choose_label(memory, label, taken)
            turn.heard.ranking = [(label, 1.0)]
            again = hearing.take(turn.heard, memory)
            again.label_new = True
            return await proceed(turn, lead_in(turn, again))
        if only_means(text) and choosing.get("tries", 0) < 1:
            memory.story = (memory.story + "，" + text).strip("，")
            memory.choosing = {**choosing, "tries": 1}
            return ask_options(turn, phrases.say("noted"), options)
        memory.choosing = None
        return person_instead(turn) if lost else None
    matter = matters()[str(memory.label)]
    facts = matter.chosen(text)
    if facts is None and not lost and choosing.get("tries", 0) < 1:
        taken = hearing.take(turn.heard, memory)
        if taken.others:
            return await respond(turn, taken)
        if memory.choosing and not settle_matter(memory):
            memory.choosing = {**choosing, "tries": 1}
            return ask_matter(turn, phrases.say("noted"), again=True)
        memory.choosing = None
        return await proceed(turn, phrases.say("noted"))
    memory.choosing = None
    memory.details["matter_by"] = "answer" if facts else "default"
    for name, value in (facts or matter.facts).items():
        memory.facts.setdefault(name, value)
    taken = hearing.take(turn.heard, memory)
    return await proceed(turn, lead_in(turn, taken))


def _settle_first(turn: Turn, label: str) -> None:
    """第二个… where the first is not clear yet: its likeliest reading has to do."""
    memory = turn.memory
    story, memory.story, memory.choosing = memory.story, "", None
    first = replace(turn.heard, text=story, ranking=[(label, 1.0)])
    hearing.take(replace(first, spans=spans.read(story).as_dict()), memory)


async def choice_of_first(turn: Turn, choosing: dict[str, Any], lost: bool) -> Reply:
    memory = turn.memory
    first = wanted_first(memory, turn.text)
    other = str((memory.shelf or {}).get("label"))
    if first or lost:
        put_first(memory, first or str(memory.label), turn.heard)
        return await proceed(turn, f"好的，先办“{matters()[str(memory.label)].name}”。")
    taken = hearing.take(turn.heard, memory)
    if choosing.get("tries", 0) < 1 and (taken.for_other or not taken.learnt):
        memory.choosing = {**choosing, "tries": 1}
        return which_first(turn)
    put_first(memory, other if taken.for_other else str(memory.label), turn.heard)
    return await proceed(turn, lead_in(turn, taken))
