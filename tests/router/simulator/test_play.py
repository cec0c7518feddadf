"""Real dispatch in virtual time: nobody is lost, the rules hold, the same seed is the same day."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.simulator import chart, report
from router.simulator.measure import measure
from router.simulator.play import play
from router.tickets.urgency import Urgency
from tests.router.simulator.conftest import MONDAY_NINE, closely, group, scenario

HUMAN = {
    "no_show": 0.3, "missed": 0.1, "declined": 0.1, "given_back": 0.1,
    "reaction": {"kind": "lognormal", "median": 4, "p90": 10},
}  # fmt: skip


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    office = scenario(hours=0.2, answering=HUMAN, lawyers=[group(4)])
    first, again, other = (measure(play(office, seed)) for seed in (1, 1, 2))
    for told in (report.words, report.table, chart.draw):
        assert told(first) == told(again)
    assert report.table(first) != report.table(other)


def test_everybody_is_owned_once_and_closed():
    told = measure(closely(scenario()))
    assert told.stories and not told.played.broken
    assert all(story.closed_at and story.lawyer is not None for story in told.stories)
    assert told.moves["accepted"] == told.moves["closed"] == len(told.stories)


def test_prompt_lawyers_with_room_leave_nobody_waiting():
    told = measure(play(scenario(lawyers=[group(10)]), 1))
    assert set(told.waits) == {0.0}


def test_an_offer_that_nobody_sees_goes_to_the_next_after_its_time():
    never = scenario(
        hours=0.05,
        runs_on=0.2,
        calls={"a_day": 2400},
        answering={"missed": 1},
        lawyers=[group(3)],
    )
    told = measure(closely(never))
    assert told.stories and not told.played.broken
    assert told.moves["expired"] > 3 * len(told.stories) and told.moves["accepted"] == 0
    assert all(story.alarmed for story in told.stories)  # it waits, and somebody knows


def test_what_came_at_night_is_owned_within_a_minute_of_the_first_check_in():
    office = scenario(
        start="2026-03-02T07:30:00+08:00",
        hours=1.1,
        calls={"a_day": 200},
        lawyers=[group(6, capacity=3, blocks=[{"since": "08:30", "until": "12:00"}])],
    )
    told = measure(closely(office))
    late = told.after_nobody()
    assert late and all(wait <= 60 for wait in late)
    assert not told.played.broken


def test_in_a_storm_danger_is_owned_before_the_many():
    storm = {"at": MONDAY_NINE, "lasts": 300, "calls": 16}
    office = scenario(
        calls={"a_day": 0, "storms": [storm], "urgency": {"danger": 1, "ordinary": 5}}
    )
    told = measure(closely(office, seed=3))
    waits = {
        urgency: [s.wait or 0 for s in told.stories if s.call.urgency == urgency]
        for urgency in (Urgency.DANGER, Urgency.ORDINARY)
    }
    assert not told.played.broken
    assert max(waits[Urgency.DANGER]) < max(waits[Urgency.ORDINARY]) / 2


def test_without_wake_ups_the_desk_sees_an_offer_when_it_looks_again():
    silent = [{"at": MONDAY_NINE, "lasts": 3600}]
    told = measure(closely(scenario(hours=0.2, silences=silent, lawyers=[group(6)])))
    assert told.waits and all(0 < wait <= 15 for wait in told.waits)


def test_without_wake_ups_timers_bring_an_unseen_offer_to_the_next():
    silent = [{"at": MONDAY_NINE, "lasts": 3600}]
    office = scenario(hours=0.2, silences=silent, answering={"missed": 0.5}, lawyers=[group(6)])
    told = measure(closely(office))
    assert told.moves["expired"] and not told.played.broken
    assert all(story.closed_at for story in told.stories)


def test_who_does_not_come_has_no_work():
    told = measure(play(scenario(runs_on=0.2, answering={"no_show": 1}), 1))
    assert told.played.missing == told.played.rostered > 0
    assert not told.duties and told.share_within(60) == 0


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 2**32),
    seats=st.integers(1, 4),
    capacity=st.integers(1, 3),
    missed=st.sampled_from([0, 0.3]),
    declined=st.sampled_from([0, 0.3]),
    given_back=st.sampled_from([0, 0.3]),
    breaks=st.booleans(),
    quiet=st.booleans(),
)
def test_the_rules_hold_in_any_office(
    seed, seats, capacity, missed, declined, given_back, breaks, quiet
):
    """One owner, capacity, nobody unseen, the order, and the state rebuilt from its history."""
    until = "09:06" if breaks else "12:00"
    blocks = [{"since": "09:00", "until": until}, {"since": "09:12", "until": "17:00"}]
    office = scenario(
        hours=0.15,
        calls={"a_day": 1600, "urgency": {"danger": 1, "special": 2, "ordinary": 5}},
        lawyers=[group(seats, capacity=capacity, blocks=blocks)],
        answering={"missed": missed, "declined": declined, "given_back": given_back},
        silences=[{"at": MONDAY_NINE, "lasts": 200}] if quiet else [],
    )
    told = play(office, seed, look=timedelta(seconds=20))
    assert not told.broken
    assert all(story.closed_at for story in measure(told).stories)
