"""Ours as a router process has it: from a citizen's ticket to the offer that a lawyer sees."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from redis.asyncio import Redis
from sqlalchemy import insert

from bench.duty import history, office
from bench.duty.rounds import Run
from router.bus import Bus
from router.clock import SystemClock
from router.conversations.models import Conversation
from router.db import Database, new_id
from router.dispatch import timers
from router.dispatch.service import Dispatch
from router.events import Event, Events, OfferMade, TicketClosed
from router.lawyers.models import Lawyer
from router.tickets.models import Ticket
from router.tickets.service import open_new
from router.tickets.urgency import Urgency

REGIONS = tuple(f"{province}{city:02}{county:02}" for province in range(11, 66)
                for city in range(1, 8) for county in range(1, 8))  # fmt: skip
WARM = 10


@dataclass
class Hall:
    """A database with its lawyers and its past; `regions`: where they and the citizens are."""

    db: Database
    regions: tuple[str, ...]
    redis: str | None = None
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    lawyers: list[Lawyer] = field(default_factory=list)

    async def fill(self, lawyers: int, tickets: int, capacity: int) -> None:
        matters = office.MATTERS
        self.lawyers = await office.hire(
            self.db, lawyers, capacity,
            region=lambda n: self.regions[n % len(self.regions)],
            fields=lambda n: [] if n % 2 else [matters[n % 5], matters[(n + 1) % 5]],
            languages=lambda n: ["粤语"] if n % 7 == 0 else [],
            tier=lambda n: "reserve" if n % 10 == 9 else "duty",
        )  # fmt: skip
        await history.fill(self.db, self.lawyers, tickets)

    async def at_rate(self, rate: float, count: int) -> Run:
        """Arrivals do not wait for each other."""
        people = [office.citizen(SystemClock().now()) for _ in range(count + WARM)]
        async with self.db.write() as s:
            await s.execute(insert(Conversation), people)
        took: list[float] = []
        async with self._dispatch() as dispatch:
            for person in people[:WARM]:
                await self._comes(dispatch, person["id"])

            async def comes(person: str, due: float) -> None:
                await self._comes(dispatch, person)
                took.append(time.perf_counter() - due)

            began, worked = time.perf_counter(), time.process_time()
            async with asyncio.TaskGroup() as tasks:
                for number, person in enumerate(people[WARM:]):
                    due = began + number / rate
                    await asyncio.sleep(max(due - time.perf_counter(), 0))
                    tasks.create_task(comes(person["id"], due))
            worked = time.process_time() - worked
        return Run(took, worked / count)

    @asynccontextmanager
    async def _dispatch(self) -> AsyncIterator[Dispatch]:
        """With its timers and its wake-ups, as a router process has it."""
        bus = Bus(Redis.from_url(self.redis) if self.redis else None)
        dispatch = office.dispatch(self.db, bus)
        await bus.start()
        await dispatch.start()
        try:
            yield dispatch
        finally:
            await dispatch.stop()
            await bus.stop()
            if bus.redis:
                await bus.redis.aclose()

    async def _comes(self, dispatch: Dispatch, person: str) -> None:
        ticket = self._trouble(person)
        async with self.db.write(soon=True) as s:  # as router/routing/service.py does it
            now = SystemClock().now()
            open_new(s, ticket, now)
            await s.flush()
            timers.ask_again(s, ticket.id, now + timers.RESUME)
        if await dispatch.offer(ticket.id) is None:
            raise SystemExit("a ticket was not offered although there is room")

    def _trouble(self, conversation: str) -> Ticket:
        return Ticket(
            id=new_id(), conversation_id=conversation, opened_by=new_id(), delivery="offer",
            destination="duty_lawyer", urgency=self.dice.choice(list(Urgency)[1:]),
            region=self.dice.choice(self.regions), matter=self.dice.choice(office.MATTERS),
            language=self.dice.choice([None, None, None, "粤语"]), post="web",
        )  # fmt: skip


async def freed(db: Database, lawyers: int, waiting: int, count: int) -> Run:
    """From a lawyer's word that a case is closed until the next offer is theirs."""
    heard: dict[str, float] = {}

    async def offered(event: Event) -> None:
        assert isinstance(event, OfferMade)
        heard.setdefault(event.lawyer_id, time.perf_counter())

    events = Events()
    events.table = {OfferMade: [offered], TicketClosed: []}
    dispatch = office.dispatch(db, events=events)
    hired = await office.hire(db, lawyers, capacity=1)
    await office.come(db, lawyers + waiting)
    await dispatch.drain()
    took, worked = [], 0.0
    for number in range(min(count, waiting)):
        who = hired[number % lawyers].id
        offer = await office.offer_of(db, who)
        await dispatch.accept(offer.id, who)
        heard.clear()
        began, before = time.perf_counter(), time.process_time()
        await dispatch.close(offer.ticket_id, who, "answered")
        took.append(heard[who] - began)
        worked += time.process_time() - before
    return Run(took, worked / len(took))
