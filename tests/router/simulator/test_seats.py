"""How many seats, against Erlang C where its assumptions hold: Poisson calls, exponential talks,
one queue, nobody hangs up, a free lawyer answers at once."""

import math

import pytest

from router.simulator import seats
from router.simulator.measure import measure
from router.simulator.play import play
from tests.router.simulator.conftest import group, scenario


def erlang_c(n: int, load: float, patience: float) -> float:
    """Share of calls answered within `patience` mean talks. A. K. Erlang 1917; the form is from
    Cooper, Introduction to Queueing Theory, 2nd ed. 1981, chapter 3.4."""
    inverse_b = 1.0
    for k in range(1, n + 1):
        inverse_b = 1 + inverse_b * k / load
    blocked = 1 / inverse_b
    waits = n * blocked / (n - load * (1 - blocked))
    return 1 - waits * math.exp(-(n - load) * patience)


# calls, talk and patience in minutes, interval in minutes, seats → pyworkforce 0.5.1 (MIT), ErlangC
PYWORKFORCE = [
    (100, 3, 1, 30, 14, 0.954099320650),
    (60, 4, 2, 60, 5, 0.663913746999),
    (60, 4, 2, 60, 6, 0.895242339333),
    (60, 4, 2, 60, 7, 0.969852845495),
    (200, 6, 1, 60, 25, 0.909124286166),
]


@pytest.mark.parametrize("calls, talk, patience, interval, n, share", PYWORKFORCE)
def test_our_erlang_c_is_that_of_pyworkforce(calls, talk, patience, interval, n, share):
    assert erlang_c(n, calls / interval * talk, patience / talk) == pytest.approx(share, abs=1e-9)


def erlang_office(n: int, calls: int):
    """Two busy on average: a call a second, talks of two seconds."""
    return scenario(
        hours=calls / 3600,
        calls={"a_day": 86400, "handling": {"kind": "exponential", "mean": 2}},
        lawyers=[group(n)],
    )


def test_a_simulated_office_answers_as_many_in_time_as_erlang_c_says():
    told = measure(play(erlang_office(3, 200), 1, look=None))
    assert told.share_within(1) == pytest.approx(erlang_c(3, 2, 0.5), abs=0.1)


def test_the_seats_found_are_those_of_erlang_c():
    wanted = next(n for n in range(3, 20) if erlang_c(n, 2, 0.5) >= 0.85)
    found = seats.find(erlang_office(wanted, 100), seats.goal("85% within 1s"), [1])
    assert found.seats == wanted == 4


def in_time(shares):
    """Instead of playing: so many of a hundred calls with so many seats."""

    def run(one, seeds):
        scenario = one.args[0]
        return [(round(100 * shares(scenario.seats)), 100) for _ in seeds]

    return run


def test_the_fewest_seats_are_found_from_below_and_from_above():
    goal = seats.goal("90% within 60s")
    for start in (1, 13, 14, 200):
        office = scenario(lawyers=[group(start)])
        found = seats.find(office, goal, [1], in_time(lambda n: min(n / 14, 1) * 0.9))
        assert found.seats == 14


def test_where_more_seats_change_nothing_it_is_said():
    with pytest.raises(seats.Unreachable) as told:
        seats.find(scenario(), seats.goal("90% within 6s"), [1], in_time(lambda n: 0.55))
    assert told.value.share == 0.55


def test_groups_keep_their_proportions():
    office = scenario(lawyers=[group(30, name="白天"), group(10, name="夜里")])
    assert [g.seats for g in office.with_seats(20).lawyers] == [15, 5]
    assert [g.seats for g in office.with_seats(3).lawyers] == [2, 1]
    assert all(office.with_seats(n).seats == n for n in range(1, 60))


@pytest.mark.parametrize("text", ["90%", "within 60s", "0% within 6s", "101% within 6s", "90 in 6"])
def test_a_goal_that_cannot_be_read_is_refused(text):
    with pytest.raises(seats.BadGoal):
        seats.goal(text)
