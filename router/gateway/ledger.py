"""What turns leave behind, written down: in a crowd that of many in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError

from router.conversations.models import Message
from router.gateway import lines
from router.gateway.lease import LEAVE, LOCK_ALL, MARK, Held, Lease, LeaseLost, Pause, Step, Turn
from router.gateway.lines import Draft

if TYPE_CHECKING:
    from router.gateway.turns import Turns

GATHER = 0.05  # seconds, in a crowd; of few nobody waits
MOST = 50  # in one transaction, which the loop runs without a pause


@dataclass(frozen=True)
class _Entry:
    lease: Lease
    said: list[Draft]
    turn: Turn | None  # that is dealt with; None: it goes on
    done: asyncio.Future[Step]


class Ledger:
    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._entries: list[_Entry] = []
        self._writing = False
        self._rest: asyncio.Task[None] | None = None

    async def enter(self, lease: Lease, said: list[Draft], turn: Turn | None = None) -> Step:
        """What is to be done next there. Raises LeaseLost."""
        entry = _Entry(lease, said, turn, asyncio.get_running_loop().create_future())
        self._entries.append(entry)
        if not self._writing:  # who comes first writes for all who come until then
            await self._write()
        return await entry.done

    async def _write(self) -> None:
        self._writing = True
        try:
            if self._turns.crowded:
                await asyncio.sleep(GATHER)
                await self._turns.after_requests()
            batch, self._entries = self._entries[:MOST], self._entries[MOST:]
            await self._settle(batch)
        except asyncio.CancelledError:
            self._entries.clear()  # the process ends: what is leased is taken up again
            raise
        finally:
            self._writing = False
            if self._entries:
                self._rest = asyncio.create_task(self._write())

    async def _settle(self, batch: Sequence[_Entry]) -> None:
        try:
            steps = await self._store(batch)
        except Exception as error:
            alone = len(batch) == 1 or isinstance(error, OperationalError | OSError)
            for entry in batch:  # each by itself then: one may have spoilt it for all
                if not alone:
                    await self._settle([entry])
                elif not entry.done.done():
                    entry.done.set_exception(error)
            return
        for entry, step in zip(batch, steps, strict=True):
            if entry.done.done():
                continue
            if isinstance(step, LeaseLost):
                entry.done.set_exception(step)
            else:
                entry.done.set_result(step)

    async def _store(self, batch: Sequence[_Entry]) -> list[Step | LeaseLost]:
        ids = sorted(entry.lease.id for entry in batch)
        made: list[Message] = []
        marks: list[dict[str, str]] = []
        # soon: what a power cut takes back is played again, and the bot says what it said before
        async with self._turns.db.core(soon=True) as s:
            rows = {row.id: row for row in await s.execute(LOCK_ALL, {"ids": ids})}
            lawyers, waits = await lines.floors_and_waiting(s, ids)
            found: list[Held | LeaseLost] = []
            for entry in batch:
                lease, lawyer = entry.lease, entry.lease.id in lawyers
                try:
                    held = lease.held(s, rows[lease.id])
                except LeaseLost as lost:
                    found.append(lost)
                    continue
                found.append(held)
                said = entry.said
                if entry.turn:
                    said = lease.ends(held, entry.turn, said, lawyer)
                    line, waiting = entry.turn.message_id, waits[lease.id]
                    said = said if line in waiting else []  # dealt with before
                    waiting.discard(line)
                    marks.append({"line": line, "to": "to_person" if lawyer else "handled"})
                made += lease.numbered(held, said)
            if marks:
                await s.execute(MARK, marks)
            await lines.insert_all(s, made)
            left = [
                await self._left(entry, held, entry.lease.id in lawyers, waits[entry.lease.id])
                for entry, held in zip(batch, found, strict=True)
                if isinstance(held, Held)
            ]
            if left:
                await s.execute(LEAVE, left)
        return [held.step if isinstance(held, Held) else held for held in found]

    async def _left(
        self, entry: _Entry, held: Held, lawyer: bool, waiting: set[str]
    ) -> dict[str, object]:
        now = self._turns.clock.now()
        if entry.turn is None:
            held.step = Pause(now)  # the lease stays
        elif waiting:
            held.step = await entry.lease.next(held, lawyer)
        return entry.lease.left(held, now)
