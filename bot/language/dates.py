"""The day that the words of a date name, seen from today."""

from __future__ import annotations

import calendar
import datetime as dt
import re

from bot.language.numbers import parse

_YEARS = {
    "大前年": -3, "前年": -2, "去年": -1, "旧年": -1, "头年": -1, "上年": -1, "上一年": -1,
    "今年": 0, "明年": 1, "后年": 2,
}  # fmt: skip
_DAYS = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2}
_MONTHS = {"上上": -2, "上": -1, "这": 0, "本": 0, "当": 0, "下": 1}
_PARTS = {"初": 1, "上旬": 1, "中旬": 15, "下旬": 21, "底": 28, "末": 28}
_N = r"[\d零〇一二三四五六七八九十廿壹贰叁肆伍陆柒捌玖]+"

_DAY = re.compile(r"(?P<near>大前|[前昨今明后])(?:天|日|儿|早|晚|夜)")
_WEEK = re.compile(r"(?P<near>上上|[上下这本])个?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])")
_MONTH = re.compile(
    rf"(?P<near>上上|[上下这本当])个?月份?(?:(?P<part>初|中旬|底|末)|(?P<day>{_N})[号日])?"
)
_DATE = re.compile(
    rf"(?:(?P<year>{_N})年|(?P<said>{'|'.join(_YEARS)})[子个]?)?\s*的?"
    rf"(?P<month>{_N})月份?(?:(?P<part>初|上旬|中旬|下旬|底|末)|(?P<day>{_N})[号日]?)?"
)
_WRITTEN = re.compile(r"(?P<year>\d{4})[./-]?(?P<month>\d\d?)(?:[./-]?(?P<day>\d\d?))?")


def named(words: str, today: dt.date) -> dt.date | None:
    """None where no day or month is named (去年, 春节) or the calendar has no such day."""
    if near := _DAY.match(words):
        return today + dt.timedelta(days=_DAYS[near["near"]])
    if week := _WEEK.match(words):
        weekday = "一二三四五六日天".index(week["day"]) % 7 if week["day"] != "天" else 6
        days = 7 * _MONTHS[week["near"]] + weekday - today.weekday()
        return today + dt.timedelta(days=days)
    if month := _MONTH.match(words):
        first = shifted(today.replace(day=1), _MONTHS[month["near"]])
        return _in(first, month["day"], month["part"])
    if written := _WRITTEN.fullmatch(words):
        return _on(int(written["year"]), written["month"], written["day"], None)
    if date := _DATE.fullmatch(words):
        return _on(_year(date, today), date["month"], date["day"], date["part"])
    return None


def back(months: float, today: dt.date) -> dt.date:
    """三个月前 by the calendar; what is no whole number of months by days."""
    if months == int(months):
        return shifted(today, -int(months))
    return today - dt.timedelta(days=round(months * 30))


def shifted(day: dt.date, months: int) -> dt.date:
    total = day.year * 12 + day.month - 1 + months
    year, month = total // 12, total % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _year(date: re.Match[str], today: dt.date) -> int:
    if date["said"]:
        return today.year + _YEARS[date["said"]]
    if date["year"]:
        number = int(parse(date["year"]) or 0)
        if number >= 100:
            return number
        return number + (2000 if number <= today.year % 100 + 10 else 1900)
    month = parse(date["month"]) or 0
    return today.year - (1 if month > today.month else 0)  # 九月 in March is last year's


def _on(year: int, month: str, day: str | None, part: str | None) -> dt.date | None:
    number = parse(month)
    if number is None or not 1 <= number <= 12 or not 1 <= year <= 9999:
        return None
    return _in(dt.date(year, int(number), 1), day, part)


def _in(first: dt.date, day: str | None, part: str | None) -> dt.date | None:
    number = _PARTS[part] if part else parse(day) if day else 1
    last = calendar.monthrange(first.year, first.month)[1]
    return first.replace(day=int(number)) if number and 1 <= number <= last else None
