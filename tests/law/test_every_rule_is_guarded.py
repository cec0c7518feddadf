"""Take each rule away in turn: some case must turn red. What none guards is named."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import CodeType
from typing import Any

from router.eligibility import Facts, Law, clauses, decide, parse_facts
from router.eligibility.finding import Finding, Outcome, Verdict
from router.eligibility.law import Scope

from .conftest import CASES, OWN
from .score import missing, wrong

ALL = [*CASES, *OWN]
ROWS = (
    "matters", "open_matters", "negative_list", "waived", "exempt", "bars", "over_the_line",
    "forwards",
)  # fmt: skip
SINGLE: dict[str, Any] = {
    "standard": None, "assets": None, "objection": None, "review": None,
    "transfer": (), "urgent": (), "foreigners": (),
}  # fmt: skip
REMOVED = Verdict(Outcome.NEED_AGENCY, ("removed",), "removed")


@dataclass(frozen=True)
class Mutant:
    """The law without one rule; `traces` are words by which a case shows that it rests on it."""

    name: str
    law: Law
    traces: tuple[str, ...]


def test_some_case_turns_red_when_a_row_of_the_data_is_removed(law: Law) -> None:
    facts = read(law)
    said = [json.dumps(decide(told, law).to_dict(), ensure_ascii=False) for told in facts]
    unguarded = []
    for mutant in mutants(law):
        order = sorted(
            range(len(ALL)), key=lambda i: not any(trace in said[i] for trace in mutant.traces)
        )
        if not any(red(ALL[i], facts[i], mutant.law) for i in order):
            unguarded.append(mutant.name)
    assert not unguarded


def test_some_case_turns_red_when_a_clause_never_fits(law: Law) -> None:
    facts = read(law)
    calls = [called(told, law) for told in facts]
    unguarded = []
    for name, clause in clause_functions():
        with never_fits(clause):
            bare = replace(law)
            users = [i for i, codes in enumerate(calls) if clause.__code__ in codes]
            if not any(red(ALL[i], facts[i], bare) for i in users):
                unguarded.append(name)
    assert not unguarded


def read(law: Law) -> list[Facts]:
    """Nothing is red before a rule is removed."""
    facts = [parse_facts(case["facts"]) for case in ALL]
    assert not [
        case["id"] for case, told in zip(ALL, facts, strict=True) if red(case, told, law)
    ]  # fmt: skip
    return facts


def red(case: dict[str, Any], told: Facts, law: Law) -> bool:
    try:
        answer = decide(told, law).to_dict()
    except (LookupError, TypeError, AttributeError, AssertionError):
        return True
    if wrong(case["expect"], answer):
        return True
    # The golden cases' warnings and doors are for people to read, not word for word.
    return "title" not in case and bool(missing(case["expect"], answer))


def mutants(law: Law) -> Iterator[Mutant]:
    yield from national(law)
    for code, region in law.regions.items():

        def without(name: str, traces: tuple[str, ...], code: str = code, **change: Any) -> Mutant:
            changed = law.regions[code].model_copy(update=change)
            less = replace(law, regions={**law.regions, code: changed})
            return Mutant(f"{code}: {name}", less, traces)

        for key in ROWS:
            rows = getattr(region, key)
            for row in rows:
                rest = tuple(other for other in rows if other is not row)
                yield without(row.id, (row.id, *row.cites), **{key: rest})
        for key, nothing in SINGLE.items():
            value = getattr(region, key)
            if value != nothing:
                yield without(key, tuple(getattr(value, "cites", None) or ()), **{key: nothing})
        if region.standard:
            for day, line in region.standard.values.items():
                rest_of = {d: v for d, v in region.standard.values.items() if d != day}
                less = region.standard.model_copy(update={"values": rest_of})
                yield without(f"standard {day}", line.cites, standard=less)
        if region.scope.kind != "national_list":
            bare = Scope(kind="national_list")
            yield without(f"scope {region.scope.kind}", region.scope.cites, scope=bare)


def national(law: Law) -> Iterator[Mutant]:
    for number, era in enumerate(law.eras):
        for key in ("matters", "also"):
            for matter, item in getattr(era, key).items():
                rest = {m: cite for m, cite in getattr(era, key).items() if m != matter}
                eras = list(law.eras)
                eras[number] = era.model_copy(update={key: rest})
                yield Mutant(f"{era.id}: {matter}", replace(law, eras=tuple(eras)), (item,))
    for row in law.exempt:
        exempt = tuple(other for other in law.exempt if other is not row)
        yield Mutant(row.id, replace(law, exempt=exempt), (row.id,))
    for row in law.rank_open:
        open_rows = tuple(other for other in law.rank_open if other is not row)
        yield Mutant(row.id, replace(law, rank_open=open_rows), (row.id,))
    for key, rows in law.limits.items():
        for limit in rows:
            left = tuple(other for other in rows if other is not limit)
            less = replace(law, limits={**law.limits, key: left})
            yield Mutant(f"limits: {key} {limit.cite}", less, (limit.words,))
    for kind, table in law.doors.model_dump().items():
        if not isinstance(table, dict):
            less = replace(law, doors=law.doors.model_copy(update={kind: ()}))
            yield Mutant(f"doors: {kind}", less, tuple(table))
            continue
        for key, named in table.items():
            if named:
                doors = law.doors.model_copy(update={kind: {**table, key: ()}})
                yield Mutant(f"doors: {kind} {key}", replace(law, doors=doors), tuple(named))


def clause_functions() -> Iterator[tuple[str, Any]]:
    for found in pkgutil.iter_modules(clauses.__path__, f"{clauses.__name__}."):
        module = importlib.import_module(found.name)
        for name, value in inspect.getmembers(module, inspect.isfunction):
            decides = value.__annotations__.get("return") != "None"
            if value.__module__ == found.name and not name.startswith("_") and decides:
                yield f"{found.name.rpartition('.')[2]}.{name}", value


def called(told: Facts, law: Law) -> set[CodeType]:
    codes: set[CodeType] = set()

    def watch(frame: Any, event: str, arg: Any) -> None:
        if event == "call":
            codes.add(frame.f_code)

    fresh = replace(law)
    sys.setprofile(watch)
    try:
        decide(told, fresh)
    finally:
        sys.setprofile(None)
    return codes


@contextmanager
def never_fits(clause: Any) -> Iterator[None]:
    """Everywhere the engine holds the function, also inside its tables."""
    blank = blank_for(clause)

    def swap(value: Any, old: Any, new: Any) -> Any:
        if value is old:
            return new
        if isinstance(value, tuple) and any(item is old for item in value):
            return tuple(new if item is old else item for item in value)
        return value

    modules = [m for name, m in sys.modules.items() if name.startswith("router.eligibility")]
    before: list[tuple[Any, str, Any]] = []
    for module in modules:
        for name, value in list(vars(module).items()):
            swapped = swap(value, clause, blank)
            if swapped is not value:
                before.append((module, name, value))
                setattr(module, name, swapped)
    try:
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


def blank_for(clause: Any) -> Callable[..., Any]:
    """What a clause answers that does not fit; who must answer hands over without a citation."""
    returns = str(clause.__annotations__.get("return", ""))
    if "None" in returns:
        nothing: Any = None
    elif returns == "bool":
        nothing = False
    elif returns == "Finding":
        nothing = Finding("removed", False, ("removed",), "removed")
    elif returns.startswith("tuple"):
        nothing = ()
    else:
        nothing = REMOVED
    return lambda *args, **kwargs: nothing
