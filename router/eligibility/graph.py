"""The law, compiled while it is used: a part of the walk that ended once is found again by the
facts that it read, in their order. The walk stays the definition; what cannot be followed, or
does not fit, is walked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Final

from router.eligibility.advice import routes, warnings
from router.eligibility.decision import Advice, Closing, Decision, Texts
from router.eligibility.engine import (
    PlainAdvice,
    check_region,
    close,
    decide_plainly,
    open_ends,
    settle,
    walk,
)
from router.eligibility.facts import FACTS, Facts, plain
from router.eligibility.finding import Case, Told, Tried, Unknown, Verdict
from router.eligibility.law import Law
from router.eligibility.probe import (
    ABSENT,
    BLANK,
    OPEN,
    SHUT,
    VERDICT,
    Absent,
    Figure,
    Full,
    Reader,
    Reading,
    Test,
    Unlearnable,
    Watched,
    is_probe,
    reader,
    shown,
    shown_plainly,
)
from router.eligibility.reasons import reason
from router.eligibility.summary import shorten

# About 450 bytes each (bench eligibility). A full graph learns no more, what it does not hold is
# walked; when that has come too often, it begins anew.
MOST_NODES: Final = 50_000
MOST_MISSED: Final = 20_000
_SHOWN: Final = re.compile(f"{OPEN}(\\d+){SHUT}")
_UNTOLD: Final = {Absent: ABSENT, type(None): None}
Part = Callable[..., Any]
Tests = tuple[tuple[Test, Any], ...]


_all_of = lru_cache(None)(itemgetter)


class Node:
    """One test, or a run of values looked at together; the answer leads on."""

    __slots__ = ("branches", "read", "run")

    def __init__(self, run: Tests, end: Node | Leaf) -> None:
        test, answer = run[0]
        self.run: Tests | Test = run if len(run) > 1 else test
        self.read = reader(test)
        if len(run) > 1:
            self.read = _all_of(*(str(test.figure.name) for test, _ in run))
        self.branches: dict[Any, Node | Leaf] = dict.fromkeys(self.places(answer), end)

    def places(self, answer: Any) -> list[Any]:
        """Where an answer leads on from; told is told, with a point or without."""
        if not isinstance(self.run, Test):
            return [tuple(_value(one) for one in self.run)]
        return [int, float] if answer in (int, float) and self.run.op is type else [answer]


class Joined:
    """Reasons and assumptions; what holds the citizen's own figures is filled in for each."""

    __slots__ = ("assumed", "own_assumed", "own_reasons", "reasons")

    def __init__(self) -> None:
        self.reasons: tuple[Mapping[str, Any], ...] = ()
        self.assumed: dict[str, Any] = {}
        self.own_reasons: tuple[tuple[int, Callable[[Full], Mapping[str, Any]]], ...] = ()
        self.own_assumed: tuple[tuple[str, Callable[[Full], Any]], ...] = ()


class Leaf(Joined):
    """How a part ended."""

    __slots__ = ("missing", "own_result", "result")

    def __init__(self) -> None:
        super().__init__()
        self.result: Any = None
        self.missing: str | None = None
        self.own_result: Callable[[Full], Any] | None = None


def decide(facts: Facts, law: Law) -> Decision:
    """The decision, or the next fact that can still change it."""
    check_region(facts, law)
    graph: Graph | None = law.made.get("graph")
    if graph is None:
        graph = law.made.setdefault("graph", Graph(law))
    try:
        return graph.decide(facts.told)
    except Unlearnable:
        return decide_plainly(facts, law)


