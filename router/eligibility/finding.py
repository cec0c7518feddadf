"""What a clause answers with, and the reader through which it looks at the facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, NamedTuple, Self, TypeVar

from router.eligibility.facts import FACTS, Value
from router.eligibility.law import Clause, Era, Law, Region, Scope, When
from router.eligibility.standard import in_words

R = TypeVar("R")


class Outcome(StrEnum):
    EMERGENCY_110 = "EMERGENCY_110"
    TERMINATE = "TERMINATE"
    WITHDRAWN = "WITHDRAWN"
    REMEDY = "REMEDY"
    HAS_LAWYER = "HAS_LAWYER"
    MUST_NOTIFY = "MUST_NOTIFY"
    MAY_NOTIFY = "MAY_NOTIFY"
    DUTY_LAWYER = "DUTY_LAWYER"
    ELIGIBLE = "ELIGIBLE"
    NO_HARDSHIP = "NO_HARDSHIP"
    EXEMPT_VERIFICATION = "EXEMPT_VERIFICATION"
    URGENT = "URGENT"
    TRANSFER = "TRANSFER"
    NOT_MEANS = "NOT_MEANS"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    CONSULT = "CONSULT"
    ROUTE = "ROUTE"
    NEED_FACTS = "NEED_FACTS"
    NEED_AGENCY = "NEED_AGENCY"


@dataclass(frozen=True, slots=True)
class Finding:
    """One clause, tried: whether it fits, why, and by which words."""

    rule: str
    hit: bool | None  # None: a fact is missing
    cites: tuple[str, ...]
    text: str
    see: tuple[str, ...] = ()
    standard: str = ""  # the figure, line or status it was held against


class Tried(NamedTuple):
    """A finding with the facts that its clause looked at."""

    finding: Finding
    looked: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome with what decides it; `asks` names the step that is the person's own."""

    outcome: Outcome
    basis: tuple[str, ...]
    text: str
    see: tuple[str, ...] = ()
    asks: str | None = None


class Unknown(Exception):
    """A clause needs a fact that nobody told: no fault, the third truth value."""

    def __init__(self, fact: str, cites: tuple[str, ...] = ()) -> None:
        super().__init__(fact)
        self.fact = fact
        self.cites = cites


class Told(dict[str, Value | None]):
    """What was told; `but` is the same person with one answer changed."""

    def but(self, name: str, value: Value | None) -> Self:
        return type(self)({**self, name: value})


# How sure we are travels with the rule where it is not read in a full text (rules.md §0).
UNSURE: Final = {"V2": "(只见摘录)", "R-high": "(凭记忆)", "CFG": "(当地配置)"}
LAL_DAY: Final = dt.date(2022, 1, 1)
PR2023_DAY: Final = dt.date(2023, 9, 1)  # 司法部令第148号
# A number stands in where the vocabulary assumes a range.
_STANDS_FOR: Final[dict[str, Value]] = {"age": 40}


