"""A reply to the question on the table: a value, UNKNOWN (not known), or None (no answer)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from actions import days, figures
from actions.people import head_count
from bot.language.groups import STATUSES

WORDS = Path(__file__).resolve().parent.parent / "data" / "answers.yml"


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()

_DONT_KNOW = re.compile(
    r"^(?:我|这个|这|他|她|俺|额|呃|那个|具体|也|真|都|还|就|有点|实在|，|,|\s)*"
    r"(?:不(?:太|大|是很|怎么)?(?:知道|清楚|晓得|懂|明白|了解|记得|确定|好说)|"
    r"说不(?:好|准|清|上来)|"
    r"忘(?:了|记)|记不(?:清|得|住)|搞不(?:清|懂)|弄不(?:清|懂)|没(?:数|算过|概念|问过|听说)|"
    r"(?:谁|哪)(?:知道|晓得)|随便|都行|没(?:有)?了|(?:不知道|不清楚|不晓得)[^，,。"
    r"]{1,8}|不想说|不方便说)"
    r"(?:多少|怎么(?:算|说|办)|是|这个|那个|具体|具体多少|的|了|啊|呢|吧|哦|呀|啦|，|,|"
    r"。|\.|!|！|\s)*$"
)
_STORY = 24  # characters; a longer reply tells more than it answers
_THING = re.compile(r"截图|记录|合同|录音|借条|欠条|照片|视频|单|发票|微信|收据")  # 有，有截图
_NO_INCOME = re.compile(
    r"没(?:有)?(?:什么|啥|固定)?(?:收入|钱|工资|进账)|不挣钱|没(?:有)?工作|"
    r"没(?:有)?上班|一分(?:钱)?(?:都)?没|"
    r"下岗|失业|零收入|^(?:没|没有|无|零|0)(?:的|了|啊|呢|元|块)?[。,，]?$"
)
_NOT_INCOME = re.compile(r"(?:给|发|还|退|付|赔|垫)(?:过|了)|欠|借|扣|赔|一共应该|花")
_TOTAL = re.compile(r"(?:一共|总共|加起来|合起来|全家|家里|合计|一起)")
_PEOPLE = re.compile(r"我|老公|老婆|丈夫|妻子|媳妇|爱人|他|她|爸|妈|儿子|女儿|孩子|哥|姐|弟|妹")


def dont_know(text: str) -> bool:
    """Nothing but 不知道 in one of its forms."""
    return len(text) <= 24 and _DONT_KNOW.match(text.strip()) is not None


def read(fact: str, text: str, today: dt.date, facts: Mapping[str, Any] | None = None) -> Any:
    """What `text` answers to the question about `fact`."""
    text = text.strip()
    if not text:
        return None
    if dont_know(text):
        return UNKNOWN
    return _read(fact, text, today, facts or {})


def _read(fact: str, text: str, today: dt.date, facts: Mapping[str, Any]) -> Any:
    if fact in _READERS:
        return _READERS[fact](text, today, facts)
    return by_table(fact, text)


def by_table(fact: str, text: str) -> Any:
    """What the words of data/answers.yml say about a fact; None when nothing."""
    rows = _table().get(fact, ())
    for row, value in rows:
        match = row.search(text)
        if match and (len(match[0]) > 1 or len(text) <= _STORY):  # one character proves little
            return value
    first = re.split(r"[，,。；;！!]", text)[0]  # 没有，家里穷
    if first != text and not _THING.search(text):
        for row, value in rows:
            if row.search(first):
                return value
    return None


@lru_cache(maxsize=1)
def _table() -> dict[str, list[tuple[re.Pattern[str], Any]]]:
    raw = yaml.safe_load(WORDS.read_text(encoding="utf-8"))

    def spell(say: str) -> str:
        for name, words in raw["sets"].items():
            say = say.replace(f"<{name}>", words)
        return say

    return {
        fact: [(re.compile(spell(row["say"])), row["value"]) for row in rows]
        for fact, rows in raw["facts"].items()
    }


def income(text: str, *_: Any) -> float | None:
    """Yuan a month: 两千多, 一年三万 (a twelfth), 没有收入 (0)."""
    sums = [
        s
        for s in figures.money(text, expected=True)
        if s.per != "day" and not _NOT_INCOME.search(text[max(0, s.start - 6) : s.start])
    ]
    if not sums:
        return 0 if _NO_INCOME.search(text) else None
    if len(sums) > 1 and not _TOTAL.search(text) and len(_PEOPLE.findall(text)) >= len(sums):
        return round(sum(figures.monthly(s) for s in sums), 2)  # 我两千，他三千
    return figures.monthly(sums[-1])


def amount(text: str, *_: Any) -> float | None:
    sums = figures.money(text, expected=True)
    return sums[-1].value if sums else None


def age(text: str, *_: Any) -> int | None:
    if re.search(r"未成年|没(?:有)?成年|(?:没|不|未)(?:满|到)(?:18|十八)", text):
        return 17  # the question is whether they are a minor
    for number, _start, end in figures.numbers(text):
        rest = figures.plain(text)[end:]
        whole = number == int(number) and 0 <= number <= 120
        if whole and (
            rest.startswith(("岁", "周岁", "多岁", "来岁", "多", "了"))
            or not rest.strip("。,，.了的 ")
        ):
            return int(number)
    return None


def household_size(text: str, *_: Any) -> int | None:
    return head_count(text, expected=True)


def sentence(text: str, *_: Any) -> str | None:
    """三到五年 is a sentence, 一年两万块 is not."""
    return None if figures.money(text) else by_table("possible_sentence", text)


def whole(text: str, *_: Any) -> int | None:
    found = figures.first_number(text)
    if found is not None and found == int(found):
        return int(found)
    return None


def homes(text: str, *_: Any) -> int | None:
    if re.search(r"没(?:有)?房|租房|^(?:没|没有|无)[的了啊呢。]*$", text):
        return 0
    return whole(text)


def days_count(text: str, *_: Any) -> int | None:
    match = re.search(
        r"([\d一二两三四五六七八九十百半]+)\s*(天|日|个?星期|个?礼拜|周|个?月)", figures.plain(text)
    )
    if re.search(r"过(?:了)?期|超过?(?:了)?|已经过", text) and not match:
        return -1
    if not match:
        return whole(text) if re.fullmatch(r"[\d一二两三四五六七八九十百]+", text) else None
    number = 0.5 if match[1] == "半" else figures.value(match[1]) or 0
    unit = 1 if match[2] in "天日" else 30 if match[2].endswith("月") else 7
    return int(number * unit)


def date(text: str, today: dt.date, _: Any) -> str | None:
    found = days.day(text, today)
    return found.isoformat() if found else None


def groups(text: str, *_: Any) -> list[str] | None:
    found = [name for name, words in STATUSES.items() if re.search(words, text)]
    if found:
        return found
    return [] if re.search(r"都不是|不是|都没有|没有|^没|^无|普通", text) else None


def docs(text: str, _: dt.date, facts: Mapping[str, Any]) -> list[str] | None:
    claimed = list(facts.get("groups") or [])
    if facts.get("disability") not in (None, "none"):
        claimed.append("disability")
    if re.search(r"没(?:有)?(?:证|办|带|了|$)|不在|丢了|还没|^没|^无", text):
        return []
    named = [name for name, words in STATUSES.items() if re.search(words, text)]
    if re.search(r"残疾证", text):
        named.append("disability")
    if named:
        return named
    return claimed if re.search(r"有|带着|在手|齐|是|嗯|对", text) else None


def place(text: str, *_: Any) -> str | None:
    words = re.sub(
        r"^(?:我|在|是|我们|这边|这里|归|就)+|(?:这里|这边|那边|的|人|办|管|啊|呢|吧|。)+$",
        "",
        text,
    )
    return (
        words
        if 1 < len(words) <= 30 and re.search(r"[省市县区镇乡村旗州]|法院|仲裁|公安|派出所", words)
        else None
    )


_Reader = Callable[[str, dt.date, Mapping[str, Any]], Any]
_READERS: dict[str, _Reader] = {
    "household_income": income, "applicant_income": income, "income_pc": income,
    "household_size": household_size, "amount": amount, "age": age, "age_at_act": age,
    "homes": homes,
    "possible_sentence": sentence, "days_left": days_count, "days_since_refusal": days_count,
    "employment_end": date, "arrears_from": date, "accident_date": date, "known_date": date,
    "apply_date": date, "pending_on": date, "groups": groups, "docs": docs,
    "agency_at": place, "forum_at": place, "region": place,
}  # fmt: skip


def readable() -> set[str]:
    """Every question that this module can read an answer to."""
    return set(_READERS) | set(_table())
