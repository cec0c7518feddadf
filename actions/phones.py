"""Numbers to call, from the places a citizen can be sent to: data/destinations."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import yaml

PLACES = Path(__file__).resolve().parent.parent / "data" / "destinations"
OURS = "12348"  # said whenever no other place is named
_COMMON = re.compile(r"热线|服务台|部门|机关|投诉|报案|报警|110|（|）|(?<=检察院)（申诉）")


def named(text: str) -> str | None:
    """The number of the place that the words name."""
    for parts, label, phone in _phones():
        if any(part in text for part in parts):
            return f"{label}的电话是 {phone}。"
    return None


@lru_cache(maxsize=1)
def _phones() -> list[tuple[list[str], str, str]]:
    rows = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in PLACES.glob("*.yml")]
    rows = sorted((row for row in rows if row.get("phone")), key=lambda row: row["priority"])
    return [
        (_COMMON.sub(" ", row["label"]).split(), row["label"], row["phone"])
        for row in rows
        if row["phone"] != OURS
    ]
