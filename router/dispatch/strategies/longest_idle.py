"""Never asked before asked again, then the longest idle."""

from collections.abc import Iterable

from router.dispatch.strategies.candidate import Candidate


def choose(candidates: Iterable[Candidate]) -> Candidate | None:
    """The id decides between equals, so that every process chooses alike."""
    return min(candidates, key=lambda c: (c.asked, c.idle_since, c.lawyer_id), default=None)
