"""The places a citizen can be sent to: one file each, checked at start, chosen by their conditions.

`takes` says for whom a place is the right door, `also` for whom it is one more choice. The answer
is everything of `takes` by priority, then everything of `also` by priority.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from router.destinations.labels import LABELS
from router.dispatch.rules import Queues, Rules
from router.eligibility.facts import FACTS
from router.eligibility.finding import Outcome
from router.settings import ROOT
from router.tickets.status import OUTCOMES

FOLDER = ROOT / "data" / "destinations"
Kind = Literal[
    "duty_lawyer",
    "mediation",
    "legal_aid_application",
    "emergency_110",
    "other_organ",
    "information_only",
]
Delivery = Literal["offer", "queue", "application", "transfer", "information"]
M = TypeVar("M", bound=BaseModel)


class DestinationError(ValueError):
    """去处文件有误,系统不能启动,请按提示更正。"""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Condition(_Strict):
    """Every key that is given must hold; an unknown fact holds nowhere."""

    outcome: frozenset[Outcome] = frozenset()
    label: frozenset[str] = frozenset()
    not_label: frozenset[str] = frozenset()
    when: dict[str, frozenset[str | bool]] = {}  # fact -> values, one of which was told
    unless: dict[str, frozenset[str | bool]] = {}  # fact -> values, none of which was told
    amount_at_most: float | None = None  # yuan in dispute, told and not above

    @field_validator("label", "not_label")
    @classmethod
    def _known_labels(cls, names: frozenset[str]) -> frozenset[str]:
        _only(names, LABELS, "label")
        return names

    @field_validator("when", "unless")
    @classmethod
    def _known_facts(cls, facts: dict[str, frozenset[Any]]) -> dict[str, frozenset[Any]]:
        _only(facts, FACTS, "fact")
        for name, values in facts.items():
            if FACTS[name].values:
                _only(values, FACTS[name].values, name)
        return facts

    def holds(self, outcome: str, label: str | None, facts: Mapping[str, Any]) -> bool:
        amount = facts.get("amount")
        return (
            (not self.outcome or outcome in self.outcome)
            and (not self.label or label in self.label)
            and label not in self.not_label
            and all(_told(facts, name) & values for name, values in self.when.items())
            and not any(_told(facts, name) & values for name, values in self.unless.items())
            and (
                self.amount_at_most is None
                or (amount is not None and amount <= self.amount_at_most)
            )
        )


class Handover(_Strict):
    """The case itself goes there, with a receipt and a deadline, and may come back."""

    days: int = Field(ge=1, le=366)  # in which that organ answers
    working: bool = False  # they are working days, see data/calendar
    after: str | None = None  # outcome of a lawyer's case that goes there when it is closed so
    partner: str | None = None  # name of `./jieyuan partners`; none: by paper or telephone

    @field_validator("after")
    @classmethod
    def _an_outcome(cls, outcome: str | None) -> str | None:
        if outcome is not None:
            _only([outcome], OUTCOMES, "outcome")
        return outcome


# The duty lawyer who reads an application first has passed it on when closing it so
_PASSED_ON = {"application": "aid_application"}


class Place(_Strict):
    """Where the destination is in one region."""

    name: str
    address: str | None = None
    phone: str | None = None
    hours: str | None = None
    partner: str | None = None  # this office's own computer, before the destination's


class Destination(_Strict):
    name: str
    label: str
    kind: Kind
    delivery: Delivery
    priority: int  # the lowest match comes first; unique
    takes: tuple[Condition, ...] = ()
    also: tuple[Condition, ...] = ()
    hours: str  # where the office sets them: say so
    papers: tuple[str, ...] = ()  # what to bring
    phone: str | None = None
    button: str
    hint: str  # what happens there, and what it is good for
    mark: Literal["V", "V2", "R-high", "CFG"]  # how sure we are of what the file says
    cites: tuple[str, ...] = ()
    dispatch: Rules = Rules()  # who is asked when; where lawyers are offered the tickets
    referral: Handover | None = None  # none: the citizen goes there themselves
    places: dict[str, Place] = Field(default={}, exclude=True)  # by region, from places/*.yml

    @model_validator(mode="after")
    def _referred_elsewhere(self) -> "Destination":
        if self.referral and self.delivery in ("offer", "information"):
            raise ValueError("referral 只用于 queue、application、transfer")
        return self

    def fits(self, outcome: str, label: str | None, facts: Mapping[str, Any]) -> bool:
        """Whether a case is one that the file names."""
        return any(c.holds(outcome, label, facts) for c in (*self.takes, *self.also))

    def brief(self) -> dict[str, str]:
        """What the dialogue shows as a choice."""
        return {
            "name": self.name,
            "label": self.label,
            "kind": self.kind,
            "delivery": self.delivery,
            "button": self.button,
        }


class _Places(_Strict):
    """One region's offices."""

    name: str
    fictional: bool = False
    places: dict[str, Place]


