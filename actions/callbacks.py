"""回电: a citizen who wants to be telephoned, and the number to call."""

from __future__ import annotations

import re

from actions import phrases
from actions.exchange import Reply, Turn

_NUMBER = re.compile(
    r"(?<![\d-])(?:\+?86[ -]?)?(1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}[ -]?[2-9]\d{6,7})(?!\d)"
)
_ASKS = re.compile(  # a clause that is nothing else; 骗子天天给我打电话 is none
    r"(?P<lead>(?:请|让|叫|麻烦|希望|想|能不能|能否|可不可以|可以|帮我|那就?)*"
    r"(?:你们?|您|(?:值班)?律师|工作人员|有人|人)?)(?:上班后?|有空|尽快|方便时?|的时候|再)*(?:能|可以)?"
    r"(?:给我|帮我)?(?P<verb>(?:回|打|来)(?:我)?(?:一?个|一下)?(?:电话|电)|打(?:我)?(?:这个)?(?:手机|号码))"
    r"(?:给我|过来)?(?:吧|吗|行吗|行不行|可以吗|好吗|谢谢)?"
)
_CLAUSE = re.compile(r"[，。,；;！!？?：:\s]+")
_ONLY = re.compile(
    r"(?:我的?|您?记一?下|手机|电话|座机|号码?|联系方式|是|打|就|这个|[\s：:，,。.！!])*"
)
ASKED = "call_back_asked"  # the next number is the one to call


async def call_back(turn: Turn) -> Reply | None:
    """None: nobody asks to be called."""
    memory, text = turn.memory, turn.text
    number = _NUMBER.search(text)
    clauses = [c for c in _CLAUSE.split(text.replace(number[0], " ") if number else text) if c]
    wanted = any(_asks(clause) for clause in clauses)
    if number and not wanted:  # a number alone, of who has been asked for it or waits
        known = memory.details.get(ASKED) or memory.reference
        wanted = bool(known) and all(_ONLY.fullmatch(clause) for clause in clauses)
    if not wanted or len(text) > 60:
        return None
    if number is None:
        memory.details[ASKED] = True
        return Reply(phrases.say("call_back_number"))
    memory.details.pop(ASKED, None)
    said = await turn.router.call_back(
        conversation=turn.heard.conversation,
        message_id=turn.heard.message_id,
        number=number[1],
    )
    if said.get("noted"):
        memory.reference = str(said["reference"])
        memory.details.setdefault("chosen", "duty_lawyer")
    return Reply(str(said["text"]))


def _asks(clause: str) -> bool:
    found = _ASKS.fullmatch(clause)
    return found is not None and bool(found["lead"] or found["verb"].startswith("回"))
