"""All that the grammar reads in one message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.language import asks, danger, groups, money, party, regions, times

LONGEST = 4000  # characters; the gateway cuts long before, this bounds a direct call


@dataclass(frozen=True)
class Entity:
    name: str  # money, time, region
    start: int
    end: int
    literal: str
    value: Any  # yuan, months (durations), else the literal


@dataclass(frozen=True)
class Spans:
    entities: list[Entity]
    groups: list[str]
    party: str
    danger: list[str]
    ask: list[str]

    def literals(self, name: str) -> list[str]:
        return list(dict.fromkeys(e.literal for e in self.entities if e.name == name))

    def as_dict(self) -> dict[str, Any]:
        return {
            "money": self.literals("money"),
            "time": self.literals("time"),
            "region": self.literals("region"),
            "groups": list(self.groups),
            "party": self.party,
            "danger": list(self.danger),
            "ask": list(self.ask),
        }


def read(text: str) -> Spans:
    read_text = text[:LONGEST]
    sums = [
        Entity("money", m.start, m.end, m.literal, m.literal if m.value is None else m.value)
        for m in money.find(read_text)
    ]
    when = [
        Entity("time", t.start, t.end, t.literal, t.literal if t.months is None else t.months)
        for t in times.find(read_text)
    ]
    where = [
        Entity("region", r.start, r.end, r.literal, r.literal) for r in regions.find(read_text)
    ]
    return Spans(
        entities=sorted([*sums, *when, *where], key=lambda e: e.start),
        groups=groups.find(read_text),
        party=party.find(read_text),
        danger=danger.find(text),
        ask=asks.find(read_text),
    )
