"""Appointments of a mediation: a few to choose from or one that is set, moved or called off with a
reason, and a reminder on the morning before. Not on days off unless both wish it."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.clock import CHINA, china_date
from router.db import new_id
from router.dispatch import timers
from router.dispatch.models import Timer
from router.lawyers import calendar
from router.mediation import doors, texts
from router.mediation.errors import BadMeeting, MediationMovedOn, OnHoliday
from router.mediation.models import MediationMeeting

SOON = "mediation_soon"  # kind of timer
OFFERED, SET, GONE = "offered", "set", "off"
MOST = 3  # to choose from
FARTHEST = timedelta(days=92)
MORNING = time(9)


def check(times: Sequence[datetime], place: str, days_off: bool, now: datetime) -> None:
    """Raises BadMeeting or OnHoliday."""
    if not place or not 0 < len(times) <= MOST:
        raise BadMeeting()
    for at in times:
        if not now < at <= now + FARTHEST:
            raise BadMeeting()
        if not days_off and calendar.kind(china_date(at)) != "workday":
            raise OnHoliday()


def put(
    s: AsyncSession, mediation_id: str, at: datetime, place: str, state: str
) -> MediationMeeting:
    row = MediationMeeting(id=new_id(), mediation_id=mediation_id, state=state, at=at)
    row.place = place
    s.add(row)
    return row


async def of(
    s: AsyncSession, mediation_id: str, state: str, now: datetime
) -> list[MediationMeeting]:
    """Those to come, the next first."""
    found = await s.scalars(
        select(MediationMeeting)
        .where(
            MediationMeeting.mediation_id == mediation_id,
            MediationMeeting.state == state,
            MediationMeeting.at > now,
        )
        .order_by(MediationMeeting.at)
    )
    return list(found)


async def turn(s: AsyncSession, meeting: MediationMeeting, to: str) -> None:
    """Raises MediationMovedOn when somebody else was faster."""
    was = MediationMeeting.id == meeting.id, MediationMeeting.state == meeting.state
    turned = await s.execute(
        update(MediationMeeting)
        .where(*was)
        .values(state=to)
        .execution_options(synchronize_session=False)
    )
    if turned.rowcount != 1:  # type: ignore[attr-defined]
        raise MediationMovedOn(meeting=meeting.id)
    await s.refresh(meeting)


async def drop_offered(s: AsyncSession, mediation_id: str) -> None:
    ours = MediationMeeting.mediation_id == mediation_id, MediationMeeting.state == OFFERED
    await s.execute(update(MediationMeeting).where(*ours).values(state=GONE))


def remind(s: AsyncSession, meeting: MediationMeeting, now: datetime) -> None:
    """On the morning of the day before, where that is still to come."""
    eve = china_date(meeting.at) - timedelta(days=1)
    due = datetime.combine(eve, MORNING, CHINA).astimezone(UTC)
    if due > now:
        told = {"meeting": meeting.id}
        s.add(Timer(id=f"{SOON}-{meeting.id}", due_at=due, kind=SOON, data=told))


async def call_off(s: AsyncSession, mediation_id: str, now: datetime) -> None:
    """The mediation is over: nobody is to come for nothing. The citizen hears of the end itself."""
    await drop_offered(s, mediation_id)
    door = await doors.live(s, mediation_id, doors.RESPONDENT, now)
    for meeting in await of(s, mediation_id, SET, now):
        await turn(s, meeting, GONE)
        await timers.drop(s, f"{SOON}-{meeting.id}")
        texts.order(s, door, texts.OFF, now)
