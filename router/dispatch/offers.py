"""One ticket shown to one lawyer: offered, then accepted, declined, expired or withdrawn."""

from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.db import new_id
from router.dispatch import candidates, timers
from router.dispatch.ground import Ground, busy, free
from router.dispatch.models import Offer, Timer
from router.dispatch.strategies.longest_idle import Candidate, choose
from router.errors import NotFound, OfferGone
from router.events import Event, NobodyThere, OfferAccepted, OfferEnded, OfferMade
from router.lawyers.models import Lawyer
from router.tickets.models import Ticket
from router.tickets.service import add_note, locked, move, note_event
from router.tickets.status import Status

S = Status


class Offers:
    def __init__(self, ground: Ground) -> None:
        self._g = ground

    async def offer(self, ticket_id: str) -> Offer | None:
        """Offers the ticket to the next lawyer. None: it does not wait, or nobody can be asked."""
        now = self._g.clock.now()
        news: list[Event] = []
        async with self._g.db.write() as s:
            try:
                ticket, siblings = await locked(s, ticket_id)
            except NotFound:  # deleted since, its timer not
                await timers.drop(s, timers.ask_again_id(ticket_id))
                return None
            await timers.drop(s, timers.ask_again_id(ticket_id))
            if ticket.status != S.OPEN:
                return None
            pool = await candidates.find(s, ticket, siblings, now, self._g.pause)
            offer = await self._claim(s, ticket, pool, now)
            if offer:
                news.append(OfferMade(ticket.id, ticket.conversation_id, offer.lawyer_id))
            else:
                await timers.ask_again(s, ticket.id, now + self._g.pause)
                news += await self._alarm(s, ticket, now)
        await self._g.tell(ticket, news, offer.lawyer_id if offer else None)
        return offer

    async def _claim(
        self, s: AsyncSession, ticket: Ticket, pool: list[Candidate], now: datetime
    ) -> Offer | None:
        while best := choose(pool):
            reserve = (
                update(Lawyer)
                .where(Lawyer.id == best.lawyer_id, Lawyer.on_duty, Lawyer.load < Lawyer.capacity)
                .values(load=Lawyer.load + 1)
                .execution_options(synchronize_session=False)
            )
            if (await s.execute(reserve)).rowcount != 1:  # type: ignore[attr-defined]
                pool.remove(best)  # busy since we looked
                continue
            offer = Offer(
                id=new_id(),
                ticket_id=ticket.id,
                lawyer_id=best.lawyer_id,
                status="pending",
                created_at=now,
                expires_at=now + self._g.ttl,
            )
            await move(
                s,
                ticket,
                S.OFFERED,
                "offered",
                now,
                sets={"offered_to": best.lawyer_id},
                data={"to": best.lawyer_id},
            )
            s.add(offer)
            s.add(
                Timer(
                    id=offer.id,
                    due_at=offer.expires_at,
                    kind="offer_expires",
                    data={"offer": offer.id},
                )
            )
            return offer
        return None

    async def _alarm(self, s: AsyncSession, ticket: Ticket, now: datetime) -> list[Event]:
        """Once, until somebody accepts. Who opens a ticket tells the citizen themselves; an event
        goes up when lawyers have been asked and nobody is left."""
        if ticket.alarmed_at:
            return []
        ticket.alarmed_at = now
        note_event(s, ticket, "alarmed", now, was=S.OPEN)
        asked_before = await s.scalar(select(exists().where(Offer.ticket_id == ticket.id)))
        return [NobodyThere(ticket.id, ticket.conversation_id)] if asked_before else []

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
            await busy(s, lawyer_id, now)
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
            news = await self.end(s, ticket, offer, "declined", now, by=lawyer_id)
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
        await move(
            s,
            ticket,
            to,
            how,
            now,
            by=by,
            offered_to=offer.lawyer_id,
            sets={"offered_to": None, **(sets or {})},
            data={"to": offer.lawyer_id},
        )
        offer.status, offer.answered_at = "withdrawn" if to == S.CLOSED else how, now
        await timers.drop(s, offer.id)
        if to == S.OPEN:
            await timers.ask_again(s, ticket.id, now)
        await free(s, offer.lawyer_id, now)
        return [OfferEnded(ticket.id, ticket.conversation_id, offer.lawyer_id, how)]

    async def expire(self, offer_id: str) -> None:
        """The offer's time ran out. Acts only for the one who deletes the timer."""
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            found = await s.get(Offer, offer_id)
            if found is None:
                await timers.drop(s, offer_id)
                return
            offer, ticket = await self.answering(s, offer_id, found.lawyer_id)
            if not await timers.drop(s, offer_id) or offer.status != "pending":
                return
            news = await self.end(s, ticket, offer, "expired", now)
        await self._g.tell(ticket, news, offer.lawyer_id)
