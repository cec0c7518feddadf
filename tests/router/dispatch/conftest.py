"""A duty room: dispatch on a database, a still clock, and what it told the world."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from router import events
from router.bus import Bus
from router.clock import Clock
from router.db import Database
from router.dispatch.models import Offer
from router.dispatch.rules import Queues
from router.dispatch.service import Dispatch
from router.lawyers.models import Lawyer
from router.settings import Settings
from router.tickets.models import Ticket, TicketEvent
from tests import factories
from tests.fakes import FakeClock

HEARD = (
    events.OfferMade, events.OfferEnded, events.OfferAccepted, events.NobodyThere,
    events.TicketReturned, events.TicketClosed,
)  # fmt: skip


class Room:
    """Says in the words of the trade what the tests want to know."""

    def __init__(
        self, db: Database, clock: Clock, settings: Settings, queues: Queues | None = None
    ) -> None:
        self.db, self.clock, self.settings = db, clock, settings
        self.queues = queues
        self.news: list[events.Event] = []
        self.others: list[Database] = []
        self.bus = Bus(None)
        self.dispatch = self.office(db, self.bus)

    def another(self) -> Dispatch:
        """A second process of the same office: connections and bus of its own."""
        self.others.append(Database(self.settings.database_url))
        return self.office(self.others[-1], Bus(None))

    def office(self, db: Database, bus: Bus) -> Dispatch:
        hears = events.Events()

        async def note(event: events.Event) -> None:
            self.news.append(event)

        hears.table = {kind: [note] for kind in HEARD}
        return Dispatch(db, self.clock, bus, hears, self.settings, self.queues)

    async def close(self) -> None:
        for db in self.others:
            await db.close()

    async def lawyer(self, name: str = "王律师", **given: Any) -> Lawyer:
        return await factories.lawyer(self.db, self.clock, name, **given)

    async def ticket(self, conversation: str | None = None, **given: Any) -> Ticket:
        if conversation is None:
            conversation = (await factories.conversation(self.db, self.clock)).id
        return await factories.ticket(self.db, self.clock, conversation, **given)

    async def one(self, row: Any) -> Any:
        """The row as it is in the database now."""
        async with self.db.read() as s:
            return await s.get(type(row), row.id)

    async def offers(self, ticket: Ticket) -> list[Offer]:
        async with self.db.read() as s:
            rows = await s.scalars(
                select(Offer).where(Offer.ticket_id == ticket.id).order_by(Offer.created_at)
            )
            return list(rows)

    async def pending(self, ticket: Ticket) -> Offer | None:
        return next((o for o in await self.offers(ticket) if o.status == "pending"), None)

    async def asked(self, ticket: Ticket) -> str | None:
        """Who is being asked now."""
        return (await self.one(ticket)).offered_to

    async def owned_by(self, lawyer: Lawyer, **given: Any) -> Ticket:
        """A ticket that this lawyer has accepted."""
        ticket = await self.ticket(**given)
        boss = await self.lawyer("派单主管", role="supervisor", on_duty=False)
        await self.dispatch.assign(ticket.id, lawyer.id, boss.id)
        return ticket

    async def boss(self) -> Lawyer:
        return await self.lawyer("主管", role="supervisor", on_duty=False)

    async def history(self, ticket: Ticket) -> list[TicketEvent]:
        async with self.db.read() as s:
            rows = await s.scalars(
                select(TicketEvent)
                .where(TicketEvent.ticket_id == ticket.id)
                .order_by(TicketEvent.id)
            )
            return list(rows)

    async def later(self, span: Any) -> None:
        """Time passes and what fell due is done, as by the timer loop."""
        await self.clock.advance(span)  # type: ignore[attr-defined]
        await self.dispatch.timers.fire_due()

    def heard(self, kind: type[events.Event]) -> list[Any]:
        return [event for event in self.news if isinstance(event, kind)]


@pytest.fixture
async def room(db: Database, clock: FakeClock, settings: Settings) -> AsyncIterator[Room]:
    opened = Room(db, clock, settings)
    yield opened
    await opened.close()
