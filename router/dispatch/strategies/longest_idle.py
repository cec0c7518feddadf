"""Who is asked next: never asked before asked again, then the longest idle."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lawyer who may be offered this ticket now."""

    lawyer_id: str
    idle_since: datetime
    asked: int = 0  # how often this ticket was offered to them already


def choose(candidates: Iterable[Candidate]) -> Candidate | None:
    """Pure. The id decides between equals, so that every process chooses alike."""
    return min(candidates, key=lambda c: (c.asked, c.idle_since, c.lawyer_id), default=None)