@dataclass(slots=True)
class Case:
    """The facts of one person, read under the law of one day."""

    told: Told
    law: Law
    day: dt.date | None = None
    assumed: dict[str, Value | None] = field(default_factory=dict)
    trail: list[Tried] = field(default_factory=list)
    looked: dict[str, Any] = field(default_factory=dict)  # since the last finding

    def step(self, part: Callable[..., R], *args: Any) -> R:
        """A part of the walk; a compiled case finds its end instead of walking it."""
        return part(self.anew(), *args)

    def anew(self) -> Self:
        """What a clause that found nothing looked at is no input of the next."""
        self.looked.clear()
        return self

    def peek(self, name: str) -> Any:
        """The value if it was told, else None; assumes nothing."""
        value = self.told.get(name)
        if value is not None and name != "apply_date":  # that picks the rule, see `date`
            self.looked[name] = value
        return value

    def ask(self, name: str, *cites: str) -> Any:
        """The value; not told: unknown, whatever could be assumed."""
        value = self.told.get(name)
        if value is None:
            self.looked.clear()
            raise Unknown(name, cites)
        self.looked[name] = value
        return value

    def take(self, name: str, *cites: str) -> Any:
        """The value; not asked: what the vocabulary lets us assume, and we say so."""
        if name in self.told:
            return self.ask(name, *cites)
        return self.assume(name, FACTS[name].taken_as)

    def assume(self, name: str, value: Value | None) -> Any:
        self.looked[name] = self.assumed[name] = value
        return _STANDS_FOR.get(name, value)

    def note(self, finding: Finding) -> Finding:
        """Each finding once, with what was looked at for it."""
        looked = tuple(self.looked.items())
        self.looked.clear()
        if all(tried.finding != finding for tried in self.trail):
            self.trail.append(Tried(finding, looked))
        return finding

    @property
    def date(self) -> dt.date:
        """The day whose law holds: it picks the rule and is no input of it."""
        if self.day is not None:
            return self.day
        value = self.told.get("apply_date")
        if value is None:
            self.looked.clear()
            raise Unknown("apply_date")
        return value  # type: ignore[return-value]

    @property
    def aid_law(self) -> bool:
        """法律援助法 第71条：自2022年1月1日起施行。"""
        return self.date >= LAL_DAY

    @property
    def era(self) -> Era | None:
        return self.law.era(self.date)

    @property
    def region(self) -> Region:
        return self.law.regions[self.ask("region")]

    @property
    def regime(self) -> Scope:
        """List, no list or negative list, as it stands on the day."""
        return self.region.scope_on(self.date)

    @property
    def local(self) -> Region | None:
        """The region's rules, if they hold on the day."""
        region = self.region
        return region if region.holds_on(self.date) else None

    def under(self, day: dt.date) -> Case:
        """The same case under the law of another day; trail and assumptions are shared."""
        return replace(self, day=day)

    def proved(self, groups: frozenset[str] | tuple[str, ...]) -> bool:
        """A status that is both claimed and proved."""
        claimed = [g for g in self.take("groups", "LAL 42") if g in groups]
        return bool(claimed) and any(g in self.take("docs", "LAL 42") for g in claimed)

    def fits(self, when: When, proof: bool = False) -> bool:
        """Whether a data row's conditions hold; the cheap ones are looked at first."""
        if when.matters and self.matter not in when.matters:
            return False
        if when.except_matters and self.peek("matter") in when.except_matters:
            return False
        if when.civil and (
            self.take("role") not in ("claimant", "respondent") or self.matter in _NOT_CIVIL
        ):
            return False
        if when.party and self.take("party") not in when.party:
            return False
        if when.role and self.take("role") not in when.role:
            return False
        if when.repeat and self.take("repeat") != when.repeat:
            return False
        if when.groups and not (
            self.proved(when.groups) if proof else when.groups & set(self.take("groups"))
        ):
            return False
        if when.disabled and not self.disability_proved():
            return False
        if when.violence and self.violence() != when.violence:
            return False
        if when.act_recognised is not None and self.ask("act_recognised") != when.act_recognised:
            return False
        if when.temporary_hardship and self.take("temporary_hardship") == "none":
            return False
        if when.illness and self.take("temporary_hardship") != "serious_illness":
            return False
        if when.age_from is not None and self.take("age") < when.age_from:
            return False
        if when.protected and not self.protected():
            return False
        if when.codefendant_has_lawyer and not self.take("codefendant_has_lawyer"):
            return False
        if when.protest and not self.take("protest"):
            return False
        return not (when.amount_below is not None and self.ask("amount") >= when.amount_below)

    def protected(self) -> bool:
        """未成年人、老年人、残疾人, as told."""
        age = self.take("age")
        return bool(age < 18 or age >= 60 or self.take("disability") != "none")

    def disability_proved(self) -> bool:
        return self.take("disability") != "none" and "disability" in self.take("docs")

    def first_fit(self, rows: tuple[Clause, ...], label: str) -> Clause | None:
        """The first row in force whose conditions hold; each one tried is noted."""
        unknown: Unknown | None = None
        for row in rows:
            if not row.holds_on(self.date):
                continue
            try:
                hit = self.fits(row.when, row.proof)
            except Unknown as missing:
                # The row's own citation says why the fact is wanted.
                unknown = unknown or Unknown(missing.fact, (*row.cites, *missing.cites))
                continue
            words = f"{label}：{row.words}{UNSURE.get(row.mark, '')}"
            self.note(
                Finding(row.id, hit, row.cites, words, row.see, in_words(row.when, row.proof))
            )
            if hit:
                return row
        if unknown:
            raise unknown
        return None

    @property
    def matter(self) -> str:
        """What it is about; a criminal role needs no matter."""
        if self.peek("matter") is None and self.peek("role") in CRIMINAL_ROLES:
            self.assume("matter", None)
            return ""
        return str(self.ask("matter"))

    def violence(self) -> str:
        """Asked where it opens a head (法律援助法 32(4)), else none; 家庭暴力 itself: suffered."""
        if "violence" in self.told:
            return str(self.ask("violence"))
        matter = self.peek("matter")
        if matter == "domestic_violence" and self.take("role") != "respondent":
            return str(self.assume("violence", "suffered"))
        if matter in VIOLENCE_MATTERS:
            raise Unknown("violence", ("LAL 32(4)",))
        return str(self.assume("violence", "none"))


VIOLENCE_MATTERS: Final = frozenset(
    {"domestic_violence", "divorce", "marital_property", "damages", "support", "child_support"}
)
ACCUSED: Final = frozenset(
    {"suspect", "defendant", "defendant_unit", "compulsory_treatment_respondent"}
)
VICTIMS: Final = frozenset({"victim", "private_prosecutor", "incidental_civil_plaintiff"})
CRIMINAL_ROLES: Final = ACCUSED | VICTIMS
_NOT_CIVIL: Final = frozenset({"admin_penalty", "state_compensation", "social_assistance"})
