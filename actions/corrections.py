"""What somebody takes back, and how the change is confirmed."""

from __future__ import annotations

import re
from typing import Any

from actions import figures

BETTER = re.compile(
    r"^(?:哦|啊|呃)?(?:不是|不对|错了|说错|更正|改一?下|准确)|[说记输]错|搞错|准确(?:地)?说|应该是|"
    r"(?:对不起|不好意思|抱歉)[^。]{0,12}是|[打写]错(?:了|啦|字了?)?(?=$|[，。,\s])"
)
MEANT = re.compile(
    r"[，,。；;\s]*(?:哦|啊|呃)?(?:不是|不对|错了|[说输]错了?|[打写]错了|更正(?:一下)?|记错了?|"
    r"搞错了?)[的了啊，,。\s]*(?:是|应该是)?"
)
_TAKEN_BACK = re.compile(
    r"[，,。；;.…\s]*(?:哦|啊|呃|噢|哎|等下|等等|[，,\s])*(?:不对|错了?[，,。\s]+|不是[，,。\s啊哦]+|不是(?=是)|"
    r"我?(?:说|记|算|搞|讲|看|写|输)错了?)+(?:了|啊|哦|我|算|说|记|错|[，,。\s])*(?:应该)?是?(?:有)?"
)
_NEAR = 4  # characters between a figure and the words that take it back
SHOWN = {
    "amount": "{}元",
    "months": "{}个月",
    "wage": "每月{}元",
    "household_size": "{}口人",
    "household_income": "全家每月{}元",
    "applicant_income": "每月{}元",
    "age": "{}岁",
    "lawyer": "{}",
    "employment_end": "{}",
    "accident_date": "{}",
    "opponent_relation": "",
}


def resolved(text: str) -> str:
    """一万八，哦不对算错了，是一万三 -> 一万三: of two figures side by side the last one stands."""
    for found in reversed(list(_TAKEN_BACK.finditer(text))):
        numbers = figures.numbers(text)
        before = [s for _, s, e in numbers if 0 <= found.start() - e <= _NEAR]
        after = [s for _, s, _ in numbers if 0 <= s - found.end() <= _NEAR]
        if before and after:
            text = text[: before[-1]] + text[after[0] :]
    return text


def shown(corrected: dict[str, Any]) -> str:
    """好的，改成两个月。 names the first thing that changed."""
    for name, value in corrected.items():
        words = {True: "已经请了律师", False: "还没请律师"}.get(value) if name == "lawyer" else None
        number = int(value) if isinstance(value, float) and value == int(value) else value
        said = words or SHOWN[name].format(number)
        if said:
            return f"好的，改成{said}。"
    return "好的，改过来了。"


def changed(now: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    quiet = {"told", "amount_from", "money", "time", "questions"}
    return {n: v for n, v in now.items() if n not in quiet and before.get(n, quiet) != v}
