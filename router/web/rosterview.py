"""What the roster's pages show: a week as bars on a day's 24 hours, each with words beside it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final, NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from router.clock import CHINA, china_date
from router.lawyers import calendar
from router.lawyers.columns import POSTS, SEATS
from router.lawyers.hours import LONGEST, Span, moment, posts_to_cover
from router.lawyers.models import Firm, Lawyer, Shift
from router.lawyers.requests import Asked
from router.lawyers.roster import Gap, uncovered

NAMES: Final = 40  # shown of one block; a big centre has hundreds
MOST_FOUND: Final = 20  # colleagues, of one search
WEEK: Final = timedelta(days=7)
_KINDS: Final = {"workday": "工作日", "rest": "休息日", "holiday": "放假"}
_SHOWN: Final = ("planned", "leave")  # what was given away shows with who has it now


class Person(NamedTuple):
    name: str
    shift_id: str


@dataclass(frozen=True)
class Bar:
    """A block of hours on one day, in minutes of it: 0 to 1440."""

    hours: str
    post: str
    x: int
    width: int
    tone: str  # on | off | gap
    seat: str = ""
    people: Sequence[Person] = ()
    more: int = 0  # people not shown


@dataclass
class Day:
    id: str
    label: str
    kind: str
    today: bool
    bars: list[Bar] = field(default_factory=list)

    @property
    def gaps(self) -> int:
        return sum(bar.tone == "gap" for bar in self.bars)


@dataclass(frozen=True)
class Week:
    first: date
    today: date
    days: Sequence[Day]
    gaps: Sequence[tuple[str, str]]  # the day's id and the gap in words
    unknown_years: Sequence[int]

    @property
    def before(self) -> date:
        return self.first - WEEK

    @property
    def after(self) -> date:
        return self.first + WEEK


async def week_of(session: AsyncSession, day: date, now: datetime) -> Week:
    """The week from Monday that the day is in. Gaps that are past are not shown."""
    first = day - timedelta(days=day.weekday())
    since, until = moment(first, 0), moment(first, 7 * 1440)
    bars = [*await _blocks(session, since, until)]
    found = await uncovered(session, max(since, min(now, until)), until, posts_to_cover())
    bars += [_Block(Span(gap.starts_at, gap.ends_at), gap.post, "gap") for gap in found]
    days = [_day(one, bars, china_date(now)) for one in calendar.days(first, day_before(until))]
    return Week(
        first,
        china_date(now),
        days,
        [(f"d-{china_date(gap.starts_at)}", gap_words(gap)) for gap in found],
        [y for y in sorted({first.year, day_before(until).year}) if not calendar.known(y)],
    )


def day_before(moment_: datetime) -> date:
    """The day that ends at the moment, or that it is in."""
    return china_date(moment_ - timedelta(microseconds=1))


class _Block(NamedTuple):
    span: Span
    post: str
    tone: str
    seat: str = ""
    people: Sequence[Person] = ()
    more: int = 0


async def _blocks(session: AsyncSession, since: datetime, until: datetime) -> Iterable[_Block]:
    """Shifts of the same hours, post and seat together, with the first names of each."""
    hours = (Shift.starts_at, Shift.ends_at, Shift.post, Shift.seat, Shift.state)
    place = func.row_number().over(partition_by=hours, order_by=(Lawyer.name, Shift.id))
    count = func.count().over(partition_by=hours)
    rows = (
        select(*hours, Shift.id, Lawyer.name, place.label("place"), count.label("count"))
        .join(Lawyer, Lawyer.id == Shift.lawyer_id)
        .where(
            Shift.starts_at > since - LONGEST, Shift.starts_at < until,
            Shift.ends_at > since, Shift.state.in_(_SHOWN),
        )
        .subquery()
    )  # fmt: skip
    c = rows.c
    order = (c.starts_at, c.ends_at, c.post, c.seat, c.state, c.place)
    found = await session.execute(select(rows).where(c.place <= NAMES).order_by(*order))
    return [_block(key, list(some)) for key, some in groupby(found, key=lambda row: row[:5])]


def _block(key: Any, rows: Sequence[Any]) -> _Block:
    begin, end, post, seat, state = key
    tone = "on" if state == "planned" else "off"
    people = [Person(row.name, row.id) for row in rows]
    return _Block(Span(begin, end), post, tone, seat, people, rows[0].count - len(people))


def _day(day: date, blocks: Iterable[_Block], today: date) -> Day:
    kind = calendar.kind(day)
    said = calendar.holiday_name(day) or _KINDS[kind]
    if kind == "workday" and day.weekday() >= calendar.SATURDAY:
        said = "调休上班"
    shown = Day(f"d-{day}", day_words(day), said, day == today)
    midnight = moment(day, 0)
    for block in blocks:
        begin = _minutes(block.span.starts_at - midnight)
        end = _minutes(block.span.ends_at - midnight)
        if end <= 0 or begin >= 1440:
            continue
        x, width = max(begin, 0), min(end, 1440) - max(begin, 0)
        shown.bars.append(
            Bar(
                hours_words(block.span), POSTS[block.post], x, width, block.tone,
                SEATS.get(block.seat, ""), block.people, block.more,
            )
        )  # fmt: skip
    order = list(POSTS.values())
    shown.bars.sort(key=lambda bar: (order.index(bar.post), bar.x, bar.x + bar.width, bar.tone))
    return shown


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds()) // 60


def day_words(day: date) -> str:
    return f"{day.month}月{day.day}日 周{'一二三四五六日'[day.weekday()]}"


def hours_words(span: Span) -> str:
    """09:00 到 12:00; the day is said only where it changes."""
    begin, end = (at.astimezone(CHINA) for at in span)
    if end.date() == begin.date():
        return f"{begin:%H:%M} 到 {end:%H:%M}"
    if end == moment(begin.date(), 1440):
        return f"{begin:%H:%M} 到 24:00"
    return f"{begin.day}日 {begin:%H:%M} 到 {end.day}日 {end:%H:%M}"


def gap_words(gap: Gap) -> str:
    begin, end = (at.astimezone(CHINA) for at in gap[1:])
    first, last = begin.date(), day_before(end)
    until = f"{end:%H:%M}".replace("00:00", "24:00")
    day = "" if last == first else f"{day_words(last)} "
    return f"{POSTS[gap.post]} {day_words(first)} {begin:%H:%M} 到 {day}{until}"


async def alarm(session: AsyncSession, now: datetime) -> list[str]:
    """The gaps of the next 24 hours, in words, for the board."""
    found = await uncovered(session, now, now + timedelta(days=1), posts_to_cover())
    return [gap_words(gap) for gap in found]


async def shifts_ahead(
    session: AsyncSession, lawyer_ids: Sequence[str], now: datetime
) -> dict[str, list[tuple[str, str]]]:
    """Of each lawyer the planned shifts of the next four weeks: id, and the shift in words."""
    found = await session.scalars(
        select(Shift)
        .where(
            Shift.lawyer_id.in_(lawyer_ids), Shift.state == "planned", Shift.ends_at > now,
            Shift.starts_at > now - LONGEST, Shift.starts_at < now + 4 * WEEK,
        )
        .order_by(Shift.starts_at)
    )  # fmt: skip
    ahead: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for shift in found:
        ahead[shift.lawyer_id].append((shift.id, shift_words(shift)))
    return ahead


async def colleagues(
    session: AsyncSession, who: str, but: str
) -> Sequence[tuple[Lawyer, str | None]]:
    """Lawyers with this login or with this in their name, and their firms."""
    found = await session.execute(
        select(Lawyer, Firm.name)
        .outerjoin(Firm, Firm.id == Lawyer.firm_id)
        .where(
            Lawyer.role == "lawyer", Lawyer.id != but,
            or_(Lawyer.login == who, Lawyer.name.contains(who, autoescape=True)),
        )
        .order_by(Lawyer.name, Lawyer.login)
        .limit(MOST_FOUND)
    )  # fmt: skip
    return [(person, firm) for person, firm in found]


class Wish(NamedTuple):
    """A lawyer's request as a supervisor reads it."""

    id: str
    who: str
    shift: str
    wish: str
    shift_id: str

    @classmethod
    def of(cls, asked: Asked) -> "Wish":
        said = shift_words(asked.shift)
        return cls(asked.request.id, asked.asker.name, said, wish_words(asked), asked.shift.id)


def wish_words(asked: Asked) -> str:
    if asked.request.what == "leave":
        return "请假"
    name = asked.colleague.name if asked.colleague else "同事"
    if asked.request.what == "give":
        return f"这个班给{name}"
    return f"和{name}的{shift_words(asked.theirs)}互换" if asked.theirs else f"和{name}互换"


def shift_words(shift: Shift) -> str:
    day = day_words(china_date(shift.starts_at))
    hours = hours_words(Span(shift.starts_at, shift.ends_at))
    return f"{day} {hours}，{POSTS[shift.post]}，{SEATS[shift.seat]}坐席"
