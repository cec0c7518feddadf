"""Mediations: from a referral to an outcome, and to the court. Rows are locked in this order:
the ticket, its referral, the mediation, timers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from router import audit
from router.bus import Bus
from router.clock import Clock, china_date
from router.db import Database
from router.dispatch import timers
from router.dispatch.models import Timer
from router.dispatch.service import Dispatch
from router.events import Event, Events, MediationMoved
from router.mediation import clocks, doors, ending, meetings, moves, opening, rows
from router.mediation.errors import BadDay, ConfirmedLate, MediationMovedOn, NotBothAgreed
from router.mediation.models import Committee, Mediation, MediationConsent, MediationEvent
from router.mediation.rows import Case
from router.mediation.status import OPEN, SIDES, State
from router.referrals import moves as referral_moves
from router.referrals.models import Referral
from router.referrals.outbound import OPEN_MEDIATION
from router.referrals.status import LIVE
from router.referrals.status import State as Referred
from router.tickets import service as tickets
from router.tickets.models import Ticket

LOOK = "mediations_look"  # one timer: catches up with referrals whose end a dying process kept
EVERY = timedelta(minutes=1)


class Mediations:
    def __init__(
        self, db: Database, clock: Clock, bus: Bus, events: Events, dispatch: Dispatch
    ) -> None:
        self._db, self._clock, self._bus, self._events = db, clock, bus, events
        self._dispatch = dispatch
        dispatch.timers.also |= {
            OPEN_MEDIATION: self._open,
            moves.TELL: self._tell,
            moves.CONFIRM: self._look_at_clock,
            LOOK: self._look,
        }

    async def start(self) -> None:
        try:
            async with self._db.write() as s:
                if await s.get(Timer, LOOK) is None:
                    s.add(Timer(id=LOOK, due_at=self._clock.now(), kind=LOOK, data={}))
        except IntegrityError:
            pass  # another process started in this moment

    # A referral has come

    async def _open(self, timer: Timer) -> None:
        referral_id = str(timer.data["referral"])
        async with self._db.read() as s:
            found = await s.get(Referral, referral_id)
        async with self._db.write() as s:
            if found:
                ticket, _ = await tickets.locked(s, found.ticket_id)
                referral = await s.get(
                    Referral, referral_id, populate_existing=True, with_for_update=True
                )
                assert referral
                if referral.status in LIVE:
                    await self._begin(s, referral, ticket)
            await timers.drop(s, timer.id)
        await self._news()

    async def _begin(self, s: AsyncSession, referral: Referral, ticket: Ticket) -> None:
        now = self._clock.now()
        mediation = await opening.begin(s, referral, ticket, now)
        if mediation and mediation.status == State.BARRED:
            await ending.failed(s, mediation, referral, ticket, opening.bar(ticket), None, now)

    # The mediator's steps. Each is traced; each raises MediationMovedOn if it is not its turn.

    async def invite(self, mediation_id: str, by: str, words: str = "") -> None:
        async with self.case(mediation_id, by, "mediation_invited") as (s, case):
            await self.invited(s, case, by, words)

    async def invited(self, s: AsyncSession, case: Case, by: str, words: str = "") -> None:
        """The committee takes it and the other side is asked, inside a step of case()."""
        if case.referral.status == Referred.SENT:
            await referral_moves.move(s, case.referral, Referred.ACCEPTED, case.now, None)
        await moves.move(s, case.mediation, State.INVITED, case.now, by, words=words)
        await self._agree_if_both(s, case, by)

    async def consent(
        self, mediation_id: str, by: str, side: str, agreed: bool, way: str, words: str = ""
    ) -> None:
        """What one side has said. A clear no ends it (人民调解法 17); the same twice is once."""
        assert side in SIDES
        async with self.case(mediation_id, by, "mediation_consent") as (s, case):
            if case.mediation.status not in (State.PROPOSED, State.INVITED):
                raise MediationMovedOn(mediation=mediation_id)
            if (await rows.consents(s, mediation_id)).get(side) is agreed:
                return
            s.add(
                MediationConsent(
                    mediation_id=mediation_id, side=side, agreed=agreed, way=way, by=by, at=case.now
                )
            )
            data = {"side": side, "agreed": agreed, "way": way}
            if not agreed:
                await self._fail(s, case, State.REFUSED, by, words, data)
                return
            await moves.note(
                s, case.mediation, "consent", case.now, by, data=data, words=words, tells=False
            )
            await self._agree_if_both(s, case, by)

    async def _agree_if_both(self, s: AsyncSession, case: Case, by: str) -> None:
        await s.flush()
        said = await rows.consents(s, case.mediation.id)
        if case.mediation.status == State.INVITED and all(said.get(side) for side in SIDES):
            await moves.move(s, case.mediation, State.AGREED, case.now, by)

    async def session(self, mediation_id: str, by: str, words: str) -> None:
        """They have met; what was said stays with the mediators."""
        async with self.case(mediation_id, by, "mediation_session") as (s, case):
            said = await rows.consents(s, mediation_id)
            if not all(said.get(side) for side in SIDES):
                raise NotBothAgreed(mediation=mediation_id)
            await moves.move(s, case.mediation, State.IN_SESSION, case.now, by, words=words)

    async def message(self, mediation_id: str, by: str, words: str) -> None:
        """A line to the citizen where they read: when and where to come, whom to call."""
        async with self.case(mediation_id, by, "mediation_message") as (s, case):
            await moves.note(s, case.mediation, "message", case.now, by, words=words)

    async def write(self, mediation_id: str, by: str, paper: dict[str, str]) -> None:
        """What the agreement is to say."""
        async with self.case(mediation_id, by, "mediation_written") as (_, case):
            if case.mediation.status != State.IN_SESSION:
                raise MediationMovedOn(mediation=mediation_id)
            case.mediation.paper = {**case.mediation.paper, **paper}

    async def agree(self, mediation_id: str, by: str, form: str, effective: date) -> None:
        """An agreement that binds from that day in China on; the court's 30 days begin."""
        async with self.case(mediation_id, by, "mediation_agreement") as (s, case):
            self._in_time(case, effective)
            sets = {
                "form": form,
                "effective_on": effective,
                "confirm_by": clocks.last_day(effective),
            }
            await moves.move(s, case.mediation, State.AGREEMENT, case.now, by, sets=sets)
            await ending.agreed(s, case.mediation, case.referral, case.ticket, by, case.now)

    async def fail(self, mediation_id: str, by: str, to: State, words: str) -> None:
        """No agreement, withdrawn, refused, or violence: the citizen goes to the next door."""
        async with self.case(mediation_id, by, f"mediation_{to.value}") as (s, case):
            await self._fail(s, case, to, by, words)

    async def file(self, mediation_id: str, by: str, on: date) -> None:
        """Both have asked the court on that day. Raises ConfirmedLate after the last one."""
        async with self.case(mediation_id, by, "mediation_filed") as (s, case):
            effective, last = case.mediation.effective_on, case.mediation.confirm_by
            if effective is None or last is None:
                raise MediationMovedOn(mediation=mediation_id)
            if on > china_date(case.now) or on < effective:
                raise BadDay(mediation=mediation_id)
            if on > last:
                raise ConfirmedLate(mediation=mediation_id)
            data = {"on": on.isoformat()}
            await moves.move(s, case.mediation, State.FILED, case.now, by, data=data)

    async def court(self, mediation_id: str, by: str, confirmed: bool) -> None:
        to = State.CONFIRMED if confirmed else State.NOT_CONFIRMED
        async with self.case(mediation_id, by, f"mediation_{to.value}") as (s, case):
            await moves.move(s, case.mediation, to, case.now, by)

    async def alarm(self, mediation_id: str, by: str, words: str) -> None:
        """It may come to violence (人民调解法 25): a duty lawyer is alarmed at once, the citizen
        is told of 110; that the mediator calls 110 themselves is said on the page."""
        async with self.case(mediation_id, by, "mediation_alarmed") as (s, case):
            sets = {"alarmed_at": case.now}
            await moves.note(s, case.mediation, "alarmed", case.now, by, sets=sets, words=words)

    async def give_to(self, mediation_id: str, by: str, committee_id: str) -> None:
        """Another committee goes on with it; what is on record stays."""
        async with self.case(mediation_id, by, "mediation_given") as (s, case):
            committee = await s.get(Committee, committee_id)
            if case.mediation.status not in OPEN or committee is None:
                raise MediationMovedOn(mediation=mediation_id)
            case.referral.organ = committee.name
            sets = {"committee_id": committee_id}
            data = {"to": committee_id}
            await moves.note(s, case.mediation, "given_to", case.now, by, sets=sets, data=data)
            await doors.close(s, mediation_id, case.now)  # they name the committee before

    async def _fail(
        self, s: AsyncSession, case: Case, to: State, by: str | None, words: str,
        data: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        await moves.move(s, case.mediation, to, case.now, by, data=data, words=words)
        await meetings.call_off(s, case.mediation.id, case.now)
        await ending.failed(s, case.mediation, case.referral, case.ticket, words, by, case.now)

    def _in_time(self, case: Case, day: date) -> None:
        if not china_date(case.mediation.created_at) <= day <= china_date(case.now):
            raise BadDay(mediation=case.mediation.id)

    @asynccontextmanager
    async def case(
        self, mediation_id: str, by: str, action: str
    ) -> AsyncIterator[tuple[AsyncSession, Case]]:
        """Its rows, locked; after the commit whoever looks at it sees the change."""
        async with self._db.read() as s:
            known = await rows.referral_of(s, mediation_id)
        async with self._db.write() as s:
            case = await rows.locked(s, mediation_id, known.ticket_id, self._clock.now())
            await audit.record(s, case.now, by, action, mediation_id)
            yield s, case
        await self._news()

    # What time and others do

    async def follow(self, event: Event) -> None:
        """Hears TicketClosed; what it misses, the look of each minute finds."""
        await self._settle(Referral.ticket_id == event.ticket_id)

    async def _look(self, timer: Timer) -> None:
        async with self._db.write() as s:
            ours = await timers.put_off(s, LOOK, self._clock.now() + EVERY)
        if ours:
            await self._settle()

    async def _settle(self, *which: ColumnElement[bool]) -> None:
        """A mediation whose referral has ended without it is over."""
        async with self._db.read() as s:
            found = await s.execute(
                select(Mediation.id, Referral.ticket_id)
                .join(Referral, Referral.id == Mediation.referral_id)
                .where(Referral.status.not_in(LIVE), Mediation.status.in_(OPEN), *which)
            )
            left = found.all()
        for mediation_id, ticket_id in left:
            async with self._db.write() as s:
                case = await rows.locked(s, mediation_id, ticket_id, self._clock.now(), over=True)
                if case.mediation.status in OPEN and case.referral.status not in LIVE:
                    told: dict[str, Any] = {"words": "工单已经办结", "data": {"case": "closed"}}
                    await moves.move(s, case.mediation, State.WITHDRAWN, case.now, **told)
                    await meetings.call_off(s, mediation_id, case.now)

    async def _look_at_clock(self, timer: Timer) -> None:
        """The court's 30 days: a reminder, or the end."""
        mediation_id = str(timer.data["mediation"])
        async with self._db.read() as s:
            known = await rows.referral_of(s, mediation_id)
        async with self._db.write() as s:
            case = await rows.locked(s, mediation_id, known.ticket_id, self._clock.now(), over=True)
            row, now = case.mediation, case.now
            last = row.confirm_by
            found = await s.get(Timer, timer.id, populate_existing=True)
            if found is None or found.due_at != timer.due_at:
                return  # another process has looked at it meanwhile
            if row.status != State.AGREEMENT or last is None:
                await timers.drop(s, timer.id)
            elif (days := clocks.left(now, last)) < 0:
                await moves.move(s, row, State.LAPSED, now)
            else:
                found.due_at = clocks.next_look(now, last)
                await moves.note(s, row, "reminded", now, data={"left": days})
        await self._news()

    async def _tell(self, timer: Timer) -> None:
        """The citizen, through whoever hears MediationMoved; the timer goes when it is said."""
        async with self._db.read() as s:
            event = await s.get(MediationEvent, str(timer.data["event"]))
            assert event
            row = await s.get(Mediation, event.mediation_id)
            assert row
            ticket = await tickets.get(s, (await rows.referral_of(s, row.id)).ticket_id)
        news = MediationMoved(ticket.id, ticket.conversation_id, key=event.id)
        await self._events.publish([news])
        async with self._db.write() as s:
            await timers.drop(s, timer.id)

    async def _news(self) -> None:
        for topic in ("board", timers.TOPIC):
            await self._bus.wake(topic)
        await self._dispatch.drain()  # a case may have come back to the duty lawyers