class Graph:
    """Every end that was found so far, by part of the walk."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self.clear()

    def clear(self) -> None:
        self.nodes = self.missed = 0
        self.roots: dict[Any, Node | Leaf] = {}
        # Results are equal by identity: a root hangs on the one before it.
        self.results: dict[Any, Any] = {}
        self.kept: dict[int, Any] = {}
        self.shared: dict[str, Mapping[str, Any]] = {}
        self.assumed: dict[str, dict[str, Any]] = {}
        self.joined: dict[tuple[Leaf, ...], Joined] = {}

    def decide(self, told: Mapping[str, Any]) -> Decision:
        if self.missed > MOST_MISSED:
            self.clear()
        path = Path(self, told)
        try:
            verdict = walk(path)  # type: ignore[arg-type]
        except Unknown as missing:
            path.leaves.clear()
            verdict = path.find((settle, missing.fact), settle, ()).result
        full, trail = path.full, tuple(path.leaves)
        path.verdict = verdict
        closing: Closing = path.said((close, id(verdict)), close)
        joined = self.joined.get(trail) or self._join(trail)
        reasons, assumed = joined.reasons, joined.assumed.copy()
        if joined.own_reasons:
            filled = list(reasons)
            for place, fill in joined.own_reasons:
                filled[place] = fill(full)
            reasons = tuple(filled)
        for name, read in joined.own_assumed:
            assumed[name] = read(full)
        if closing.next_question:
            assumed.pop(closing.next_question, None)
        return tuple.__new__(Decision, (*closing, reasons, assumed, path))

    def _join(self, trail: tuple[Leaf, ...]) -> Joined:
        """The reasons and assumptions of all the parts."""
        joined = Joined()
        assumed: dict[str, Any] = {}
        for leaf in trail:
            before = len(joined.reasons)
            joined.own_reasons += tuple((before + place, fill) for place, fill in leaf.own_reasons)
            joined.reasons += leaf.reasons
            assumed |= leaf.assumed
            joined.own_assumed += leaf.own_assumed
        joined.assumed = self.assumed.setdefault(repr(assumed), assumed)
        if self.nodes <= MOST_NODES:
            self.joined[trail] = joined
            self.nodes += 2
        return joined

    def learn(self, key: Any, part: Part, args: tuple[Any, ...], full: Full) -> Leaf:
        """Walks the part over facts that note how they are read."""
        if self.nodes > MOST_NODES:
            self.missed += 1
            raise Unlearnable
        reading = Reading(full)
        case = Case(Reader(reading), self.law)
        leaf = Leaf()
        for arg in args:
            self.kept[id(arg)] = arg
        seen = [Watched(reading, arg) for arg in args] if key is part else args
        try:
            try:
                result = part(case, *seen)
            except Unknown as missing:
                leaf.missing = missing.fact
            else:
                self._fill(leaf, case, result)
        except (TypeError, AttributeError) as cause:
            raise Unlearnable from cause
        self._insert(key, tuple(reading.path), leaf)
        self.nodes += 1
        return leaf

    def _fill(self, leaf: Leaf, case: Case, result: Any) -> None:
        if isinstance(result, Closing):
            leaf.own_result = _own_closing(result)
            leaf.result = result._replace(
                summary=shorten(result.summary),
                articles=tuple(self._same({**article}) for article in result.articles),
            )
        else:
            if isinstance(result, tuple):
                leaf.own_result = _own_texts(result)
            leaf.result = self.results.setdefault(result, result)
        reasons, assumed = [], {}
        for place, tried in enumerate(case.trail):
            figures = {n: v.figure for n, v in tried.looked if is_probe(v)}
            said = reason(
                Tried(tried.finding, tuple((n, n if n in figures else v) for n, v in tried.looked)),
                self.law,
            )
            fill = _own_reason(said, figures)
            if fill:
                leaf.own_reasons += ((place, fill),)
            reasons.append(self._same({**said, "input": self._same(said["input"])}))
        leaf.reasons = tuple(reasons)
        for name, value in open_ends(case):
            assumed[name] = None if is_probe(value) else plain(value)
            if is_probe(value):
                leaf.own_assumed += ((name, shown_plainly(value.figure)),)
        leaf.assumed = self.assumed.setdefault(repr(assumed), assumed)

    def _same(self, said: dict[str, Any]) -> Mapping[str, Any]:
        """One object for all that are equal; nobody can write into what all share."""
        return self.shared.setdefault(repr(said), MappingProxyType(said))

    def _insert(self, key: Any, path: Tests, leaf: Leaf) -> None:
        holder, places = self.roots, [key]
        while True:
            node = holder.get(places[0])
            if not isinstance(node, Node):
                holder |= dict.fromkeys(places, self._chain(path, leaf))
                return
            run = () if isinstance(node.run, Test) else node.run
            same = next((n for n, one in enumerate(run) if not _agree(one, path[n])), len(run))
            if same < len(run):
                (end,) = node.branches.values()
                parted = Node(run[same : same + 1], self._chain(run[same + 1 :], end))
                holder |= dict.fromkeys(places, self._chain(run[:same], parted))
                continue
            step = len(run) or 1
            holder, places = node.branches, node.places(path[step - 1][1])
            path = path[step:]

    def _chain(self, path: Tests, end: Node | Leaf) -> Node | Leaf:
        """Facts looked at in a row are looked at together."""
        runs: list[list[tuple[Test, Any]]] = []
        for one in path:
            if runs and _is_value(one) and _is_value(runs[-1][-1]):
                runs[-1].append(one)
            else:
                runs.append([one])
        for run in reversed(runs):
            end = Node(tuple(run), end)
        self.nodes += len(runs)
        return end


class Path(Advice):
    """One person's way through the graph: the Case of `walk`, later the advice."""

    __slots__ = ("full", "graph", "leaves", "verdict")

    def __init__(self, graph: Graph, told: Mapping[str, Any]) -> None:
        self.graph, self._both = graph, None
        self.full: Full = {**BLANK, **told}
        self.leaves: list[Leaf] = []
        self.verdict: Verdict

    def step(self, part: Part, *args: Any) -> Any:
        return self.find((part, id(args[0])) if args else part, part, args).result

    def find(self, key: Any, part: Part, args: tuple[Any, ...]) -> Leaf:
        full = self.full
        node: Any = self.graph.roots.get(key)
        while type(node) is Node:
            node = node.branches.get(node.read(full))
        leaf: Leaf = node or self.graph.learn(key, part, args, full)
        if leaf.missing:
            raise Unknown(leaf.missing)
        self.leaves.append(leaf)
        return leaf

    def said(self, key: Any, part: Part) -> Any:
        """A result to be read, with the citizen's own figures in it."""
        leaf = self.find(key, part, (self.verdict,))
        return leaf.own_result(self.full) if leaf.own_result else leaf.result

    def work_out(self) -> tuple[Texts, Texts]:
        self.full[VERDICT] = self.verdict
        try:
            return self.said(routes, routes), self.said(warnings, warnings)
        except Unlearnable:
            told = {n: v for n, v in self.full.items() if n in FACTS and v is not ABSENT}
            return PlainAdvice(Case(Told(told), self.graph.law), self.verdict).work_out()


