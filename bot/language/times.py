"""Dates, days as people name them, and durations: as written, in months, as a day.

The one place that reads time; `dates` gives a date its day.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from bot.language import dates
from bot.language.numbers import HAN, flat, parse


@dataclass(frozen=True)
class Time:
    literal: str
    start: int
    end: int
    months: float | None = None  # durations only: 两年半 is 30

    def day(self, today: dt.date) -> dt.date | None:
        """The day (or the first day of the month) that is named; 三个月前 counts back."""
        if self.months is None:
            return dates.named(flat(self.literal), today)
        return dates.back(self.months, today) if _AGO.search(self.literal) else None


_NUM = rf"(?:(?<!\d)\d{{1,4}}(?:\.\d{{1,3}})?|[{HAN}]{{1,8}})"
_YEAR = (
    r"(?:(?:19|20)\d\d|[一二][零〇九][零〇一二三四五六七八九]{2}|(?<!\d)\d\d|"
    r"[零〇一二九八七六][零〇一二三四五六七八九])年(?!代|龄|级)"
)
_MONTH = (
    rf"(?:(?:农历|阴历|旧历)?(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九]|[壹贰叁肆伍陆柒捌玖]|"
    rf"正|腊|冬|闰{_NUM})月份?(?!怀胎|嫂|子|薪|亮|光))"
)
_DAY = rf"(?:[0-3]?\d|[{HAN}]{{1,3}}|初[一二三四五六七八九十])(?:日(?!内|之内|以内)|号)"
_LUNAR_DAY = (  # 正月十五, 腊月二十八: nobody says 号 there
    rf"(?:初[一二三四五六七八九十]|二十[一二三四五六七八九]?|廿[一二三四五六七八九]?|三十|十[一二三四五六七八九]?)"
    rf"(?![{HAN}\d个多来几元块年月天亩人岁斤名户号日])"
)
_PART = r"(?:上旬|中旬|下旬|初(?![一二三四五六七八九十])|底|末)?"
_SEASON = r"(?:开春|春天|夏天|秋天|冬天|春季|夏季|秋季|冬季|上半年|下半年|年?[初底末])"
_SAID_YEAR = r"(?:今年|去年子?|前年个?|大前年|明年|后年|当年|旧年|头年|同年(?!纪|龄)|上一?年(?!级))"
_FESTIVAL = (
    r"(?:春节|过年|国庆节?|五一|六一|元旦|中秋节?|端午节?|清明节?|元宵节?|重阳节?|七夕|(?:大)?年三十|双十[一二]|双1[12]|"
    r"十一(?=放假|假期|长假|国庆|期间)|大年初?[一二三四五六七八九十]+|除夕|小年(?!轻)|腊八|腊月(?![一二三四五六七八九十初])|"
    r"立春|春分|立夏|夏至|立秋|秋分|立冬|冬至|霜降|寒假|暑假)"
)
_AFTER = r"(?:之前|以前|之后|以后|以来|以内|之内|以上|前|后|内|了|左右)?"
_DAYS_A = {"年": 360.0, "季度": 90.0, "月": 30.0, "星期": 7.0, "礼拜": 7.0, "周": 7.0,
           "天": 1.0, "日": 1.0, "工作日": 1.4, "小时": 1 / 24}  # fmt: skip
_UNIT = (
    r"(?P<unit>(?:个(?:多|来)?)?(?P<half>半)?月|年|个?季度|个?星期|个?礼拜|周(?!岁|边|围|转)|天(?!连锁|台|下|酒店|地)|"
    r"个?工作日|个?小时|日(?=以?之?内))"
)
_SIZE = rf"(?P<number>{_NUM}(?:多|来|几|余)?|好?几十?|数十?|十几)"
_DURATION = (
    rf"(?:{_SIZE}(?:[到至~\-—]{_NUM})?{_UNIT}(?:(?P<and>半)|多|[零又]?(?P<more>{_NUM})个月)?|"
    rf"[大小]?半年多?|半个(?:多)?月|小一年|个把月)"
    rf"{_AFTER}"
)
_AGO = re.compile(r"前$")

_DATE = re.compile(
    rf"(?:{_YEAR}|{_SAID_YEAR})\s?的?(?:{_MONTH}(?:{_PART}(?:{_LUNAR_DAY})?)|{_SEASON}|{_FESTIVAL})?"
    rf"(?:{_DAY}|[0-3]?\d(?!\d|年|万|元|块|个))?"
    rf"|(?<!\d)(?:19|20)\d\d[./\-](?:1[0-2]|0?[1-9])[./\-](?:3[01]|[12]\d|0?[1-9])(?!\d)"
    rf"|(?<![\d.])(?:19|20)\d\d(?:[./](?:1[0-2]|0[1-9])(?![\d./万元块])|(?:1[0-2]|0[1-9])(?:3[01]|[12]\d|0[1-9])(?!\d))"
    rf"|(?<![\d.])(?:1[0-2]|0?[1-9])[./](?:3[01]|[12]\d|0?[1-9])(?:号|日)(?!楼|院|门|线|店|房|车)"
    rf"|(?:上上|上|下|这|本|当)个?月(?!球)(?:份|初|中旬|底|末)?(?:{_DAY})?"
    rf"|(?<!\d个)(?<![\d个薪满仨俩{HAN}]){_MONTH}{_PART}(?:{_LUNAR_DAY}|{_DAY}|[0-3]?\d(?![\d.]|年|万|元|块|个|人))?"
    rf"|(?:上上|下下|上|下|这|本)个?(?:周|星期|礼拜)[一二三四五六日天]?"
    rf"|(?<![\d{HAN}第路街巷弄道村组单])(?:[0-3]?\d)(?:号|日(?!以?之?内))"
    rf"(?!楼|院|门|线|店|房|车|令|文|公馆|码|公路|仓|机)"
    rf"|(?<![\d{HAN}第路街巷弄道村组单])[{HAN}]{{1,3}}号"
    r"(?=之?前|那天|以前|左右|开始|开庭|发|就|还|到|来|去|上午|下午|早上|晚上|$|[,，。])"
    rf"|(?:大前天|今天|昨天|前天|明天|后天|今早|今晚|昨晚|前晚|昨夜|昨日|今日|明日|(?:昨|今|前|明)儿个?)"
    rf"(?:早上|上午|中午|下午|晚上)?(?:{_DAY})?"
    rf"|(?<![提之以])前(?:几|些|两|一|段)(?:天|日子|年|阵子?|时间|时候|段时间|个月|周|个?礼拜|个?星期)|几天前|前阵子|上半年|下半年"
    rf"|(?<![{HAN}\d几多半数来余成青少老中学周])年(?:初|底|前|后)|(?<!个)月[初底]|这几天"
    rf"|{_FESTIVAL}(?:前后?|后|期间)?|(?:上世纪)?(?:[一二三四五六七八九]十|\d0)年代|[{HAN}\d]几年(?=在|的|我|盖|建|买|借|分)|九几年"
)
_SPAN = re.compile(_DURATION)
# an age, a rate, a length of the working day and the law's own figures are not the case's time
_AGE_AFTER = re.compile(
    r"^(?:大(?:的|了|$|,|，)|岁|的?(?:小宝|宝宝|婴儿|孩子|女儿|儿子|男孩|女孩|小孩|娃)|"
    r"级|龄|检|薪(?!没))"
)
_NOUN_AFTER = re.compile(r"^(?:租|供|票|嫂|费|制)")  # 年租, 月供
_RATE_BEFORE = re.compile(
    r"(?:每天[^,。]{0,3}|每|第|一天|每隔|按|刚满|年龄|年满|周岁|岁|怀孕(?:了)?|"
    r"(?:宝宝|孩子|小孩|娃|大宝|小宝|宝贝)(?:目前|现在|才|刚|已经)?|"
    rf"[\d{HAN}](?:元|块|块钱|元钱|万|千)?/?)$"
)
_RATE_AFTER = re.compile(
    rf"^(?:才|只|只有|就|大概|大约|能|能拿|能有|拿|挣|给|有|工资|收入|是)*"
    rf"(?:\d[\d,.]{{2,}}|\d[\d.]*[万千]|[{HAN}]+[百千万]|\d+[元块])"
)
_PUNISHED = re.compile(r"^(?:以下|以上|有期)")
_YEAR_OR_LONG = re.compile(r"\d\d年")
_LONG_BEFORE = re.compile(
    r"(?:[了满近快共交缴付租住完足够]|工作|结婚|分居|工龄|期限|刑期|打工|同居|婚姻)$"
)
_LONG_AFTER = re.compile(r"^(?:[前后了多以之内]|工龄|社保|老)")
_NO_SPAN = {"一天", "天", "百年", "千年", "万年", "几年", "年"}


def _months(match: re.Match[str]) -> float | None:
    words = match.group()
    for start, length in (("小半年", None), ("大半年", None), ("半年", 6.0), ("半个", 0.5)):
        if words.startswith(start):
            return length
    if not match["unit"] or re.search(rf"(?<![{HAN}\d])几|数|[{HAN}]几", match["number"]):
        return None
    plain = re.sub(r"[多来余]", "", match["number"])
    number = parse(re.sub(r"几$", "", plain))
    if number is None or re.fullmatch(r"[一二两三四五六七八九]{2}", plain):  # 两三个月
        return None
    unit = re.sub(r"^个(?:多|来)?", "", match["unit"]).removeprefix("半")
    half = 0.5 if match["half"] or match["and"] else 0.0
    more = (parse(match["more"]) or 0) if match["more"] else 0.0
    return round((number + half) * _DAYS_A[unit] / 30 + more, 3)


def _is_span(plain: str, match: re.Match[str]) -> bool:
    start, end = match.span()
    words, after = match.group(), plain[end:]
    rate = words in ("一个月", "一年", "一天", "1个月", "1年")
    return not (
        _AGE_AFTER.match(after)
        or _NOUN_AFTER.match(after)
        or _RATE_BEFORE.search(plain[max(0, start - 5) : start])
        or (rate and _RATE_AFTER.match(after))
        or _PUNISHED.match(after)
        or words in _NO_SPAN
        or re.match(r"(?:19|20)\d\d年", words)
        or re.fullmatch(r"(?![仨俩])[^个半]*月", words)
    )


def find(text: str) -> list[Time]:
    plain = flat(text)
    found: list[Time] = []
    taken: list[tuple[int, int]] = []

    def add(start: int, end: int, months: float | None = None) -> None:
        if not any(start < e and s < end for s, e in taken):
            taken.append((start, end))
            found.append(Time(text[start:end], start, end, months))

    durations = [m for m in _SPAN.finditer(plain) if _is_span(plain, m)]
    long = {
        m.start(): m for m in durations if re.search(r"[前后]$|个|天|周|礼拜|星期|半", m.group())
    }
    for match in _DATE.finditer(plain):
        start, end = match.span()
        if start in long and long[start].end() >= end:
            continue  # 14年前 is a duration, 14年 may be a year
        if _AGE_AFTER.match(plain[end : end + 4]) or (
            _YEAR_OR_LONG.fullmatch(match.group())
            and (_LONG_AFTER.match(plain[end:]) or _LONG_BEFORE.search(plain[:start]))
        ):
            continue
        add(start, end)
    for match in durations:
        add(match.start(), match.end(), _months(match))
    return sorted(found, key=lambda t: t.start)


def months(text: str) -> float | None:
    """The one duration of a short answer, in months; None when unsure."""
    spans = [t for t in find(text) if t.months is not None]
    return spans[0].months if len(spans) == 1 else None
