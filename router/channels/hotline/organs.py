"""Whom a talk may be passed on to by telephone: the mediation committee for it, and the hotlines
that the destinations' own files name. No other number is ever called for it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from router.channels.hotline.voice import dialable
from router.conversations.models import Conversation
from router.destinations.registry import Destination, Destinations
from router.mediation import choosing
from router.mediation.models import Committee

MOST = 8  # keys 1 to 8
OURSELVES = ("offer",)  # delivery: our own lawyers
ELSEWHERE = ("emergency_110",)  # kind: 110 has a key of its own
MEDIATION = "mediation"  # kind: its committees have tables of their own


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

    def of(self, region: str, committee: Committee | None = None) -> list[Organ]:
        """Nearest first is the files' own order; each number once."""
        found: dict[str, Organ] = {}
        for door in self._destinations.all():
            label, number = door.label, _number(door, region)
            if door.kind == MEDIATION and committee and self._dials(dialable(committee.phone)):
                label, number = committee.name, dialable(committee.phone)
            if number and number not in self._ours and self._dials(number):
                found.setdefault(number, Organ(door.name, label, number))
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
    return dialable((place.phone if place else None) or door.phone or "")


async def near(
    s: AsyncSession, directory: Directory, conversation_id: str | None, now: datetime
) -> list[Organ]:
    """For mediation the committee that takes this matter, nearest to the place that was told."""
    talk = await s.get(Conversation, conversation_id) if conversation_id else None
    if talk is None:
        return directory.of("")
    intake, region = json.loads(talk.intake) if talk.intake else {}, talk.region or ""
    label = intake.get("label")
    chosen = await (
        choosing.choose(s, label, region, intake, now) if label else choosing.county(s, region, now)
    )
    return directory.of(region, chosen.committee if chosen else None)
