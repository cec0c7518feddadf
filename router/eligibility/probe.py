"""Facts that note how they are read: the same reads with the same answers end the same way."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Hashable, Mapping
from enum import Enum
from operator import attrgetter
from typing import Any, Final, NamedTuple

from router.eligibility.facts import FACTS, Value, plain
from router.eligibility.finding import Told, Verdict

Full = dict[Any, Any]  # every fact, ABSENT where nobody asked; and what was worked out from them


class Absent(Enum):
    ABSENT = 0
    __hash__ = object.__hash__  # Enum's own is written in Python, and asked twenty times a decision


ABSENT: Final = Absent.ABSENT
BLANK: Final[dict[str, Any]] = dict.fromkeys(FACTS, ABSENT)
_FIGURES: Final = frozenset(f.name for f in FACTS.values() if f.type in ("int", "number", "date"))
# Around the number of a figure inside a text; a fact that holds one is not learned from.
OPEN, SHUT = "\ue000", "\ue001"


class Unlearnable(Exception):
    """Something was done with a figure that cannot be followed: the plain walk answers."""


class Figure(NamedTuple):
    """A number or date: a fact, or worked out from facts."""

    key: Hashable
    read: Callable[[Full], Any]
    name: str | None = None  # the fact, when it is just that
    names: frozenset[str] = frozenset()  # all the facts it is worked out from


class Test(NamedTuple):
    """What was looked at: a value (no op), its type (told at all?), or a comparison."""

    figure: Figure
    op: Callable[..., Any] | None = None
    const: Any = None


# How each fact is looked at first: a number or date, whether it was told at all.
_LOOK: Final = {
    name: Test(Figure(name, operator.itemgetter(name), name), type if name in _FIGURES else None)
    for name in FACTS
}


def reader(test: Test) -> Callable[[Full], Any]:
    """What the test answers for somebody's facts."""
    key = (test.figure.key, test.op, test.const)
    if key not in _READERS:
        _READERS[key] = _reader(test)
    return _READERS[key]


_READERS: Final[dict[Hashable, Callable[[Full], Any]]] = {}


def _reader(test: Test) -> Callable[[Full], Any]:
    read, op, const = test.figure.read, test.op, test.const
    if op is None:
        return read
    if op is type:
        return lambda full: type(read(full))
    name = test.figure.name
    if name is None:
        return lambda full: op(read(full), const)
    return lambda full: op(full[name], const)


def shown_plainly(figure: Figure) -> Callable[[Full], Any]:
    """As JSON carries it."""
    name = figure.name
    if name is None:
        return lambda full: plain(figure.read(full))
    return figure.read if FACTS[name].type != "date" else lambda full: full[name].isoformat()


class Reading:
    """The tests of one walk in their order, each with its answer."""

    def __init__(self, told: Mapping[str, Value | None]) -> None:
        self.told = told
        self.path: list[tuple[Test, Any]] = []
        self.facts: dict[str, Any] = {}
        self.answers: dict[Hashable, Any] = {}
        self.between: dict[Hashable, _Between] = {}

    def fact(self, name: str) -> Any:
        """ABSENT, None, the value; of a number or date only that there is one."""
        if name not in self.facts:
            self.facts[name] = self._fact(name)
        return self.facts[name]

    def _fact(self, name: str) -> Any:
        value = self.told.get(name, ABSENT)
        test = _LOOK[name]
        if test.op is None:
            if isinstance(value, str) and (OPEN in value or SHUT in value):
                raise Unlearnable
            return self.note(test, value)
        if self.note(test, type(value)) in (Absent, type(None)):
            return value
        return Probe(self, test.figure, value)

    def note(self, test: Test, answer: Any) -> Any:
        key = (test.figure.key, test.op, test.const)
        if key not in self.answers:
            self.answers[key] = answer
            self.path.append((test, answer))
        return answer

    def compare(self, figure: Figure, op: Callable[..., Any], const: Any, value: Any) -> bool:
        """Noted unless earlier answers imply it; > and >= are the contraries of <= and <."""
        contrary = _CONTRARY.get(op)
        if contrary:
            return not self.compare(figure, contrary, const, value)
        between = self.between.setdefault(figure.key, _Between())
        implied = between.implies(op, const)
        if implied is not None:
            return implied
        answer: bool = self.note(Test(figure, op, const), op(value, const))
        between.narrow(op, const, answer)
        return answer


