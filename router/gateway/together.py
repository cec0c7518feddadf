"""Messages of many citizens in one transaction: a storm costs few statements, one way to the disk.

`look()`, `add()` for each, `store()` inside the caller's transaction; `begin()` behind its commit.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from router.channels.base import Inbound
from router.conversations.models import Message
from router.gateway import lines, metrics
from router.gateway.intake import Coming, Intake
from router.gateway.lease import Turn
from router.gateway.lines import conversations

_C = conversations.c
_WRITTEN = ("last_seq", "carry_at", "leased_by", "leased_until")
_LOCKED = (
    select(
        _C.id,
        _C.status,
        _C.case_no,
        _C.bot_troubled,
        _C.carried_seq,
        *(_C[name] for name in _WRITTEN),
    )
    .where(_C.id.in_(bindparam("ids", expanding=True)))
    .order_by(_C.id)
    .with_for_update(key_share=True)
)
_LEAVE = (
    update(conversations)
    .where(_C.id == bindparam("conversation"))
    .values({n: bindparam(n, type_=_C[n].type) for n in (*_WRITTEN, "updated_at")})
)


class Together:
    """Lines of citizens whose client does not number them."""

    def __init__(self, intake: Intake) -> None:
        self._intake, self._now = intake, intake.clock.now()
        self._rows: dict[str, Row[Any]] = {}
        self._left: dict[str, dict[str, Any]] = {}  # by conversation, what is written of it
        self._seen: set[str] = set()
        self._lawyers: set[str] = set()
        self._lines: list[Message] = []
        self._begun: list[tuple[Coming, bool, Turn | None]] = []

    async def look(self, s: AsyncConnection, ids: Iterable[str], keys: Iterable[str]) -> None:
        """Locks these conversations and reads what decides; other calls find them unchanged."""
        theirs = sorted(set(ids))
        if theirs:
            self._rows = {row.id: row for row in await s.execute(_LOCKED, {"ids": theirs})}
            self._seen, self._lawyers = await lines.seen_and_lawyers(s, theirs, list(keys))

    def has(self, platform_key: str) -> bool:
        """It is in the transcript, or was added just now."""
        return platform_key in self._seen

    def takes(self, conversation_id: str) -> bool:
        """There is such a conversation, and nobody has ended it."""
        row = self._rows.get(conversation_id)
        return row is not None and row.status == "open"

    def add(self, inbound: Inbound, danger: list[str]) -> None:
        """Of a conversation that takes it, with a key not seen. Raises EmptyMessage, TooLarge."""
        it, row = self._intake.coming(inbound, danger), self._rows[inbound.conversation_id]
        left = self._left.get(row.id) or {name: getattr(row, name) for name in _WRITTEN}
        made = lines.rows(row.id, [it.line, *it.said], left["last_seq"] + 1, self._now)
        leased = left["leased_by"] is None
        if leased:
            end = self._intake.turns.lease_end()
            left |= {"leased_by": it.begin.token, "leased_until": end}
        if it.said and row.carried_seq is not None:  # of the citizen's own line nothing is carried
            left["carry_at"] = self._now + lines.CARRY_AFTER
        self._left[row.id] = left | {"last_seq": left["last_seq"] + len(made)}
        floor = "lawyer" if row.id in self._lawyers else "bot"
        self._begun.append((it, leased, it.turn(row, floor, self._now) if leased else None))
        self._seen.add(inbound.platform_key)
        self._lines += made

    async def store(self, s: AsyncConnection) -> None:
        if self._lines:
            given = [
                {"conversation": one, "updated_at": self._now} | left
                for one, left in self._left.items()
            ]
            await s.execute(_LEAVE, given)
            await lines.insert_all(s, self._lines)

    async def begin(self) -> None:
        for it, leased, step in self._begun:
            await self._intake.begin(it, leased, step)

    @staticmethod
    def count_again(channel: str) -> None:
        metrics.MESSAGES.labels(channel, "yes").inc()
