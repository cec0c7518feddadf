"""Figures by hand: what was played is made up here."""

from datetime import UTC, datetime, timedelta

import pytest

from router.simulator.agenda import Call
from router.simulator.measure import jain, levels, measure, percentile
from router.simulator.play import Played
from router.tickets.urgency import Urgency
from tests.router.simulator.conftest import scenario

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def played(calls, moves, stays=()):
    made = [Call(at(s), Urgency.ORDINARY, None, "990101", None, "answered", 60.0) for s in calls]
    opened = [(n, at(s), "opened", None) for n, s in enumerate(calls)]
    moved = [(n, at(s), move, who) for n, s, move, who in moves]
    told = [(who, at(a), at(b)) for who, a, b in stays]
    return Played(scenario(), 1, made, [*opened, *moved], told, 1, 0, 1, [], at(4000))


def test_the_wait_lasts_until_the_first_owner_and_not_the_first_offer():
    told = measure(
        played(
            [0],
            [(0, 1, "offered", 4), (0, 46, "expired", 4), (0, 46, "offered", 5),
             (0, 50, "accepted", 5), (0, 60, "returned", 5), (0, 70, "accepted", 6),
             (0, 90, "closed", 6)],
        )
    )  # fmt: skip
    story = told.stories[0]
    assert (story.wait, story.offers, story.lawyer) == (50, 2, 5)
    assert story.waiting == [(at(0), at(50)), (at(60), at(70))]
    assert told.work == [(at(50), at(60)), (at(70), at(90))]
    assert told.outcomes == {"answered": 1}


def test_who_was_never_owned_counts_as_too_late():
    told = measure(played([0, 10], [(0, 6, "accepted", 1)]))
    assert told.share_within(6) == 0.5 and told.share_within(5.9) == 0
    assert told.stories[1].waiting == [(at(10), at(4000))]


def test_a_call_into_the_gap_waits_for_the_first_check_in_after_it():
    stays = [(1, 0, 100), (2, 50, 200), (3, 300, 4000)]
    moves = [(0, 151, "accepted", 2), (1, 310, "accepted", 3)]
    told = measure(played([150, 250], moves, stays))
    assert told.after_nobody() == [10]


def test_percentiles_are_values_that_somebody_waited():
    waits = [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 100]
    found = [percentile(waits, share) for share in (0.5, 0.9, 0.99)]
    assert found == [5, 9, 100] and percentile([3.0], 0.01) == 3


def test_evenness_is_one_when_all_have_the_same_and_least_when_one_has_all():
    assert jain([2.0, 2, 2]) == pytest.approx(1) and jain([6.0, 0, 0]) == pytest.approx(1 / 3)
    assert jain([0.0, 0]) == 1


def test_levels_count_what_holds_at_the_end_of_each_step():
    spans = [(at(0), at(25)), (at(15), at(40))]
    assert levels(spans, NINE, timedelta(seconds=10), 4) == [1, 2, 1, 0]
