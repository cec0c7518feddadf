"""A scenario: who calls, who answers, what goes wrong. Times are seconds unless a unit is named."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from router.clock import CHINA
from router.lawyers import calendar
from router.simulator.draw import Distribution, Fixed
from router.tickets.status import OUTCOMES
from router.tickets.urgency import Urgency

Share = Annotated[float, Field(ge=0, le=1)]
Weights = Annotated[dict[str, Annotated[float, Field(ge=0)]], Field(min_length=1)]
URGENCIES = {urgency.name.lower(): urgency for urgency in Urgency}
HERE = "990101"  # the fictional county
Regions = Annotated[list[str], Field(min_length=1)]  # GB/T 2260, six figures


def _known(names: Mapping[str, object]) -> AfterValidator:
    def check(weights: dict[str, float]) -> dict[str, float]:
        if strange := set(weights) - set(names):
            raise ValueError(f"没有这一项:{'、'.join(sorted(strange))}")
        return weights

    return AfterValidator(check)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Storm(_Strict):
    """So many calls more, evenly over `lasts` seconds from `at`; `matter`: all about the same."""

    at: AwareDatetime
    lasts: Annotated[float, Field(gt=0)]
    calls: Annotated[int, Field(gt=0)]
    matter: str | None = None


class Calls(_Strict):
    a_day: Annotated[float, Field(ge=0)]  # expected on a workday; the real number is drawn
    by_hour: Annotated[list[float], Field(min_length=24, max_length=24)] = [1.0] * 24  # weights
    on_rest_days: Annotated[float, Field(ge=0)] = 1  # times as many as on a workday
    urgency: Annotated[Weights, _known(URGENCIES)] = {"ordinary": 1}
    matters: Weights = {"": 1}  # labels of data/matters.yml; "": not told
    regions: Weights = {HERE: 1}
    languages: Weights = {"": 1}  # dialects; "": none is asked for
    outcomes: Annotated[Weights, _known(OUTCOMES)] = {"answered": 1}
    handling: Distribution  # from the click on accept to the closing
    storms: list[Storm] = []


class Block(_Strict):
    """Part of a day, China time; `until` not after `since` means the next morning."""

    since: time
    until: time

    def on(self, day: date) -> tuple[datetime, datetime]:
        starts = datetime.combine(day, self.since, CHINA)
        ends = datetime.combine(day, self.until, CHINA)
        return starts, ends if ends > starts else ends + timedelta(days=1)


class Group(_Strict):
    """A line of the roster: each day the next `seats` of its `people` have all its blocks."""

    name: str
    seats: Annotated[int, Field(gt=0)]
    people: Annotated[int, Field(gt=0)]
    blocks: Annotated[list[Block], Field(min_length=1)]
    days: Literal["workday", "rest", "every"] = "every"
    capacity: Annotated[int, Field(gt=0)] = 1  # telephone 1, chats more
    tier: Literal["duty", "reserve"] = "duty"
    regions: Regions = [HERE]  # the people are spread over them
    fields: list[str] = []  # of data/matters.yml; empty: all
    languages: list[str] = []  # beside 普通话

    @model_validator(mode="after")
    def _enough(self) -> "Group":
        if self.people < self.seats:
            raise ValueError(f"{self.name}:{self.seats} 个坐席,只有 {self.people} 名律师")
        return self


class Answering(_Strict):
    """What lawyers do with a shift and with an offer."""

    no_show: Share = 0  # of the rostered blocks
    missed: Share = 0  # offers that nobody sees
    declined: Share = 0  # of the offers that are seen
    given_back: Share = 0  # of the accepted ones
    reaction: Distribution = Fixed(kind="fixed", value=0)  # from the offer to the click
    comes_back: Distribution = Fixed(kind="fixed", value=600)  # once checked out for missing offers
    late: Distribution = Fixed(kind="fixed", value=0)  # from the block's begin to the check-in


class Silence(_Strict):
    """No wake-up arrives (Redis is gone): only timers and looking again go on."""

    at: AwareDatetime
    lasts: Annotated[float, Field(gt=0)]


class After(_Strict):
    """What becomes of the applications and mediations that the day's calls lead to."""

    submitted: Share = 1  # of the applications that a lawyer's closing opens
    granted: Share  # of the submitted ones; the others are refused
    fills: Distribution  # until the form is sent or given up
    decides: Distribution  # from there to the decision
    both_agree: Share  # of the mediations: the other side wants it too
    agreement: Share  # of those who met
    invites: Distribution  # until the other side has been asked
    meets: Distribution  # from there to the session that decides


class Scenario(_Strict):
    title: str
    start: AwareDatetime
    hours: Annotated[float, Field(gt=0, le=24 * 366)]  # calls come so long
    runs_on: Annotated[float, Field(ge=0, le=24 * 31)] = 24  # hours more at most, for who waits
    calls: Calls
    lawyers: Annotated[list[Group], Field(min_length=1)]
    answering: Answering = Answering()
    silences: list[Silence] = []
    after: After | None = None  # none: dispatch alone is played
    rest_days: list[date] = []  # that data/calendar takes for workdays, or does not know yet
    work_days: list[date] = []  # the other way round

    @property
    def ends(self) -> datetime:
        return self.start + timedelta(hours=self.hours)

    @property
    def stops(self) -> datetime:
        return self.ends + timedelta(hours=self.runs_on)

    @property
    def seats(self) -> int:
        return sum(group.seats for group in self.lawyers)

    def rests(self, day: date) -> bool:
        if day in self.rest_days or day in self.work_days:
            return day in self.rest_days
        return calendar.kind(day) != "workday"

    def with_seats(self, seats: int) -> "Scenario":
        """The same with so many seats in all, shared among the groups as they are now."""
        shares = [seats * group.seats / self.seats for group in self.lawyers]
        whole = [int(share) for share in shares]
        by_rest = sorted(range(len(shares)), key=lambda i: (whole[i] - shares[i], i))
        for i in by_rest[: seats - sum(whole)]:
            whole[i] += 1
        groups = [
            group.model_copy(update={"seats": n, "people": max(n, group.people)})
            for group, n in zip(self.lawyers, whole, strict=True)
            if n
        ]
        return self.model_copy(update={"lawyers": groups})


def load(path: Path) -> Scenario:
    """`like: other.yml` takes what is not said from a file beside it.

    Raises pydantic.ValidationError, yaml.YAMLError or OSError.
    """
    return Scenario.model_validate(_said(path))


def _said(path: Path) -> Any:
    said = yaml.safe_load(path.read_text("utf-8"))
    if isinstance(said, dict) and (other := said.pop("like", None)):
        return _over(_said(path.parent / other), said)
    return said


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = {
        name: _over(below[name], above[name])
        for name in above
        if isinstance(below.get(name), dict) and isinstance(above[name], dict)
    }
    return {**below, **above, **both}
