"""Asks the engine, and says its next question or its decision."""

from __future__ import annotations

from typing import Any

from actions import phrases, pointers
from actions.asking import ask, ask_label, ask_matter, pending, which_first
from actions.corrections import shown
from actions.exchange import SHORT, Reply, Turn, cut
from actions.heard import Taken
from actions.merging import PATIENCE, STANDS_FOR
from actions.offering import APPLY, ASKS, DUTY, offer_again, offer_buttons
from actions.router_client import ImpossibleFact
from actions.settling import settle_matter
from actions.shelf import shelve

SHORT_REPLY = 8  # characters; who says more has told something
MEANS = {"income_pc", "household_income", "household_size", "applicant_income", "homes", "hukou"}


async def respond(turn: Turn, taken: Taken) -> Reply:
    memory = turn.memory
    if taken.others:
        shelve(memory, taken.others)
        return which_first(turn)
    if taken.for_other and not memory.offered and memory.asked:
        return await again(turn, phrases.say("noted"))
    if memory.label is None:
        return ask_label(turn)
    if memory.offered and ASKS.search(turn.text):
        memory.outcome = None  # a question about the decision: it is said once more, in full
        memory.details.pop("pointed", None)
    elif memory.offered and not taken.learnt:
        return offer_again(turn, phrases.say("noted"))
    lead = lead_in(turn, taken)
    return await proceed(turn, lead)


async def proceed(turn: Turn, lead: str) -> Reply:
    """Asks the engine, and says its next question or its decision."""
    memory = turn.memory
    if memory.label is None and "danger" not in memory.facts:
        return ask_label(turn, lead)
    if memory.label and not settle_matter(memory) and not turn.urgent():
        return ask_matter(turn, lead)
    try:
        decision = await screen(turn)
    except ImpossibleFact as error:
        memory.facts.pop(error.fact, None)
        if phrases.has_question(error.fact):
            return ask(turn, error.fact, phrases.say("impossible"))
        decision = await screen(turn)
    wanted = next_question(turn, decision)
    if wanted == memory.asked and memory.times_asked > PATIENCE:
        memory.facts[STANDS_FOR.get(wanted, wanted)] = None  # never in a circle
        decision = await screen(turn)
        wanted = next_question(turn, decision)
    if memory.reference and not turn.urgent():
        memory.settle()
        return Reply("记下了，接手的人能看到。")
    if wanted == "matter":
        return ask_label(turn, lead)
    if wanted:
        if wanted == decision.get("ask_before_no"):
            memory.details["before_no"] = wanted
        return ask(turn, wanted, lead)
    return decided(turn, decision, lead)


async def screen(turn: Turn) -> dict[str, Any]:
    memory, heard = turn.memory, turn.heard
    # nobody knows of a status that would help: then there is none, as before it was asked
    none = memory.details.get("before_no")
    facts = {n: v for n, v in memory.facts.items() if v is not None or n != none}
    return await turn.router.screen(
        conversation=heard.conversation,
        message_id=heard.message_id,
        facts=facts,
        label=memory.label,
        details=memory.details,
    )


def next_question(turn: Turn, decision: dict[str, Any]) -> str | None:
    """The engine's question in the words of this talk; what was asked is never asked again."""
    # Before a "no" for the income: a status nobody asked about may still open the door.
    wanted = decision.get("next_question") or decision.get("ask_before_no")
    facts = turn.memory.facts
    if wanted in ("income_pc", "household_income", "household_size"):
        for part in ("household_size", "household_income"):
            if part not in facts and "income_pc" not in facts:
                return part
        return None
    if wanted == "criminal_stage" and turn.memory.details.get("at_court"):
        return "trial_procedure" if wanted not in facts else None
    if wanted == "violence" and turn.memory.label == "injury_tort":
        return "violence_by_kin" if wanted not in facts else None
    if wanted is None or wanted in facts or not phrases.has_question(wanted):
        return None
    return str(wanted)


def decided(turn: Turn, decision: dict[str, Any], lead: str) -> Reply:
    memory = turn.memory
    # asked, and nobody knows
    missing = decision.get("left_open") or decision.get("next_question")
    offered = [
        {"name": d["name"], "kind": d["kind"], "button": d.get("button") or d["label"]}
        for d in decision.get("destinations") or []
    ] or [DUTY, APPLY]
    if missing in MEANS:  # scope is met; what a household has is for the agency to verify
        offered.sort(key=lambda offer: offer["name"] != APPLY["name"])
    same = (
        memory.offered
        and memory.outcome == decision["outcome"]
        and ([o["name"] for o in memory.offered] == [o["name"] for o in offered])
    )
    memory.offered, memory.outcome = offered, str(decision["outcome"])
    memory.settle()
    if same:
        reply = offer_again(turn, lead or phrases.say("noted"))
        reply.detail("\n".join(pointers.fresh(memory)))
        return reply
    summary = str(decision.get("summary") or "").strip()
    if missing:
        lead, summary = "", phrases.say("left_open")
    if len(lead) + len(summary) <= SHORT:
        summary = lead + summary
    text, rest = (summary, "") if len(summary) <= SHORT else (cut(summary), summary)
    if len(text) + 8 <= SHORT:
        text += phrases.say("choose")
    custom = {
        "kind": "decision",
        **{name: decision.get(name) for name in ("outcome", "articles", "route", "basis")},
        "warn": _to_mind(turn, decision.get("warn") or []),
        "detail": rest,
        "destinations": offered,
    }
    return Reply(text, offer_buttons(turn), custom)


def _to_mind(turn: Turn, limits: list[str]) -> list[str]:
    """What runs out first, then what fits this very case; in danger nobody hears of time limits."""
    pointed = pointers.fresh(turn.memory)
    return pointed if turn.urgent() else [*limits[:1], *pointed, *limits[1:]]


def lead_in(turn: Turn, taken: Taken) -> str:
    memory = turn.memory
    if taken.corrected:
        return shown(taken.corrected)
    if taken.label_new:
        return phrases.say(f"tell/{memory.label}")
    if taken.unknown and (len(turn.text) <= SHORT_REPLY or not taken.learnt):
        return phrases.say("unknown_fine")
    return phrases.say("noted") if taken.learnt and not taken.answered else ""


async def again(turn: Turn, lead: str) -> Reply:
    """An answer to a digression, then the question that was on the table."""
    memory = turn.memory
    if memory.offered:
        return offer_again(turn, lead)
    if memory.asked in memory.facts and memory.asked != "danger" and memory.label:
        return await proceed(turn, lead)  # answered in passing
    question = pending(turn)
    if question:
        return Reply(lead + question.text, question.buttons)
    if memory.reference:
        return Reply(lead)
    if memory.label is None:
        return ask(turn, "story", lead)
    return await proceed(turn, lead)
