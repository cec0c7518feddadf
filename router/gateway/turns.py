"""Which conversations this process works on: one worker each, renewed leases, recovery.

A lease is two columns of the conversation. Who holds it plays the conversation's turns; a process
that dies leaves it to expire, and any process goes on from there.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from router.bus import Bus
from router.clock import Clock
from router.db import Database, new_id
from router.gateway.bot_client import Bot
from router.gateway.bot_watch import BotWatch
from router.gateway.emergency import Alarms, OpensTickets
from router.gateway.lease import Step
from router.gateway.ledger import Ledger
from router.gateway.lines import conversations, messages
from router.gateway.worker import Worker
from router.pace import Pace
from router.settings import Settings

log = logging.getLogger(__name__)
CROWD = 50  # conversations that one process plays at once
AT_ONCE = 500  # leases renewed in one transaction
_C = conversations.c
_RENEW = (
    update(conversations)
    .where(_C.id == bindparam("conversation"), _C.leased_by == bindparam("token"))
    .values(leased_until=bindparam("end", type_=_C.leased_until.type))
)


@dataclass(frozen=True)
class Begin:
    """Where a worker begins. The lease may be taken under the token already; a step: it is."""

    token: str = field(default_factory=new_id)
    step: Step = None


# Conversation and line to what is said back; empty: it is the bot's turn
Aside = Callable[[str, str], Awaitable[str]]


class Turns:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        bus: Bus,
        bot: Bot,
        routing: OpensTickets,
        alarms: Alarms,
        settings: Settings,
    ) -> None:
        self.db, self.clock, self.bus, self.bot = db, clock, bus, bot
        self.routing, self.alarms, self.settings = routing, alarms, settings
        self.watch, self.pace, self.ledger = BotWatch(bot, clock, bus), Pace(), Ledger(self)
        self.asides: list[Aside] = []  # of other rooms, before the bot
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._leases: dict[str, tuple[str, datetime]] = {}  # token, and when its worker began
        self._again: dict[str, Begin] = {}  # woken while their worker was at work
        self._background: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        for work in (self._renew, self._recover, self.watch.run, self.pace.run):
            self._background.append(asyncio.create_task(work()))

    async def stop(self) -> None:
        """Leaves the leases expired, not free: the next holder asks the bot before it repeats."""
        held = {one: token for one, (token, _) in self._leases.items()}
        await self.halt()
        with suppress(SQLAlchemyError, OSError):  # without a database they expire by themselves
            await self._set_lease_end(held, self.clock.now())

    async def halt(self) -> None:
        """Stops at once, as a killed process does."""
        tasks = [*self._background, *self._workers.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._background.clear()

    def lease_end(self) -> datetime:
        return self.clock.now() + self.settings.TURN_LEASE

    def at_work(self, conversation_id: str) -> bool:
        """This process plays it in this moment."""
        return conversation_id in self._workers

    @property
    def crowded(self) -> bool:
        return len(self._workers) > CROWD

    async def after_requests(self) -> None:
        """In a crowd, waits while the loop is late: to take messages in comes first."""
        if self.crowded:
            await self.pace.rest()

    def wake(self, conversation_id: str, begin: Begin | None = None) -> None:
        """Something waits there."""
        if conversation_id in self._workers:
            if begin or conversation_id not in self._again:
                self._again[conversation_id] = begin or Begin()
            return
        work = self._work(conversation_id, begin or Begin())
        self._workers[conversation_id] = asyncio.create_task(work)

    async def _work(self, conversation_id: str, begin: Begin) -> None:
        try:
            while True:
                self._leases[conversation_id] = begin.token, self.clock.now()
                await Worker(self, conversation_id, begin.token).run(begin.step)
                if conversation_id not in self._again:
                    return
                begin = self._again.pop(conversation_id)
        except Exception:  # the lease expires, _recover begins anew
            log.exception("turn.failed", extra={"conversation": conversation_id})
        finally:
            self._again.pop(conversation_id, None)
            self._leases.pop(conversation_id, None)
            del self._workers[conversation_id]

    async def _renew(self) -> None:
        third = self.settings.TURN_LEASE / 3
        while True:
            await self.clock.sleep(third)
            old = self.clock.now() - third
            leases = self._leases.items()
            long = {one: token for one, (token, began) in leases if began <= old}
            try:
                await self._set_lease_end(long, self.lease_end())
            except (SQLAlchemyError, OSError) as error:
                log.warning("turns.renew_failed", extra={"error": type(error).__name__})

    async def _set_lease_end(self, held: dict[str, str], end: datetime) -> None:
        """Of these conversations, as far as they are leased under these tokens."""
        ours = sorted(held.items())  # who locks several never waits in a ring
        for start in range(0, len(ours), AT_ONCE):
            some = ours[start : start + AT_ONCE]
            given = [{"conversation": one, "token": token, "end": end} for one, token in some]
            async with self.db.core() as s:
                await s.execute(_RENEW, given)

    async def _recover(self) -> None:
        """Conversations with waiting lines and nobody at them: after a crash, or a lost wake-up."""
        while True:
            try:
                for one in await self._abandoned():
                    self.wake(one)
            except (SQLAlchemyError, OSError) as error:
                log.warning("turns.recover_failed", extra={"error": type(error).__name__})
            await self.clock.sleep(self.settings.TURN_LEASE / 2)

    async def _abandoned(self) -> list[str]:
        free = or_(
            conversations.c.leased_by.is_(None), conversations.c.leased_until <= self.clock.now()
        )
        async with self.db.read() as s:
            found = await s.scalars(
                select(messages.c.conversation_id)
                .join(conversations, conversations.c.id == messages.c.conversation_id)
                .where(messages.c.turn == "waiting", free)
                .distinct()
                .limit(500)
            )
            return [one for one in found if one not in self._workers]
