"""Who fits whom, as keys that an index finds: pure.

A waiting ticket waits at one place (its region, city, province or the nation) for one wish. A
lawyer on duty stands at each of their places under every key that some wish is met by.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import product
from typing import Protocol

ANY = "*"  # of a lawyer: takes every field, works at every post
PERSON = "@"  # the place of a ticket that waits for one lawyer alone


class Ring(IntEnum):
    """How far away a lawyer may be; GB/T 2260 codes begin with province, then city."""

    LOCAL = 0
    CITY = 1
    PROVINCE = 2
    NATION = 3


LENGTH = {Ring.LOCAL: 6, Ring.CITY: 4, Ring.PROVINCE: 2, Ring.NATION: 0}


class Skilled(Protocol):
    """What is read of a lawyer."""

    id: str
    region: str
    fields: list[str]
    languages: list[str]
    tier: str

    @property
    def stands_at(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What a ticket asks of a lawyer; an empty word asks nothing."""

    post: str = ""
    field: str = ""
    language: str = ""
    reserve: bool = True  # the reserve pool may be asked as well

    def __str__(self) -> str:
        tier = "reserve" if self.reserve else "duty"
        return "|".join((tier, self.post, self.field, self.language))

    @classmethod
    def of(cls, text: str) -> "Wish":
        tier, post, field, language = text.split("|")
        return cls(post, field, language, tier == "reserve")

    def keys(self) -> list[str]:
        """The keys of those who meet it. Without a post nothing else is asked either."""
        if not self.post:
            return [""]
        fields = [self.field, ANY] if self.field else [""]
        return [_key(p, f, self.language) for p, f in product([self.post, ANY], fields)]

    def met_by(self, lawyer: Skilled) -> bool:
        return (
            (self.reserve or lawyer.tier != "reserve")
            and (not self.post or not lawyer.stands_at or self.post in lawyer.stands_at)
            and (not self.field or not lawyer.fields or self.field in lawyer.fields)
            and (not self.language or self.language in lawyer.languages)
        )


def place(region: str, ring: Ring) -> str:
    return region[: LENGTH[ring]]


def places(region: str) -> list[str]:
    """Where a lawyer of the region stands, the nearest first."""
    return list(dict.fromkeys(place(region, ring) for ring in Ring))


def keys_of(lawyer: Skilled) -> list[str]:
    """Everything a lawyer stands under: "" is anybody."""
    fields = ["", *(lawyer.fields or [ANY])]
    languages = ["", *lawyer.languages]
    return ["", *(_key(*of) for of in product(lawyer.stands_at or [ANY], fields, languages))]


def wishes(post: str, field: str | None, language: str | None, reserve: bool) -> Sequence[Wish]:
    """From the strictest on: who is at the post will do where nobody on duty is better fit."""
    combinations: Iterable[tuple[str, str]] = dict.fromkeys(
        product([field or "", ""], [language or "", ""])
    )
    return [Wish(post, f, spoken, reserve) for f, spoken in combinations]


def _key(post: str, field: str, language: str) -> str:
    return f"{post}|{field}|{language}"
