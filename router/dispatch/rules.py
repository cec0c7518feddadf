"""What is different from queue to queue: the `dispatch:` block of a destination's file. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, field_validator

from router.dispatch import strategies
from router.dispatch.keys import Ring
from router.tickets.urgency import Urgency

Wider = tuple[tuple[Ring, str], ...]
RINGS: Final[Wider] = ((Ring.CITY, "city"), (Ring.PROVINCE, "province"), (Ring.NATION, "nation"))


class Rules(BaseModel):
    """Seconds are of waiting since the ticket was opened."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    strategy: str = "same_lawyer"
    city: int = Field(default=30, ge=0)  # from then on lawyers of the whole city are asked
    province: int = Field(default=90, ge=0)
    nation: int = Field(default=180, ge=0)
    reserve: int = Field(default=60, ge=0)  # from then on the reserve pool is asked as well
    silence: int = Field(default=15, ge=1)  # minutes without a word to the citizen: given back

    @field_validator("strategy")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in strategies.NAMES:
            raise ValueError(f"没有这个 strategy:{name}")
        return name


@dataclass(frozen=True, slots=True)
class Stage:
    """How far a ticket may look for a lawyer now; `until`: the waiting time that widens it."""

    ring: Ring
    reserve: bool
    until: timedelta | None


def stage(rules: Rules, urgency: int, waited: timedelta) -> Stage:
    """In danger anybody, at once. A clock that was put back makes nobody wait less than nothing."""
    if urgency == Urgency.DANGER:
        return Stage(Ring.NATION, True, None)
    seconds = max(waited.total_seconds(), 0)
    ring = max((r for r, name in RINGS if getattr(rules, name) <= seconds), default=Ring.LOCAL)
    steps = [rules.city, rules.province, rules.nation, rules.reserve]
    later = [step for step in steps if step > seconds]
    until = timedelta(seconds=min(later)) if later else None
    return Stage(ring, rules.reserve <= seconds, until)


class Queues:
    """The rules of each destination; a destination that says nothing has the usual ones."""

    def __init__(self, rules: Mapping[str, Rules] | None = None) -> None:
        self._rules = dict(rules or {})

    def of(self, destination: str) -> Rules:
        return self._rules.get(destination, USUAL)


USUAL: Final = Rules()
