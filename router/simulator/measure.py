"""What came of it: waiting, shares, fairness, funnel. Pure; all figures follow from the moves."""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from router.simulator.agenda import Call
from router.simulator.play import Played


@dataclass
class Story:
    """One call from its arrival to its end."""

    call: Call
    owned_at: datetime | None = None  # the first time
    lawyer: int | None = None  # who first owned it
    closed_at: datetime | None = None
    offers: int = 0
    alarmed: bool = False
    waiting: list[tuple[datetime, datetime]] = field(default_factory=list)  # without an owner

    @property
    def wait(self) -> float | None:
        """Seconds until somebody owned it."""
        return (self.owned_at - self.call.at).total_seconds() if self.owned_at else None


@dataclass(frozen=True)
class Duty:
    lawyer: int
    hours: float
    accepted: int


@dataclass(frozen=True)
class Measured:
    played: Played
    stories: list[Story]
    moves: Counter[str]
    duties: list[Duty]  # of who came at all
    work: list[tuple[datetime, datetime]]  # from each accepting to the closing or giving back

    @property
    def waits(self) -> list[float]:
        """Of the owned ones, shortest first."""
        return sorted(story.wait for story in self.stories if story.wait is not None)

    def share_within(self, seconds: float) -> float:
        return share_within(self.stories, seconds)

    @property
    def outcomes(self) -> Counter[str]:
        return Counter(story.call.outcome for story in self.stories if story.closed_at)

    def after_nobody(self) -> list[float]:
        """Of the calls that came while nobody was on duty: seconds from the first check-in
        after them to their owner; infinite: none."""
        nobody, found = _gaps(self.played), []
        starts = [since for since, _ in nobody]
        for story in self.stories:
            i = bisect_left(starts, story.call.at) - 1
            if i >= 0 and story.call.at < nobody[i][1]:
                owned = story.owned_at
                wait = (owned - nobody[i][1]).total_seconds() if owned else math.inf
                found.append(wait)
        return sorted(found)


def measure(played: Played) -> Measured:
    stories = [Story(call) for call in played.calls]
    since: dict[int, datetime] = {}
    accepted: Counter[int] = Counter()
    begun: dict[int, datetime] = {}
    work: list[tuple[datetime, datetime]] = []
    for ticket, at, move, lawyer in played.moves:
        story = stories[ticket]
        if move in ("returned", "closed") and ticket in begun:
            work.append((begun.pop(ticket), at))
        if move in ("opened", "returned"):
            since[ticket] = at
        elif move == "offered":
            story.offers += 1
        elif move == "alarmed":
            story.alarmed = True
        elif move == "accepted":
            assert lawyer is not None
            accepted[lawyer] += 1
            begun[ticket] = at
            story.waiting.append((since.pop(ticket), at))
            if story.owned_at is None:
                story.owned_at, story.lawyer = at, lawyer
        elif move == "closed":
            story.closed_at = at
    for ticket, began in since.items():
        stories[ticket].waiting.append((began, played.ended))
    work += [(began, played.ended) for began in begun.values()]
    counts = Counter(move for _, _, move, _ in played.moves)
    return Measured(played, stories, counts, _duties(played, accepted), work)


def share_within(stories: Sequence[Story], seconds: float) -> float:
    """Of all calls; who was never owned counts as too late."""
    in_time = sum(story.wait is not None and story.wait <= seconds for story in stories)
    return in_time / len(stories) if stories else 1.0


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank, of sorted values."""
    return values[max(math.ceil(share * len(values)) - 1, 0)]


def jain(values: Sequence[float]) -> float:
    """Jain, Chiu, Hawe 1984 (DEC TR-301): 1 all the same, 1/n one has everything."""
    squares = sum(value * value for value in values)
    return sum(values) ** 2 / (len(values) * squares) if squares else 1.0


def _duties(played: Played, accepted: Counter[int]) -> list[Duty]:
    hours: Counter[int] = Counter()
    for lawyer, since, until in played.stays:
        hours[lawyer] += (until - since) / timedelta(hours=1)  # type: ignore[assignment]
    return [Duty(lawyer, hours[lawyer], accepted[lawyer]) for lawyer in sorted(hours)]


def _gaps(played: Played) -> list[tuple[datetime, datetime]]:
    """When nobody was on duty, until somebody came."""
    gaps, covered = [], played.scenario.start
    for _, since, until in sorted(played.stays, key=lambda stay: stay[1]):
        if since > covered:
            gaps.append((covered, since))
        covered = max(covered, until)
    return [*gaps, (covered, played.ended)] if covered < played.ended else gaps


def levels(
    changes: Iterable[tuple[datetime, datetime]], start: datetime, step: timedelta, count: int
) -> list[int]:
    """How many of the spans hold at the end of each step."""
    edges = [start + step * (i + 1) for i in range(count)]
    rises = [0] * (count + 1)
    for since, until in changes:
        rises[bisect_left(edges, since)] += 1
        rises[bisect_left(edges, until)] -= 1
    found, level = [], 0
    for rise in rises[:count]:
        level += rise
        found.append(level)
    return found
