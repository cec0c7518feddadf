"""Danger now: violence or threat, suicide, a crime going on. Standard library and PyYAML only.

The words live in data/emergency.yml, so that an operator can add one without touching code.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

WORDS = Path(__file__).resolve().parents[2] / "data" / "emergency.yml"
KINDS = ("violence_or_threat", "suicide", "crime_in_progress")
LONGEST = 10_000  # all that a citizen may send; of a longer text both ends

_HAN = r"\u3400-\u9fff"
# People (and filters) put blanks and dots between characters: 自 杀, 自*杀, 自.杀
_GAPS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad]+")
_DOTS = re.compile(rf"(?<=[{_HAN}])[·・•*_.\-~|/\\…]+(?=[{_HAN}])")
_CLAUSE_END = re.compile(r"[,。!?;:、\n]")


@dataclass(frozen=True)
class Pattern:
    kind: str
    say: re.Pattern[str]
    family: bool
    keeps_past: bool
    keeps_if: bool
    unless: re.Pattern[str] | None


@dataclass(frozen=True)
class Grammar:
    patterns: tuple[Pattern, ...]
    family: re.Pattern[str]
    negated: re.Pattern[str]
    past: re.Pattern[str]
    still: re.Pattern[str]
    hypothetical: re.Pattern[str]


def normalise(text: str) -> str:
    """What is matched: NFKC, lower case, nothing between characters; sentence ends stay."""
    text = unicodedata.normalize("NFKC", text.replace("\n", "。")).lower()
    text = _GAPS.sub("", text)
    return _DOTS.sub("", text)


def _any(words: list[str]) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))


@lru_cache(maxsize=4)
def load(path: Path = WORDS) -> Grammar:
    raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    sets = {name: f"(?:{_any(words)})" for name, words in raw["sets"].items()}

    def spell(say: str) -> str:
        for name, words in sets.items():
            say = say.replace(f"<{name}>", words)
        return say.replace("…", "[^。!?;]{0,10}?")

    patterns = []
    for kind in KINDS:
        for row in raw[kind]:
            patterns.append(
                Pattern(
                    kind=kind,
                    say=re.compile(row.get("before", "") + spell(row["say"])),
                    family=bool(row.get("family")),
                    keeps_past=row.get("past") == "keep",
                    keeps_if=row.get("if") == "keep",
                    unless=re.compile(spell(row["unless"])) if "unless" in row else None,
                )
            )
    return Grammar(
        patterns=tuple(patterns),
        family=re.compile(sets["家人"]),
        negated=re.compile(f"(?:{_any(raw['not'])})(?:有|任何|再|想|要|过|对我|被|他|她)*$"),
        past=re.compile(_any(raw["past"])),
        still=re.compile(_any(raw["still"])),
        hypothetical=re.compile(_any(raw["if"])),
    )


def _clause(text: str, start: int, end: int) -> str:
    left = [m.end() for m in _CLAUSE_END.finditer(text, 0, start)]
    right = _CLAUSE_END.search(text, end)
    return text[left[-1] if left else 0 : right.start() if right else len(text)]


def _stands(text: str, match: re.Match[str], pattern: Pattern, grammar: Grammar) -> bool:
    if grammar.negated.search(text, max(0, match.start() - 6), match.start()):
        return False
    if pattern.unless and pattern.unless.search(text):
        return False
    clause = _clause(text, match.start(), match.end())
    if not pattern.keeps_past and grammar.past.search(clause) and not grammar.still.search(clause):
        return False
    before = clause[: clause.find(match.group())]  # 如果告他… after the words supposes nothing
    return pattern.keeps_if or not grammar.hypothetical.search(before)


def find(text: str) -> list[str]:
    """The kinds of danger that the text shows, in the order of KINDS; empty when none."""
    grammar = load()
    text = normalise(text)
    if len(text) > LONGEST:
        text = text[: LONGEST // 2] + "。" + text[-LONGEST // 2 :]
    named = None
    found: list[str] = []
    for pattern in grammar.patterns:
        if pattern.kind in found:
            continue
        if pattern.family:
            if named is None:
                named = bool(grammar.family.search(text))
            if not named:
                continue
        matches = pattern.say.finditer(text)
        if any(_stands(text, match, pattern, grammar) for match in matches):
            found.append(pattern.kind)
    return found
