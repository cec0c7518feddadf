"""Danger now: violence or threat, suicide, a crime going on. Standard library and PyYAML only.

The words live in data/emergency.yml, so that an operator can add one without touching code.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

WORDS = Path(__file__).resolve().parents[2] / "data" / "emergency.yml"
KINDS = ("violence_or_threat", "suicide", "crime_in_progress")
WEIGHTS = WORDS.with_name("danger_weights.json")  # made by bot/train_danger.py
SURE = 0.75  # how likely the weights must hold danger
SHORT = 8  # characters; who says no more says it as many others do
WEIGHED = range(5, 200)  # characters: fewer say too little, in more the weights drown
LONGEST = 10_000  # all that a citizen may send; of a longer text both ends
REACH = 80  # characters: how far a sentence without an end reaches, to either side
CLOSE = 30  # and how far off the words may stand that a pattern wants near

_HAN = r"\u3400-\u9fff"
# People (and filters) put blanks and dots between characters: 自 杀, 自*杀, 自.杀
_BLANK = re.compile(r"[\s\ufeff]+")
_NOTHING = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad\ufe0f]+")
_DOTS = re.compile(rf"(?<=[{_HAN}])[·・•*_.\-~|/\\…]+(?=[{_HAN}])")
_PICTURE = re.compile(r"[\u2600-\u27bf\U0001f000-\U0001faff]+")
_LATIN = re.compile(r"[a-z]+(?:[\s']+[a-z]+)*")
_TONES = re.compile(r"[\u0300\u0301\u0304\u030c]")
_SENTENCE_END = re.compile(r"[。!?;\n]")
_CLAUSE_END = re.compile(r"[,。!?;:、\n]")


@dataclass(frozen=True)
class Pattern:
    kind: str
    say: re.Pattern[str]
    needs: tuple[frozenset[str], ...]  # a text without one of each set cannot match
    near: tuple[re.Pattern[str], ...]  # each of these stands in the same sentence, close by
    family: bool
    keeps_past: bool
    keeps_if: bool
    drops_over: bool
    unless: re.Pattern[str] | None


@dataclass(frozen=True)
class Grammar:
    patterns: tuple[Pattern, ...]
    by_character: dict[str, list[int]]  # patterns that need it or a few others
    always: list[int]  # patterns that need none
    spoken: re.Pattern[str]
    spelt: dict[str, str]
    traditional: dict[int, str]
    pinyin: dict[str, str]
    syllables: re.Pattern[str]
    family: re.Pattern[str]
    negated: re.Pattern[str]
    past: re.Pattern[str]
    dated: re.Pattern[str]
    still: re.Pattern[str]
    hypothetical: re.Pattern[str]
    told: re.Pattern[str]
    over: re.Pattern[str]
    study: re.Pattern[str]


def _blanks(text: str) -> str:
    """A blank ends a clause (他又来了 我好怕), unless it pulls one phrase apart (自 杀)."""
    pieces = [piece for piece in _BLANK.split(text) if piece]
    out = ""
    for before, piece in zip(["", *pieces], pieces, strict=False):
        apart = (len(before) > 1 and len(piece) > 1) or len(before) + len(piece) > 5
        ended = not out or _CLAUSE_END.match(out[-1])
        out += piece if ended or not apart else "," + piece
    return out


def normalise(text: str, grammar: Grammar | None = None) -> str:
    """What is matched: one script, one spelling, nothing between characters; sentences end."""
    grammar = grammar or load()
    text = unicodedata.normalize("NFKC", text.replace("\n", "。")).lower()
    text = _NOTHING.sub("", text).translate(grammar.traditional)
    if _LATIN.search(text):
        text = unicodedata.normalize("NFKC", _TONES.sub("", unicodedata.normalize("NFD", text)))
        text = _LATIN.sub(lambda run: _from_pinyin(run.group(), grammar), text)
    text = _blanks(_PICTURE.sub(" ", text))
    return grammar.spoken.sub(lambda word: grammar.spelt[word.group()], _DOTS.sub("", text))


def _from_pinyin(run: str, grammar: Grammar) -> str:
    """Latin letters that are all known syllables, in Chinese; others as they stand."""
    letters = re.sub(r"[\s']", "", run)
    if not grammar.syllables.fullmatch(letters):
        return run
    found = re.findall("|".join(sorted(grammar.pinyin, key=len, reverse=True)), letters)
    return "".join(grammar.pinyin[one] for one in found) if "".join(found) == letters else run


def _any(words: list[str]) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))


def _needs(say: str) -> tuple[frozenset[str], ...]:
    """For each part that every match must have, the characters one of which stands in it.

    Read from the compiled pattern, so that no one has to keep a second list. Where the parser
    (private to CPython) is not as we know it, nothing is needed and every text is searched.
    """
    try:
        from re import _parser  # type: ignore[attr-defined]
    except ImportError:
        import sre_parse as _parser
    try:
        found = {chars for chars in _required(_parser.parse(say)) if len(chars) <= 60}
    except Exception:  # a filter only: without it the answer is the same
        return ()
    return tuple(sorted(found, key=len)[:4])


def _required(parts: Any) -> Iterator[frozenset[str]]:
    for op, value in parts:
        name = str(op)
        if name == "LITERAL":
            yield frozenset(chr(value))
        elif name == "IN" and all(str(one) == "LITERAL" for one, _ in value):
            yield frozenset(chr(char) for _, char in value)
        elif name == "BRANCH":
            inner = [min(_required(one), key=len, default=None) for one in value[1]]
            if all(one is not None for one in inner):
                yield frozenset().union(*(one for one in inner if one is not None))
        elif name == "SUBPATTERN":
            yield from _required(value[-1])
        elif name in ("MAX_REPEAT", "MIN_REPEAT") and value[0] > 0:
            yield from _required(value[2])


@lru_cache(maxsize=4)
def load(path: Path = WORDS) -> Grammar:
    raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    sets = {name: f"(?:{_any(words)})" for name, words in raw["sets"].items()}

    def spell(say: str) -> str:
        for name, words in sets.items():
            say = say.replace(f"<{name}>", words)
        return say.replace("…", "[^。!?;]{0,10}?")

    for name, shape in raw["shapes"].items():
        sets[name] = f"(?:{spell(shape)})"

    patterns = []
    for kind in KINDS:
        for row in raw[kind]:
            say = row.get("before", "") + spell(row["say"])
            near = row.get("near", [])
            patterns.append(
                Pattern(
                    kind=kind,
                    say=re.compile(say),
                    needs=_needs(say),
                    near=tuple(
                        re.compile(spell(one)) for one in ([near] if type(near) is str else near)
                    ),
                    family=bool(row.get("family")),
                    keeps_past=row.get("past") == "keep",
                    keeps_if=row.get("if") == "keep",
                    drops_over=row.get("over") == "drop",
                    unless=re.compile(spell(row["unless"])) if "unless" in row else None,
                )
            )
    pairs = raw["traditional"].split()
    spoken = {str(word): str(plain) for word, plain in raw["spoken"].items()}
    pinyin = {str(word): str(plain) for word, plain in raw["pinyin"].items()}
    by_character: dict[str, list[int]] = {}
    for at, pattern in enumerate(patterns):
        for char in pattern.needs[0] if pattern.needs else ():
            by_character.setdefault(char, []).append(at)
    return Grammar(
        patterns=tuple(patterns),
        by_character=by_character,
        always=[at for at, pattern in enumerate(patterns) if not pattern.needs],
        spoken=re.compile(_any(list(spoken))),
        spelt=spoken,
        traditional={ord(pair[0]): pair[1] for pair in pairs},
        pinyin=pinyin,
        syllables=re.compile(f"(?:{_any(list(pinyin))})+"),
        family=re.compile(sets["家人"]),
        negated=re.compile(
            f"(?:{_any(raw['not'])})(?:有|任何|再|想|要|过|人|谁|受|遭|来|对我|被|他|她)*$"
        ),
        past=re.compile(_any(raw["past"])),
        dated=re.compile(spell(raw["dated"])),
        still=re.compile(_any(raw["still"])),
        hypothetical=re.compile(_any(raw["if"])),
        told=re.compile(_any(raw["told"])),
        over=re.compile(spell(raw["over"])),
        study=re.compile(spell(raw["study"])),
    )


def _around(ends: re.Pattern[str], text: str, start: int, end: int) -> tuple[int, int]:
    """Where the clause or sentence with text[start:end] begins and ends."""
    left = 0
    for stop in ends.finditer(text, max(0, start - REACH), start):
        left = stop.end()
    right = ends.search(text, end, end + REACH)
    return max(left, start - REACH), right.start() if right else min(len(text), end + REACH)


def _stands(text: str, match: re.Match[str], pattern: Pattern, grammar: Grammar) -> bool:
    """Whether the words mean danger here: each excuse counts in its own scope only."""
    start, end = match.span()
    if grammar.negated.search(text, max(0, start - 6), start):
        return False
    left, right = _around(_SENTENCE_END, text, start, end)
    sentence = text[left:right]
    if pattern.unless and pattern.unless.search(sentence):
        return False
    close = text[max(left, start - CLOSE) : min(right, end + CLOSE)]
    if not all(one.search(close) for one in pattern.near):
        return False
    if grammar.study.search(sentence):
        return False
    first, last = _around(_CLAUSE_END, text, start, end)
    clause = text[first:last]
    goes_on = grammar.still.search(clause)
    if pattern.drops_over and not goes_on and grammar.over.search(sentence):
        return False
    if not pattern.keeps_past and not goes_on:
        if grammar.past.search(clause):
            return False
        lead = text[max(left, first - 16) : first]  # 去年五月,他打了我
        if grammar.dated.search(lead) and not grammar.still.search(text, first, right):
            return False
    before = text[first:start]  # 如果告他… after the words supposes nothing
    supposed = grammar.hypothetical.search(before)
    return (
        pattern.keeps_if
        or not supposed
        or bool(grammar.told.search(text, left, first + supposed.start()))
    )


def _fitted(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST // 2] + "。" + text[-LONGEST // 2 :]


@lru_cache(maxsize=1)
def _weights() -> tuple[list[float], dict[str, list[float]]]:
    if not WEIGHTS.exists():
        return [0.0] * len(KINDS), {}
    raw = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return raw["start"], raw["weights"]


def odds(text: str) -> list[float]:
    """By kind, the logarithm of how much likelier it is than no danger, from runs of characters."""
    start, weights = _weights()
    text = normalise(text)
    runs = {text[at : at + long] for long in (1, 2, 3) for at in range(len(text) - long + 1)}
    known = [weights[run] for run in runs if run in weights]
    if not known:
        return list(start)
    norm = math.sqrt(len(known))
    return [
        first + sum(column) / norm
        for first, column in zip(start, zip(*known, strict=True), strict=True)
    ]


def find_by_weights(text: str) -> list[str]:
    """The likeliest kind, where the runs of characters together sound like danger."""
    text = normalise(_fitted(text))
    if not _weights()[1] or len(text) not in WEIGHED:
        return []
    sums = odds(text)
    chances = [math.exp(min(one, 30.0)) for one in sums]  # against no danger at all
    if sum(chances) / (1 + sum(chances)) < SURE or _excused(text):
        return []
    return [KINDS[sums.index(max(sums))]]


def _excused(text: str) -> bool:
    """The whole message is about a textbook, the news, or a thing past and now reckoned up."""
    grammar = load()
    return bool(grammar.study.search(text)) or (
        bool(grammar.past.search(text) or grammar.over.search(text))
        and not grammar.still.search(text)
    )


def find(text: str) -> list[str]:
    """The kinds of danger that the text shows, in the order of KINDS; empty when none."""
    return list((_found_again if len(text) <= SHORT else _found)(text))


def _found(text: str) -> list[str]:
    return find_by_grammar(text) or find_by_weights(text)


_found_again = lru_cache(4000)(_found)  # 不知道, a button's words: the same from everybody


def find_by_grammar(text: str) -> list[str]:
    """What data/emergency.yml names."""
    grammar = load()
    text = normalise(_fitted(text))
    here = set(text)
    named = None
    found: list[str] = []
    possible = {at for char in here for at in grammar.by_character.get(char, ())}
    for pattern in (grammar.patterns[at] for at in sorted(possible.union(grammar.always))):
        if pattern.kind in found or any(here.isdisjoint(chars) for chars in pattern.needs):
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
