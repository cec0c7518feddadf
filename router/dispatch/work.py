"""What a lawyer has in hand: given back, taken back, handed over, or closed with an outcome."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.corrections import service as corrections
from router.dispatch import conflicts, openings, silence, timers
from router.dispatch.ground import Ground
from router.dispatch.models import Offer, Timer
from router.dispatch.offers import Offers
from router.dispatch.refusals import NEVER_AGAIN
from router.dispatch.waiting import release
from router.errors import BadRequest, ConflictOfInterest, NoRoom, TicketMovedOn
from router.events import Event, OfferMade, TicketClosed, TicketReturned
from router.lawyers.models import Lawyer
from router.tickets.models import Ticket
from router.tickets.service import add_note, ended, locked, move
from router.tickets.status import OUTCOMES, Status

S = Status
# Why a ticket came back to the queue, as the history tells it
BY_LAWYER, SILENT, SHIFT_OVER = "lawyer", "silent", "shift_over"


class Work:
    def __init__(self, ground: Ground, offers: Offers) -> None:
        self._g, self._offers = ground, offers

    async def give_back(self, ticket_id: str, lawyer_id: str, reason: str | None = None) -> None:
        """Its owner cannot go on with it."""
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            ticket, _ = await locked(s, ticket_id)
            if ticket.status != S.ACCEPTED or ticket.owner != lawyer_id:
                raise TicketMovedOn(ticket=ticket_id)
            if reason and reason.strip():
                add_note(s, ticket_id, lawyer_id, f"退回:{reason.strip()}", now)
            news = await self.back(s, ticket, lawyer_id, now, BY_LAWYER, by=lawyer_id)
        await self._g.tell(ticket, [news], lawyer_id)

    async def back(
        self,
        s: AsyncSession,
        ticket: Ticket,
        owner: str,
        now: datetime,
        reason: str,
        by: str | None = None,
    ) -> Event:
        """From its owner into the queue."""
        sets = {"owner": None, "accepted_at": None}
        data = {"reason": reason, "from": owner}
        await move(
            s, ticket, S.OPEN, "returned", now, by=by, owner=owner, sets=sets, data=data
        )  # fmt: skip
        await self._let_go(s, ticket, owner, now, "returned", reason)
        timers.ask_again(s, ticket.id, now + timers.RESUME)
        await self.freed(s, ticket, owner, now)
        return TicketReturned(ticket.id, ticket.conversation_id, owner)

    async def fell_silent(self, ticket_id: str) -> str | None:
        """The citizen waits for a word in vain: whose ticket it was."""
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            ticket, _ = await locked(s, ticket_id)
            owner = ticket.owner if ticket.status == S.ACCEPTED else None
            if owner is None:
                await silence.ends(s, ticket_id)
                return None
            if await silence.is_patient(s, ticket, now):
                return None
            news = await self.back(s, ticket, owner, now, SILENT)
        await self._g.tell(ticket, [news], owner)
        return owner

    async def hand_in(self, lawyer_id: str) -> None:
        """Some time after their shift: what they still have goes to somebody who is there."""
        now = self._g.clock.now()
        due = Timer.id == timers.hand_in_id(lawyer_id), Timer.due_at <= now
        held = Ticket.owner == lawyer_id, Ticket.status == S.ACCEPTED.value
        async with self._g.db.read() as s:
            ids = list(await s.scalars(select(Ticket.id).where(*held)))
        for ticket_id in ids:
            async with self._g.db.write() as s:
                ticket, _ = await locked(s, ticket_id)
                if await s.scalar(select(Timer.id).where(*due)) is None:
                    return  # they have checked in again
                if ticket.status != S.ACCEPTED or ticket.owner != lawyer_id:
                    continue
                news = await self.back(s, ticket, lawyer_id, now, SHIFT_OVER)
            await self._g.tell(ticket, [news], lawyer_id)
        async with self._g.db.write() as s:  # at last: what failed half-way is done again
            await s.execute(delete(Timer).where(*due))

    async def hand_over(self, ticket_id: str, lawyer_id: str, to: str, note: str) -> None:
        """To a colleague, who is asked like for any ticket; with all this citizen has with them."""
        if not note.strip() or to == lawyer_id:
            raise BadRequest(to=to)
        now = self._g.clock.now()
        news: list[Event] = []
        async with self._g.db.write() as s:
            ticket, siblings = await locked(s, ticket_id)
            if ticket.status != S.ACCEPTED or ticket.owner != lawyer_id:
                raise TicketMovedOn(ticket=ticket_id)
            add_note(s, ticket_id, lawyer_id, f"转交:{note.strip()}", now)
            for one in [ticket, *siblings]:
                if one.status == S.OFFERED:
                    news += await self._offers.withdraw(s, one, now, lawyer_id)
                elif one.status == S.ACCEPTED:
                    news.append(await self._hand_one(s, one, lawyer_id, to, now))
        await self._g.tell(ticket, news, to)
        await self._g.bus.wake(f"lawyer:{lawyer_id}")

    async def _hand_one(
        self, s: AsyncSession, ticket: Ticket, owner: str, to: str, now: datetime
    ) -> Event:
        await self.check(s, ticket, to, now)
        sets = {"owner": None, "accepted_at": None, "offered_to": to}
        data = {"from": owner, "to": to}
        await move(
            s, ticket, S.OFFERED, "handed_over", now, by=owner, owner=owner, sets=sets, data=data
        )  # fmt: skip
        await self._let_go(s, ticket, owner, now, "returned", "handed_over")
        for who in sorted((owner, to)):  # two who hand over to each other do not block
            if who == owner:
                await self.freed(s, ticket, owner, now)
            elif not await openings.reserve(s, to, now):
                raise NoRoom(lawyer=to)
        self._offers.show(s, ticket, to, now)
        return OfferMade(ticket.id, ticket.conversation_id, to)

    async def check(self, s: AsyncSession, ticket: Ticket, to: str, now: datetime) -> None:
        """Also who is chosen by hand is a duty lawyer who may act in it."""
        lawyer = await s.get(Lawyer, to)
        if lawyer is None or lawyer.role != "lawyer":
            raise BadRequest(to=to)
        told = Offer.ticket_id == ticket.id, Offer.lawyer_id == to, Offer.reason == NEVER_AGAIN
        barred = (await conflicts.excluded(s, ticket, now)).bars(lawyer)
        if barred or await s.scalar(select(Offer.id).where(*told).limit(1)):
            raise ConflictOfInterest(ticket=ticket.id, lawyer=to)

    async def close(
        self,
        ticket_id: str,
        lawyer_id: str,
        outcome: str,
        note: str | None = None,
        corrected: corrections.Corrected | None = None,
    ) -> tuple[Ticket, str | None]:
        """The ticket, and who has one thing less in hand."""
        if outcome not in OUTCOMES:
            raise BadRequest(outcome=outcome)
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            ticket, _ = await locked(s, ticket_id)
            done: dict[str, object] = {"outcome": outcome, "closed_at": now}
            news: list[Event] = []
            freed: str | None = lawyer_id
            if ticket.status == S.ACCEPTED and ticket.owner == lawyer_id:
                await self._close_own(s, ticket, now, done)
                if corrected:
                    about = ticket_id, ticket.conversation_id, lawyer_id
                    await corrections.store(s, *about, corrected, now)
            else:
                await self._supervisor(s, lawyer_id, ticket)
                freed = await self.close_unowned(s, ticket, lawyer_id, now, done, news)
            if note and note.strip():
                add_note(s, ticket_id, lawyer_id, note.strip(), now)
            for also in self._g.closing:
                await also(s, ticket, lawyer_id, now)
        owner = lawyer_id if ticket.owner == lawyer_id else None
        news.append(TicketClosed(ticket_id, ticket.conversation_id, owner, outcome))
        await self._g.tell(ticket, news, freed)
        return ticket, freed

    async def _close_own(
        self, s: AsyncSession, ticket: Ticket, now: datetime, done: dict[str, object]
    ) -> None:
        owner = ticket.owner
        assert owner
        data = {"outcome": done["outcome"]}
        await move(
            s, ticket, S.CLOSED, "closed", now, by=owner, owner=owner, sets=done, data=data
        )  # fmt: skip
        await silence.ends(s, ticket.id)
        await self.freed(s, ticket, owner, now)

    async def _supervisor(self, s: AsyncSession, lawyer_id: str, ticket: Ticket) -> None:
        role = await s.scalar(select(Lawyer.role).where(Lawyer.id == lawyer_id))
        if role != "supervisor" or ticket.status in (S.ACCEPTED, S.CLOSED):
            raise TicketMovedOn(ticket=ticket.id)

    async def close_unowned(
        self,
        s: AsyncSession,
        ticket: Ticket,
        by: str,
        now: datetime,
        done: dict[str, object],
        news: list[Event],
    ) -> str | None:
        """Who was being asked for it, if somebody was."""
        if ticket.status == S.OFFERED:
            offer = await self._offers.pending(s, ticket)
            news += await self._offers.end(s, ticket, offer, "closed", now, by, S.CLOSED, done)
            return offer.lawyer_id
        await move(s, ticket, S.CLOSED, "closed", now, by=by, sets=done, data=ended(done))
        await timers.drop(s, timers.ask_again_id(ticket.id))
        return None

    async def _let_go(
        self, s: AsyncSession, ticket: Ticket, owner: str, now: datetime, how: str, reason: str
    ) -> None:
        held = update(Offer).where(
            Offer.ticket_id == ticket.id, Offer.lawyer_id == owner, Offer.status == "accepted"
        )
        await s.execute(held.values(status=how, answered_at=now, reason=reason))
        await silence.ends(s, ticket.id)

    async def freed(self, s: AsyncSession, ticket: Ticket, lawyer_id: str, now: datetime) -> None:
        await release(s, ticket)
        await openings.free(s, lawyer_id, now)
        await timers.serve(s, lawyer_id, now)
