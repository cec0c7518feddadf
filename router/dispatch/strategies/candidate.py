"""What a strategy sees of a lawyer."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lawyer who may be offered this ticket now."""

    lawyer_id: str
    idle_since: datetime  # of nobody's offer since then
    asked: int = 0  # how often this ticket was offered to them already
    load: int = 0  # offers and tickets in hand
    capacity: int = 1
    known: bool = False  # has advised this citizen before
