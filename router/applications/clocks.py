"""Days of the procedure: the day it begins does not count, the last one counts to its end and rolls
over where it is not worked (民法典 201-203). Pure but for the calendar and data/applications."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import yaml
from pydantic import BaseModel, ConfigDict, Field

from router.applications import lanes
from router.applications.status import State
from router.clock import CHINA, china_date
from router.lawyers import calendar
from router.settings import ROOT

FILE = ROOT / "data" / "applications" / "clocks.yml"
DAY = timedelta(days=1)
MORNING = time(9)  # when people are reminded
RUNNING = {
    State.SUBMITTED: "review",
    State.SUPPLEMENT: "supplement",
    State.SUPPLEMENTED: "review",
    State.ACCEPTED: "assignment",
    State.REFUSED: "objection",
    State.TERMINATED: "objection",
    State.OBJECTED: "answer",
    State.ASSIGNED: "contract",
    State.ENDED: "report",
}
DIGITS = "零一二三四五六七八九"


class Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str
    days: int = Field(default=0, ge=0)
    hours: int = Field(default=0, ge=0)
    longest: int = Field(default=0, ge=0)  # days that a reviewer may give
    working: bool = False
    warn: int = Field(default=0, ge=0)  # days before the end; of hours, hours
    remind: int = Field(default=0, ge=0)  # the applicant, days before the end
    cites: tuple[str, ...]
    mark: str


@dataclass(frozen=True)
class Pause:
    """Days that do not count: after the first one, up to and with the second."""

    since: date
    until: date

    def covers(self, day: date) -> bool:
        return self.since < day <= self.until


@cache
def rules() -> dict[str, Rule]:
    raw = yaml.safe_load(FILE.read_text("utf-8"))
    return {name: Rule.model_validate(row) for name, row in raw.items()}


def last_day(begun: date, days: int, working: bool = False, pause: Pause | None = None) -> date:
    """The day with which so many days end that begin after `begun`."""
    last, left = begun, days
    while left:
        last += DAY
        worked = not working or calendar.kind(last) == "workday"
        if worked and not (pause and pause.covers(last)):
            left -= 1
    while calendar.kind(last) != "workday":
        last += DAY
    return last


def review_ends(received: date, workdays: int | None, pause: Pause | None = None) -> date:
    """The law's days, or a region's working days where those end earlier."""
    rule = rules()["review"]
    ends = last_day(received, rule.days, rule.working, pause)
    return min(ends, last_day(received, workdays, True, pause)) if workdays else ends


def end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), CHINA).astimezone(UTC)


def due(name: str, begun: datetime) -> datetime:
    """When a clock ends that begins at this moment."""
    rule = rules()[name]
    if rule.hours:
        return begun + timedelta(hours=rule.hours)
    return due_from(name, china_date(begun))


def due_from(name: str, begun: date) -> datetime:
    """The same of a clock of days that begins on this day in China."""
    rule = rules()[name]
    return end_of(last_day(begun, rule.days, rule.working))


def given(name: str, until: date, today: date) -> date | None:
    """The last day of what a reviewer may give; None: it is over already or too long."""
    if not today < until <= today + rules()[name].longest * DAY:
        return None
    return last_day(until, 0)


def running(state: State, lane: str = lanes.APPLIED) -> str | None:
    """Which clock runs in this state. None: none does."""
    own = {lanes.NOTIFIED: "notified", lanes.DUTY_HELP: "duty_help"}
    if lane in own and state is State.ACCEPTED:
        return own[lane]
    if lane in own and state is State.ASSIGNED:
        return None  # who was notified for signs no 委托协议
    return RUNNING.get(state)


def span_words(name: str) -> str:
    """How long a clock is, as letters write it: 三日, 五个工作日, 二十四小时."""
    rule = rules()[name]
    if rule.hours:
        return f"{_numeral(rule.hours)}小时"
    return _numeral(rule.days) + ("个工作日" if rule.working else "日")


def _numeral(number: int) -> str:
    """1 to 99."""
    tens, ones = divmod(number, 10)
    return (
        ("" if tens < 2 else DIGITS[tens]) + ("十" if tens else "") + (DIGITS[ones] if ones else "")
    )


def warn_at(name: str, end: datetime) -> datetime | None:
    """The beginning of the day on which the staff are warned. None: nobody is."""
    rule = rules()[name]
    before = rule.warn
    if not before:
        return None
    if rule.hours:
        return end - timedelta(hours=before)
    day = china_date(end) - before * DAY
    return datetime.combine(day, time(), CHINA).astimezone(UTC)


def remind_at(name: str, end: datetime) -> datetime | None:
    """The morning on which the applicant is reminded of what they owe. None: they are not."""
    before = rules()[name].remind
    if not before:
        return None
    return datetime.combine(china_date(end) - before * DAY, MORNING, CHINA).astimezone(UTC)
