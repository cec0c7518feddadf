"""期限提醒: the applicant hears once that the clock of something they owe themselves ends soon.
A timer beside the staff's; the line of history and who tells it are one transaction."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from router.applications import clocks, lanes
from router.applications.models import Application
from router.applications.status import State
from router.clock import china_date
from router.dispatch import timers
from router.dispatch.models import Timer

REMIND: Final = "application_remind"  # kind of timer
REMINDED, PRIOR_REMINDED = "reminded", "prior_reminded"  # moves, see status.NOTES
OWED: Final = {
    State.SUPPLEMENT: "supplement",
    State.REFUSED: "objection",
    State.TERMINATED: "objection",
}
WORDS: Final = {
    "supplement": "补充材料的最后一天是{day}，到期没有补充的，视为撤回申请。",
    "objection": "对决定不服的，提出异议的最后一天是{day}。",
    "prior": "补办手续、补充材料的最后一天是{day}。",
}


def timer_id(application_id: str, name: str) -> str:
    kind = "prior" if name == "prior" else "state"  # both may run at once
    return f"remind-{kind}-{application_id}"


def wind(
    session: AsyncSession, application: Application, name: str, due: datetime, now: datetime
) -> None:
    """Nothing where the day has been told them just now, nor to who has no talk with us."""
    at = clocks.remind_at(name, due)
    if at is None or at <= now or application.lane != lanes.APPLIED:
        return
    data = {"application": application.id, "clock": name}
    row = timer_id(application.id, name)
    session.add(Timer(id=row, due_at=at, kind=REMIND, data=data))


async def drop(session: AsyncSession, application_id: str, name: str = "") -> None:
    await timers.drop(session, timer_id(application_id, name))


def words_of(name: str, due: datetime) -> str:
    day = china_date(due)
    return WORDS[name].format(day=f"{day.year}年{day.month}月{day.day}日")
