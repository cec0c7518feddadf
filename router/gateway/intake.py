"""A citizen's message taken in: stored once, danger answered, the bot woken. One alone here, those
of many in together.py."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from router.bus import Bus
from router.channels.base import Accepted, Inbound
from router.clock import Clock
from router.db import Database
from router.errors import ConversationClosed, NotFound
from router.gateway import emergency, lines, metrics, words
from router.gateway.emergency import Alarms
from router.gateway.lease import Turn
from router.gateway.lines import Draft, topic
from router.gateway.text import clean, wants_person
from router.gateway.turns import Begin, Turns
from router.settings import Settings

Also = Callable[[AsyncConnection], Awaitable[None]]


class SeenBefore(Exception):
    def __init__(self, seq: int) -> None:
        super().__init__(seq)
        self.seq = seq


@dataclass(frozen=True)
class Coming:
    """A message as it will stand in the transcript."""

    inbound: Inbound
    danger: list[str]
    line: Draft
    said: list[Draft]  # by the system right behind it, before anybody has thought about it
    begin: Begin  # of its turn, where nobody plays the conversation

    def turn(self, row: Row[Any], floor: str, now: datetime) -> Turn:
        return Turn(
            self.inbound.conversation_id,
            self.line.id,
            self.line.text,
            self.line.extra,
            self.inbound.client_seq,
            row.case_no,
            since=now,
            troubled=row.bot_troubled,
            for_lawyer=floor == "lawyer",
        )


class Intake:
    def __init__(
        self, db: Database, clock: Clock, bus: Bus, turns: Turns, alarms: Alarms, settings: Settings
    ) -> None:
        self.db, self.clock, self.bus = db, clock, bus
        self.turns, self.alarms, self.settings = turns, alarms, settings
        self._background: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        await asyncio.gather(*self._background, return_exceptions=True)

    def coming(self, inbound: Inbound, danger: list[str] | None = None) -> Coming:
        """`danger`: what was found in it already. Raises EmptyMessage, TooLarge."""
        text = clean(inbound.text)
        danger = emergency.find(text) if danger is None else danger
        line = Draft(
            "citizen",
            text,
            _marks(text, danger),
            platform_key=inbound.platform_key,
            client_seq=inbound.client_seq,
            turn="waiting",
        )
        return Coming(inbound, danger, line, self._at_once(text, danger), Begin())

    async def accept(self, inbound: Inbound, also: Also | None = None) -> Accepted:
        """Stores a citizen's message; danger is answered in the same transaction, and what `also`
        does belongs to it."""
        it, now = self.coming(inbound), self.clock.now()
        try:
            async with self.db.core(soon=True, first=True) as s:
                row = await lines.number_and_lease(
                    s,
                    inbound.conversation_id,
                    1 + len(it.said),
                    now,
                    it.begin.token,
                    self.turns.lease_end(),
                )
                if row is None:
                    raise NotFound(conversation=inbound.conversation_id)
                first, floor = await lines.seen(s, inbound.conversation_id, inbound.platform_key)
                if first is not None:
                    raise SeenBefore(first)
                if row.status == "closed":
                    raise ConversationClosed(conversation=inbound.conversation_id)
                seq = row.last_seq - len(it.said)
                await lines.store(s, inbound.conversation_id, [it.line, *it.said], seq, now)
                if also:
                    await also(s)
        except SeenBefore as again:  # rolled back: nothing of this one stays
            metrics.MESSAGES.labels(inbound.channel, "yes").inc()
            await self.db.on_disk()
            return Accepted(again.seq, duplicate=True)
        step = None
        if row.leased_by == it.begin.token:
            # a line before this one may come in this moment: who waits for it looks first
            gap = (inbound.client_seq or 0) > row.next_client_seq
            step = None if gap else it.turn(row, floor, now)
        await self.begin(it, row.leased_by == it.begin.token, step)
        await self.db.on_disk()  # the bot thinks meanwhile
        return Accepted(seq, duplicate=False)

    async def begin(self, it: Coming, leased: bool, step: Turn | None) -> None:
        """Behind the commit: the bot, the alarm, and who looks at the conversation are woken."""
        conversation_id = it.inbound.conversation_id
        metrics.MESSAGES.labels(it.inbound.channel, "no").inc()
        self.turns.wake(conversation_id, Begin(it.begin.token, step) if leased else None)
        if it.danger:
            self._meanwhile(self.alarms.sound(conversation_id, it.line.id, it.danger))
        for kind in it.danger:
            metrics.DANGER.labels(kind).inc()
        await self.bus.wake(topic(conversation_id))

    def _at_once(self, text: str, danger: list[str]) -> list[Draft]:
        said = []
        if danger:
            said.append(Draft("system", emergency.advice(danger), {"kind": "emergency"}))
        if len(text) > self.settings.MESSAGE_MAX_CHARS:
            long = words.LONG.format(chars=self.settings.MESSAGE_MAX_CHARS)
            said.append(Draft("system", long, {"kind": "notice"}))
        return said

    def _meanwhile(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _marks(text: str, danger: list[str]) -> dict[str, Any]:
    """What the worker must know of a line without reading it."""
    marks: dict[str, Any] = {"danger": danger} if danger else {}
    return marks | {"wants_person": True} if wants_person(text) else marks
