"""One ticket shown to one lawyer: offered, then accepted, declined, expired or withdrawn."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.db import new_id
from router.dispatch import openings, silence, timers
from router.dispatch.ground import Ground
from router.dispatch.models import Offer, Timer
from router.dispatch.waiting import release
from router.errors import NotFound, OfferGone
from router.events import Event, OfferAccepted, OfferEnded
from router.lawyers.models import Lawyer
from router.tickets.models import Ticket
from router.tickets.service import add_note, ended, locked, move
from router.tickets.status import DECLINES, Status

S = Status


class Offers:
    def __init__(self, ground: Ground) -> None:
        self._g = ground

    def show(self, s: AsyncSession, ticket: Ticket, lawyer_id: str, now: datetime) -> Offer:
        """The offer of a ticket that has been moved, to a lawyer with the room reserved."""
        offer = Offer(
            id=new_id(),
            ticket_id=ticket.id,
            lawyer_id=lawyer_id,
            status="pending",
            created_at=now,
            expires_at=now + self._g.ttl,
        )
        s.add_all([offer, Timer(**timers.expiry(offer))])
        return offer

    async def accept(self, offer_id: str, lawyer_id: str) -> Ticket:
        """The ticket, now owned. A second click of its owner does no harm."""
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            offer, ticket = await self.answering(s, offer_id, lawyer_id)
            if offer.status == "accepted" and ticket.owner == lawyer_id:
                return ticket
            if offer.status != "pending":
                raise OfferGone(offer=offer_id)
            await move(
                s,
                ticket,
                S.ACCEPTED,
                "accepted",
                now,
                by=lawyer_id,
                offered_to=lawyer_id,
                sets={
                    "owner": lawyer_id,
                    "offered_to": None,
                    "accepted_at": now,
                    "alarmed_at": None,
                },
            )
            offer.status, offer.answered_at = "accepted", now
            await timers.drop(s, offer.id)
            await silence.begins(s, ticket, self._g.queues.of(ticket.destination).silence, now)
            await _answered(s, lawyer_id)
        news = OfferAccepted(ticket.id, ticket.conversation_id, lawyer_id)
        await self._g.tell(ticket, [news], lawyer_id)
        return ticket

    async def decline(self, offer_id: str, lawyer_id: str, reason: str | None = None) -> None:
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            offer, ticket = await self.answering(s, offer_id, lawyer_id)
            if offer.status != "pending":
                raise OfferGone(offer=offer_id)
            if reason and reason.strip():
                add_note(s, ticket.id, lawyer_id, f"未接:{reason.strip()}", now)
            offer.reason = next((code for code, why in DECLINES.items() if why == reason), None)
            news = await self.end(s, ticket, offer, "declined", now, by=lawyer_id)
            await _answered(s, lawyer_id)
        await self._g.tell(ticket, news, lawyer_id)

    async def answering(
        self, s: AsyncSession, offer_id: str, lawyer_id: str
    ) -> tuple[Offer, Ticket]:
        """The offer and its ticket, the ticket locked first; another's offer is not found."""
        ticket_id = await s.scalar(
            select(Offer.ticket_id).where(Offer.id == offer_id, Offer.lawyer_id == lawyer_id)
        )
        if ticket_id is None:
            raise NotFound(offer=offer_id)
        ticket, _ = await locked(s, ticket_id)
        offer = await s.get(Offer, offer_id, populate_existing=True)
        assert offer
        return offer, ticket

    async def pending(self, s: AsyncSession, ticket: Ticket) -> Offer:
        """Of a ticket that is being offered."""
        asked = Offer.ticket_id == ticket.id, Offer.status == "pending"
        offer = await s.scalar(select(Offer).where(*asked))
        assert offer
        return offer

    async def withdraw(
        self, s: AsyncSession, ticket: Ticket, now: datetime, by: str | None = None
    ) -> list[Event]:
        return await self.end(s, ticket, await self.pending(s, ticket), "withdrawn", now, by)

    async def end(
        self,
        s: AsyncSession,
        ticket: Ticket,
        offer: Offer,
        how: str,
        now: datetime,
        by: str | None = None,
        to: Status = S.OPEN,
        sets: dict[str, object] | None = None,
    ) -> list[Event]:
        """A pending offer ends without an owner: back to waiting (or closed by the supervisor)."""
        why = {"reason": offer.reason} if offer.reason else {}
        await move(
            s,
            ticket,
            to,
            how,
            now,
            by=by,
            offered_to=offer.lawyer_id,
            sets={"offered_to": None, **(sets or {})},
            data={"to": offer.lawyer_id, **why, **ended(sets or {})},
        )
        offer.status, offer.answered_at = "withdrawn" if to == S.CLOSED else how, now
        await timers.drop(s, offer.id)
        if to == S.OPEN:
            timers.ask_again(s, ticket.id, now + timers.RESUME)
        await release(s, ticket)
        await openings.free(s, offer.lawyer_id, now)
        await timers.serve(s, offer.lawyer_id, now)
        return [OfferEnded(ticket.id, ticket.conversation_id, offer.lawyer_id, how)]

    async def expire(self, offer_id: str) -> str | None:
        """Who let the offer's time run out. None: it had ended; acts who deletes the timer."""
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            found = await s.get(Offer, offer_id)
            if found is None:
                await timers.drop(s, offer_id)
                return None
            offer, ticket = await self.answering(s, offer_id, found.lawyer_id)
            if not await timers.drop(s, offer_id) or offer.status != "pending":
                return None
            news = await self.end(s, ticket, offer, "expired", now)
            missed = update(Lawyer).where(Lawyer.id == offer.lawyer_id)
            await s.execute(missed.values(missed=Lawyer.missed + 1))
        await self._g.tell(ticket, news, offer.lawyer_id)
        return offer.lawyer_id


async def _answered(s: AsyncSession, lawyer_id: str) -> None:
    there = update(Lawyer).where(Lawyer.id == lawyer_id, Lawyer.missed > 0)
    await s.execute(there.values(missed=0))
