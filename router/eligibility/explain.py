"""What would change a decision: single facts that, told otherwise, end otherwise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any, Final

from router.eligibility.decision import Decision
from router.eligibility.engine import decide_plainly, settle
from router.eligibility.facts import FACTS, FactError, Facts, parse_facts, plain
from router.eligibility.finding import Case, Told
from router.eligibility.graph import decide
from router.eligibility.law import Law
from router.eligibility.probe import Reader, Reading, Unlearnable
from router.eligibility.questions import candidates
from router.eligibility.summary import title
from router.eligibility.words import HEADLINES, value_of

# Decisions tried for one explanation; what is left out is the least likely to be of use.
MOST_TRIES: Final = 600
# Another value of these is another case; they come last.
_WHO_AND_WHAT: Final = (
    "matter", "role", "party", "region", "apply_date", "request", "event", "danger",
)  # fmt: skip
_NOT_ABOUT_THE_LAW: Final = ("source", "agency_at", "forum_at")
_FIGURES: Final = ("int", "number", "date")
_STATUS: Final = "groups"


def explain(facts: Facts, law: Law) -> dict[str, Any]:
    """The decision with all that could change it."""
    decision = decide(facts, law)
    return {**decision.to_dict(), "changes": changes(facts, law, decision)}


def changes(facts: Facts, law: Law, now: Decision) -> list[dict[str, Any]]:
    """By fact and outcome; empty while something is still asked."""
    if now.next_question:
        return []
    tries = _Tries(facts, law, now.outcome)
    found: list[dict[str, Any]] = []
    reading = _read_by(facts, law)
    for name in sorted(reading, key=_WHO_AND_WHAT.__contains__):
        if name in _NOT_ABOUT_THE_LAW:
            continue
        if FACTS[name].type in _FIGURES:
            found += _of_a_figure(name, reading[name], tries)
        else:
            found += _of_a_word(name, tries)
    return sorted(found, key=_of_use)


def _of_use(change: dict[str, Any]) -> tuple[bool, bool]:
    return change["fact"] in _WHO_AND_WHAT, change["outcome"] == "NEED_FACTS"


def _read_by(facts: Facts, law: Law) -> dict[str, list[Any]]:
    """The facts that the walk read, with what each figure was compared with."""
    reading = Reading(facts.told)
    try:
        settle(Case(Reader(reading), law))
    except (Unlearnable, TypeError, AttributeError):
        return {name: [] for name in FACTS}
    compared: dict[str, list[Any]] = {}
    for test, _ in reading.path:
        if test.figure.name:
            edges = compared.setdefault(test.figure.name, [])
            if test.const is not None:
                edges.append(test.const)
        else:
            for name in test.figure.names:
                compared.setdefault(name, [])
    return compared


class _Tries:
    """Decisions with one fact told otherwise."""

    def __init__(self, facts: Facts, law: Law, outcome: str) -> None:
        self.facts, self.law, self.outcome = facts, law, outcome
        self.left = MOST_TRIES

    def end(self, **other: Any) -> Decision | None:
        """None: it ends as now, or cannot be told."""
        self.left -= 1
        if self.left < 0:
            return None
        try:
            facts = parse_facts({**self.facts.to_dict(), **other})
            decision = decide_plainly(facts, self.law)
        except FactError:
            return None
        return None if decision.outcome == self.outcome else decision

    def word(self, name: str, value: Any) -> str:
        return self.law.regions[value].name if name == "region" else value_of(name, value)

    def values(self, name: str) -> list[Any]:
        return [plain(v) for v in candidates(name, Told(self.facts.told), self.law)]


def _of_a_word(name: str, tries: _Tries) -> Iterator[dict[str, Any]]:
    now = plain(tries.facts.get(name))
    ends: dict[str, tuple[list[Any], Decision]] = {}
    for value in tries.values(name):
        if value == now or (name == _STATUS and value and set(value) <= set(now or ())):
            continue
        decision = tries.end(**_told(name, value, tries.facts))
        if decision:
            ends.setdefault(decision.outcome, ([], decision))[0].append(value)
    for values, decision in ends.values():
        words = "、".join(dict.fromkeys(tries.word(name, value) for value in values[:5]))
        more = f"等{len(values)}种" if len(values) > 5 else ""
        proof = "，并有证明" if name == _STATUS and any(values) else ""
        yield _change(name, "is", values, f"为{words}{more}{proof}", decision, tries.law)


def _told(name: str, value: Any, facts: Facts) -> dict[str, Any]:
    """A status counts with its proof."""
    if name != _STATUS or not value:
        return {name: value}
    docs = plain(facts.get("docs")) or []
    return {name: [*(plain(facts.get(name)) or []), *value], "docs": [*docs, *value]}


def _of_a_figure(name: str, compared: list[Any], tries: _Tries) -> Iterator[dict[str, Any]]:
    """The nearest value on each side that ends otherwise."""
    to_number, back = _scale(name)
    everyday, *others = tries.values(name)
    now = tries.facts.get(name)
    here = to_number(everyday if now is None else now)
    if now is None and tries.end(**{name: back(here)}):
        return
    probes = {to_number(edge) + near for edge in compared for near in (-1, 0, 1)}
    probes |= {to_number(value) for value in ([] if compared else others)}
    sides = {"at_most": sorted((p for p in probes if p < here), reverse=True),
             "at_least": sorted(p for p in probes if p > here)}  # fmt: skip
    for side, values in sides.items():
        same = here
        for value in values:
            decision = tries.end(**{name: back(value)})
            if decision is None:
                same = value
                continue
            while abs(value - same) > 1:
                middle = (value + same) // 2
                nearer = tries.end(**{name: back(middle)})
                value, same = (value, middle) if nearer is None else (middle, same)
                decision = nearer or decision
            told = back(value)
            yield _change(name, side, [told], _compared(name, side, told), decision, tries.law)
            break


def _scale(name: str) -> tuple[Callable[[Any], int], Callable[[int], Any]]:
    """Whole steps: a cent, one, a day."""
    if FACTS[name].type == "date":
        return (
            lambda day: (dt.date.fromisoformat(day) if isinstance(day, str) else day).toordinal(),
            lambda number: dt.date.fromordinal(number).isoformat(),
        )
    if FACTS[name].type == "int":
        return int, int
    return lambda value: round(
        value * 100
    ), lambda cents: cents // 100 if cents % 100 == 0 else cents / 100


def _compared(name: str, compare: str, value: Any) -> str:
    if FACTS[name].type == "date":
        return f"不晚于{value}" if compare == "at_most" else f"不早于{value}"
    # 1229.99 and less is what people call under 1230.
    if isinstance(value, float) and value != int(value):
        edge = value + (0.01 if compare == "at_most" else -0.01)
        if round(edge, 2) == int(round(edge, 2)):
            word = "低于" if compare == "at_most" else "高于"
            return f"{word}{value_of(name, round(edge))}"
    return f"{'不超过' if compare == 'at_most' else '不少于'}{value_of(name, value)}"


def _change(
    name: str, compare: str, values: list[Any], words: str, decision: Decision, law: Law
) -> dict[str, Any]:
    label = FACTS[name].label
    cite = title(decision.basis[0], law) if decision.basis else ""
    said = HEADLINES[decision.outcome]
    if decision.next_question:
        said += f"：{FACTS[decision.next_question].label}"
    return {
        "fact": name,
        "label": label,
        "compare": compare,
        "value": values[0] if len(values) == 1 else values,
        "outcome": decision.outcome,
        "basis": list(decision.basis),
        "text": f"如果“{label}”{words}：{said}（{cite}）",
    }
