"""Whom a talk may be passed on to by telephone: the mediation committee and the hotlines that the
destinations' own files name. No other number is ever called for it."""

from collections.abc import Callable
from dataclasses import dataclass

from router.destinations.registry import Destination, Destinations

MOST = 8  # keys 1 to 8
OURSELVES = ("offer",)  # delivery: our own lawyers
ELSEWHERE = ("emergency_110",)  # kind: 110 has a key of its own


@dataclass(frozen=True)
class Organ:
    name: str  # file of data/destinations
    label: str
    number: str


class Directory:
    def __init__(
        self, destinations: Destinations, ours: frozenset[str], dials: Callable[[str], bool]
    ) -> None:
        """`ours`: our own numbers and 110's; `dials`: whether the carrier can."""
        self._destinations, self._ours, self._dials = destinations, ours, dials

    def of(self, region: str) -> list[Organ]:
        """Nearest first is the files' own order; each number once."""
        found: dict[str, Organ] = {}
        for door in self._destinations.all():
            number = _number(door, region)
            if number and number not in self._ours and self._dials(number):
                found.setdefault(number, Organ(door.name, door.label, number))
        return list(found.values())[:MOST]

    def numbers(self) -> frozenset[str]:
        """All that may be called, wherever the citizen is from."""
        doors = self._destinations.all()
        regions = {code for door in doors for code in door.places}
        listed = {_number(door, region) for door in doors for region in (*regions, "")}
        return frozenset(listed) - self._ours - {""}


def _number(door: Destination, region: str) -> str:
    if door.delivery in OURSELVES or door.kind in ELSEWHERE:
        return ""
    place = door.places.get(region)
    return (place.phone if place else None) or door.phone or ""