class _Between:
    """What the comparisons so far say of a figure: from `low` to `high`."""

    def __init__(self) -> None:
        self.low: Any = None
        self.high: Any = None
        self.with_low = self.with_high = True

    def implies(self, op: Callable[..., Any], const: Any) -> bool | None:
        under = self.high is not None and (
            self.high < const or (self.high == const and not self.with_high)
        )
        over = self.low is not None and (
            self.low > const or (self.low == const and not self.with_low)
        )
        if op is operator.eq:
            if under or over:
                return False
            return True if self.low == self.high == const else None
        if op is operator.lt:
            return True if under else False if over or self.low == const else None
        return True if under or self.high == const else False if over else None

    def narrow(self, op: Callable[..., Any], const: Any, answer: bool) -> None:
        if op is operator.eq:
            if answer:
                self.low = self.high = const
            return
        if answer:
            self.high, self.with_high = const, op is operator.le
        else:
            self.low, self.with_low = const, op is operator.lt


_CONTRARY: Final = {operator.gt: operator.le, operator.ge: operator.lt, operator.ne: operator.eq}


class Reader(Told):
    """The facts as a walk sees them: what is read is noted, what `but` changed is no fact."""

    def __init__(self, reading: Reading, changed: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.reading = reading
        self.changed = changed or {}

    def but(self, name: str, value: Any) -> Reader:
        return Reader(self.reading, {**self.changed, name: value})

    def get(self, name: str, default: Any = None) -> Any:
        value = self.changed[name] if name in self.changed else self.reading.fact(name)
        return default if value is ABSENT else value

    def __getitem__(self, name: str) -> Any:
        return self.get(name)

    def __contains__(self, name: object) -> bool:
        return self.get(str(name), ABSENT) is not ABSENT

    def __iter__(self) -> Any:
        raise Unlearnable


class Probe:
    """Stands for a number or date; what it cannot follow is an error, never a silent guess."""

    __slots__ = ("figure", "reading", "value")

    def __init__(self, reading: Reading, figure: Figure, value: Any) -> None:
        self.reading, self.figure, self.value = reading, figure, value

    @property  # type: ignore[misc]
    def __class__(self) -> Any:  # `isinstance` asks for what it stands for
        return type(self.value)

    def exactly(self) -> Any:
        """Its value itself is read."""
        return self.reading.note(Test(self.figure), self.value)

    def then(self, fn: Callable[..., Any], *others: Any) -> Any:
        return _worked_out(self.reading, fn, self, *others)

    def __bool__(self) -> bool:
        if isinstance(self.value, dt.date):
            return True
        if not isinstance(self.value, (int, float)):
            raise Unlearnable
        return self.reading.compare(self.figure, operator.ne, 0, self.value)

    def __hash__(self) -> int:
        return hash(self.exactly())

    def __str__(self) -> str:
        return str(self.exactly())

    def __format__(self, how: str) -> str:
        return f"{OPEN}{number_of(self.figure, how)}{SHUT}"

    def __int__(self) -> int:
        return int(self.exactly())

    def __index__(self) -> int:
        return operator.index(self.exactly())

    def __float__(self) -> float:
        return float(self.exactly())

    def __neg__(self) -> Any:
        return self.then(operator.neg)

    def replace(self, **parts: Any) -> Any:
        names = tuple(parts)
        return self.then(_Replace(names), *parts.values())

    year = property(lambda self: self.then(operator.attrgetter("year")))
    month = property(lambda self: self.then(operator.attrgetter("month")))
    day = property(lambda self: self.then(operator.attrgetter("day")))
    days = property(lambda self: self.then(operator.attrgetter("days")))


def work_out(fn: Callable[[Any], Any], value: Any) -> Any:
    """`fn` of a figure, in one piece."""
    return value.then(fn) if is_probe(value) else fn(value)


class _Replace:
    """`date.replace` of named parts."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    def __call__(self, day: dt.date, *values: int) -> dt.date:
        return day.replace(**dict(zip(self.names, values, strict=True)))

    def __repr__(self) -> str:
        return f"replace{self.names}"


class Watched:
    """A verdict that notes what of it is read: most advice hangs on the outcome alone."""

    def __init__(self, reading: Reading, verdict: Verdict) -> None:
        self._reading, self._verdict = reading, verdict

    @property
    def outcome(self) -> Any:
        return self._reading.note(_OUTCOME, self._verdict.outcome)

    @property
    def basis(self) -> Any:
        return self

    def __contains__(self, cite: str) -> bool:
        def read(full: Full) -> bool:
            return cite in full[VERDICT].basis

        figure = Figure((VERDICT, cite), read)
        return bool(self._reading.note(Test(figure), cite in self._verdict.basis))


VERDICT: Final = "verdict"
_OUTCOME: Final = Test(Figure((VERDICT, "outcome"), lambda full: full[VERDICT].outcome))


def is_probe(value: Any) -> bool:
    return type(value) is Probe


def _worked_out(reading: Reading, fn: Callable[..., Any], *parts: Any) -> Any:
    key = (_spelt(fn), *(p.figure.key if is_probe(p) else ("=", p) for p in parts))
    reads = tuple(p.figure.read if is_probe(p) else _always(p) for p in parts)

    place = _PLACES.setdefault(key, len(_PLACES))

    def read(full: Full) -> Any:
        """Worked out once for everything that looks at it."""
        if place not in full:
            full[place] = fn(*[each(full) for each in reads])
        return full[place]

    try:
        value = fn(*(p.value if is_probe(p) else p for p in parts))
    except ValueError:
        # 29 February next year: whether it fails is a test of its own.
        reading.note(Test(Figure((key, "fails"), _failing(read))), True)
        raise
    if isinstance(fn, _Replace):
        reading.note(Test(Figure((key, "fails"), _failing(read))), False)
    names = frozenset[str]().union(*(_names(p.figure) for p in parts if is_probe(p)))
    return Probe(reading, Figure(key, read, names=names), value)


def _names(figure: Figure) -> frozenset[str]:
    return frozenset((figure.name,)) if figure.name else figure.names


def _spelt(fn: Callable[..., Any]) -> str:
    named = not isinstance(fn, _Replace | attrgetter)
    return f"{fn.__module__}.{fn.__qualname__}" if named else repr(fn)


def _always(value: Any) -> Callable[[Full], Any]:
    return lambda full: value


def _failing(read: Callable[[Full], Any]) -> Callable[[Full], bool]:
    def fails(full: Full) -> bool:
        try:
            read(full)
        except ValueError:
            return True
        return False

    return fails


def _compares(op: Callable[..., Any]) -> Callable[[Any, Any], bool]:
    def compare(self: Probe, other: Any) -> bool:
        if not is_probe(other):
            return self.reading.compare(self.figure, op, other, self.value)
        held = _worked_out(self.reading, op, self, other)
        return bool(self.reading.note(Test(held.figure), held.value))

    return compare


def _works_out(fn: Callable[..., Any], reflected: bool = False) -> Callable[[Any, Any], Any]:
    if reflected:
        return lambda self, other: _worked_out(self.reading, fn, other, self)
    return lambda self, other: _worked_out(self.reading, fn, self, other)


for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Probe, f"__{_name}__", _compares(getattr(operator, _name)))
for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod"):
    setattr(Probe, f"__{_name}__", _works_out(getattr(operator, _name)))
    setattr(Probe, f"__r{_name}__", _works_out(getattr(operator, _name), reflected=True))

# Each figure that is worked out has its place in a Full.
_PLACES: Final[dict[Hashable, int]] = {}
# Figures that stand in texts: a text names them by their place here.
_SHOWN: Final[list[tuple[Callable[[Full], Any], str]]] = []
_PLACE: Final[dict[Hashable, int]] = {}


def number_of(figure: Figure, how: str) -> int:
    place = _PLACE.setdefault((figure.key, how), len(_SHOWN))
    if place == len(_SHOWN):
        _SHOWN.append((figure.read, how))
    return place


def shown(place: int) -> tuple[Callable[[Full], Any], str]:
    return _SHOWN[place]
