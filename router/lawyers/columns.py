"""What each column of the roster's tables means, both ways, and what may stand in it.

A table is told by its headings. A column that is not there leaves what is stored; an empty cell
is the column's `empty`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

import yaml

from router.lawyers.sheets import MOST_CHARS
from router.settings import ROOT

POSTS: Final = {"web": "网上", "hotline": "热线", "window": "窗口", "kiosk": "自助机"}
SEATS: Final = {"fixed": "固定", "cloud": "云"}
TIERS: Final = {"duty": "值班", "reserve": "后备"}
STATES: Final = {"planned": "排班", "leave": "请假", "swapped": "已换出"}
_BETWEEN = re.compile(r"[、，,；;/\s]+")
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_TIME = re.compile(r"(?:次日)?\s*(\d{1,2})\s*[:：]\s*(\d{2})(?:[:：]00)?")
_LOGIN = re.compile(r"[\w.@-]{1,64}")


@dataclass(frozen=True)
class Column:
    """`read` takes a text that is not empty. It raises ValueError with a sentence."""

    name: str
    heading: str
    read: Callable[[str], Any]
    required: bool = False
    empty: Any = None  # what an empty cell means; with `required` it is never used


def name(text: str) -> str:
    if len(text) > 100:
        raise ValueError("超过 100 个字。")
    return text


def login(text: str) -> str:
    if not _LOGIN.fullmatch(text):
        raise ValueError("登录名只能用文字、数字和 . _ - @，中间没有空格，最多 64 个字。")
    return text


def region_or(home: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text != home and not re.fullmatch(r"[1-9]\d{5}", text):
            raise ValueError(f"地区要写 6 位行政区划代码，本地是 {home}。")
        return text

    return read


def capacity(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 50:
        raise ValueError("同时接待数要写 1 到 50 的整数。")
    return int(text)


def telephone(text: str) -> str:
    if not re.fullmatch(r"\+?[0-9][0-9 ()-]{2,24}", text):
        raise ValueError("电话只写数字，可以有 + 和短横。")
    return re.sub(r"[ ()-]", "", text)


def words(text: str) -> list[str]:
    found = [word for word in _BETWEEN.split(text) if word]  # of “/” alone nothing
    if any(len(word) > 20 for word in found):
        raise ValueError("几种语言之间用顿号分开，例如：粤语、客家话。")
    known = _other_names()
    return list(dict.fromkeys(known.get(word, word) for word in found))


@cache
def _other_names() -> dict[str, str]:
    """Of a language: 广东话 is stored as 粤语, as the dialogue hears it."""
    rows = yaml.safe_load((ROOT / "data" / "languages.yml").read_text("utf-8"))
    return {other: name for name, row in rows.items() for other in row.get("also", [])}


def one_of(meanings: Mapping[str, str]) -> Callable[[str], str]:
    """Chinese to the name we store; the stored name itself will do."""
    names = {said: key for key, said in meanings.items()} | {key: key for key in meanings}

    def read(text: str) -> str:
        if text not in names:
            raise ValueError(f"没有“{text}”这一种；可以写：{'、'.join(meanings.values())}。")
        return names[text]

    return read


def some_of(meanings: Mapping[str, str]) -> Callable[[str], list[str]]:
    """Several, in any order; some of the Chinese names hold the mark that parts them."""
    read_one = one_of(meanings)

    def read(text: str) -> list[str]:
        found = []
        for whole in sorted(meanings.values(), key=len, reverse=True):
            if _BETWEEN.search(whole) and whole in text:
                text = text.replace(whole, " ")
                found.append(read_one(whole))
        found += [read_one(word) for word in _BETWEEN.split(text) if word]
        return sorted(set(found), key=list(meanings).index)

    return read


def day(text: str) -> date:
    found = _DAY.fullmatch(text)
    if found is None:
        raise ValueError(f"“{text}”不是日期，写成 2026-03-02。")
    if not 1900 <= int(found[1]) < 2200:  # 9999 of a template: the day after it is no date any more
        raise ValueError(f"“{text}”的年份不对。")
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        raise ValueError(f"没有“{text}”这一天。") from None


def clock(text: str) -> int:
    """Minutes after midnight, 24:00 included."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"“{text}”不是时间，写成 09:00。")
    minutes = int(found[1]) * 60 + int(found[2])
    if int(found[2]) > 59 or minutes > 24 * 60:
        raise ValueError(f"没有“{text}”这个钟点。")
    return minutes


def checked(column: Column, text: str) -> Any:
    """The cell's value. Raises ValueError with a sentence."""
    if not text:
        if column.required:
            raise ValueError("不能空着。")
        return column.empty
    if len(text) > MOST_CHARS:
        raise ValueError(f"超过 {MOST_CHARS} 个字。")
    if not text.isprintable():
        raise ValueError("里面有换行或看不见的字符。")
    return column.read(text)


def lawyers(fields: Mapping[str, str], home: str) -> Sequence[Column]:
    """`fields`: the kinds of trouble, name to Chinese; `home`: the region if none is given."""
    return (
        Column("firm", "律所", name),
        Column("name", "姓名", name, required=True),
        Column("login", "登录名", login, required=True),
        Column("region", "地区", region_or(home), empty=home),
        Column("fields", "专长", some_of(fields), empty=[]),
        Column("languages", "方言", words, empty=[]),
        Column("posts", "岗位", some_of(POSTS), empty=[]),
        Column("tier", "梯队", one_of(TIERS), empty="duty"),
        Column("capacity", "同时接待", capacity, empty=3),
        Column("phone", "电话", telephone, empty=""),  # of a cloud seat
        Column("seat_phone", "坐席电话", telephone, empty=""),  # of a fixed seat
        Column("defends_since", "刑辩执业起始", day),  # LAL 26 asks years of it
    )


SHIFTS: Final = (
    Column("login", "登录名", login, required=True),
    Column("name", "姓名", name),  # for people; the login counts
    Column("day", "日期", day, required=True),
    Column("begin", "开始", clock, required=True),
    Column("end", "结束", clock, required=True),
    Column("post", "岗位", one_of(POSTS), empty="web"),
    Column("seat", "坐席", one_of(SEATS), empty="fixed"),
    Column("state", "状态", one_of(STATES), empty="planned"),
)
CLIENTS: Final = (
    Column("firm", "律所", name, required=True),
    Column("login", "登录名", login),
    Column("client", "委托人", name, required=True),
)
