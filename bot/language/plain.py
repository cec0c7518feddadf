"""Traditional characters, dialect and English fragments in plain words, for reading only."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import yaml

DATA = Path(__file__).resolve().parents[2] / "data"
_HAN = re.compile(r"[\u4e00-\u9fff]")


def plain(text: str) -> str:
    text = text.strip().translate(_traditional())
    for say, standard in _spoken():
        text = say.sub(standard, text)
    return text


def gibberish(text: str) -> bool:
    """asdfgh: letters, and not one word of Chinese."""
    return _HAN.search(text) is None and re.search(r"[A-Za-z]{2}", text) is not None


@lru_cache(maxsize=1)
def _traditional() -> dict[int, str]:
    rows = (DATA / "traditional.txt").read_text(encoding="utf-8").splitlines()
    return {ord(pair[0]): pair[1] for row in rows[1:] for pair in row.split()}


@lru_cache(maxsize=1)
def _spoken() -> list[tuple[re.Pattern[str], str]]:
    rows = yaml.safe_load((DATA / "spoken.yml").read_text(encoding="utf-8"))
    return [(re.compile(row["say"]), row["is"]) for row in rows]
