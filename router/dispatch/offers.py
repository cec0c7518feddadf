"""One ticket shown to one lawyer: offered, then accepted, declined, expired or withdrawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.db import new_id
from router.dispatch import openings, silence, timers
from router.dispatch.finding import Finder, Found
from router.dispatch.ground import Ground
from router.dispatch.models import Offer, Timer
from router.dispatch.rules import Rules
from router.dispatch.strategies import choose
from router.dispatch.strategies.candidate import Candidate
from router.dispatch.waiting import first_is_another, for_lawyer, release
from router.errors import NotFound, OfferGone, TicketMovedOn
from router.events import Event, NobodyThere, OfferAccepted, OfferEnded, OfferMade
from router.lawyers.models import Lawyer
from router.tickets.models import Ticket
from router.tickets.service import add_note, ended, locked, move, note_event
from router.tickets.status import DECLINES, Status

S = Status


@dataclass(frozen=True)
class Look:
    offer: Offer | None = None
    first_serve: str | None = None  # a lawyer for whom a more urgent or older ticket waits


class Offers:
    def __init__(self, ground: Ground) -> None:
        self._g = ground

    async def look(self, ticket_id: str) -> Look:
        """Offers the ticket to the next lawyer; if there is none it waits, on an alarm."""
        now = self._g.clock.now()
        news: list[Event] = []
        async with self._g.db.write() as s:
            try:
                ticket, siblings = await locked(s, ticket_id)
            except NotFound:  # deleted since, its timer not
                await timers.drop(s, timers.ask_again_id(ticket_id))
                return Look()
            if ticket.status != S.OPEN:
                await timers.drop(s, timers.ask_again_id(ticket_id))
                return Look()
            rules = self._g.queues.of(ticket.destination)
            finder = Finder(s, ticket, rules, now, self._g.pause)
            found = await finder.find(siblings)
            for best in self._in_turn(rules, found.pool):
                if await first_is_another(s, ticket, best.lawyer_id, now, self._g.pause):
                    return Look(first_serve=best.lawyer_id)
                if offer := await self._claim(s, ticket, best, now):
                    break
            else:
                offer = None
                news += await self._wait(s, ticket, found, now)
            if offer:
                news.append(OfferMade(ticket.id, ticket.conversation_id, offer.lawyer_id))
        await self._g.tell(ticket, news, offer.lawyer_id if offer else None)
        return Look(offer)

    async def serve(self, lawyer_id: str) -> bool:
        """Offers the lawyer the first ticket that fits them. False: they are full, or none does."""
        now = self._g.clock.now()
        async with self._g.db.read() as s:
            lawyer = await s.get(Lawyer, lawyer_id)
            if lawyer is None or not lawyer.on_duty or lawyer.load >= lawyer.capacity:
                return False
            heads = await for_lawyer(s, lawyer, now, self._g.pause)
        for ticket_id in heads:
            if await self._offer_to(ticket_id, lawyer_id):
                return True
        return False

    async def _offer_to(self, ticket_id: str, lawyer_id: str) -> bool:
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            try:
                ticket, siblings = await locked(s, ticket_id, wait=False)
            except (NotFound, TicketMovedOn):  # another process is at it
                return False
            if ticket.status != S.OPEN:
                return False
            rules = self._g.queues.of(ticket.destination)
            found = await Finder(s, ticket, rules, now, self._g.pause).find(siblings, lawyer_id)
            for best in self._in_turn(rules, found.pool):
                if offer := await self._claim(s, ticket, best, now):
                    break
            else:
                return False
        news = OfferMade(ticket.id, ticket.conversation_id, offer.lawyer_id)
        await self._g.tell(ticket, [news], offer.lawyer_id)
        return True

    def _in_turn(self, rules: Rules, pool: list[Candidate]) -> Iterator[Candidate]:
        """As the queue's strategy chooses, the next one after each that was not to be had."""
        while best := choose(rules.strategy, pool):
            yield best
            pool.remove(best)

    async def _claim(
        self, s: AsyncSession, ticket: Ticket, best: Candidate, now: datetime
    ) -> Offer | None:
        """None: busy since we looked."""
        if not await openings.reserve(s, best.lawyer_id, now):
            return None
        sets = {"offered_to": best.lawyer_id, "place": None, "wants": None}
        await move(s, ticket, S.OFFERED, "offered", now, sets=sets, data={"to": best.lawyer_id})
        await timers.drop(s, timers.ask_again_id(ticket.id))
        return self.show(s, ticket, best.lawyer_id, now)

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
        due = {"id": offer.id, "due_at": offer.expires_at, "data": {"offer": offer.id}}
        s.add_all([offer, Timer(kind="offer_expires", **due)])
        return offer

    async def _wait(
        self, s: AsyncSession, ticket: Ticket, found: Found, now: datetime
    ) -> list[Event]:
        ticket.place, ticket.wants = found.place, found.wants
        again = now + self._g.pause
        if found.until is not None:
            again = min(again, max(ticket.created_at + found.until, now + timers.RETRY))
        await timers.ask_again(s, ticket.id, again)
        return await self._alarm(s, ticket, now)

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
            await timers.ask_again(s, ticket.id, now + timers.RESUME)
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
