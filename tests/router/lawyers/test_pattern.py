"""A weekly pattern makes the shifts of its days, fairly and always the same."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from router.demo import plan_demo, seed_demo
from router.lawyers.calendar import days, kind
from router.lawyers.hours import posts_to_cover
from router.lawyers.models import Shift
from router.lawyers.pattern import PatternError, load, plan
from router.lawyers.roster import uncovered

OFFICE = "{post: web, seat: fixed, days: [workday], hours: ['09:00-12:00', '13:30-17:00'],"
NIGHT = (
    "{post: web, seat: cloud, days: [workday, rest, holiday], hours: ['17:00-09:00'],"
    " lawyers: [a, b, c]}"
)


def pattern(tmp_path, *duties: str):
    path = tmp_path / "pattern.yml"
    lines = "".join(f"  - {duty}\n" for duty in duties)
    path.write_text(f"since: 2026-01-01\nshifts:\n{lines}", "utf-8")
    return load(path)


def when(planned) -> list[tuple[str, str]]:
    return [(one.login, f"{one.span.starts_at:%m-%d %H:%M}") for one in planned]


def test_two_blocks_a_day_for_who_is_on(tmp_path):
    office = pattern(tmp_path, OFFICE + " lawyers: [a, b]}")
    monday = date(2026, 3, 2)
    on = when(plan(office, monday, monday))
    assert [time for _, time in on] == ["03-02 09:00", "03-02 13:30"]
    assert len({login for login, _ in on}) == 1


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2026, 2, 13), True),
        (date(2026, 2, 14), True),  # a Saturday worked instead
        (date(2026, 2, 16), False),  # a Monday in the Spring Festival
        (date(2026, 3, 7), False),  # Saturday
    ],
)
def test_office_hours_follow_the_working_calendar(tmp_path, day, open_):
    office = pattern(tmp_path, OFFICE + " lawyers: [a, b]}")
    assert bool(list(plan(office, day, day))) == open_


def test_who_is_on_takes_turns_over_the_days_that_count(tmp_path):
    office = pattern(tmp_path, OFFICE + " lawyers: [a, b, c]}")
    year = (date(2026, 1, 1), date(2026, 12, 31))
    on = Counter(login for login, _ in when(plan(office, *year)))
    worked = sum(kind(day) == "workday" for day in days(*year))
    assert max(on.values()) - min(on.values()) <= 2  # one day has two blocks
    assert sum(on.values()) == 2 * worked


def test_a_span_planned_in_pieces_is_the_span_planned_at_once(tmp_path):
    whole = pattern(tmp_path, OFFICE + " seats: 2, lawyers: [a, b, c]}", NIGHT)
    first, middle, last = date(2026, 9, 1), date(2026, 9, 27), date(2026, 10, 15)
    pieces = when(plan(whole, first, middle)) + when(plan(whole, date(2026, 9, 28), last))
    assert pieces == when(plan(whole, first, last))


def test_nobody_has_two_shifts_at_once_and_a_seat_that_nobody_can_take_stays_empty(tmp_path):
    both = pattern(
        tmp_path, OFFICE + " seats: 2, lawyers: [a, b]}", OFFICE + " lawyers: [b, a, c]}"
    )
    monday = date(2026, 3, 2)
    assert Counter(login for login, _ in when(plan(both, monday, monday))) == {
        "a": 2, "b": 2, "c": 2,
    }  # fmt: skip
    short = pattern(tmp_path, OFFICE + " seats: 3, lawyers: [a, b]}")
    assert {login for login, _ in when(plan(short, monday, monday))} == {"a", "b"}


def test_who_comes_from_the_night_is_not_on_before_it_ends(tmp_path):
    late = pattern(
        tmp_path, NIGHT.replace("17:00-09:00", "17:00-09:30"), OFFICE + " lawyers: [a, b, c]}"
    )
    shifts = sorted(plan(late, date(2026, 3, 1), date(2026, 4, 30)))
    for one, following in pairwise(shifts):
        if one.login == following.login:
            assert one.span.ends_at <= following.span.starts_at


def test_a_weekday_narrows_the_days(tmp_path):
    mondays = pattern(tmp_path, OFFICE + " weekdays: [mon], lawyers: [a]}")
    found = {
        one.span.starts_at.date() for one in plan(mondays, *(date(2026, 2, 1), date(2026, 3, 15)))
    }
    assert found == {date(2026, 2, 2), date(2026, 2, 9), date(2026, 3, 2), date(2026, 3, 9)}


@pytest.mark.parametrize(
    ("duty", "where"),
    [
        (OFFICE + " lawyers: []}", "lawyers"),
        (OFFICE + " lawyers: [a], seats: 0}", "seats"),
        (OFFICE.replace("web", "lobby") + " lawyers: [a]}", "post"),
        (OFFICE.replace("12:00", "25:00") + " lawyers: [a]}", "没有这样的钟点"),
        (OFFICE.replace("workday", "星期一") + " lawyers: [a]}", "days"),
        ("{", "读不懂"),
    ],
)
def test_a_wrong_pattern_is_named_with_the_place_in_it(tmp_path, duty, where):
    with pytest.raises(PatternError, match=rf"pattern\.yml.*{where}"):
        pattern(tmp_path, duty)


async def test_the_demonstration_county_has_somebody_in_every_promised_hour(db, clock):
    await seed_demo(db, clock)
    await plan_demo(db, clock)
    since = clock.now()
    async with db.read() as s:
        assert await uncovered(s, since, since + timedelta(days=26), posts_to_cover()) == []
        planned = await s.scalar(select(func.count()).select_from(Shift))
    await plan_demo(db, clock)
    async with db.read() as s:
        assert await s.scalar(select(func.count()).select_from(Shift)) == planned