def _is_value(one: tuple[Test, Any]) -> bool:
    """A figure that was not told needs no comparing either."""
    test, answer = one
    return test.figure.name is not None and (
        test.op is None or (test.op is type and answer in _UNTOLD)
    )


def _value(one: tuple[Test, Any]) -> Any:
    test, answer = one
    return _UNTOLD[answer] if test.op is type else answer


def _agree(one: tuple[Test, Any], other: tuple[Test, Any]) -> bool:
    return one[0].figure.key == other[0].figure.key and one[1] == other[1]


def _own_reason(
    said: dict[str, Any], figures: dict[str, Figure]
) -> Callable[[Full], Mapping[str, Any]] | None:
    text = _template(said["text"])
    if not figures and text is None:
        return None
    const, fixed = dict(said), dict(said["input"])
    reads = [(name, shown_plainly(figure)) for name, figure in figures.items()]

    def fill(full: Full) -> Mapping[str, Any]:
        held = fixed.copy()
        for name, read in reads:
            held[name] = read(full)
        filled = const.copy()
        filled["input"] = held
        if text:
            filled["text"] = text(full)
        return filled

    return fill


def _own_closing(closing: Closing) -> Callable[[Full], Closing] | None:
    summary = _template(closing.summary)
    if summary is None:
        return None
    return lambda full: closing._replace(summary=shorten(summary(full)))


def _own_texts(texts: tuple[str, ...]) -> Callable[[Full], tuple[str, ...]] | None:
    fills = [_template(text) for text in texts]
    if not any(fills):
        return None
    both = list(zip(texts, fills, strict=True))
    return lambda full: tuple([fill(full) if fill else text for text, fill in both])


def _template(text: str) -> Callable[[Full], str] | None:
    """A text that shows figures, ready to be filled in; None: it shows none."""
    if OPEN not in text:
        return None
    words = ""
    reads: list[Callable[[Full], Any]] = []
    for place, piece in enumerate(_SHOWN.split(text)):
        if place % 2:
            read, how = shown(int(piece))
            words += f"{{{len(reads)}:{how}}}"
            reads.append(read)
        else:
            words += piece.replace("{", "{{").replace("}", "}}")

    if len(reads) == 1:
        (only,) = reads
        return lambda full: words.format(only(full))
    return lambda full: words.format(*[read(full) for read in reads])
