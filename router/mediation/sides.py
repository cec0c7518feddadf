"""What those without an account are asked and what they answer, and when all meet."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from router import audit
from router.clock import Clock
from router.conversations.models import Conversation
from router.db import Database
from router.dispatch import timers
from router.dispatch.models import Timer
from router.mediation import doors, meetings, moves, opening, rows, texts
from router.mediation.errors import MediationMovedOn, NoGuest, NotToBeMediated
from router.mediation.models import Mediation, MediationDoor, MediationMeeting
from router.mediation.rows import Case
from router.mediation.service import Mediations
from router.mediation.status import FAILED, OPEN, State

MAY_MEET = (State.AGREED, State.IN_SESSION)
MAY_BE_ASKED = (State.PROPOSED, State.INVITED, *MAY_MEET)
STOPPED = "对方要求终止调解"  # 人民调解法 23(2)


class Sides:
    def __init__(self, db: Database, clock: Clock, mediations: Mediations) -> None:
        self._db, self._clock, self._room = db, clock, mediations

    def timers(self) -> dict[str, Callable[[Timer], Awaitable[None]]]:
        return {meetings.SOON: self._soon}

    # Doors

    async def ask(self, mediation_id: str, by: str, number: str | None, about: str) -> None:
        """The other side gets a link to say yes or no: by message, or on paper without a number.
        Raises NotToBeMediated: violence is never mediated (law/rules.md 10)."""
        async with self._room.case(mediation_id, by, "mediation_door_respondent") as (s, case):
            if case.mediation.status not in MAY_BE_ASKED:
                raise MediationMovedOn(mediation=mediation_id)
            talk = await s.get(Conversation, case.ticket.conversation_id)
            if opening.bar(case.ticket) or opening.bar(case.ticket, talk.intake if talk else None):
                raise NotToBeMediated(mediation=mediation_id)
            if case.mediation.status == State.PROPOSED:
                await self._room.invited(s, case, by)
            told = {"number": number, "about": about}
            door = await doors.issue(s, mediation_id, doors.RESPONDENT, by, told, case.now)
            texts.order(s, door, texts.INVITE, case.now)
            await self._note(s, case, "door_respondent", by)

    async def let_committee_in(self, mediation_id: str, by: str, number: str | None) -> None:
        """A committee or mediator without an account works on this one case."""
        async with self._room.case(mediation_id, by, "mediation_door_committee") as (s, case):
            if case.mediation.status in FAILED:
                raise MediationMovedOn(mediation=mediation_id)
            told = {"number": number}
            door = await doors.issue(s, mediation_id, doors.COMMITTEE, by, told, case.now)
            texts.order(s, door, texts.TASK, case.now)
            await self._note(s, case, "door_committee", by)

    async def take_back(self, mediation_id: str, by: str, side: str) -> None:
        async with self._room.case(mediation_id, by, "mediation_door_closed") as (s, case):
            await doors.close(s, mediation_id, case.now, side)
            await self._note(s, case, "door_closed", by)

    async def enter(self, code: str) -> tuple[MediationDoor, str]:
        """The door and a token for the browser. Raises DoorShut."""
        async with self._db.write() as s:
            door, token = await doors.enter(s, code, self._clock.now())
            who = doors.guest(door)
            await audit.record(s, door.entered_at or self._clock.now(), who, "entered", door.id)
        return door, token

    async def guest(self, token: str | None) -> MediationDoor:
        """Raises DoorShut."""
        async with self._db.read() as s:
            return await doors.of_token(s, token, self._clock.now())

    async def answer(self, door: MediationDoor, agreed: bool) -> None:
        """Yes or no of the other side, of their own hand; a no later on ends it too."""
        async with self._db.read() as s:
            row = await s.get_one(Mediation, door.mediation_id)
        by = doors.guest(door)
        if row.status in MAY_MEET and not agreed:
            await self._room.fail(row.id, by, State.WITHDRAWN, STOPPED)
        else:
            await self._room.consent(row.id, by, doors.RESPONDENT, agreed, "online")

    # Appointments

    async def offer(
        self, mediation_id: str, by: str, times: Sequence[datetime], place: str, days_off: bool
    ) -> None:
        """Times of which the other side picks one."""
        async with self._room.case(mediation_id, by, "mediation_times") as (s, case):
            meetings.check(times, place, days_off, case.now)
            door = await doors.live(s, mediation_id, doors.RESPONDENT, case.now)
            if door is None:
                raise NoGuest(mediation=mediation_id)
            if case.mediation.status not in (State.INVITED, *MAY_MEET):
                raise MediationMovedOn(mediation=mediation_id)
            await meetings.drop_offered(s, mediation_id)
            for at in times:
                meetings.put(s, mediation_id, at, place, meetings.OFFERED)
            await self._note(s, case, "meeting_offered", by)
            if case.mediation.status in MAY_MEET:
                texts.order(s, door, texts.OFF, case.now)  # look at the link again

    async def fix(
        self, mediation_id: str, by: str, at: datetime, place: str, days_off: bool, why: str
    ) -> None:
        """Set with both by word of mouth; what was set before is moved, and `why` is told."""
        async with self._room.case(mediation_id, by, "mediation_meeting") as (s, case):
            meetings.check([at], place, days_off, case.now)
            meeting = meetings.put(s, mediation_id, at, place, meetings.OFFERED)
            await s.flush()
            await self._set(s, case, meeting, by, why)

    async def pick(self, door: MediationDoor, meeting_id: str) -> None:
        """The other side's choice."""
        by = doors.guest(door)
        async with self._room.case(door.mediation_id, by, "mediation_picked") as (s, case):
            meeting = await s.get(MediationMeeting, meeting_id)
            if meeting is None or meeting.mediation_id != door.mediation_id:
                raise MediationMovedOn(mediation=door.mediation_id)
            if meeting.state != meetings.OFFERED or meeting.at <= case.now:
                raise MediationMovedOn(mediation=door.mediation_id)
            await self._set(s, case, meeting, by, "")

    async def cancel(self, mediation_id: str, by: str, meeting_id: str, why: str) -> None:
        async with self._room.case(mediation_id, by, "mediation_meeting_off") as (s, case):
            meeting = await s.get(MediationMeeting, meeting_id)
            if meeting is None or meeting.mediation_id != mediation_id:
                raise MediationMovedOn(mediation=mediation_id)
            if meeting.state != meetings.SET or meeting.at <= case.now:
                raise MediationMovedOn(mediation=mediation_id)
            await self._take_off(s, meeting)
            await self._note(s, case, "meeting_off", by, meeting, why)
            door = await doors.live(s, mediation_id, doors.RESPONDENT, case.now)
            texts.order(s, door, texts.OFF, case.now)

    async def _set(
        self, s: AsyncSession, case: Case, meeting: MediationMeeting, by: str, why: str
    ) -> None:
        row = case.mediation
        if row.status not in MAY_MEET:
            raise MediationMovedOn(mediation=row.id)
        before = await meetings.of(s, row.id, meetings.SET, case.now)
        for other in before:
            await self._take_off(s, other)
        await meetings.turn(s, meeting, meetings.SET)
        await meetings.drop_offered(s, row.id)
        meetings.remind(s, meeting, case.now)
        how = "meeting_moved" if before else "meeting_set"
        await self._note(s, case, how, by, meeting, why)
        door = await doors.live(s, row.id, doors.RESPONDENT, case.now)
        texts.order(s, door, texts.MEETING, case.now, meeting.id)

    async def _take_off(self, s: AsyncSession, meeting: MediationMeeting) -> None:
        await meetings.turn(s, meeting, meetings.GONE)
        await timers.drop(s, f"{meetings.SOON}-{meeting.id}")

    async def _note(
        self, s: AsyncSession, case: Case, how: str, by: str | None,
        meeting: MediationMeeting | None = None, why: str = "",
    ) -> None:  # fmt: skip
        """The citizen hears of appointments; of links only the history knows."""
        data = {"meeting": meeting.id} if meeting else None
        tells = meeting is not None
        await moves.note(s, case.mediation, how, case.now, by, data=data, words=why, tells=tells)

    async def _soon(self, timer: Timer) -> None:
        """The morning before: both are reminded."""
        async with self._db.read() as s:
            meeting = await s.get_one(MediationMeeting, str(timer.data["meeting"]))
            known = await rows.referral_of(s, meeting.mediation_id)
        async with self._db.write() as s:
            now = self._clock.now()
            case = await rows.locked(s, meeting.mediation_id, known.ticket_id, now, over=True)
            if not await timers.drop(s, timer.id):
                return  # another process has done it
            meeting = await s.get_one(MediationMeeting, meeting.id, populate_existing=True)
            if case.mediation.status not in OPEN or meeting.state != meetings.SET:
                return
            await self._note(s, case, "meeting_soon", None, meeting)
            door = await doors.live(s, meeting.mediation_id, doors.RESPONDENT, now)
            texts.order(s, door, texts.MEETING, now, meeting.id)
