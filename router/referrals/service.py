"""Referrals: cases that other organs send us and that we send them, each with a receipt, a deadline
and a way back. Rows are locked in this order: tickets by id, the referral, its timers."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from router import audit
from router.bus import Bus
from router.clock import Clock
from router.conversations.models import Conversation
from router.db import Database
from router.destinations.registry import Destinations
from router.dispatch import timers
from router.dispatch.models import Timer
from router.dispatch.service import Dispatch
from router.errors import NotFound
from router.events import Event, Events
from router.referrals import delivery, inbound, moves, outbound, partners, steps
from router.referrals.errors import NoSuchReceipt, ReferralMovedOn
from router.referrals.models import Partner, Referral, ReferralEvent
from router.referrals.partners import Caller
from router.referrals.schemas import Answer, Inbound
from router.referrals.status import LIVE, OUTCOMES, State
from router.tickets import service as tickets
from router.tickets.models import Ticket

LOOK = "referrals_look"  # one timer: catches up with tickets whose news a dying process kept
EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Received:
    referral: Referral
    reference: str  # what the citizen may ask with
    repeated: bool  # the number was known
    same: bool  # and so was what came with it


class Referrals:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        bus: Bus,
        events: Events,
        dispatch: Dispatch,
        destinations: Destinations,
        find_danger: Callable[[str], list[str]],
    ) -> None:
        self._db, self._clock, self._bus, self._dispatch = db, clock, bus, dispatch
        self._destinations, self._after = destinations, destinations.after()
        self._find_danger = find_danger
        dispatch.closing.append(self._pass_on)
        self._deliveries = delivery.Deliveries(db, clock, bus, events)
        dispatch.timers.also |= {
            moves.PUSH: self._deliveries.fire,
            moves.TELL: self._deliveries.fire,
            moves.DUE: self._fall_due,
            LOOK: self._look,
        }

    async def start(self) -> None:
        try:
            async with self._db.write() as s:
                if await s.get(Timer, LOOK) is None:
                    s.add(Timer(id=LOOK, due_at=self._clock.now(), kind=LOOK, data={}))
        except IntegrityError:
            pass  # another process started in this moment

    async def stop(self) -> None:
        await self._deliveries.stop()

    # In: another organ refers a case to us

    async def recognise(self, key: str) -> Caller:
        async with self._db.read() as s:
            return await partners.recognise(s, key, self._clock.now())

    async def receive(self, partner: Partner, sent: Inbound) -> Received:
        """Once per number of the sender's own, however often and at what moments it comes."""
        try:
            async with self._db.write() as s:
                referral = await inbound.known(s, partner, sent.number)
                repeated = referral is not None
                if referral is None:
                    referral = await self._take(s, partner, sent)
        except IntegrityError:  # the same number at the same moment: the other one is in
            async with self._db.read() as s:
                referral = await inbound.known(s, partner, sent.number)
            if referral is None:
                raise
            repeated = True
        if not repeated:
            await self._dispatch.offer(referral.ticket_id)
            await self._wake("board", timers.TOPIC)
        async with self._db.read() as s:
            reference = await _reference(s, referral)
        return Received(referral, reference, repeated, not repeated or inbound.same(referral, sent))

    async def _take(self, s: AsyncSession, partner: Partner, sent: Inbound) -> Referral:
        now = self._clock.now()
        danger = self._find_danger(sent.told)
        urgency = inbound.URGENCY["danger" if danger else sent.urgency]
        referral = await inbound.take(s, partner, sent, urgency, now)
        await audit.record(s, now, moves.author(partner), "referral_in", referral.receipt)
        return referral

    async def standing(self, partner: Partner, receipt: str) -> tuple[Referral, ReferralEvent]:
        """The referral and its newest event. Another partner's receipt is like none at all."""
        async with self._db.read() as s:
            referral = await _of_partner(s, partner, receipt)
            return referral, await _newest(s, referral)

    # Out: the other side answers, or our staff for it

    async def answer(self, partner: Partner, receipt: str, said: Answer) -> None:
        async with self._db.read() as s:
            referral = await _of_partner(s, partner, receipt)
        await self._answer(referral, moves.author(partner), said)

    async def answer_for(self, staff_id: str, referral_id: str, said: Answer) -> None:
        """By paper or telephone: our staff write down what the other side says."""
        async with self._db.read() as s:
            referral = await s.get(Referral, referral_id)
        if referral is None:
            raise NotFound(referral=referral_id)
        await self._answer(referral, staff_id, said)

    async def _answer(self, found: Referral, by: str, said: Answer) -> None:
        if found.direction != "out":
            raise NoSuchReceipt(referral=found.id)
        to, now = State(said.to), self._clock.now()
        async with self._db.write() as s:
            ticket, _ = await tickets.locked(s, found.ticket_id)
            referral = await _fresh(s, found.id)
            if await _said_before(s, referral, by, said):
                return
            await moves.move(s, referral, to, now, by, said.outcome, said.words)
            if to is State.RETURNED:
                await outbound.bring_back(s, referral, ticket, said.words, by, now)
            elif to is State.CLOSED:
                end = OUTCOMES[said.outcome or "done"]
                await outbound.finish(s, referral, ticket, end, said.words, by, now)
            await audit.record(s, now, by, f"referral_{to.value}", referral.receipt)
        await self._wake("board", timers.TOPIC, f"conversation:{ticket.conversation_id}")
        if ticket.owner:
            await self._bus.wake(f"lawyer:{ticket.owner}")
        if to is State.RETURNED:
            await self._dispatch.drain()

    # Our own tickets move on: the referral follows

    async def _pass_on(self, s: AsyncSession, ticket: Ticket, by: str, now: datetime) -> None:
        """A lawyer closes a case as the mediators' or the aid office's: it goes there with that."""
        intake = json.loads(ticket.intake or "{}")
        door = self._destinations.onward(ticket.outcome or "", intake)
        if door is None or ticket.delivery not in outbound.LAWYERS:
            return
        if not any(r.destination == door.name for r in await _live(s, ticket.id)):
            await outbound.send(s, ticket, door, now, by)

    async def follow(self, event: Event) -> None:
        """Hears OfferAccepted and TicketClosed; what it misses, the look of each minute finds."""
        await self._follow(event.ticket_id)

    async def _follow(self, ticket_id: str) -> None:
        async with self._db.read() as s:
            if not await _live(s, ticket_id):
                return
        async with self._db.write() as s:
            ticket, _ = await tickets.locked(s, ticket_id)
            for referral in await _live(s, ticket_id):
                if ticket.merged_into:
                    referral.ticket_id = ticket.merged_into
                elif step := steps.due(referral, ticket, self._after):
                    await moves.move(s, referral, step[0], self._clock.now(), None, *step[1:])
        if ticket.merged_into:
            return await self._follow(ticket.merged_into)
        await self._wake("board", timers.TOPIC)

    async def _look(self, timer: Timer) -> None:
        async with self._db.write() as s:
            if not await timers.put_off(s, LOOK, self._clock.now() + EVERY):
                return
        async with self._db.read() as s:
            behind = list(await s.scalars(steps.behind(self._after)))
        for ticket_id in behind:
            await self._follow(ticket_id)

    async def _fall_due(self, timer: Timer) -> None:
        """The deadline has passed and nobody has answered: an alarm on the board."""
        async with self._db.write() as s:
            referral = await s.get(Referral, str(timer.data["referral"]), with_for_update=True)
            if await timers.drop(s, timer.id) and referral:
                await moves.overdue(s, referral, self._clock.now())
        await self._bus.wake("board")

    # For the board

    async def alarms(self, session: AsyncSession) -> int:
        """How many somebody must see to: past their deadline, or not delivered."""
        wrong = or_(Referral.overdue_at.is_not(None), Referral.unreached_at.is_not(None))
        live = Referral.status.in_(LIVE)
        return await session.scalar(select(func.count(Referral.id)).where(live, wrong)) or 0

    async def _wake(self, *topics: str) -> None:
        for topic in topics:
            await self._bus.wake(topic)


