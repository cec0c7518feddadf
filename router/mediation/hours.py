"""Weekly hours as an office writes them: 工作日 09:00-12:00 14:00-17:00；周六 09:00-12:00.

Days are 每天, 工作日 (with the weekends worked instead), 周一 … 周日 or 周一至周五; a weekday that
is a public holiday is not meant. Parts are divided by semicolons.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from router.clock import CHINA, china_date
from router.lawyers import calendar
from router.mediation.errors import BadHours

AHEAD = 21  # days in which an opening is looked for: over the longest holiday
_WEEK = "一二三四五六日"
_SPAN = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-—~至到]\s*(\d{1,2})[:：](\d{2})")
_DAYS = re.compile(
    r"(?:周|星期)([一二三四五六日天])(?:\s*[-—~至到]\s*(?:周|星期)([一二三四五六日天]))?"
)
_BETWEEN = re.compile(r"[、，,\s]+")


class Block(NamedTuple):
    meant: Callable[[date], bool]
    begin: time
    end: time  # the first moment that is not theirs


@lru_cache(maxsize=4096)
def read(text: str) -> tuple[Block, ...]:
    """Raises BadHours with a sentence."""
    blocks: list[Block] = []
    for part in filter(None, (p.strip() for p in re.split(r"[；;]", text))):
        spans = list(_SPAN.finditer(part))
        named = part[: spans[0].start()].strip() if spans else part
        left = _SPAN.sub("", part[len(named) :]) if spans else "?"
        if not spans or not named or _BETWEEN.sub("", left):
            raise BadHours(f"“{part}”看不懂，写成：工作日 09:00-12:00 14:00-17:00。")
        meant = _days(named)
        blocks += [Block(meant, *_span(span)) for span in spans]
    return tuple(blocks)


def open_at(text: str, now: datetime) -> bool:
    here = now.astimezone(CHINA)
    return any(
        block.meant(here.date()) and block.begin <= here.time() < block.end for block in read(text)
    )


def opens(text: str, now: datetime) -> datetime | None:
    """The next beginning after now; None: none in the next three weeks."""
    first = china_date(now)
    for day in calendar.days(first, first + timedelta(days=AHEAD)):
        starts = (
            datetime.combine(day, block.begin, CHINA) for block in read(text) if block.meant(day)
        )
        if later := [start for start in starts if start > now]:
            return min(later)
    return None


def _days(named: str) -> Callable[[date], bool]:
    tests: list[Callable[[date], bool]] = []
    for word in filter(None, _BETWEEN.split(named)):
        found = _DAYS.fullmatch(word)
        if word == "每天":
            tests.append(lambda _: True)
        elif word == "工作日":
            tests.append(lambda day: calendar.kind(day) == "workday")
        elif found:
            tests.append(_weekdays(_number(found[1]), _number(found[2] or found[1])))
        else:
            raise BadHours(f"“{word}”看不懂，可以写：每天、工作日、周一至周五、周六。")
    return lambda day: any(test(day) for test in tests)


def _weekdays(first: int, last: int) -> Callable[[date], bool]:
    numbers: Sequence[int] = [n % 7 for n in range(first, last + (7 if last < first else 0) + 1)]
    return lambda day: day.weekday() in numbers and calendar.kind(day) != "holiday"


def _number(letter: str) -> int:
    return _WEEK.index("日" if letter == "天" else letter)


def _span(found: re.Match[str]) -> tuple[time, time]:
    try:
        begin, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    except ValueError:
        raise BadHours(f"没有“{found[0]}”这样的钟点，最晚写到 23:59。") from None
    if begin >= end:
        raise BadHours(f"“{found[0]}”的结束要晚于开始，过夜的请分成两段。")
    return begin, end
