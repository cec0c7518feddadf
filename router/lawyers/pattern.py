"""A weekly pattern (which hours on workdays, days of rest and holidays, and who takes turns) to
shifts. The turns depend on the pattern and the date alone: planning a span twice, or half of it,
gives the same shifts."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from router.lawyers import calendar
from router.lawyers.hours import Block, Span, clash, moment

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class PatternError(ValueError):
    """A pattern file that is wrong: which, and what about it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Duty(_Strict):
    """Seats to fill on such days; those in `lawyers` (logins) take turns day by day."""

    post: Literal["window", "hotline", "web", "kiosk"]
    seat: Literal["fixed", "cloud"]
    days: frozenset[calendar.Kind]
    weekdays: frozenset[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] = frozenset()
    hours: list[Block] = Field(min_length=1)
    seats: int = Field(default=1, ge=1)
    lawyers: list[str] = Field(min_length=1)

    def is_on(self, day: date) -> bool:
        if self.weekdays and WEEKDAYS[day.weekday()] not in self.weekdays:
            return False
        return calendar.kind(day) in self.days


class Pattern(_Strict):
    since: date  # the turns are counted from this day
    shifts: list[Duty]


class Planned(NamedTuple):
    """A shift as the pattern wants it."""

    login: str
    span: Span
    post: str
    seat: str


def load(path: Path) -> Pattern:
    """Raises PatternError naming the file and the place in it."""
    try:
        return Pattern.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        where = " › ".join(str(part) for part in first["loc"])
        raise PatternError(f"{path}:{where}:{first['msg']}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PatternError(f"{path}:读不懂。{error}") from None


def plan(pattern: Pattern, first: date, last: date) -> Iterator[Planned]:
    """The shifts of those days, both included; nobody has two at once. Where too few are left a
    seat stays empty, and the gap alarm tells."""
    turns = [0] * len(pattern.shifts)
    taken: dict[str, list[Span]] = defaultdict(list)  # login -> spans that may still clash
    for day in calendar.days(pattern.since, last):
        for number, duty in enumerate(pattern.shifts):
            if not duty.is_on(day):
                continue
            spans = [block.on(day) for block in duty.hours]
            for login in _free(duty, turns[number], spans, taken):
                running = [one for one in taken[login] if one.ends_at > moment(day, 0)]
                taken[login] = running + spans
                if day >= first:
                    yield from (Planned(login, span, duty.post, duty.seat) for span in spans)
            turns[number] += duty.seats


def _free(
    duty: Duty, turn: int, spans: Sequence[Span], taken: Mapping[str, Sequence[Span]]
) -> list[str]:
    """As many as there are seats, from whose turn it is on."""
    begin = turn % len(duty.lawyers)
    in_turn = duty.lawyers[begin:] + duty.lawyers[:begin]
    free = (login for login in in_turn if not clash(spans, taken.get(login, ())))
    return list(islice(free, duty.seats))
