"""What is written for a page, as it is said on the telephone. Pure."""

import re
from collections.abc import Sequence
from typing import Any

LONGEST = 160  # characters in one breath: nobody remembers more
MOST_KEYS = 8  # 9 stays free, 0 is a person
_DIGITS = "零幺二三四五六七八九"  # 幺: as numbers are told in China
_NUMBER = re.compile(r"(?<![\d.])(?:\d{5,}|(?:110|120|119|12\d{3}))(?![\d.]*\s*(?:元|块|万))")
_REFERENCE = re.compile(r"\b[A-Z]{2}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")
_MARKS = re.compile(r"[*_#`>|]+|https?://\S+")
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")


def spoken(text: str) -> str:
    """Numbers that are dialled and references digit by digit, no marks of writing."""
    text = _MARKS.sub("", text)
    text = _REFERENCE.sub(lambda m: _one_by_one(m[0].replace("-", "")), text)
    text = _NUMBER.sub(lambda m: _one_by_one(m[0]), text)
    return re.sub(r"\s+", " ", text).strip()


def _one_by_one(number: str) -> str:
    return " ".join(_DIGITS[int(sign)] if sign.isdigit() else sign for sign in number)


def sentences(texts: Sequence[str]) -> list[str]:
    """The first ones that one breath holds, and in any case the last question."""
    said = [one.strip() for text in texts for one in _SENTENCE.findall(spoken(text))]
    said = [one for one in said if one]
    kept: list[str] = []
    for one in said:
        if kept and sum(map(len, kept)) + len(one) > LONGEST:
            break
        kept.append(one)
    question = next((one for one in reversed(said) if one[-1] in "?？"), None)
    if question and question not in kept:
        kept.append(question)
    return kept


def keys(extras: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """The last buttons that were shown: what each is called and what it says."""
    shown: list[dict[str, Any]] = next(
        (e["buttons"] for e in reversed(extras) if e.get("buttons")), []
    )
    return [(str(b["title"]), str(b.get("say") or b["title"])) for b in shown[:MOST_KEYS]]


def dialable(number: str) -> str:
    """A number as it came or was typed; empty: withheld, or none."""
    plain = re.sub(r"[\s()\-]", "", number)
    return plain if re.fullmatch(r"\+?\d{3,20}", plain) else ""


def by_digits(number: str) -> str:
    return _one_by_one(dialable(number).removeprefix("+86").removeprefix("+"))
