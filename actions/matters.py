"""From a label (what a message sounds like) to the facts the law asks for: data/matters.yml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

TABLE = Path(__file__).resolve().parent.parent / "data" / "matters.yml"

Facts = dict[str, Any]


@dataclass(frozen=True)
class Choice:
    say: str
    facts: Facts


@dataclass(frozen=True)
class Hint:
    words: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    facts: Facts
    label: str | None  # the words belong to another label after all

    def fits(self, text: str) -> bool:
        return bool(self.words and self.words.search(text)) and not (
            self.unless and self.unless.search(text)
        )


@dataclass(frozen=True)
class Matter:
    label: str
    name: str
    sure: re.Pattern[str] | None
    hints: tuple[Hint, ...]
    question: str | None
    choices: tuple[Choice, ...]
    facts: Facts  # what holds when neither words nor answer say more

    def chosen(self, text: str) -> Facts | None:
        """The facts of the choice that was made, by its button or by telling words."""
        for choice in self.choices:
            if choice.say == text or (len(text) >= 2 and text in choice.say):
                return dict(choice.facts)
        for hint in self.hints:
            if hint.fits(text):
                return dict(hint.facts)
        return None


@lru_cache(maxsize=1)
def matters() -> dict[str, Matter]:
    raw: dict[str, Any] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return {label: _matter(label, row) for label, row in raw.items()}


def _matter(label: str, row: dict[str, Any]) -> Matter:
    ask = row.get("ask") or {}
    return Matter(
        label=label,
        name=row["name"],
        sure=_any(row.get("sure")),
        hints=tuple(
            Hint(
                re.compile("|".join(h["words"])), _any(h.get("unless")), h["facts"], h.get("label")
            )
            for h in row.get("hints", ())
        ),
        question=ask.get("text"),
        choices=tuple(Choice(c["say"], c["facts"]) for c in ask.get("choices", ())),
        facts=row.get("facts") or {"request": "advice"},
    )


def _any(words: list[str] | None) -> re.Pattern[str] | None:
    return re.compile("|".join(words)) if words else None


def named_in(text: str) -> list[str]:
    """Labels whose telling words occur."""
    return [label for label, m in matters().items() if m.sure and m.sure.search(text)]


def told_of(text: str) -> str | None:
    """The label that most telling words speak for, where no other has as many."""
    found = {}
    for label, matter in matters().items():
        sure = matter.sure.findall(text) if matter.sure else []
        found[label] = 2 * len(sure) + any(hint.fits(text) for hint in matter.hints)
    best, second = sorted(found.values(), reverse=True)[:2]
    return max(found, key=lambda label: found[label]) if best > second and best >= 2 else None


def by_name(text: str, labels: list[str]) -> str | None:
    """Which of the labels on the table the words name."""
    for label in labels:
        name = matters()[label].name
        if name == text or (len(text) >= 2 and (text in name or name in text)):
            return label
    for label in labels:  # 货款 for 货款、合同
        if any(len(part) >= 2 and part in text for part in name_parts(label)):
            return label
    return None


def name_parts(label: str) -> list[str]:
    name = matters()[label].name
    for mark in "、，和的":
        name = name.replace(mark, " ")
    return name.split()
