"""One turn of the talk: hear, screen, say one thing with at most one question. No rasa in here."""

from __future__ import annotations

import re

from actions import hearing, phrases
from actions.acts import act, answers_the_question, names_reference, wishes
from actions.callbacks import call_back
from actions.choosing import choice
from actions.exchange import PERSON, Reply, Turn
from actions.heard import Heard
from actions.matters import matters
from actions.memory import Memory
from actions.offering import chosen_offer, open_ticket
from actions.router_client import Router, RouterError
from actions.safety import in_danger, safety
from actions.screening import again, proceed, respond
from actions.shelf import put_first, wanted_first
from bot.language.plain import gibberish


async def turn(heard: Heard, memory: Memory, router: Router) -> Reply:
    """Never silent: a router that fails is one honest sentence and the offer of a person."""
    try:
        reply = await take(Turn(heard, memory, router))
        reply.shorten()
        return reply
    except RouterError:
        return Reply(phrases.say("router_down"), [phrases.button(PERSON)])


async def take(turn: Turn) -> Reply:
    memory, text = turn.memory, turn.text
    unread = not re.search(r"\w", text) or (gibberish(text) and not answers_the_question(turn))
    if unread and not turn.heard.danger and not names_reference(text):
        return await again(turn, "我没看懂。")
    if not in_danger(turn) and (reply := await call_back(turn)):
        return reply
    if memory.offered and not memory.choosing:
        chosen = chosen_offer(turn)
        if chosen:
            return await open_ticket(turn, chosen)
    if in_danger(turn):
        return await safety(turn)
    reply = await act(turn)
    if reply:
        return reply
    if memory.choosing:
        reply = await choice(turn)
        if reply:
            return reply
    first = wanted_first(memory, text)
    if first:
        put_first(memory, first, turn.heard)
        return await proceed(turn, f"好的，先办“{matters()[first].name}”。")
    taken = hearing.take(turn.heard, memory)
    wishes(turn)
    return await respond(turn, taken)
