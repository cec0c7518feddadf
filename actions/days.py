"""Days as people say them: 去年三月, 上个月十五号, 三个月前. Only what names a day or a month."""

from __future__ import annotations

import calendar
import datetime as dt
import re

from actions.figures import plain, value

_N = r"[\d零〇一二三四五六七八九十两]{1,4}"
_YEARS = {"今年": 0, "去年": -1, "前年": -2, "大前年": -3, "上年": -1}
_DAYS = {"今天": 0, "今日": 0, "昨天": -1, "昨日": -1, "昨晚": -1, "前天": -2, "大前天": -3}
_FULL = re.compile(
    rf"(?:(?P<y>\d{{4}}|\d{{2}}|[零〇一二三四五六七八九]{{2,4}})\s*[年./-]|"
    rf"(?P<ry>大前年|今年|去年|前年|上年)(?:的)?)?"
    rf"\s*(?P<m>{_N})\s*(?:月份?|[./-])\s*(?:(?P<d>{_N})\s*[号日]?|(?P<part>初|中旬|底|末))?"
)
_LAST_MONTH = re.compile(rf"(?P<up>上上|上|这|本)(?:个)?月(?:份)?(?:的)?(?:(?P<d>{_N})\s*[号日])?")
_AGO = re.compile(
    rf"(?P<n>{_N}|半)\s*(?P<unit>个?月|个?星期|个?礼拜|周|天|年)(?:半)?(?:多)?(?:以前|之前|"
    rf"前)"
)
_WEEK = re.compile(r"(?P<up>上上|上|这|本)(?:个)?(?:周|星期|礼拜)(?P<d>[一二三四五六日天])")
_PARTS = {"初": 1, "中旬": 15, "底": 28, "末": 28, None: 1}


def day(text: str, today: dt.date) -> dt.date | None:
    """The last day that the text names (a later word corrects), never one after today."""
    found: list[tuple[int, dt.date]] = []
    text = plain(text)
    for match in re.finditer("大前天|" + "|".join(_DAYS), text):
        found.append((match.start(), today + dt.timedelta(days=_DAYS[match[0]])))
    for match in _FULL.finditer(text):
        named = _named(match, today)
        if named and not re.search(r"[明后]年(?:的)?$", text[: match.start()]):
            found.append((match.start(), named))
    for match in _LAST_MONTH.finditer(text):
        months = {"上上": 2, "上": 1}.get(match["up"], 0)
        named = _of(_months_back(today, months), match["d"])
        if named:
            found.append((match.start(), named))
    for match in _WEEK.finditer(text):
        weeks = {"上上": 2, "上": 1}.get(match["up"], 0)
        monday = today - dt.timedelta(days=today.weekday() + 7 * weeks)
        found.append(
            (
                match.start(),
                monday
                + dt.timedelta(
                    days="一二三四五六日天".index(match["d"]) % 7 if match["d"] != "天" else 6
                ),
            )
        )
    for match in _AGO.finditer(text):
        found.append((match.start(), _ago(match, today)))
    past = [(place, named) for place, named in found if named <= today]
    return max(past)[1] if past else None


def months(text: str) -> int | None:
    """三个月, 半年, 一年半: how many months; the last figure wins."""
    last = None
    for match in re.finditer(
        (
            rf"(?<!第)(?P<n>{_N}|半)\s*(?:个(?P<half>半)?月|(?P<y>年)(?P<yhalf>半)?)(?!级|"
            rf"前|以前|之前|薪|会员|卡|龄)"
        ),
        plain(text),
    ):
        words = match["n"]
        number = 0.5 if words == "半" else value(words)
        if number is None or (match["y"] and number > 60):
            continue
        if match["y"]:
            number = number * 12 + (6 if match["yhalf"] else 0)
        last = number
    return int(last) if last is not None and last == int(last) and last > 0 else None


def _named(match: re.Match[str], today: dt.date) -> dt.date | None:
    if "月" not in match[0] and not (match["y"] and match["d"]):
        return None  # 3.5 is as often a sum
    month = value(match["m"])
    if month is None or not 1 <= month <= 12:
        return None
    year = today.year
    if match["y"]:
        number = value(match["y"])
        if number is None:
            return None
        year = int(number) + (2000 if number < 100 else 0)
    elif match["ry"]:
        year += _YEARS[match["ry"]]
    else:  # 九月 in November is this year's, in March last year's
        year -= 1 if month > today.month else 0
    try:
        first = dt.date(year, int(month), _PARTS.get(match["part"], 1))
    except ValueError:
        return None
    return _of(first, match["d"])


def _of(month: dt.date, words: str | None) -> dt.date | None:
    if words is None:
        return month
    number = value(words)
    last = calendar.monthrange(month.year, month.month)[1]
    return month.replace(day=int(number)) if number and 1 <= number <= last else None


def _months_back(today: dt.date, back: int) -> dt.date:
    total = today.year * 12 + today.month - 1 - back
    return dt.date(total // 12, total % 12 + 1, 1)


def _ago(match: re.Match[str], today: dt.date) -> dt.date:
    number = 0.5 if match["n"] == "半" else value(match["n"]) or 0
    unit = match["unit"]
    if unit == "年":
        number, unit = number * 12, "月"
    if unit.endswith("月"):
        back = _months_back(today, int(number))
        return back.replace(day=min(today.day, calendar.monthrange(back.year, back.month)[1]))
    return today - dt.timedelta(days=int(number * (1 if unit == "天" else 7)))
