"""What the citizen speaks, where it is not 普通话: said outright, or seen from how they write."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import yaml

FILE = Path(__file__).resolve().parent.parent / "data" / "languages.yml"
_NO_MANDARIN = re.compile(
    r"(?:不会|不懂|不太?会|听不(?:太)?懂|说不来|讲不来|说不好)[^，。,]{0,3}普通话"
)
_OF_OTHERS = re.compile(r"(?:老板|对方|房东|公司|骗子|物业)[^，。,]{0,4}$")
_BEFORE = re.compile(  # 我只会说, 有没有会讲, 能不能用
    r"(?:(?:只|就|光)(?:会|能|懂|听得?懂)?|"
    r"(?:有没有|能不能|可不可以|能|可以|想|希望|请|找|要)[^，。,]{0,8}(?:说|讲|会|懂|用))"
    r"(?:说|讲|听|用|打|懂|一点|点|我们的?|当地的?)*$"
)


def said(text: str) -> str | None:
    """Its name in the roster; None: nothing is said of it."""
    for name, names, _, _, _ in _languages():
        for found in re.finditer("|".join(names), text):
            before = text[: found.start()]
            if _NO_MANDARIN.search(text) or (
                _BEFORE.search(before) and not _OF_OTHERS.search(_BEFORE.sub("", before))
            ):
                return name
    return None


def written(text: str) -> str | None:
    """By the script, or by words that only its speakers write."""
    for name, _, script, words, few in _languages():
        if script and script.search(text):
            return name
        if words and sum(word in text for word in words) >= few:
            return name
    return None


@lru_cache(maxsize=1)
def _languages() -> list[tuple[str, list[str], re.Pattern[str] | None, list[str], int]]:
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return [
        (
            name,
            [name, *row.get("also", [])],
            re.compile(f"[{row['script']}]") if "script" in row else None,
            row.get("words", []),
            row.get("few", 1),
        )
        for name, row in rows.items()
    ]
