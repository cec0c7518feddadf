"""Dates, days as people name them, and durations, as written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.language.numbers import HAN, flat, parse


@dataclass(frozen=True)
class Time:
    literal: str
    start: int
    end: int
    months: float | None = None  # durations only: 两年半 is 30


_NUM = rf"(?:(?<!\d)\d{{1,4}}(?:\.\d{{1,3}})?|[{HAN}]{{1,8}})"
_YEAR = (
    r"(?:(?:19|20)\d\d|[一二][零〇九][零〇一二三四五六七八九]{2}|\d\d|"
    r"[零〇一二九八七六][零〇一二三四五六七八九])年"
)
_MONTH = rf"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九]|正|腊|冬|闰{_NUM})月份?"
_DAY = rf"(?:[0-3]?\d|[{HAN}]{{1,3}}|初[一二三四五六七八九十])(?:日|号)"
_PART = r"(?:上旬|中旬|下旬|月初|月底|初|底|末)?"
_SAID_YEAR = r"(?:今年|去年|前年|大前年|明年|后年|当年|同年(?!纪|龄)|上一?年)"
_FESTIVAL = (
    r"(?:春节|过年|国庆节?|五一|元旦|中秋节?|端午节?|清明节?|元宵节?|年三十|"
    r"大年[初三]?[一二三四五六七八九十]+|除夕|小年|腊[月八])"
)
_AFTER = r"(?:之前|以前|之后|以后|以内|之内|以上|前|后|内|了|左右)?"
_UNIT = {
    "年": 12.0, "个月": 1.0, "月": 1.0, "个星期": 7 / 30, "星期": 7 / 30, "个礼拜": 7 / 30,
    "礼拜": 7 / 30, "周": 7 / 30, "天": 1 / 30, "个工作日": 1 / 21, "工作日": 1 / 21,
    "个季度": 3.0, "季度": 3.0,
    "个小时": 1 / 720, "小时": 1 / 720, "个半月": 1.5,
}  # fmt: skip
_UNITS = "|".join(sorted(_UNIT, key=len, reverse=True))
_SIZE = rf"(?:{_NUM}(?:多|来|几|余)?|好?几|数|十几|几十)"
_DURATION = (
    rf"(?:{_SIZE}(?:[到至~\-—]{_NUM})?(?P<unit>{_UNITS})(?:半|多|零{_NUM}个月)?|"
    rf"大?半年多?|半个(?:多)?月|大半年)"
    rf"{_AFTER}"
)

_DATE = re.compile(
    rf"(?:{_YEAR}|{_SAID_YEAR})\s?的?(?:{_MONTH}{_PART}|年?[初底末]|春天|夏天|秋天|冬天|上半年|下半年|"
    rf"{_FESTIVAL})?(?:{_DAY}|[0-3]?\d(?!\d|年|万|元|块))?"
    rf"|(?:19|20)\d\d[./\-](?:1[0-2]|0?[1-9])[./\-](?:3[01]|[12]\d|0?[1-9])(?!\d)"
    rf"|(?:上个?|下个?|这个?|本|当)月{_PART}(?:{_DAY})?"
    rf"|(?<!\d个)(?<![个薪满{HAN}]){_MONTH}{_PART}(?:{_DAY}|[0-3]?\d(?!\d|年|万|元|块|个|人))?"
    rf"|(?:上上?|下|这|本)个?(?:周|星期|礼拜)[一二三四五六日天]?"
    rf"|(?<![\d{HAN}第])(?:[0-3]?\d)(?:号|日)(?!楼|院|门|线|店|房|车|令|文|公馆|码|公路|仓|机)"
    rf"|(?:今天|昨天|前天|大前天|明天|后天|今早|今晚|昨晚|前晚|昨夜|昨日|今日|明日)"
    rf"(?:早上|上午|中午|下午|晚上)?(?:{_DAY})?"
    rf"|(?:前几天|前两天|前些天|几天前|前段时间|前阵子|上半年|下半年|"
    rf"(?<![成青少老中学])年(?:初|底|前|后)|月初|月底|前几年|前些年|这几天)"
    rf"|{_FESTIVAL}(?:前后?|后|期间)?|九几年|[{HAN}\d]几年(?=在|的|我)|[一二三四五六七八九\d]十?0?年代"
)
_SPAN = re.compile(_DURATION)
# an age, a rate, a length of the working day and the law's own figures are not the case's time
_AGE_AFTER = re.compile(
    r"^(?:大(?:的|了|$|,|，)|岁|的?(?:小宝|宝宝|婴儿|孩子|女儿|儿子|男孩|女孩|小孩|娃)|"
    r"级|龄|检|薪(?!没)|租|供|票|嫂|费|制)"
)
_RATE_BEFORE = re.compile(
    r"(?:每|第|一天|每隔|按|宝宝目前|孩子才|孩子刚|刚满|年龄|年满|大宝|小宝|周岁|芳龄|怀孕(?:了)?)$"
)
_PUNISHED = re.compile(r"^(?:以下|以上|有期|徒刑|拘役|缓刑)")


def _months(match: re.Match[str]) -> float | None:
    words = match.group()
    if words.startswith(("半年", "大半年")):
        return 6.0
    if words.startswith("半个"):
        return 0.5
    unit = match.group("unit")
    number = parse(re.sub(r"[多来几余好数]", "", words.split(unit)[0]))
    if number is None:
        return None
    rest = words.split(unit, 1)[1]
    extra = re.match(rf"零({_NUM})个月", rest)
    months = number * _UNIT[unit] + (_UNIT[unit] / 2 if rest.startswith("半") else 0)
    return round(months + ((parse(extra[1]) or 0) if extra else 0), 2)


def find(text: str) -> list[Time]:
    plain = flat(text)
    found: list[Time] = []
    taken: list[tuple[int, int]] = []

    def add(start: int, end: int, months: float | None = None) -> None:
        if not any(start < e and s < end for s, e in taken):
            taken.append((start, end))
            found.append(Time(text[start:end], start, end, months))

    durations = list(_SPAN.finditer(plain))
    long = {
        m.start(): m for m in durations if re.search(r"[前后]$|个月|天|周|礼拜|星期|半", m.group())
    }
    for match in _DATE.finditer(plain):
        start, end = match.span()
        if start in long and long[start].end() >= end:
            continue  # 14年前 is a duration, 14年 may be a year
        if _AGE_AFTER.match(plain[end : end + 4]) or (
            re.fullmatch(r"\d\d年", match.group())
            and (plain[end : end + 1] in ("前", "后", "了", "多", "以", "之", "内"))
        ):
            continue
        add(start, end)
    for match in durations:
        start, end = match.span()
        words = match.group()
        if _AGE_AFTER.match(plain[end : end + 4]) or _RATE_BEFORE.search(
            plain[max(0, start - 5) : start]
        ):
            continue
        if _PUNISHED.match(plain[end : end + 2]) or words in (
            "一天",
            "天",
            "十年",
            "百年",
            "几年",
            "年",
        ):
            continue
        if re.fullmatch(rf"{_NUM}月", words):
            continue
        add(start, end, _months(match))
    return sorted(found, key=lambda t: t.start)


def months(text: str) -> float | None:
    """The one duration of a short answer, in months; None when unsure."""
    spans = [t for t in find(text) if t.months is not None]
    return spans[0].months if len(spans) == 1 else None
