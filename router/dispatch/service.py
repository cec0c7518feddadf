"""Dispatch: a waiting ticket to one duty lawyer at a time: filter, choose, then claim.

Ticket, offer, timer and the lawyer's load change in one transaction. Rows are always locked in
this order: tickets by id, offers and timers, lawyers by id. What may follow (the next lawyer) is a
transaction of its own: a waiting ticket's timer sees to it if we die in between. Tickets that come
while others are looked at are looked at together (together.py, look.py).
"""

import logging
from collections.abc import Sequence
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from router.bus import Bus
from router.clock import Clock
from router.corrections.service import Corrected
from router.db import Database
from router.dispatch import jumps, openings, outlook
from router.dispatch.duty import Duty
from router.dispatch.ground import Ground
from router.dispatch.models import Offer, Timer
from router.dispatch.offers import Offers
from router.dispatch.queue import Queue
from router.dispatch.rules import Queues
from router.dispatch.supervision import Supervision
from router.dispatch.timers import TimerLoop
from router.dispatch.work import Work
from router.events import Events
from router.settings import Settings
from router.tickets.models import Ticket

log = logging.getLogger(__name__)


class Dispatch:
    """The room's one door: every move, and after it a look at who can be offered what now."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        bus: Bus,
        events: Events,
        settings: Settings,
        queues: Queues | None = None,
    ) -> None:
        ttl, pause = settings.OFFER_TTL, settings.OFFER_PAUSE
        grace = settings.SHIFT_GRACE
        ground = Ground(db, clock, bus, events, ttl, pause, grace, queues or Queues())
        self._db, self.events = db, events
        self.closing, self.telephoning = ground.closing, ground.telephoning
        self._offers = Offers(ground)
        self._work = Work(ground, self._offers)
        self._supervision = Supervision(ground, self._offers, self._work)
        self._duty = Duty(ground, self._offers)
        self._queue = Queue(ground)
        settle = partial(jumps.settle, ttl=ttl, pause=pause)
        self.timers = TimerLoop(db, clock, bus, self._fire, settle)

    async def start(self) -> None:
        """Overdue timers fire first thing."""
        async with self._db.write() as s:
            await openings.mend(s)
        await self.timers.start()

    async def stop(self) -> None:
        await self.timers.stop()
        await self._queue.rest()

    # What waits

    async def drain(self, asked: Sequence[str] = ()) -> None:
        """Offers what waits, urgent first, then the oldest. `asked`: look at these in any case."""
        await self._queue.drain(asked)

    async def position(self, session: AsyncSession, ticket_id: str) -> int | None:
        """1 is the next to be offered; None: it does not wait."""
        ticket = await session.get(Ticket, ticket_id)
        return await outlook.position(session, ticket) if ticket else None

    async def urge(self, ticket_id: str, urgency: int, data: dict[str, object]) -> None:
        """What waits or is under way turns out to be more urgent: to the front of the queue.
        Raises TicketMovedOn where it has been closed."""
        if await self._queue.urge(ticket_id, urgency, data):
            await self.drain()

    # Offers

    async def offer(self, ticket_id: str) -> Offer | None:
        """Offers the ticket to the next lawyer. None: it does not wait, or nobody can be asked."""
        return await self._queue.offer(ticket_id)

    async def accept(self, offer_id: str, lawyer_id: str) -> Ticket:
        """The ticket, now owned. A second click of its owner does no harm."""
        return await self._offers.accept(offer_id, lawyer_id)

    async def decline(self, offer_id: str, lawyer_id: str, reason: str | None = None) -> None:
        await self._offers.decline(offer_id, lawyer_id, reason)
        await self._goes_on(lawyer_id)

    async def expire(self, offer_id: str) -> None:
        """The offer's time ran out. Acts only for the one who deletes the timer."""
        if lawyer_id := await self._offers.expire(offer_id):
            await self._duty.missed(lawyer_id)
            await self._goes_on(lawyer_id)

    # Work in hand

    async def give_back(self, ticket_id: str, lawyer_id: str, reason: str | None = None) -> None:
        await self._work.give_back(ticket_id, lawyer_id, reason)
        await self._goes_on(lawyer_id)

    async def close(
        self,
        ticket_id: str,
        lawyer_id: str,
        outcome: str,
        note: str | None = None,
        corrected: Corrected | None = None,
    ) -> Ticket:
        """By its owner, who may have corrected what the dialogue heard; by a supervisor what
        nobody owns (a mediation that went off, a ticket whose citizen gave up)."""
        ticket, freed = await self._work.close(ticket_id, lawyer_id, outcome, note, corrected)
        await self._goes_on(freed)
        return ticket

    async def hand_over(self, ticket_id: str, lawyer_id: str, to: str, note: str) -> None:
        """To a colleague on duty, who is asked for it; unanswered, it goes to the queue."""
        await self._work.hand_over(ticket_id, lawyer_id, to, note)
        await self._goes_on(lawyer_id)

    # The supervisor

    async def assign(self, ticket_id: str, to: str, by: str) -> None:
        """To this lawyer, who need not accept. Raises NoRoom, ConflictOfInterest, HeldElsewhere."""
        await self._goes_on(await self._supervision.assign(ticket_id, to, by))

    async def take_back(self, ticket_id: str, by: str) -> None:
        """From its owner or from who is asked, to the next."""
        await self._goes_on(await self._supervision.take_back(ticket_id, by))

    async def requeue(self, ticket_id: str, by: str) -> None:
        """As if nobody had been asked yet; also what stood in another desk's list."""
        await self._supervision.requeue(ticket_id, by)
        await self.drain()

    async def merge(self, ticket_id: str, into: str, by: str) -> None:
        """A duplicate that nobody owns ends, the other goes on."""
        await self._goes_on(await self._supervision.merge(ticket_id, into, by))

    # Duty

    async def duty(self, lawyer_id: str, on: bool) -> None:
        """Off: no new offers from here on, and those not yet answered go to somebody else."""
        await self._duty.turn(lawyer_id, on)
        await self._goes_on(lawyer_id)

    async def signed_out(self, lawyer_id: str) -> None:
        """Of one browser; who is signed in elsewhere stays on duty."""
        if await self._duty.signed_out(lawyer_id):
            await self._goes_on(lawyer_id)

    async def end_shift(self, lawyer_id: str, rostered: bool) -> None:
        """No offer may wait for who has gone; what is in hand comes back after a grace."""
        await self._duty.end_shift(lawyer_id, rostered)
        await self._goes_on(lawyer_id)

    async def off_telephone(self, lawyer_id: str) -> None:
        """Who could not be rung can be again."""
        await self._queue.serve(lawyer_id)

    # What follows

    async def _goes_on(self, lawyer_id: str | None) -> None:
        """What has come back is offered to the next, and who has become free is served."""
        await self.drain()
        if lawyer_id:
            await self._queue.serve(lawyer_id)

    async def _fire(self, due: list[Timer]) -> bool:
        well = True
        for timer in (t for t in due if t.kind != "ask_again"):
            try:
                await self._fire_one(timer)
            except Exception:  # one that cannot be fired holds up no other; it stays due
                log.exception("timer.failed", extra={"timer": timer.id})
                well = False
        await self.drain([str(t.data["ticket"]) for t in due if t.kind == "ask_again"])
        return well

    async def _fire_one(self, timer: Timer) -> None:
        match timer.kind:
            case "offer_expires":
                await self.expire(str(timer.data["offer"]))
            case "serve":
                await self._queue.serve(str(timer.data["lawyer"]))
            case "shift_ends":
                rostered = bool(timer.data.get("rostered"))
                await self.end_shift(str(timer.data["lawyer"]), rostered)
            case "hand_in":
                lawyer = str(timer.data["lawyer"])
                await self._work.hand_in(lawyer)
                await self._goes_on(lawyer)
            case "silence":
                await self._goes_on(await self._work.fell_silent(str(timer.data["ticket"])))
            case _:
                raise LookupError(timer.kind)
