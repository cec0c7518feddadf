"""审查、补充、指派、异议: which day is the last, around Spring Festival and the ends of months."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.applications import clocks, moves
from router.applications.clocks import Pause, last_day, review_ends
from router.applications.status import State
from router.clock import china_date
from router.dispatch.models import Timer
from router.lawyers import calendar
from router.settings import ROOT
from tests.router.applications.conftest import PHOTO

DAYS = st.dates(date(2025, 1, 1), date(2026, 11, 30))


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-03-02", "2026-03-09"),  # Monday to Monday: the day it came does not count
        ("2026-03-31", "2026-04-07"),  # over the end of a month and over 清明 (4th to 6th)
        ("2026-03-28", "2026-04-07"),  # the seventh day is the 4th, a holiday: it rolls over
        ("2026-02-06", "2026-02-13"),  # the last day before Spring Festival's worked Saturday
        ("2026-02-07", "2026-02-14"),  # a Saturday that is worked: no rolling
        ("2026-02-08", "2026-02-24"),  # the 15th is the first day off, the 24th is worked again
        ("2026-02-16", "2026-02-24"),  # received in the holidays
        ("2026-02-17", "2026-02-24"),
        ("2026-02-21", "2026-02-28"),  # the 28th is a Saturday, worked instead
        ("2026-01-31", "2026-02-09"),  # the 7th of February is a plain Saturday
    ],
)
def test_seven_days_begin_on_the_next_day_and_roll_over_what_is_not_worked(received, due):
    day = date.fromisoformat(received)
    assert review_ends(day, None) == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-03-02", "2026-03-09"),  # 5 working days would end on the same Monday
        ("2026-03-03", "2026-03-10"),
        ("2026-03-06", "2026-03-13"),
        (
            "2026-02-12",
            "2026-02-24",
        ),  # 5 working days end on the 26th: the law's 7 days are earlier
        ("2026-02-27", "2026-03-06"),  # the 28th is worked: Sat, Mon to Thu would be the 5th
    ],
)
def test_a_regions_working_days_count_only_where_they_end_earlier(received, due):
    day = date.fromisoformat(received)
    law, region = review_ends(day, None), last_day(day, 5, True)
    assert review_ends(day, 5) == min(law, region) <= date.fromisoformat(due)


def test_the_time_to_supplement_does_not_count():
    pause = Pause(date(2026, 3, 4), date(2026, 3, 11))  # two of seven days were used
    assert review_ends(date(2026, 3, 2), None, pause) == date(2026, 3, 16)
    same_day = Pause(date(2026, 3, 4), date(2026, 3, 4))
    assert review_ends(date(2026, 3, 2), None, same_day) == date(2026, 3, 9)


@given(DAYS, st.integers(1, 30))
def test_a_last_day_is_worked_and_never_before_the_days_are_over(begun, days):
    last = last_day(begun, days)
    assert calendar.kind(last) == "workday"
    assert last >= begun + timedelta(days=days)
    rolled = calendar.days(begun + timedelta(days=days), last - timedelta(days=1))
    assert all(calendar.kind(day) != "workday" for day in rolled)


@given(DAYS, st.integers(1, 10))
def test_a_day_later_never_ends_earlier_and_working_days_are_never_fewer(begun, days):
    assert last_day(begun, days) <= last_day(begun + timedelta(days=1), days)
    assert last_day(begun, days, True) >= begun + timedelta(days=days)


@given(DAYS, st.integers(0, 6), st.integers(0, 40), st.sampled_from([None, 5, 3]))
def test_a_pause_takes_nothing_away_and_nobody_has_more_than_their_days(begun, used, paused, local):
    asked = begun + timedelta(days=used)
    pause = Pause(asked, asked + timedelta(days=paused))
    plain, longer = review_ends(begun, local), review_ends(begun, local, pause)
    assert plain <= longer
    counted = [day for day in calendar.days(begun, longer)[1:] if not pause.covers(day)]
    worked = [day for day in counted if calendar.kind(day) == "workday"]
    seventh = last_day(begun, 7, pause=pause)
    assert longer <= seventh
    assert local is None or len(worked) <= local or longer == seventh


def test_the_clock_of_the_review_stands_at_the_end_of_its_last_day_in_china():
    due = clocks.end_of(date(2026, 3, 9))
    assert due.isoformat() == "2026-03-09T15:59:59+00:00"
    assert china_date(due) == date(2026, 3, 9)
    assert china_date(due + timedelta(seconds=1)) == date(2026, 3, 10)


async def test_the_staff_are_warned_two_days_before_and_alarmed_when_the_day_is_over(institution):
    it = await institution.submitted()  # Monday the 2nd, 09:00: due at the end of Monday the 9th
    assert china_date(it.due_at) == date(2026, 3, 9)
    await institution.wait(4.6)  # Friday, 23:24
    assert (await institution.now(it)).warned_at is None
    await institution.wait(0.1)  # Saturday
    assert (await institution.now(it)).warned_at is not None
    await institution.wait(2.9)  # Monday, 23:24
    assert (await institution.now(it)).overdue_at is None
    await institution.wait(0.1)
    assert (await institution.now(it)).overdue_at is not None
    assert await institution.history(it) == ["draft", "submitted", "warned", "overdue"]
    async with institution.db.read() as s:
        assert await institution.desk.watch.alarms(s) == (1, 1)


async def test_asked_to_supplement_the_review_stands_still_and_goes_on_with_its_rest(institution):
    it = await institution.submitted()
    await institution.wait(2)  # two of seven days are used
    await institution.desk.review.ask_more(
        it.id, institution.boss.id, ["工资条"], date(2026, 3, 20)
    )
    asked = await institution.now(it)
    assert (asked.status, china_date(asked.due_at)) == (State.SUPPLEMENT, date(2026, 3, 20))
    await institution.wait(7)  # Wednesday the 11th
    await institution.desk.papers.add(it.id, "wages", PHOTO)
    await institution.desk.supply(it.id, "补上了")
    on = await institution.now(it)
    assert (on.status, china_date(on.due_at)) == (State.SUPPLEMENTED, date(2026, 3, 16))


async def test_granted_a_lawyer_is_due_in_three_days_and_a_refusal_has_no_clock_of_ours(
    institution,
):
    institution.clock._now += timedelta(days=3)  # Thursday the 5th: three days end on Sunday
    granted = await institution.submitted()
    await institution.desk.review.accept(granted.id, institution.boss.id, "")
    assert china_date((await institution.now(granted)).due_at) == date(2026, 3, 9)
    refused = await institution.refused()
    await institution.wait(60)
    assert (await institution.now(refused)).overdue_at is None
    assert (await institution.now(granted)).overdue_at is not None


async def test_a_timer_that_was_wound_anew_while_it_struck_warns_nobody(institution):
    it = await institution.submitted()
    async with institution.db.read() as s:
        struck = await s.get(Timer, moves.clock_id(it.id))
    await institution.desk.review.ask_more(it.id, institution.boss.id, ["欠条"], date(2026, 3, 20))
    await institution.desk.watch._strike(struck)
    assert (await institution.now(it)).warned_at is None
    await institution.wait(19)
    assert (await institution.now(it)).overdue_at is not None


# The statutory clocks, as data/applications/clocks.yml has them

COUNTED = sorted(name for name, rule in clocks.rules().items() if rule.days)
FESTIVAL = (date(2026, 2, 15), date(2026, 2, 23))  # first and last day off, data/calendar/2026


@given(st.sampled_from(COUNTED), DAYS, st.integers(0, 24 * 60 - 1))
def test_no_clock_counts_the_day_it_begins_or_ends_on_a_day_off(name, day, minute):
    begun = clocks.end_of(day - timedelta(days=1)) + timedelta(seconds=1, minutes=minute)
    assert china_date(begun) == day
    due = clocks.due(name, begun)
    days = clocks.rules()[name].days
    last = china_date(due)
    assert last >= day + timedelta(days=days) and calendar.kind(last) == "workday"
    assert due == clocks.end_of(last) == clocks.due(name, clocks.end_of(day))  # whenever that day
    between = calendar.days(day + timedelta(days=days), last)[:-1]
    assert all(calendar.kind(one) != "workday" for one in between)


@given(st.sampled_from(COUNTED), st.dates(date(2026, 1, 20), date(2026, 2, 28)))
def test_what_would_end_in_spring_festival_ends_with_the_first_day_of_work(name, begun):
    ends = begun + timedelta(days=clocks.rules()[name].days)
    last = last_day(begun, clocks.rules()[name].days)
    off_first, off_last = FESTIVAL
    assert not off_first <= last <= off_last
    if off_first <= ends <= off_last:
        assert last == off_last + timedelta(days=1)
    if ends == off_first - timedelta(days=1):
        assert last == ends  # the worked Saturday before it


@given(DAYS, st.sampled_from(COUNTED))
def test_the_end_of_a_month_is_no_end(begun, name):
    days = clocks.rules()[name].days
    month_end = (begun.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    last = last_day(month_end, days)
    assert last >= month_end + timedelta(days=days) and last.month != month_end.month


@given(DAYS, st.integers(0, 24 * 60 - 1))
def test_a_day_of_hours_is_that_many_hours_on_every_day(day, minute):
    begun = clocks.end_of(day) + timedelta(minutes=minute)
    due = clocks.due("custody", begun)
    assert due - begun == timedelta(hours=24)
    assert due - clocks.warn_at("custody", due) == timedelta(hours=4)


@given(st.sampled_from(["supplement", "prior"]), DAYS, st.integers(-3, 60))
def test_what_a_reviewer_may_give_begins_tomorrow_and_has_an_end(name, today, days):
    last = clocks.given(name, today + timedelta(days=days), today)
    assert (last is not None) == (1 <= days <= clocks.rules()[name].longest)
    assert last is None or calendar.kind(last) == "workday"


def test_every_article_that_the_data_name_is_in_the_law_and_what_is_ours_is_marked(parts):
    import yaml

    for file in sorted((ROOT / "data" / "applications").glob("*.yml")):
        for row in rows(yaml.safe_load(file.read_text("utf-8"))):
            for cite in row.get("cites", ()):
                assert cite in parts.law.articles, (file.name, cite)
            if "mark" in row:
                assert row["mark"] in ("V", "V2", "R-high", "CFG"), (
                    file.name,
                    row,
                )  # R-low is no basis
    for name, rule in clocks.rules().items():
        stated = {parts.law.articles[cite].mark for cite in rule.cites}
        assert rule.mark == "CFG" or rule.mark in stated, name
        assert rule.mark == "CFG" or rule.days or rule.hours, name  # no figure, no source
        assert rule.longest == 0 or rule.mark == "CFG", name


def rows(data):
    """Every mapping in it that says something of its own."""
    if isinstance(data, dict):
        if "cites" in data or "mark" in data:
            yield data
        for one in data.values():
            yield from rows(one)
    elif isinstance(data, list):
        for one in data:
            yield from rows(one)
