"""From the words to the fine matter that the law asks for."""

from __future__ import annotations

from typing import Any

from actions.matters import matters
from actions.memory import Memory


def settle_matter(memory: Memory) -> bool:
    """Fills the fine matter in from the words; False: it has to be asked.

    An answer stands; words stand until words of higher rank come; what was assumed gives way.
    """
    if memory.label is None:
        return False
    matter, by = matters()[memory.label], str(memory.details.get("matter_by", ""))
    if by == "answer":
        return True
    best = int(by.split()[1]) if by.startswith("hint") else len(matter.hints)
    place = next((n for n, h in enumerate(matter.hints[:best]) if h.fits(memory.story)), None)
    if place is None:
        if by:
            return True
        if "matter" in memory.facts or matter.question:
            return "matter" in memory.facts
        _assume(memory, {}, matter.facts, "default")
        return True
    hint = matter.hints[place]
    stale = {} if not by else matter.facts if by == "default" else matter.hints[best].facts
    _assume(memory, stale, hint.facts, f"hint {place}")
    if hint.label:
        memory.label = hint.label
        if memory.details.get("secondary") == hint.label:
            del memory.details["secondary"]
        memory.details["matter_by"] = "answer"
    return True


def forget_matter(memory: Memory) -> None:
    """The label was wrong: what followed from it is not known."""
    for name in ("matter", "request", "role"):
        memory.facts.pop(name, None)
    memory.details.pop("matter_by", None)


def _assume(memory: Memory, stale: dict[str, Any], facts: dict[str, Any], by: str) -> None:
    for name, value in stale.items():
        if memory.facts.get(name) == value:
            del memory.facts[name]
    for name, value in facts.items():
        if name != "request" or not memory.facts.get("request"):
            memory.facts[name] = value
    memory.details["matter_by"] = by
