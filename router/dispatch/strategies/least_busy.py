"""Who has the most room left, then the longest idle. For talks that take long."""

from collections.abc import Iterable

from router.dispatch.strategies.candidate import Candidate


def choose(candidates: Iterable[Candidate]) -> Candidate | None:
    return min(
        candidates,
        key=lambda c: (c.asked, c.load / c.capacity, c.idle_since, c.lawyer_id),
        default=None,
    )
