"""What stands fixed before the first call: every call, and who is rostered when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from router.clock import CHINA, china_date
from router.simulator import draw
from router.simulator.scenario import URGENCIES, Group, Scenario, Storm
from router.tickets.urgency import Urgency


@dataclass(frozen=True, slots=True)
class Call:
    at: datetime
    urgency: Urgency
    matter: str | None
    region: str
    language: str | None
    outcome: str
    handling: float  # seconds


@dataclass(frozen=True, slots=True)
class Turn:
    """One block of one lawyer."""

    lawyer: int  # number among all of the scenario
    starts: datetime
    ends: datetime


def calls(scenario: Scenario, seed: int) -> list[Call]:
    """In the order of their moments; the same for any roster."""
    chance = draw.stream(seed, "calls")
    plan, found = scenario.calls, []
    for at, storm in sorted(_moments(scenario, seed), key=lambda moment: moment[0]):
        found.append(
            Call(
                at,
                URGENCIES[draw.pick(chance, plan.urgency)],
                (storm and storm.matter) or draw.pick(chance, plan.matters) or None,
                draw.pick(chance, plan.regions),
                draw.pick(chance, plan.languages) or None,
                draw.pick(chance, plan.outcomes),
                plan.handling.draw(chance),
            )
        )
    return found


def _moments(scenario: Scenario, seed: int) -> Iterator[tuple[datetime, Storm | None]]:
    chance = draw.stream(seed, "arrivals")
    since = scenario.start
    while since < scenario.ends:
        full = since.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        until = min(full, scenario.ends)
        span = (until - since).total_seconds()
        for at in draw.poisson(chance, _a_second(scenario, since), span):
            yield since + timedelta(seconds=at), None
        since = until
    for storm in scenario.calls.storms:
        for _ in range(storm.calls):
            yield storm.at + timedelta(seconds=chance.uniform(0, storm.lasts)), storm


def _a_second(scenario: Scenario, moment: datetime) -> float:
    plan, local = scenario.calls, moment.astimezone(CHINA)
    share = plan.by_hour[local.hour] / sum(plan.by_hour)
    rests = plan.on_rest_days if scenario.rests(local.date()) else 1
    return plan.a_day * rests * share / 3600


def turns(scenario: Scenario) -> list[Turn]:
    """As long as the play may go on, each group's people in rotation."""
    found: list[Turn] = []
    first = 0
    for group in scenario.lawyers:
        found += _of_group(scenario, group, first)
        first += group.people
    return sorted(found, key=lambda turn: (turn.starts, turn.lawyer))


def _of_group(scenario: Scenario, group: Group, first: int) -> Iterator[Turn]:
    day = china_date(scenario.start) - timedelta(days=1)  # its night block is still on
    while day <= china_date(scenario.stops):
        if group.days == "every" or (group.days == "rest") == scenario.rests(day):
            for seat in range(group.seats):
                lawyer = first + (day.toordinal() * group.seats + seat) % group.people
                for starts, ends in (block.on(day) for block in group.blocks):
                    if ends > scenario.start:
                        yield Turn(lawyer, max(starts, scenario.start), ends)
        day += timedelta(days=1)
