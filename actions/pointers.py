"""What a person should know besides the decision: data/pointers.yml."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from actions.memory import Memory

TABLE = Path(__file__).resolve().parent.parent / "data" / "pointers.yml"
MOST = 6
_CHILD = re.compile(
    r"(?:孩子|娃|儿子|女儿|闺女)[^。]{0,8}(?:幼儿园|小学|初中|高中|上学|学校|同学|老师)|[初高][一二三](?:的|学生|$|[\s，。])|"
    r"(?:孩子|娃|儿子|女儿|闺女)[^，。]{0,3}?(\d|[一二三四五六七八九]|1[0-7]|十[一二三四五六七]?)岁"
)


def fresh(memory: Memory) -> list[str]:
    """Those that were not said before in this talk."""
    said = list(memory.details.get("pointed") or [])
    new = [place for place in _fitting(memory) if place not in said]
    if new:
        memory.details["pointed"] = said + new
    return [str(_rows()[place]["say"]) for place in new]


def _fitting(memory: Memory) -> list[int]:
    known = _known(memory)
    labels = {memory.label, memory.details.get("secondary"), memory.details.get("other_matter")}
    told = [*(memory.details.get("told") or []), *(memory.details.get("other_told") or [])]
    story = "。".join([memory.story, *told])
    rows = enumerate(_rows())
    return [n for n, row in rows if _fits(row["when"], labels, story, known)][:MOST]


def _known(memory: Memory) -> dict[str, Any]:
    age = memory.facts.get("age")
    child = _CHILD.search(memory.story) is not None
    return {
        **memory.details,
        **memory.facts,
        "minor": (age is not None and age < 18)
        or (child and memory.label in ("consumer", "injury_tort")),
        "helped": bool(memory.details.get("for_whom")),
        "open": memory.outcome == "NEED_FACTS",
    }


def _fits(when: dict[str, Any], labels: set[Any], story: str, known: dict[str, Any]) -> bool:
    if "unless" in when and _fits_any(when["unless"], labels, story, known):
        return False
    if "label" in when and not labels & set(when["label"]):
        return False
    if "words" in when and not re.search(when["words"], story):
        return False
    return all(_holds(known.get(name), value) for name, value in when.get("facts", {}).items())


def _fits_any(unless: dict[str, Any], labels: set[Any], story: str, known: dict[str, Any]) -> bool:
    facts = unless.get("facts", {}).items()
    return (
        bool(labels & set(unless.get("label", ())))
        or ("words" in unless and re.search(unless["words"], story) is not None)
        or any(_holds(known.get(name), value) for name, value in facts)
    )


def _holds(told: Any, value: Any) -> bool:
    if value is True:
        return bool(told)
    return bool(set(told if isinstance(told, list) else [told]) & set(value))


@lru_cache(maxsize=1)
def _rows() -> list[dict[str, Any]]:
    return list(yaml.safe_load(TABLE.read_text(encoding="utf-8")))
