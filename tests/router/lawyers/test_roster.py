"""Who is on a shift and which promised hours nobody covers, at both sides of every boundary."""

from datetime import date, datetime, timedelta

import pytest

from router.clock import CHINA
from router.lawyers import hours
from router.lawyers.hours import Span, minutes_of, needed, without
from router.lawyers.roster import Gap, gaps, next_start, shift_now, uncovered
from tests import factories

SECOND = timedelta(seconds=1)


def at(day: int, clock: str = "00:00", month: int = 3) -> datetime:
    """A moment in March 2026, in China. The 2nd is a Monday."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, month, day, hour, minute, tzinfo=CHINA)


async def on_shift(db, lawyer, moment) -> bool:
    async with db.read() as s:
        return await shift_now(s, lawyer.id, moment) is not None


async def coming(db, moment, region=None, post="web"):
    async with db.read() as s:
        return await next_start(s, moment, post, region)


async def holes(db, since, until, *posts):
    async with db.read() as s:
        return await uncovered(s, since, until, posts or ("web",))


async def test_a_shift_begins_on_its_minute_and_its_end_is_not_part_of_it(db, clock):
    wang = await factories.lawyer(db, clock)
    await factories.shift(db, wang.id, at(2, "09:00"), at(2, "12:00"))
    assert not await on_shift(db, wang, at(2, "09:00") - SECOND)
    assert await on_shift(db, wang, at(2, "09:00"))
    assert await on_shift(db, wang, at(2, "12:00") - SECOND)
    assert not await on_shift(db, wang, at(2, "12:00"))


async def test_between_the_two_blocks_of_a_day_nobody_is_on_a_shift(db, clock):
    wang = await factories.lawyer(db, clock)
    await factories.shift(db, wang.id, at(2, "09:00"), at(2, "12:00"))
    await factories.shift(db, wang.id, at(2, "13:30"), at(2, "17:00"))
    assert not await on_shift(db, wang, at(2, "13:00"))
    assert await on_shift(db, wang, at(2, "14:00"))


async def test_a_night_on_a_cloud_seat_goes_over_midnight(db, clock):
    wang = await factories.lawyer(db, clock)
    await factories.shift(db, wang.id, at(2, "22:00"), at(3, "06:00"), seat="cloud")
    assert await on_shift(db, wang, at(3, "00:00"))
    assert await on_shift(db, wang, at(3, "05:59"))
    assert not await on_shift(db, wang, at(3, "06:00"))


@pytest.mark.parametrize("state", ["leave", "swapped"])
async def test_a_shift_on_leave_or_given_away_covers_nothing(db, clock, state):
    wang = await factories.lawyer(db, clock)
    await factories.shift(db, wang.id, at(2, "08:00"), at(2, "12:00"))
    await factories.shift(db, wang.id, at(2, "12:00"), at(2, "17:00"), state=state)
    assert await on_shift(db, wang, at(2, "11:00"))
    assert not await on_shift(db, wang, at(2, "13:00"))
    assert await coming(db, at(2, "09:00")) is None
    assert await holes(db, at(2, "08:00"), at(2, "17:00")) == [
        Gap("web", at(2, "12:00"), at(2, "17:00"))
    ]


async def test_one_lawyers_shift_is_not_anothers(db, clock):
    wang, li = [await factories.lawyer(db, clock, name) for name in ("王律师", "李律师")]
    await factories.shift(db, wang.id, at(2, "09:00"), at(2, "12:00"))
    assert not await on_shift(db, li, at(2, "10:00"))


async def test_the_next_start_is_after_now_of_the_region_if_one_is_asked_for(db, clock):
    near = await factories.lawyer(db, clock)
    far = await factories.lawyer(db, clock, "李律师", region="990102")
    await factories.shift(db, near.id, at(2, "09:00"), at(2, "12:00"))
    await factories.shift(db, near.id, at(3, "09:00"), at(3, "12:00"))
    await factories.shift(db, far.id, at(2, "13:00"), at(2, "17:00"))
    assert await coming(db, at(2, "09:00") - SECOND) == at(2, "09:00")
    assert await coming(db, at(2, "09:00")) == at(2, "13:00")
    assert await coming(db, at(2, "09:00"), "990101") == at(3, "09:00")
    assert await coming(db, at(2, "09:00"), "990102") == at(2, "13:00")
    assert await coming(db, at(2, "09:00"), "990103") is None
    assert await coming(db, at(3, "09:00")) is None


async def test_a_shift_at_another_post_is_no_next_start_of_this_one(db, clock):
    wang = await factories.lawyer(db, clock)
    await factories.shift(db, wang.id, at(2, "09:00"), at(2, "12:00"), post="hotline")
    await factories.shift(db, wang.id, at(2, "13:00"), at(2, "17:00"))
    assert await coming(db, at(2, "08:00")) == at(2, "13:00")
    assert await coming(db, at(2, "08:00"), "990101") == at(2, "13:00")
    assert await coming(db, at(2, "08:00"), post="hotline") == at(2, "09:00")


async def test_without_any_shift_every_promised_hour_is_a_gap(db):
    assert await holes(db, at(2), at(3)) == [Gap("web", at(2), at(3))]


async def test_blocks_that_touch_leave_no_gap_and_a_minute_between_them_is_one(db, clock):
    wang, li = [await factories.lawyer(db, clock, name) for name in ("王律师", "李律师")]
    await factories.shift(db, wang.id, at(2), at(2, "08:00"))
    await factories.shift(db, li.id, at(2, "08:00"), at(2, "12:00"))
    await factories.shift(db, wang.id, at(2, "12:01"), at(3))
    assert await holes(db, at(2), at(3)) == [Gap("web", at(2, "12:00"), at(2, "12:01"))]
    assert await holes(db, at(2), at(2, "12:00")) == []
    assert await holes(db, at(2, "12:01"), at(3)) == []


async def test_a_night_shift_begun_before_the_span_covers_its_part_of_it(db, clock):
    wang = await factories.lawyer(db, clock)
    await factories.shift(db, wang.id, at(1, "22:00"), at(2, "06:00"), seat="cloud")
    assert await holes(db, at(2), at(2, "08:00")) == [Gap("web", at(2, "06:00"), at(2, "08:00"))]


async def test_a_shift_of_a_whole_day_is_seen_until_its_last_minute(db, clock):
    wang = await factories.lawyer(db, clock)
    await factories.shift(db, wang.id, at(1, "08:00"), at(1, "08:00") + hours.LONGEST)
    assert await holes(db, at(2, "07:59"), at(2, "08:00")) == []
    assert await holes(db, at(2, "08:00"), at(2, "08:01")) != []


async def test_one_post_does_not_cover_another_and_each_is_promised_its_own_hours(db, clock):
    wang = await factories.lawyer(db, clock)
    await factories.shift(db, wang.id, at(2), at(3))
    assert await holes(db, at(2), at(3), "web", "window") == [
        Gap("window", at(2, "09:00"), at(2, "12:00")),
        Gap("window", at(2, "13:30"), at(2, "17:00")),
    ]


def windows(since: datetime, until: datetime) -> list[Gap]:
    return gaps([], since, until, ["window"])


@pytest.mark.parametrize(
    ("day", "promised"),
    [
        ((1, 2), False),  # Friday, New Year's holiday
        ((1, 4), True),  # the Sunday worked instead
        ((2, 13), True),  # Friday
        ((2, 14), True),  # the Saturday worked before the Spring Festival
        ((2, 16), False),  # Monday of the Spring Festival
        ((3, 7), False),  # a Saturday like any other
        ((9, 30), True),  # the day before the National Day
        ((10, 1), False),
        ((10, 10), True),  # Saturday worked
    ],
)
def test_the_window_is_promised_on_days_that_are_worked(day, promised):
    month, number = day
    found = windows(at(number, month=month), at(number, month=month) + timedelta(days=1))
    assert len(found) == (2 if promised else 0)


def test_promised_hours_over_midnight_reach_into_the_next_day(tmp_path):
    path = tmp_path / "cover.yml"
    path.write_text('hotline: {rest: ["22:00-06:00"]}\n')
    sunday, monday = at(8), at(9)
    assert needed("hotline", sunday, monday, path) == [
        Span(sunday, at(8, "06:00")),  # Saturday's night
        Span(at(8, "22:00"), monday),
    ]
    assert needed("hotline", monday, at(10), path) == [Span(monday, at(9, "06:00"))]
    worked = at(28, month=2)  # a Saturday worked instead: its night is no rest day's
    assert needed("hotline", at(1), at(1, "08:00"), path) == []
    assert needed("hotline", worked, at(1), path) == []


def test_the_whole_week_around_the_clock_is_one_promise():
    assert needed("web", at(2), at(9)) == [Span(at(2), at(9))]
    assert needed("kiosk", at(2), at(9)) == []


@pytest.mark.parametrize(
    ("covered", "left"),
    [
        ([], [(0, 10)]),
        ([(0, 10)], []),
        ([(0, 4), (4, 10)], []),
        ([(0, 4), (5, 10)], [(4, 5)]),
        ([(2, 4)], [(0, 2), (4, 10)]),
        ([(-5, 1), (9, 20)], [(1, 9)]),
        ([(1, 9), (2, 3)], [(0, 1), (9, 10)]),
        ([(10, 11), (-1, 0)], [(0, 10)]),
    ],
)
def test_what_the_shifts_leave_uncovered(covered, left):
    def spans(pairs):
        return [Span(at(2) + begin * SECOND, at(2) + end * SECOND) for begin, end in pairs]

    assert without(spans([(0, 10)]), spans(covered)) == spans(left)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("09:00-12:00", (540, 720)),
        ("9:00 - 12:00", (540, 720)),
        ("00:00-24:00", (0, 1440)),
        ("22:00-24:00", (1320, 1440)),
        ("22:00-06:00", (1320, 1800)),
        ("23:59-00:00", (1439, 1440)),
    ],
)
def test_a_block_as_people_write_it(text, minutes):
    assert minutes_of(text) == minutes


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("上午", "不是时段"), ("9点-12点", "不是时段"), ("24:00-06:00", "没有这样的钟点"),
        ("09:00-25:00", "没有这样的钟点"), ("09:60-12:00", "没有这样的钟点"),
        ("09:00-09:00", "开始和结束相同"),
    ],
)  # fmt: skip
def test_a_block_that_is_none_says_why(text, why):
    with pytest.raises(ValueError, match=why):
        minutes_of(text)


@pytest.mark.parametrize("text", ['lobby: {workday: ["09:00-12:00"]}', "web: {workday: [上午]}"])
def test_a_wrong_file_of_promised_hours_is_named(tmp_path, text):
    path = tmp_path / "cover.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(hours.CoverError, match=r"cover\.yml"):
        hours.posts_to_cover(path)


def test_a_block_lies_on_its_day():
    night = hours.Block("22:00-06:00").on(date(2026, 3, 2))
    assert night == Span(at(2, "22:00"), at(3, "06:00"))
