"""What the talk remembers between two messages: Rasa's slots as one object, and back."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from actions.phrases import DOMAIN, slots

TALK = (
    "label", "details", "asked", "times_asked", "previous", "choosing", "offered", "outcome",
    "safety", "reference", "rude", "shelf", "story",
)  # fmt: skip
UNKNOWN = "unknown"


@dataclass
class Memory:
    facts: dict[str, Any] = field(default_factory=dict)  # None: asked, not known
    label: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    asked: str | None = None
    times_asked: int = 0
    previous: str | None = None
    choosing: dict[str, Any] | None = None  # {"kind": label|matter|first|case, "options": [...]}
    offered: list[dict[str, str]] | None = None
    outcome: str | None = None
    safety: str | None = None  # asked, heard (asked, by the ear alone), safe, danger
    reference: str | None = None
    rude: bool = False
    shelf: dict[str, Any] | None = None  # the other trouble, put aside
    story: str = ""  # what was told before the matter was clear

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Memory:
        memory = cls()
        for name in TALK:
            if values.get(name) is not None:
                # a copy: what changes in place would not be seen as a change
                setattr(memory, name, deepcopy(values[name]))
        memory.facts = {n: values[n] for n in fact_names() if values.get(n) is not None}
        for name in values.get(UNKNOWN) or []:
            memory.facts.setdefault(name, None)
        return memory

    def values(self) -> dict[str, Any]:
        """Every slot's value."""
        found: dict[str, Any] = {name: getattr(self, name) or None for name in TALK}
        found |= {name: self.facts.get(name) for name in fact_names()}
        found[UNKNOWN] = [name for name, value in self.facts.items() if value is None] or None
        return found

    def changes(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """The slots to set, so that a turn's events stay few."""
        return {
            name: value
            for name, value in self.values().items()
            if not _same(before.get(name), value)
        }

    def ask(self, fact: str) -> None:
        if fact == self.asked:
            self.times_asked += 1
            return
        if self.asked:
            self.previous = self.asked
        self.asked, self.times_asked = fact, 1

    def settle(self) -> None:
        """Nothing is being asked any more."""
        if self.asked:
            self.previous = self.asked
        self.asked, self.times_asked = None, 0

    def forget(self) -> None:
        """From the start; who is rude stays rude."""
        self.__init__(rude=self.rude)  # type: ignore[misc]


def _same(one: Any, two: Any) -> bool:
    return type(one) is type(two) and one == two  # False is not 0


def fact_names() -> list[str]:
    return [name for name in slots(DOMAIN) if name not in TALK and name != UNKNOWN]