class Destinations:
    def __init__(self, known: Mapping[str, Destination]) -> None:
        self._known = dict(known)
        self._ordered = sorted(self._known.values(), key=lambda d: d.priority)

    @classmethod
    def load(cls, folder: Path = FOLDER) -> "Destinations":
        known: dict[str, Destination] = {}
        by_priority: dict[int, Path] = {}
        places = _places(folder / "places")
        for path in sorted(folder.glob("*.yml")):
            raw = {"name": path.stem, "places": places.pop(path.stem, {}), **_mapping(path)}
            destination = _check(Destination, raw, path)
            if destination.name != path.stem:
                raise DestinationError(f"{path}:name 应当与文件名“{path.stem}”相同。")
            if destination.priority in by_priority:
                other = by_priority[destination.priority].name
                raise DestinationError(f"{path}:priority 与 {other} 相同,应当各不相同。")
            by_priority[destination.priority] = path
            known[destination.name] = destination
        if "duty_lawyer" not in known:
            raise DestinationError(f"{folder}:缺少 duty_lawyer.yml,人人都能咨询值班律师。")
        if places:
            raise DestinationError(f"{folder / 'places'}:没有这个去处:{'、'.join(sorted(places))}")
        return cls(known)

    def get(self, name: str) -> Destination | None:
        return self._known.get(name)

    def all(self) -> list[Destination]:
        return list(self._ordered)

    def queues(self) -> Queues:
        """What dispatch reads of them."""
        return Queues({name: one.dispatch for name, one in self._known.items()})

    def after(self) -> dict[str, str]:
        """Destination -> the outcome with which a lawyer's case goes on there."""
        return {
            d.name: ended
            for d in self._ordered
            if d.referral and (ended := d.referral.after or _PASSED_ON.get(d.delivery))
        }

    def onward(self, outcome: str, intake: Mapping[str, Any]) -> Destination | None:
        """Where a case goes that a lawyer closes so: of several the first that takes its like."""
        names = [d.name for d in self._ordered if d.referral and d.referral.after == outcome]
        told = str(intake.get("outcome") or ""), intake.get("label"), intake.get("facts") or {}
        fit = next((name for name in names if self._known[name].fits(*told)), None)
        return self._known[fit or names[0]] if names else None

    def for_decision(
        self,
        decision: Mapping[str, Any],
        label: str | None,
        facts: Mapping[str, Any],
    ) -> list[Destination]:
        """The doors for this decision, the recommended one first; the duty lawyer always among
        them: consultation has no condition (法律援助法 23)."""
        outcome = str(decision["outcome"])

        def fit(conditions: tuple[Condition, ...]) -> bool:
            return any(c.holds(outcome, label, facts) for c in conditions)

        first = [d for d in self._ordered if fit(d.takes)]
        more = [d for d in self._ordered if d not in first and fit(d.also)]
        found = first + more
        lawyer = self._known["duty_lawyer"]
        return found if lawyer in found else [*found, lawyer]


def _told(facts: Mapping[str, Any], name: str) -> set[Any]:
    value = facts.get(name)
    if value is None:
        return set()
    return set(value) if isinstance(value, list | tuple) else {value}


def _places(folder: Path) -> dict[str, dict[str, Any]]:
    """destination -> region -> place; a region is a file."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.yml")):
        for name, place in _check(_Places, _mapping(path), path).places.items():
            found.setdefault(name, {})[path.stem] = place.model_dump()
    return found


def _mapping(path: Path) -> dict[str, Any]:
    try:
        raw = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError as trouble:
        mark = getattr(trouble, "problem_mark", None)
        line = f" 第{mark.line + 1}行" if mark else ""
        raise DestinationError(f"{path}{line}:YAML 写法有误。") from trouble
    if not isinstance(raw, dict):
        raise DestinationError(f"{path}:最外层应当是“键: 值”。")
    return raw


def _check(model: type[M], raw: Any, path: Path) -> M:
    try:
        return model.model_validate(raw)
    except ValidationError as trouble:
        first = trouble.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "(整个文件)"
        raise DestinationError(f"{path}:{key}:{first['msg']}") from trouble


def _only(names: Iterable[object], allowed: Iterable[object], what: str) -> None:
    wrong = sorted(str(n) for n in set(names) - set(allowed))
    if wrong:
        raise ValueError(f"没有这个 {what}:{'、'.join(wrong)}")
