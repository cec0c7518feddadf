"""Which messages to make of what waits, and which of them a small budget is spent on. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

TEXT_BYTES = 2048  # of one message; undocumented, reported by many
BETWEEN = "\n\n"


class Rank(IntEnum):
    """The lowest goes first when not all can go."""

    DANGER = 0
    LAWYER = 1
    DECISION = 2
    REST = 3


# what must be left after sending: a question of the bot never takes the lawyer's last word
RESERVED = {Rank.DANGER: 0, Rank.LAWYER: 0, Rank.DECISION: 1, Rank.REST: 2}


@dataclass(frozen=True)
class Piece:
    id: str
    rank: Rank
    text: str
    by_bot: bool = False
    news: str = ""  # what a notice may tell of it and has not yet


@dataclass(frozen=True)
class Outgoing:
    """One message to the follower, made of these pieces."""

    ids: tuple[str, ...]
    rank: Rank
    text: str
    by_bot: bool


def packed(pieces: Sequence[Piece]) -> list[Outgoing]:
    """As few messages as hold all of them, in order."""
    made: list[Outgoing] = []
    for piece in pieces:
        new = Outgoing((piece.id,), piece.rank, piece.text, piece.by_bot)
        whole = _joined(made[-1], new) if made else None
        if whole and len(whole.text.encode()) <= TEXT_BYTES:
            made[-1] = whole
        else:
            made.append(new)
    return made


def next_reply(pieces: Sequence[Piece], beside: str = "") -> Outgoing | None:
    """The one message that an answer can carry: danger, else what is oldest; `beside` other words
    only if both fit."""
    made = packed(pieces)
    found = min(made, key=lambda one: one.rank != Rank.DANGER) if made else None
    if found and beside and len((found.text + BETWEEN + beside).encode()) > TEXT_BYTES:
        return None
    return found


def affordable(pieces: Sequence[Piece], left: int) -> list[Outgoing]:
    """What to send now with `left` messages to spend: all in order, or else what matters most."""
    made = packed(pieces)
    if _spendable(made, left) == len(made):
        return made
    by_rank = sorted(made, key=lambda one: one.rank)
    chosen = by_rank[: _spendable(by_rank, left)]
    return [one for one in made if one in chosen]


def _spendable(made: Sequence[Outgoing], left: int) -> int:
    """How many of the first may go."""
    for spent, one in enumerate(made):
        if left - spent <= RESERVED[one.rank]:
            return spent
    return len(made)


def _joined(one: Outgoing, other: Outgoing) -> Outgoing:
    return Outgoing(
        one.ids + other.ids,
        min(one.rank, other.rank),
        one.text + BETWEEN + other.text,
        one.by_bot or other.by_bot,
    )


_ENDS = (r"\n+", r"[。!?！？；;…]+[”’\")》）]*", r"[,，、:：]+", "")


def split(text: str, at_most: int = TEXT_BYTES) -> list[str]:
    """Parts of at most so many UTF-8 bytes: whole paragraphs, else sentences, clauses, letters."""
    parts, rest = [], text.strip()
    while len(rest.encode()) > at_most:
        window = rest.encode()[:at_most].decode(errors="ignore")
        cut = next(filter(None, (_last_end(window, end) for end in _ENDS)))
        parts.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return [*parts, rest] if rest else parts


def _last_end(window: str, end: str) -> int:
    """Where the last one of its kind ends, not in the first half: scraps read badly."""
    if not end:
        return len(window)
    ends = [found.end() for found in re.finditer(end, window)]
    return ends[-1] if ends and ends[-1] > len(window) // 2 else 0
