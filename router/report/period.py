"""The spans that are reported: a year, a quarter or a month in China."""

from dataclasses import dataclass
from datetime import date, datetime, time

from router.clock import CHINA

QUARTERS = {f"q{n}": f"第{word}季度" for n, word in enumerate("一二三四", 1)}
MONTHS = {f"m{n:02}": f"{n}月" for n in range(1, 13)}
PARTS = {"": "全年", **QUARTERS, **MONTHS}


@dataclass(frozen=True)
class Span:
    first: date
    after: date  # the day after its last
    label: str

    @property
    def since(self) -> datetime:
        return _midnight(self.first)

    @property
    def until(self) -> datetime:
        return _midnight(self.after)


def span(year: int, part: str = "") -> Span:
    """`part`: of PARTS. Raises ValueError."""
    if not 2000 <= year <= 2200 or part not in PARTS:
        raise ValueError(f"{year} {part}")
    label = f"{year}年{PARTS[part] if part else ''}"
    if not part:
        return Span(date(year, 1, 1), date(year + 1, 1, 1), label)
    number = int(part[1:])
    begins, months = (number, 1) if part in MONTHS else (3 * number - 2, 3)
    return Span(date(year, begins, 1), _month(year, begins + months), label)


def months(year: int) -> list[Span]:
    return [span(year, part) for part in MONTHS]


def _month(year: int, number: int) -> date:
    return date(year + 1, 1, 1) if number > 12 else date(year, number, 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
