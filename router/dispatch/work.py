"""What a lawyer has in hand: given back to the queue, or closed with an outcome."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.corrections import service as corrections
from router.dispatch import openings, timers
from router.dispatch.ground import Ground
from router.dispatch.models import Offer
from router.dispatch.offers import Offers
from router.dispatch.waiting import release
from router.errors import BadRequest, TicketMovedOn
from router.events import Event, TicketClosed, TicketReturned
from router.lawyers.models import Lawyer
from router.tickets.models import Ticket
from router.tickets.service import add_note, locked, move
from router.tickets.status import OUTCOMES, Status

S = Status


class Work:
    def __init__(self, ground: Ground, offers: Offers) -> None:
        self._g, self._offers = ground, offers

    async def give_back(self, ticket_id: str, lawyer_id: str, reason: str | None = None) -> None:
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            ticket, _ = await locked(s, ticket_id)
            if ticket.status != S.ACCEPTED or ticket.owner != lawyer_id:
                raise TicketMovedOn(ticket=ticket_id)
            if reason and reason.strip():
                add_note(s, ticket_id, lawyer_id, f"退回:{reason.strip()}", now)
            await move(
                s,
                ticket,
                S.OPEN,
                "returned",
                now,
                by=lawyer_id,
                owner=lawyer_id,
                sets={"owner": None, "accepted_at": None},
            )
            held = update(Offer).where(
                Offer.ticket_id == ticket_id,
                Offer.lawyer_id == lawyer_id,
                Offer.status == "accepted",
            )
            await s.execute(held.values(status="returned", answered_at=now))
            await timers.ask_again(s, ticket_id, now + timers.RESUME)
            await self._free(s, ticket, lawyer_id, now)
        news = TicketReturned(ticket_id, ticket.conversation_id, lawyer_id)
        await self._g.tell(ticket, [news], lawyer_id)

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
                await move(
                    s,
                    ticket,
                    S.CLOSED,
                    "closed",
                    now,
                    by=lawyer_id,
                    owner=lawyer_id,
                    sets=done,
                    data={"outcome": outcome},
                )
                if corrected:
                    about = ticket_id, ticket.conversation_id, lawyer_id
                    await corrections.store(s, *about, corrected, now)
            else:
                await self._supervisor(s, lawyer_id, ticket)
                freed = await self._close_unowned(s, ticket, lawyer_id, now, done, news)
            if note and note.strip():
                add_note(s, ticket_id, lawyer_id, note.strip(), now)
            if freed == lawyer_id:
                await self._free(s, ticket, lawyer_id, now)
        owner = lawyer_id if ticket.owner == lawyer_id else None
        news.append(TicketClosed(ticket_id, ticket.conversation_id, owner, outcome))
        await self._g.tell(ticket, news, freed)
        return ticket, freed

    async def _supervisor(self, s: AsyncSession, lawyer_id: str, ticket: Ticket) -> None:
        role = await s.scalar(select(Lawyer.role).where(Lawyer.id == lawyer_id))
        if role != "supervisor" or ticket.status in (S.ACCEPTED, S.CLOSED):
            raise TicketMovedOn(ticket=ticket.id)

    async def _close_unowned(
        self,
        s: AsyncSession,
        ticket: Ticket,
        by: str,
        now: datetime,
        done: dict[str, object],
        news: list[Event],
    ) -> str | None:
        if ticket.status == S.OFFERED:
            offer = await s.scalar(
                select(Offer).where(Offer.ticket_id == ticket.id, Offer.status == "pending")
            )
            assert offer
            news += await self._offers.end(s, ticket, offer, "closed", now, by, S.CLOSED, done)
            return offer.lawyer_id
        await move(
            s,
            ticket,
            S.CLOSED,
            "closed",
            now,
            by=by,
            sets=done,
            data={"outcome": done["outcome"]},
        )
        await timers.drop(s, timers.ask_again_id(ticket.id))
        return None

    async def _free(self, s: AsyncSession, ticket: Ticket, lawyer_id: str, now: datetime) -> None:
        await release(s, ticket)
        await openings.free(s, lawyer_id, now)
        await timers.serve(s, lawyer_id, now)
