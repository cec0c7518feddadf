"""Numbers and money as people say them: 1万6, 两千多, 三万一, 23,860, 两三千. Unsure means None."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Per = Literal["month", "year", "day"]

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "仨": 3}
_UNITS = {"十": 10, "百": 100, "千": 1000, "k": 1000, "万": 10_000, "w": 10_000, "亿": 100_000_000}
_TOKEN = re.compile(r"\d+(?:\.\d+)?|[零〇一二三四五六七八九两俩仨]|[十百千万亿kw]")
_RUN = re.compile(r"(?:\d[\d,]*(?:\.\d+)?|[零〇一二三四五六七八九十百千万亿两俩仨]|(?<=\d)[kw](?![a-z]))+")
# What follows a number that counts something else than money.
_COUNTED = re.compile(
    r"\s*(?:多|来|几)?\s*(?:个(?!亿)|年|月|天|日|号|岁|口|人|次|点|分|小时|周|星期|礼拜|名|位|套|级|条|楼|层|室|"
    r"路|平|亩|公里|里地|米|斤|吨|倍|%|期|笔|章|页|份|辆|台|头|只|栋|间|女|儿子|孩|单|趟|成|代|型|届|班|家|度)"
)
_MONEY_MARK = re.compile(r"\s*(?:多|来|几|把)?\s*(?:元|块|圆|rmb|人民币)")
_BEFORE_MONEY = re.compile(
    r"(?:欠|借|赔|还|花|付|给|发|挣|赚|收入|工资|薪|退休金|养老金|低保|一共|总共|共|合计|大概|大约|差不多|"
    r"左右|月|年|天|块钱|押金|货款|赔偿|才|就|只有|有|是|拿|交|要|值|损失|剩|骗|转|刷|涨到|到手|医药费|约|"
    r"剩余|存款|定期|学费|彩礼|房租|租金|本金|货|垫|金额|费|款|钱|罚|亏|扣|[、,，:：~-])(?:了|过|着|我|他|她|上)?\s*$"
)
_MONTH = r"(?:一个月|每个月|每月|单月|月薪|月工资|月收入|月均|月入|按月|一月)"
_YEAR = r"(?:一年|每年|年薪|年收入|全年|整年)"
_DAY = r"(?:一天|每天|日薪|一日|天天)"
_FILLER = r"[^，。；,;\d一二三四五六七八九十两]{0,8}"


@dataclass(frozen=True)
class Money:
    """One sum in a text, in yuan."""

    value: float
    per: Per | None
    start: int
    end: int
    words: str


def plain(text: str) -> str:
    """Full-width digits and letters as ASCII, thousands separators gone."""
    text = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"(?<=\d)[,，](?=\d{3}(?!\d))", "", text)


def value(words: str) -> float | None:
    """The number a run of digits and Chinese numerals stands for."""
    words = plain(words)
    if re.fullmatch(r"[零〇一二三四五六七八九]{2,}", words):  # 二零一八
        return float("".join(str(_DIGITS[c]) for c in words))
    between = re.fullmatch(r"([一二两三四五六七八九])([二两三四五六七八九])([十百千万].*)", words)
    if between:  # 两三千: the middle of what was said
        low, high = (value(between[i] + between[3]) for i in (1, 2))
        return None if low is None or high is None else (low + high) / 2
    total = section = 0.0
    current: float | None = None
    last, zero, literal = 1, False, ""
    for token in _TOKEN.findall(words):
        if token in _UNITS:
            unit = _UNITS[token]
            if unit >= 10_000:
                total = (total + section + (current or 0)) * unit if total or section or \
                    current is not None else unit
                section = 0.0
            else:
                section += (1 if current is None else current) * unit
            current, last, zero = None, unit, False
        else:
            number = float(_DIGITS[token]) if token in _DIGITS else float(token)
            zero = zero or number == 0
            current = number if current is None else current * 10 + number
            literal = token
    if current is None:
        return total + section if last > 1 else None
    if last >= 100 and not zero and len(literal) == 1 and current < 10:
        current *= last // 10  # 1万6, 三千五
    return total + section + current


def numbers(text: str) -> list[tuple[float, int, int]]:
    """Every number with its place."""
    text = plain(text)
    found = []
    for run in _RUN.finditer(text):
        number = value(run[0])
        if number is not None:
            found.append((number, run.start(), run.end()))
    return found


def first_number(text: str) -> float | None:
    found = numbers(text)
    return found[0][0] if found else None


def money(text: str, expected: bool = False) -> list[Money]:
    """Sums of money. `expected`: a bare number counts, because money was asked for."""
    text = plain(text)
    found = []
    for run in _RUN.finditer(text):
        number = value(run[0])
        after, before = text[run.end() :], text[: run.start()]
        if number is None or number <= 0 or _half_said(before, after):
            continue
        marked = _MONEY_MARK.match(after)
        if not marked:
            if _COUNTED.match(after) or re.search(r"[第初周]$", before):
                continue
            if re.match(r"[a-z\d]", after) or re.search(r"[a-z]$", before):
                continue  # a plate, a flat, a model
            big = number >= 100
            counted_in_units = re.search(r"[百千万亿kw]", run[0]) is not None
            if re.fullmatch(r"(?:19|20)\d\d", run[0]) and not _BEFORE_MONEY.search(before) \
                    and not expected:
                continue
            if not (counted_in_units or (expected and not before.strip()) or
                    (big and (expected or _BEFORE_MONEY.search(before)))):
                continue
            if re.fullmatch(r"\d{7,}", run[0]):  # a phone or an account
                continue
        end = run.end() + (marked.end() if marked else 0)
        found.append(Money(number, _per(before, text[end:]), run.start(), end, text[run.start():end]))
    return found


def monthly(sum_: Money) -> float:
    """Yuan a month; a day's pay is not turned into a month's, nobody said how many days."""
    return round(sum_.value / 12, 2) if sum_.per == "year" else sum_.value


def _half_said(before: str, after: str) -> bool:
    """几千, 十几万, 上万: a size, not a figure."""
    return before.endswith(("几", "好几", "上", "数")) or re.match(r"几[百千万十]", after) is not None


def _per(before: str, after: str) -> Per | None:
    before = before[-14:]
    table: list[tuple[str, Per]] = [(_MONTH, "month"), (_YEAR, "year"), (_DAY, "day")]
    for words, per in table:
        if re.search(words + _FILLER + "$", before):
            return per
    for words, per in table:
        if re.match(r"(?:钱|左右|上下|吧|,|，)?(?:一?/|每)?" + words, after):
            return per
    short: list[tuple[str, Per]] = [("月", "month"), ("年", "year"), ("天", "day")]
    for word, per in short:
        if re.match("(?:钱)?(?:/|每|一)" + word, after):
            return per
    return None
