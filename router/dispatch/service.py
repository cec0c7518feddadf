"""Dispatch: a waiting ticket to one duty lawyer at a time: filter, choose, then claim.

Ticket, offer, timer and the lawyer's load change in one transaction. Rows are always locked in
this order: tickets by id, offers and timers, one lawyer. What may follow (the next lawyer) is a
transaction of its own: a waiting ticket's timer sees to it if we die in between.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.bus import Bus
from router.clock import Clock
from router.corrections import service as corrections
from router.db import Database, new_id
from router.dispatch import candidates, timers
from router.dispatch.models import Offer, Timer
from router.dispatch.strategies.longest_idle import Candidate, choose
from router.errors import BadRequest, NotFound, OfferGone, TicketMovedOn
from router.events import (
    Event,
    Events,
    NobodyThere,
    OfferAccepted,
    OfferEnded,
    OfferMade,
    TicketClosed,
    TicketReturned,
)
from router.lawyers.models import Lawyer, StaffSession
from router.settings import Settings
from router.tickets.models import Ticket
from router.tickets.service import add_note, locked, move, note_event
from router.tickets.status import OUTCOMES, Status

log = logging.getLogger(__name__)
S = Status


class Dispatch:
    def __init__(
        self, db: Database, clock: Clock, bus: Bus, events: Events, settings: Settings
    ) -> None:
        self._db, self._clock, self._bus, self._events = db, clock, bus, events
        self._ttl, self._pause = settings.OFFER_TTL, settings.OFFER_PAUSE
        self.timers = timers.TimerLoop(db, clock, bus, self._fire)

    async def start(self) -> None:
        """Overdue timers fire first thing."""
        await self.timers.start()

    async def stop(self) -> None:
        await self.timers.stop()

    # A waiting ticket looks for a lawyer

    async def drain(self, asked: Sequence[str] = ()) -> None:
        """Offers what waits, urgent first, then the oldest. `asked`: look at these in any case."""
        free, waiting = await self._waiting(asked)
        for ticket_id, unseen in waiting:
            if (free or unseen) and await self.offer(ticket_id):
                free = await self._somebody_free()

    async def offer(self, ticket_id: str) -> Offer | None:
        """Offers the ticket to the next lawyer. None: it does not wait, or nobody can be asked."""
        now = self._clock.now()
        news: list[Event] = []
        async with self._db.write() as s:
            try:
                ticket, siblings = await locked(s, ticket_id)
            except NotFound:  # deleted since, its timer not
                await timers.drop(s, timers.ask_again_id(ticket_id))
                return None
            await timers.drop(s, timers.ask_again_id(ticket_id))
            if ticket.status != S.OPEN:
                return None
            pool = await candidates.find(s, ticket, siblings, now, self._pause)
            offer = await self._claim(s, ticket, pool, now)
            if offer:
                news.append(OfferMade(ticket.id, ticket.conversation_id, offer.lawyer_id))
            else:
                await timers.ask_again(s, ticket.id, now + self._pause)
                news += await self._alarm(s, ticket, now)
        await self._tell(ticket, news, offer.lawyer_id if offer else None)
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
                expires_at=now + self._ttl,
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

    async def _waiting(self, asked: Sequence[str]) -> tuple[bool, list[tuple[str, bool]]]:
        """In the order of the queue; true: to be looked at although no lawyer is free."""
        async with self._db.read() as s:
            found = await s.execute(
                select(Ticket.id, Ticket.alarmed_at.is_(None))
                .where(Ticket.status == S.OPEN.value)
                .order_by(Ticket.urgency, Ticket.created_at, Ticket.id)
            )
            queue = [(ticket_id, new or ticket_id in asked) for ticket_id, new in found]
        left = set(asked) - {ticket_id for ticket_id, _ in queue}  # only their timers are left
        return await self._somebody_free(), [*queue, *((t, True) for t in sorted(left))]

    async def _somebody_free(self) -> bool:
        async with self._db.read() as s:
            free = exists().where(
                Lawyer.on_duty, Lawyer.role == "lawyer", Lawyer.load < Lawyer.capacity
            )
            return bool(await s.scalar(select(free)))

    async def position(self, session: AsyncSession, ticket_id: str) -> int | None:
        """1 is the next to be offered; None: it does not wait."""
        ticket = await session.get(Ticket, ticket_id)
        if ticket is None or ticket.status != S.OPEN:
            return None
        ahead = await session.scalar(
            select(func.count()).where(
                Ticket.status == S.OPEN.value,
                or_(
                    Ticket.urgency < ticket.urgency,
                    (Ticket.urgency == ticket.urgency) & (Ticket.created_at < ticket.created_at),
                    (Ticket.urgency == ticket.urgency)
                    & (Ticket.created_at == ticket.created_at)
                    & (Ticket.id < ticket.id),
                ),
            )
        )
        return (ahead or 0) + 1

    async def urge(self, ticket_id: str, urgency: int, data: dict[str, object]) -> None:
        """What waits or is under way turns out to be more urgent: to the front of the queue."""
        now = self._clock.now()
        async with self._db.write() as s:
            ticket, _ = await locked(s, ticket_id)
            if ticket.urgency <= urgency:
                return
            ticket.urgency = urgency
            note_event(s, ticket, "urged", now, was=Status(ticket.status), data=data)
        await self._tell(ticket, [], ticket.offered_to or ticket.owner)
        await self.drain()

    # A lawyer answers

    async def accept(self, offer_id: str, lawyer_id: str) -> Ticket:
        """The ticket, now owned. A second click of its owner does no harm."""
        now = self._clock.now()
        async with self._db.write() as s:
            offer, ticket = await self._answering(s, offer_id, lawyer_id)
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
            await self._busy(s, lawyer_id, now)
        news = OfferAccepted(ticket.id, ticket.conversation_id, lawyer_id)
        await self._tell(ticket, [news], lawyer_id)
        return ticket

    async def decline(self, offer_id: str, lawyer_id: str, reason: str | None = None) -> None:
        now = self._clock.now()
        async with self._db.write() as s:
            offer, ticket = await self._answering(s, offer_id, lawyer_id)
            if offer.status != "pending":
                raise OfferGone(offer=offer_id)
            if reason and reason.strip():
                add_note(s, ticket.id, lawyer_id, f"未接:{reason.strip()}", now)
            news = await self._end_offer(s, ticket, offer, "declined", now, by=lawyer_id)
        await self._tell(ticket, news, lawyer_id)
        await self.drain()

    async def _answering(
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

    async def _end_offer(
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
        await self._free(s, offer.lawyer_id, now)
        return [OfferEnded(ticket.id, ticket.conversation_id, offer.lawyer_id, how)]

    # The owner works

    async def give_back(self, ticket_id: str, lawyer_id: str, reason: str | None = None) -> None:
        now = self._clock.now()
        async with self._db.write() as s:
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
            await timers.ask_again(s, ticket_id, now)
            await self._free(s, lawyer_id, now)
        news = TicketReturned(ticket_id, ticket.conversation_id, lawyer_id)
        await self._tell(ticket, [news], lawyer_id)
        await self.drain()

    async def close(
        self,
        ticket_id: str,
        lawyer_id: str,
        outcome: str,
        note: str | None = None,
        corrected: corrections.Corrected | None = None,
    ) -> Ticket:
        """By its owner, who may have corrected what the dialogue heard; by a supervisor what
        nobody owns (a mediation that went off, a ticket whose citizen gave up)."""
        if outcome not in OUTCOMES:
            raise BadRequest(outcome=outcome)
        now = self._clock.now()
        async with self._db.write() as s:
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
                await self._free(s, lawyer_id, now)
        owner = lawyer_id if ticket.owner == lawyer_id else None
        news.append(TicketClosed(ticket_id, ticket.conversation_id, owner, outcome))
        await self._tell(ticket, news, freed)
        await self.drain()
        return ticket

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
            news += await self._end_offer(s, ticket, offer, "closed", now, by, S.CLOSED, done)
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

    # On and off duty

    async def duty(self, lawyer_id: str, on: bool) -> None:
        """Off: no new offers from here on, and those not yet answered go to somebody else."""
        now = self._clock.now()
        async with self._db.write() as s:
            since = {"duty_since": now, "idle_since": now} if on else {"duty_since": None}
            turn = (
                update(Lawyer)
                .where(Lawyer.id == lawyer_id, Lawyer.role == "lawyer", Lawyer.on_duty.is_(not on))
                .values(on_duty=on, **since)
            )
            changed = (await s.execute(turn)).rowcount  # type: ignore[attr-defined]
            if not changed and await s.get(Lawyer, lawyer_id) is None:
                raise NotFound(lawyer=lawyer_id)
            ends = await self._sign_in_ends(s, lawyer_id) if on else None
            await timers.shift_ends(s, lawyer_id, ends)
        if not on:
            await self._withdraw_all(lawyer_id)
        await self._bus.wake(f"lawyer:{lawyer_id}")
        await self._bus.wake("board")
        await self.drain()

    async def end_shift(self, lawyer_id: str) -> None:
        """Their sign-in ran out: an offer would wait for nobody. A newer sign-in goes on."""
        async with self._db.write() as s:
            ends = await self._sign_in_ends(s, lawyer_id)
            if ends and ends > self._clock.now():
                await timers.put_off(s, timers.shift_id(lawyer_id), ends)
                return
        await self.duty(lawyer_id, False)

    async def _sign_in_ends(self, s: AsyncSession, lawyer_id: str) -> datetime | None:
        """When the last of the lawyer's sign-ins ends."""
        last = select(func.max(StaffSession.expires_at)).where(StaffSession.lawyer_id == lawyer_id)
        ends: datetime | None = await s.scalar(last)
        return ends

    async def _withdraw_all(self, lawyer_id: str) -> None:
        async with self._db.read() as s:
            pending = list(
                await s.scalars(
                    select(Offer.id).where(Offer.lawyer_id == lawyer_id, Offer.status == "pending")
                )
            )
        for offer_id in pending:
            async with self._db.write() as s:
                offer, ticket = await self._answering(s, offer_id, lawyer_id)
                if offer.status != "pending":
                    continue
                news = await self._end_offer(s, ticket, offer, "withdrawn", self._clock.now())
            await self._tell(ticket, news, lawyer_id)

    # Timers

    async def _fire(self, due: list[Timer]) -> bool:
        well = True
        for timer in (t for t in due if t.kind != "ask_again"):
            try:
                if timer.kind == "shift_ends":
                    await self.end_shift(str(timer.data["lawyer"]))
                else:
                    await self.expire(str(timer.data["offer"]))
            except Exception:  # one that cannot be fired holds up no other; it stays due
                log.exception("timer.failed", extra={"timer": timer.id})
                well = False
        await self.drain([str(t.data["ticket"]) for t in due if t.kind == "ask_again"])
        return well

    async def expire(self, offer_id: str) -> None:
        """The offer's time ran out. Acts only for the one who deletes the timer."""
        now = self._clock.now()
        async with self._db.write() as s:
            found = await s.get(Offer, offer_id)
            if found is None:
                await timers.drop(s, offer_id)
                return
            offer, ticket = await self._answering(s, offer_id, found.lawyer_id)
            if not await timers.drop(s, offer_id) or offer.status != "pending":
                return
            news = await self._end_offer(s, ticket, offer, "expired", now)
        await self._tell(ticket, news, offer.lawyer_id)

    # What every change has in common

    async def _free(self, s: AsyncSession, lawyer_id: str, now: datetime) -> None:
        """One thing less in hand, and to the end of the line."""
        await s.execute(
            update(Lawyer)
            .where(Lawyer.id == lawyer_id)
            .values(load=Lawyer.load - 1, idle_since=now)
            .execution_options(synchronize_session=False)
        )

    async def _busy(self, s: AsyncSession, lawyer_id: str, now: datetime) -> None:
        await s.execute(
            update(Lawyer)
            .where(Lawyer.id == lawyer_id)
            .values(idle_since=now)
            .execution_options(synchronize_session=False)
        )

    async def _tell(self, ticket: Ticket, news: Iterable[Event], lawyer_id: str | None) -> None:
        """After the commit: events first, so that who is woken finds their lines."""
        for event in news:
            try:
                await self._events.publish([event])
            except Exception:  # what was committed stands, whoever could not hear of it
                log.exception("event.failed", extra={"event": type(event).__name__})
        topics = ["board", timers.TOPIC, f"conversation:{ticket.conversation_id}"]
        for topic in [*topics, f"lawyer:{lawyer_id}"] if lawyer_id else topics:
            await self._bus.wake(topic)
