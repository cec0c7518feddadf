"""What held when at a place: every dated rule on one axis."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from router.eligibility import Law
from router.eligibility.finding import LAL_DAY
from router.eligibility.law import Dated, Line, Region, Standard

KINDS: Final = {
    "national_list": "按全国清单，加上本地增加的事项",
    "own_rights": "不限事项：维护自己的合法权益都可以申请",
    "negative_list": "负面清单：不在清单上的都可以申请；清单不能缩小全国清单",
}
_CMP: Final = {
    "lte": "不超过 {}", "lt": "低于 {}", "unspecified": "{}(恰好相等时规定没写明，由机构决定)",
}  # fmt: skip


@dataclass(frozen=True)
class Held:
    """What held from one day to another; `x` and `width` in thousandths of the whole time."""

    kind: str
    words: str
    begin: dt.date | None
    end: dt.date | None
    now: bool
    x: int = 0
    width: int = 1000

    @property
    def dates(self) -> str:
        return dates_of(self.begin, self.end)


@dataclass(frozen=True)
class Timeline:
    first: dt.date
    last: dt.date
    day: int
    rows: list[Held]


def timeline(law: Law, region: Region, day: dt.date) -> Timeline:
    """Every dated rule that concerns the place, drawn on one axis."""
    rows = list(_history(law, region, day))
    known = [date for row in rows for date in (row.begin, row.end) if date]
    first = min([*known, day])
    last = max([*known, day]) + dt.timedelta(days=366)
    whole = (last - first).days

    def place(date: dt.date | None, otherwise: int) -> int:
        return round((date - first).days * 1000 / whole) if date else otherwise

    drawn = []
    for row in rows:
        x, end = place(row.begin, 0), place(row.end, 1000)
        drawn.append(Held(row.kind, row.words, row.begin, row.end, row.now, x, max(end - x, 4)))
    return Timeline(first, last, place(day, 0), drawn)


def _history(law: Law, region: Region, day: dt.date) -> Iterator[Held]:
    for era in law.eras:
        yield Held("全国清单", era.label, era.since, era.until, era.holds_on(day))
    yield Held("本地规定", region.name, region.since, region.until, region.holds_on(day))
    scope = region.scope
    if scope.since or scope.until:
        yield Held("事项范围", KINDS[scope.kind], scope.since, scope.until, scope.holds_on(day))
    if region.standard:
        yield from _standards(region.standard, day)
    rows: list[tuple[str, Dated]] = [("全国", row) for row in (*law.exempt, *law.rank_open)]
    rows += [("本地", row) for _, value in region if isinstance(value, tuple)
             for row in value if isinstance(row, Dated)]  # fmt: skip
    for kind, row in rows:
        # most national rows began with 法律援助法 itself, which has its own line
        if (row.since and row.since > LAL_DAY) or row.until:
            words = getattr(row, "words", "")
            yield Held(kind, words, row.since, row.until, row.holds_on(day))


def _standards(standard: Standard, day: dt.date) -> Iterator[Held]:
    begins = sorted(standard.values)
    for number, begin in enumerate(begins):
        after = begins[number + 1] if number + 1 < len(begins) else None
        end = after - dt.timedelta(days=1) if after else None
        now = begin <= day and (end is None or day <= end)
        yield Held("经济困难标准", amount(standard.values[begin]), begin, end, now)


def dates_of(since: dt.date | None, until: dt.date | None) -> str:
    if since and until:
        return f"{since} 至 {until}"
    if until:
        return f"至 {until}"
    return f"{since} 起" if since else "一直"


def amount(line: Line) -> str:
    """每人每月不超过 1,500 元."""
    if isinstance(line.limit, dict):
        city, country = (f"{line.limit[place]:,.10g} 元" for place in ("urban", "rural"))
        return f"每人每月{_CMP[line.cmp].format(f'城镇 {city}、农村 {country}')}"
    return f"每人每月{_CMP[line.cmp].format(f'{line.limit:,.10g} 元')}"
