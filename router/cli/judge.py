"""How a played dialogue came out, against what its file says it should."""

import re
import statistics
from collections.abc import Iterable
from typing import Any

from bot.language import money, numbers
from router.cli.converse import question_in

Json = dict[str, Any]
SUMS = ("amount", "wage", "household_income", "applicant_income", "income_pc")
NUMBER = re.compile(numbers.NUMBER)
OFFER = "想怎么办"  # the decision is out: what follows is the citizen's choice


def judge(dialogue: Json, played: Json) -> Json:
    allowed = [dialogue.get("outcome"), *(dialogue.get("also_ok") or [])]
    return {
        "id": dialogue.get("id"),
        "outcome": played["outcome"],
        "right": "error" not in played and played["outcome"] in allowed,
        "invented": invented(dialogue, played),
        "questions": questions(played["transcript"]),
    }


def summary(judged: list[Json]) -> Json:
    return {
        "played": len(judged),
        "right": sum(one["right"] for one in judged),
        "invented": sum(len(one["invented"]) for one in judged),
        "questions": statistics.median(one["questions"] for one in judged),
        "dialogues": judged,
    }


def invented(dialogue: Json, played: Json) -> list[str]:
    """Facts the file forbids (null), and sums that nobody said and no reckoning with them gives."""
    recorded = played["facts"]
    forbidden = {**(dialogue.get("facts") or {}), **(dialogue.get("details") or {})}
    found = [name for name, value in forbidden.items() if value is None and name in recorded]
    said = _said(line["text"] for line in played["transcript"] if line["who"] == "citizen")
    known = _reckoned(said) | _numbers(forbidden.values())
    return found + [
        name
        for name in SUMS
        if isinstance(recorded.get(name), int | float)
        and recorded[name] not in known
        and name not in found
    ]


def _said(texts: Iterable[str]) -> set[float]:
    said: set[float] = {0}
    for text in texts:
        said |= {float(one.value) for one in money.find(text) if one.value is not None}
        said |= _numbers([text])
    return said


def _reckoned(said: set[float]) -> set[float]:
    """Wage times months, less what was paid; a household's income by its heads."""
    once = said | {a * b for a in said for b in said} | {a + b for a in said for b in said}
    once |= {round(a / b, 2) for a in said for b in said if b}
    return once | {a - b for a in once for b in said}


def _numbers(values: Iterable[Any]) -> set[float]:
    words = (found[0] for value in values for found in NUMBER.finditer(numbers.flat(str(value))))
    return {number for word in words if (number := numbers.parse(word)) is not None}


def questions(transcript: list[Json]) -> int:
    """What the citizen was asked before the decision."""
    asked = 0
    for line in transcript:
        if line["who"] == "bot" and OFFER in line["text"]:
            break
        asked += line["who"] == "bot" and bool(question_in([line]))
    return asked
