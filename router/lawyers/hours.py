"""Hours of a day as people write them (09:00-12:00), and the spans of time they mean."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml
from pydantic import RootModel, TypeAdapter, ValidationError, field_validator

from router.clock import CHINA, china_date
from router.lawyers import calendar
from router.lawyers.models import POSTS
from router.settings import ROOT

COVER = ROOT / "data" / "cover.yml"
LONGEST = timedelta(hours=24)  # of one shift
_BLOCK = re.compile(r"(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)")


class Span(NamedTuple):
    """From a moment up to, not including, another."""

    starts_at: datetime
    ends_at: datetime


class Block(RootModel[str]):
    """`09:00-12:00`, `22:00-06:00` over midnight, `00:00-24:00` the whole day."""

    @field_validator("root")
    @classmethod
    def _readable(cls, text: str) -> str:
        minutes_of(text)
        return text

    def on(self, day: date) -> Span:
        begin, end = minutes_of(self.root)
        return Span(moment(day, begin), moment(day, end))


class CoverError(ValueError):
    """data/cover.yml is wrong: what about it."""


_Needs = dict[str, dict[calendar.Kind, list[Block]]]


def minutes_of(text: str) -> tuple[int, int]:
    """Begin and end in minutes after midnight; an end past 1440 is on the next day.

    Raises ValueError with a sentence."""
    found = _BLOCK.fullmatch(text.strip())
    if not found:
        raise ValueError(f"“{text}”不是时段，写成 09:00-12:00。")
    hours = [int(part) for part in found.groups()]
    begin, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if max(hours[1], hours[3]) > 59 or begin >= 1440 or end > 1440:
        raise ValueError(f"“{text}”里没有这样的钟点。")
    if begin == end:
        raise ValueError(f"“{text}”的开始和结束相同。")
    return begin, end if end > begin else end + 1440


def moment(day: date, minutes: int) -> datetime:
    """So many minutes after the day's midnight in China."""
    return datetime.combine(day, time(), CHINA) + timedelta(minutes=minutes)


def needed(post: str, since: datetime, until: datetime, path: Path = COVER) -> list[Span]:
    """When somebody must be at the post within the span, whole and in order."""
    by_kind = _needs(path).get(post, {})
    first = china_date(since) - timedelta(days=1)  # the night before may reach into it
    blocks = (
        block.on(day)
        for day in calendar.days(first, china_date(until))
        for block in by_kind.get(calendar.kind(day), ())
    )
    clipped = (Span(max(b.starts_at, since), min(b.ends_at, until)) for b in blocks)
    return joined(span for span in clipped if span.starts_at < span.ends_at)


def posts_to_cover(path: Path = COVER) -> Sequence[str]:
    """The posts at which hours are promised."""
    return list(_needs(path))


def joined(spans: Iterable[Span]) -> list[Span]:
    """In order, with those that touch or overlap made one."""
    whole: list[Span] = []
    for span in sorted(spans):
        if whole and span.starts_at <= whole[-1].ends_at:
            whole[-1] = Span(whole[-1].starts_at, max(whole[-1].ends_at, span.ends_at))
        else:
            whole.append(span)
    return whole


def without(spans: Sequence[Span], covered: Iterable[Span]) -> list[Span]:
    """What of the joined `spans` none of `covered` reaches."""
    left, cover = [], joined(covered)
    for begin, end in spans:
        at = begin
        for starts_at, ends_at in cover:
            if starts_at >= end:
                break
            if starts_at > at:
                left.append(Span(at, starts_at))
            at = max(at, ends_at)
        if at < end:
            left.append(Span(at, end))
    return left


def clash(some: Iterable[Span], others: Sequence[Span]) -> bool:
    """One of them shares a moment with one of the others."""
    return any(a.starts_at < b.ends_at and b.starts_at < a.ends_at for a in some for b in others)


@cache
def _needs(path: Path) -> _Needs:
    try:
        needs = TypeAdapter(_Needs).validate_python(yaml.safe_load(path.read_text("utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise CoverError(f"{path}:读不懂。{error}") from None
    if unknown := needs.keys() - set(POSTS):
        raise CoverError(f"{path}:没有这些岗位:{'、'.join(sorted(unknown))}。")
    return needs
