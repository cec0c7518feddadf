"""Which values a missing fact could take, as far as any rule can tell them apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final

from router.eligibility.facts import FACTS, Value
from router.eligibility.finding import ACCUSED
from router.eligibility.law import Law

_DAYS: Final = (dt.date(2026, 9, 10), dt.date(2026, 3, 1), dt.date(2021, 6, 1))
_FAR_OVER: Final = 1e8


def candidates(fact: str, told: dict[str, Value | None], law: Law) -> list[Any]:
    """At least two; the everyday one first."""
    row = FACTS[fact]
    if fact in _SPECIAL:
        return _SPECIAL[fact](told, law)
    if row.type == "bool":
        return [False, True]
    if row.type == "list":
        return [(), *((word,) for word in row.values)]
    if row.type == "enum":
        none = ("none",) if isinstance(row.taken_as, str) and row.taken_as not in row.values else ()
        return [*none, *row.values]
    return [_DAYS[0], *_DAYS[1:]]


def _regions(told: dict[str, Value | None], law: Law) -> list[str]:
    return list(law.regions)


def _dates(told: dict[str, Value | None], law: Law) -> list[dt.date]:
    days = [*_DAYS]
    region = law.regions.get(str(told.get("region")))
    if region:
        if region.since:
            days += [region.since, region.since - dt.timedelta(days=1)]
        days += list(region.standard.values) if region.standard else []
        for row in (region.scope, *region.negative_list):
            days += [row.since] if row.since else []
            days += [row.until, row.until + dt.timedelta(days=1)] if row.until else []
    return days


def _pending(told: dict[str, Value | None], law: Law) -> list[Any]:
    return [told.get("apply_date") or _DAYS[2], _DAYS[0]]


def _ages(told: dict[str, Value | None], law: Law) -> list[int]:
    return [40, 16] if told.get("role") in ACCUSED else [40, 10, 70]


def _limits(told: dict[str, Value | None], law: Law) -> list[float]:
    region = law.regions.get(str(told.get("region")))
    lines = region.standard.values.values() if region and region.standard else ()
    figures: set[float] = set()
    for line in lines:
        figures |= set(line.limit.values()) if isinstance(line.limit, dict) else {line.limit}
    return sorted(figures)


def _incomes(told: dict[str, Value | None], law: Law) -> list[float]:
    limits = _limits(told, law)
    between = [(a + b) / 2 for a, b in pairwise(limits)]
    return [0, _FAR_OVER, *limits, *between]


def _household_incomes(told: dict[str, Value | None], law: Law) -> list[float]:
    heads = told.get("household_size")
    return [income * (heads if isinstance(heads, int) else 1) for income in _incomes(told, law)]


def _sizes(told: dict[str, Value | None], law: Law) -> list[int]:
    total = told.get("household_income")
    exact = []
    if isinstance(total, (int, float)):
        exact = [int(total / limit) for limit in _limits(told, law) if total % limit == 0]
    return list(dict.fromkeys([3, 1, 50, *(n for n in exact if 1 <= n <= 50)]))


def _homes(told: dict[str, Value | None], law: Law) -> list[int]:
    region = law.regions.get(str(told.get("region")))
    return [0, region.assets.homes_from if region and region.assets else 2]


def _amounts(told: dict[str, Value | None], law: Law) -> list[float]:
    region = law.regions.get(str(told.get("region")))
    steps = {
        entry.refuse.amount_below
        for entry in (law.entries(region, str(told.get("matter"))) if region else ())
        if entry.refuse.amount_below is not None
    }
    return [_FAR_OVER, *(figure for step in sorted(steps) for figure in (step, step / 2)), 1]


def _objection_days(told: dict[str, Value | None], law: Law) -> list[int]:
    return [0, 1000]


def _days_left(told: dict[str, Value | None], law: Law) -> list[int]:
    return [30, 3]


def _docs(told: dict[str, Value | None], law: Law) -> list[tuple[str, ...]]:
    groups = told.get("groups")
    claimed = groups if isinstance(groups, tuple) else ()
    return [(), (*claimed, "disability"), *((word,) for word in claimed)]


def _groups(told: dict[str, Value | None], law: Law) -> list[tuple[str, ...]]:
    return [(), *((word,) for word in FACTS["groups"].values)]


def _places(told: dict[str, Value | None], law: Law) -> list[str]:
    places = {str(told[name]) for name in ("agency_at", "forum_at") if told.get(name)}
    return [*sorted(places), "别处"]


_SPECIAL: Final[dict[str, Callable[[dict[str, Value | None], Law], list[Any]]]] = {
    "region": _regions, "apply_date": _dates, "pending_on": _pending, "age": _ages,
    "income_pc": _incomes, "applicant_income": _incomes, "household_income": _household_incomes,
    "household_size": _sizes, "homes": _homes, "amount": _amounts,
    "days_since_refusal": _objection_days, "days_left": _days_left, "docs": _docs,
    "groups": _groups, "agency_at": _places, "forum_at": _places,
}  # fmt: skip
