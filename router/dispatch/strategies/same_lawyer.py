"""Who has advised this citizen before, then the longest idle."""

from collections.abc import Iterable

from router.dispatch.strategies.candidate import Candidate


def choose(candidates: Iterable[Candidate]) -> Candidate | None:
    """Not once they have let this ticket pass: then they are one of many."""
    return min(
        candidates,
        key=lambda c: (c.asked, not c.known, c.idle_since, c.lawyer_id),
        default=None,
    )
