"""How many seats: the fewest with which so many calls are owned so soon, over several seeds."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from router.simulator.measure import measure
from router.simulator.play import play
from router.simulator.scenario import Scenario

MOST = 100_000


class BadGoal(ValueError):
    """Not of the form "90% within 60s"."""


class Unreachable(ValueError):
    """More seats change nothing: lawyers miss, decline or are too slow to click."""

    def __init__(self, share: float) -> None:
        super().__init__(share)
        self.share = share


@dataclass(frozen=True)
class Goal:
    share: float
    seconds: float


@dataclass(frozen=True)
class Found:
    seats: int
    shares: dict[int, float]  # what was tried: seats to share of the calls owned in time


def goal(text: str) -> Goal:
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%\s*within\s*(\d+(?:\.\d+)?)\s*s\s*", text)
    if not match or not 0 < float(match[1]) <= 100:
        raise BadGoal(text)
    return Goal(float(match[1]) / 100, float(match[2]))


Run = Callable[[Callable[[int], tuple[int, int]], Iterable[int]], Iterable[tuple[int, int]]]


def find(scenario: Scenario, wanted: Goal, seeds: Iterable[int], run: Run = map) -> Found:
    """Bisects; the groups of the roster keep their proportions. `run` may play seeds side by side.

    Raises Unreachable.
    """
    seeds, shares = list(seeds), dict[int, float]()
    scenario = scenario.model_copy(update={"after": None})  # no seat depends on it

    def reached(seats: int) -> bool:
        if seats not in shares:
            told = list(run(partial(_in_time, scenario.with_seats(seats), wanted.seconds), seeds))
            calls = sum(n for _, n in told)
            shares[seats] = sum(n for n, _ in told) / calls if calls else 1.0
        return shares[seats] >= wanted.share

    enough = scenario.seats
    while not reached(enough):
        more = 2 * enough
        if not reached(more) and (more > MOST or shares[more] - shares[enough] < 0.002):
            raise Unreachable(shares[more])
        enough = more
    return Found(_fewest(reached, enough), dict(sorted(shares.items())))


def _fewest(reached: Callable[[int], bool], enough: int) -> int:
    too_few = 0
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if reached(middle):
            enough = middle
        else:
            too_few = middle
    return enough


def _in_time(scenario: Scenario, seconds: float, seed: int) -> tuple[int, int]:
    """How many of the calls were owned in time, and how many calls there were."""
    stories = measure(play(scenario, seed, look=None)).stories
    return sum(s.wait is not None and s.wait <= seconds for s in stories), len(stories)
