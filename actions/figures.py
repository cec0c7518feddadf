"""Sums with their period: 一个月1万6, 一年三万, 2600 where a sum was asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bot.language import money as sums
from bot.language.numbers import NUMBER, flat, parse

Per = Literal["month", "year", "day"]

_PERIODS: list[tuple[str, str, Per]] = [
    (r"(?:一个月|每个月|每月|单月|月薪|(?<!个)月(?:工资|收入)|月均|月入|按月|一月)", "月", "month"),
    (r"(?:一年|每年|年薪|年收入|全年|整年)", "年", "year"),
    (r"(?:一天|每天|日薪|一日)", "天", "day"),
]
_BETWEEN = r"[^，。；,;\d一二三四五六七八九十两]{0,8}"
_BARE = re.compile(
    rf"(?<![\w第]){NUMBER}(?=(?:多|来|几)?(?:左右|吧|的样子|差不多|上下|样子|啊|呢|"
    rf"了)*(?:$|[\s，。,.；;]))"
)


@dataclass(frozen=True)
class Money:
    """One sum in a text, in yuan."""

    value: float
    per: Per | None
    start: int
    end: int
    words: str


value = parse
plain = flat


def numbers(text: str) -> list[tuple[float, int, int]]:
    """Every number with its place."""
    text = flat(text)
    read = ((parse(run[0]), run.start(), run.end()) for run in re.finditer(NUMBER, text))
    return [(number, start, end) for number, start, end in read if number is not None]


def first_number(text: str) -> float | None:
    found = numbers(text)
    return found[0][0] if found else None


def money(text: str, expected: bool = False) -> list[Money]:
    """Sums of money. `expected`: a bare number counts, because money was asked for."""
    text = flat(text)
    found = [(m.value, m.start, m.end) for m in sums.find(text) if m.value]
    if expected and not found and not re.search(r"几[十百千万]", text):
        runs = list(re.finditer(NUMBER, text)) if sums.yuan(text) is not None else []
        for run in runs[-1:] or _BARE.finditer(text):
            number = parse(run[0])
            if number is not None and not re.fullmatch(r"\d{7,}", run[0]):  # a phone
                found.append((number, run.start(), run.end()))
    return [
        Money(number, _per(text[:start], text[end:]), start, end, text[start:end])
        for number, start, end in found
    ]


def monthly(sum_: Money) -> float:
    """Yuan a month; a day's pay is not turned into a month's, nobody said how many days."""
    return round(sum_.value / 12, 2) if sum_.per == "year" else sum_.value


def _per(before: str, after: str) -> Per | None:
    before = before[-14:]
    for words, _unit, per in _PERIODS:
        if re.search(words + _BETWEEN + "$", before):
            return per
    for words, _unit, per in _PERIODS:
        if re.match(r"(?:钱|左右|上下|吧|,|，)?(?:一?/|每)?" + words, after):
            return per
    for _words, unit, per in _PERIODS:
        if re.match("(?:钱)?(?:/|每|一)" + unit, after):
            return per
    return None