async def _of_partner(s: AsyncSession, partner: Partner, receipt: str) -> Referral:
    found: Referral | None = await s.scalar(
        select(Referral).where(Referral.receipt == receipt, Referral.partner_id == partner.id)
    )
    if found is None:
        raise NoSuchReceipt(partner=partner.id)
    return found


async def _fresh(s: AsyncSession, referral_id: str) -> Referral:
    found = await s.get(Referral, referral_id, populate_existing=True, with_for_update=True)
    if found is None:
        raise ReferralMovedOn(referral=referral_id)
    return found


async def _live(s: AsyncSession, ticket_id: str) -> list[Referral]:
    rows = await s.scalars(
        select(Referral)
        .where(Referral.ticket_id == ticket_id, Referral.status.in_(LIVE))
        .execution_options(populate_existing=True)
    )
    return list(rows)


async def _newest(s: AsyncSession, referral: Referral) -> ReferralEvent:
    return (
        await s.scalars(
            select(ReferralEvent).where(
                ReferralEvent.referral_id == referral.id, ReferralEvent.seq == referral.seq
            )
        )
    ).one()


async def _said_before(s: AsyncSession, referral: Referral, by: str, said: Answer) -> bool:
    """The same answer of the same side, sent again because ours was lost."""
    if referral.status != said.to:
        return False
    moved = await s.scalar(
        select(ReferralEvent).where(
            ReferralEvent.referral_id == referral.id, ReferralEvent.move == said.to
        )
    )
    return moved is not None and (moved.by, moved.outcome, moved.words) == (
        by, said.outcome, said.words,
    )  # fmt: skip


async def _reference(s: AsyncSession, referral: Referral) -> str:
    found = await s.scalar(
        select(Conversation.reference)
        .join(Ticket, Ticket.conversation_id == Conversation.id)
        .where(Ticket.id == referral.ticket_id)
    )
    assert found
    return str(found)
