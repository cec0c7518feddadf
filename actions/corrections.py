"""What somebody takes back, and how the change is confirmed."""

from __future__ import annotations

import re
from typing import Any

BETTER = re.compile(
    r"^(?:哦|啊|呃)?(?:不是|不对|错了|说错|更正|改一?下|准确)|说错了|记错了|准确(?:地)?说|"
    r"应该是|搞错"
)
MEANT = re.compile(
    r"[，,。；;\s]*(?:哦|啊|呃)?(?:不是|不对|错了|说错了?|更正(?:一下)?|记错了?|"
    r"搞错了?)[的了啊，,。\s]*(?:是|应该是)?"
)
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
