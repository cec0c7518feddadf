"""What the supervisor does by hand: assign, take back, queue anew, merge duplicates."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.db import new_id
from router.dispatch import openings, silence, timers
from router.dispatch.ground import Ground
from router.dispatch.models import Offer
from router.dispatch.offers import Offers
from router.dispatch.refusals import LET_PASS, NEVER_AGAIN
from router.dispatch.work import Work
from router.errors import BadRequest, Forbidden, HeldElsewhere, ImpossibleMove, NoRoom, NotFound
from router.events import Event, OfferAccepted, TicketClosed
from router.lawyers.models import Lawyer
from router.tickets import callbacks
from router.tickets.models import Ticket
from router.tickets.service import all_locked, locked, move, note_event
from router.tickets.status import MERGED, Status

S = Status
HELD = (S.OFFERED, S.ACCEPTED)
BY_SUPERVISOR = "supervisor"


class Supervision:
    def __init__(self, ground: Ground, offers: Offers, work: Work) -> None:
        self._g, self._offers, self._work = ground, offers, work

    async def assign(self, ticket_id: str, to: str, by: str) -> str | None:
        """To this lawyer, who need not accept: who had it or was asked for it before.

        Raises NoRoom, ConflictOfInterest, or HeldElsewhere: one person per citizen.
        """
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            await self._may(s, by)
            ticket, siblings = await locked(s, ticket_id)
            before = ticket.owner or ticket.offered_to
            if ticket.status == S.ACCEPTED and ticket.owner == to:
                return None
            held = [one for one in siblings if one.status in HELD]
            if any(to not in (one.owner, one.offered_to) for one in held):
                raise HeldElsewhere(ticket=ticket_id)
            await self._work.check(s, ticket, to, now)
            await openings.lock(s, [one for one in (before, to) if one])
            news = await self._take(s, ticket, by, now)
            if not await openings.reserve(s, to, now):
                raise NoRoom(lawyer=to)
            sets = {"owner": to, "accepted_at": now, "alarmed_at": None}
            data = {"to": to}
            await move(s, ticket, S.ACCEPTED, "assigned", now, by=by, sets=sets, data=data)
            s.add(_assigned(ticket, to, now))
            ticket.place = ticket.wants = None
            await timers.drop(s, timers.ask_again_id(ticket_id))
            await silence.begins(s, ticket, self._g.queues.of(ticket.destination).silence, now)
            news.append(OfferAccepted(ticket_id, ticket.conversation_id, to))
        await self._g.tell(ticket, news, to)
        if before:
            await self._g.bus.wake(f"lawyer:{before}")
        return before

    async def take_back(self, ticket_id: str, by: str) -> str | None:
        """From its owner or from who is asked, into the queue: whose it was."""
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            await self._may(s, by)
            ticket, _ = await locked(s, ticket_id)
            before = ticket.owner or ticket.offered_to
            if ticket.status not in HELD:
                raise ImpossibleMove(ticket=ticket_id, now=ticket.status)
            news = await self._take(s, ticket, by, now)
        await self._g.tell(ticket, news, before)
        return before

    async def _take(self, s: AsyncSession, ticket: Ticket, by: str, now: datetime) -> list[Event]:
        if ticket.status == S.ACCEPTED and ticket.owner:
            return [await self._work.back(s, ticket, ticket.owner, now, BY_SUPERVISOR, by)]
        if ticket.status == S.OFFERED:
            offer = await self._offers.pending(s, ticket)
            return await self._offers.end(s, ticket, offer, "taken_back", now, by)
        return []

    async def requeue(self, ticket_id: str, by: str) -> None:
        """As if nobody had been asked yet; also what stood in another desk's list."""
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            await self._may(s, by)
            ticket, _ = await locked(s, ticket_id)
            if ticket.status == S.RECORDED:
                await move(s, ticket, S.OPEN, "requeued", now, by=by)
                timers.ask_again(s, ticket_id, now + timers.RESUME)
            elif ticket.status == S.OPEN:
                note_event(s, ticket, "requeued", now, was=S.OPEN, by=by)
                await timers.put_off(s, timers.ask_again_id(ticket_id), now + timers.RESUME)
            else:
                raise ImpossibleMove(ticket=ticket_id, now=ticket.status, to=S.OPEN)
            ticket.place = ticket.wants = None
            past = update(Offer).where(
                Offer.ticket_id == ticket_id,
                Offer.status.in_(LET_PASS),
                Offer.reason.is_distinct_from(NEVER_AGAIN),
            )
            await s.execute(past.values(status="forgotten"))
        await self._g.tell(ticket, [], None)

    async def merge(self, ticket_id: str, into: str, by: str) -> str | None:
        """A duplicate that nobody owns ends, the other goes on: who was asked for it."""
        if ticket_id == into:
            raise BadRequest(into=into)
        now = self._g.clock.now()
        news: list[Event] = []
        async with self._g.db.write() as s:
            await self._may(s, by)
            found = {one.id: one for one in await all_locked(s, [ticket_id, into])}
            if ticket_id not in found or into not in found:
                raise NotFound(ticket=ticket_id, into=into)
            ticket, other = found[ticket_id], found[into]
            if ticket.status == S.ACCEPTED or other.status == S.CLOSED:
                raise ImpossibleMove(ticket=ticket_id, into=into)
            done: dict[str, object] = {"outcome": MERGED, "closed_at": now, "merged_into": into}
            freed = await self._work.close_unowned(s, ticket, by, now, done, news)
            was, data = Status(other.status), {"ticket": ticket_id}
            note_event(s, other, "merged_from", now, was=was, by=by, data=data)
            await self._carry(s, ticket, other, by, now)
        news.append(TicketClosed(ticket_id, ticket.conversation_id, None, MERGED))
        await self._g.tell(ticket, news, freed)
        await self._g.tell(other, [], other.owner or other.offered_to)
        return freed

    async def _carry(
        self, s: AsyncSession, ticket: Ticket, other: Ticket, by: str, now: datetime
    ) -> None:
        """What the duplicate knew. Raises ConflictOfInterest: who has the other must not go on."""
        callbacks.carry(s, ticket, other, by, now)
        if ticket.urgency < other.urgency:
            other.urgency = ticket.urgency
            other.place = other.wants = None  # as in Queue.urge: others will do as well
            data = {"urgency": ticket.urgency}
            note_event(s, other, "urged", now, was=Status(other.status), by=by, data=data)
        if other.opponent_index is None and ticket.opponent_index:
            other.opponent_index = ticket.opponent_index
            other.place = other.wants = None
            if who := other.owner or other.offered_to:
                await self._work.check(s, other, who, now)

    async def _may(self, s: AsyncSession, by: str) -> None:
        if await s.scalar(select(Lawyer.role).where(Lawyer.id == by)) != "supervisor":
            raise Forbidden(lawyer=by)


def _assigned(ticket: Ticket, to: str, now: datetime) -> Offer:
    """Every ticket somebody had has its offer, so that returns and figures read one table."""
    return Offer(
        id=new_id(),
        ticket_id=ticket.id,
        lawyer_id=to,
        status="accepted",
        created_at=now,
        expires_at=now,
        answered_at=now,
    )
