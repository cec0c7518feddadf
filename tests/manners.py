"""What holds in every talk, and a conversation's own `must` lines, checked on its transcript."""

from __future__ import annotations

import re
from typing import Any

Line = tuple[str, str]  # who, text
SHORT = 120  # characters before 详情
MOST_QUESTIONS = 8  # in the median conversation
MOST_TIMES = 3  # the same question
ASKS = re.compile(r"[？?]")
OFFER = "您看想怎么办？"  # the decision is there: no question of the intake


def questions(lines: list[Line]) -> list[str]:
    """The bot's questions up to its first decision."""
    asked: list[str] = []
    for who, text in lines:
        if who != "bot":
            continue
        text = text.split("\n详情：")[0]
        if text.endswith(OFFER):
            break
        found = re.findall(r"[^。！!？?；;]*[？?]", text)
        asked += found[-1:]
    return asked


def faults(dialogue: dict[str, Any], lines: list[Line]) -> list[str]:
    """A sentence for each rule that was broken."""
    said = [text.split("\n详情：")[0] for who, text in lines if who == "bot"]
    found = [f"longer than {SHORT}: {text}" for text in said if len(text) > SHORT]
    found += [f"two questions: {text}" for text in said if len(ASKS.findall(text)) > 1]
    asked = [text for text in said if text.endswith(("？", "?"))]
    found += [f"asked too often: {q}" for q in set(asked) if asked.count(q) > MOST_TIMES]
    for rule in dialogue.get("must", []):
        found += _broken(rule, lines)
    return found


def _broken(rule: dict[str, str], lines: list[Line]) -> list[str]:
    if words := rule.get("never"):
        return [f"said {words}: {t}" for who, t in lines if who == "bot" and re.search(words, t)]
    heard = " ".join(_answers(lines, rule.get("after")))
    fits = re.search(rule["says"], heard)
    return [] if fits else [f"{rule.get('after', 'nowhere')} -> no {rule['says']}: {heard}"]


def _answers(lines: list[Line], after: str | None) -> list[str]:
    """What was said to one message of the citizen, or in the whole talk."""
    if after is None:
        return [text for who, text in lines if who != "citizen"]
    heard, listening = [], False
    for who, text in lines:
        if who == "citizen":
            listening = _same(text, after)
        elif listening:
            heard.append(text)
    return heard


def _same(one: str, other: str) -> bool:
    return re.sub(r"\W", "", one) == re.sub(r"\W", "", other)
