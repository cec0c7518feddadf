"""Calls and roster are fixed by scenario and seed, before anybody answers."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from router.clock import CHINA
from router.simulator import agenda
from tests.router.simulator.conftest import MONDAY_NINE, group, scenario


def test_calls_come_in_the_hours_that_have_weight():
    hours = [0.0] * 24
    hours[10], hours[15] = 3, 1
    found = agenda.calls(
        scenario(start="2026-03-02T00:00:00+08:00", hours=24, calls={"by_hour": hours}), 1
    )
    by_hour = Counter(call.at.astimezone(CHINA).hour for call in found)
    assert set(by_hour) == {10, 15}
    assert 250 < by_hour[10] < 470 and 60 < by_hour[15] < 180  # 360 and 120 expected


def test_a_rest_day_has_the_share_of_calls_that_it_is_given():
    sunday = scenario(start="2026-03-01T00:00:00+08:00", hours=24, calls={"on_rest_days": 0})
    assert agenda.calls(sunday, 1) == []
    worked = sunday.model_copy(update={"work_days": [date(2026, 3, 1)]})
    assert len(agenda.calls(worked, 1)) > 400


def test_a_storm_brings_exactly_its_calls_about_its_matter():
    storm = {"at": MONDAY_NINE, "lasts": 600, "calls": 50, "matter": "labour_pay"}
    found = agenda.calls(scenario(calls={"a_day": 0, "storms": [storm]}), 1)
    start = datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert len(found) == 50 and {call.matter for call in found} == {"labour_pay"}
    assert all(start <= call.at <= start + timedelta(minutes=10) for call in found)


def test_the_same_people_call_however_many_seats_there_are():
    few, many = scenario(), scenario(lawyers=[group(40)])
    assert agenda.calls(few, 7) == agenda.calls(many, 7)
    assert agenda.calls(few, 7) != agenda.calls(few, 8)


def test_seats_go_round_among_the_people():
    office = scenario(hours=72, lawyers=[group(2, people=6)])
    days = [turn for turn in agenda.turns(office) if turn.starts < office.ends]
    on = Counter(turn.lawyer for turn in days)
    assert set(on) == set(range(6))
    assert max(on.values()) - min(on.values()) <= 1


def test_nobody_is_rostered_on_a_holiday_but_who_is_there_for_it():
    office = scenario(
        start="2026-10-01T08:00:00+08:00",
        hours=10,
        lawyers=[
            group(1, days="workday", blocks=[{"since": "08:30", "until": "17:30"}]),
            group(1, days="rest", blocks=[{"since": "09:00", "until": "12:00"}]),
        ],
    )
    assert {turn.lawyer for turn in agenda.turns(office)} == {1}


@pytest.mark.parametrize(
    "day, rests",
    [("2026-10-07", True), ("2026-10-08", False), ("2026-10-10", False), ("2026-10-17", True)],
    ids=["holiday", "workday", "saturday worked instead", "saturday"],
)
def test_a_day_is_what_the_calendar_says_unless_the_scenario_knows_better(day, rests):
    that = date.fromisoformat(day)
    assert scenario().rests(that) == rests
    assert not scenario(work_days=[day]).rests(that)
    assert scenario(rest_days=[day]).rests(that)


def test_a_night_block_ends_in_the_morning_and_one_begun_yesterday_is_still_on():
    office = scenario(
        start="2026-03-02T06:00:00+08:00",
        lawyers=[group(1, blocks=[{"since": "22:00", "until": "08:00"}])],
    )
    first = agenda.turns(office)[0]
    assert (first.starts, first.ends - first.starts) == (office.start, timedelta(hours=2))
