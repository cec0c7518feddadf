"""What comes out: the answer, why, and what it would still ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Texts = tuple[str, ...]


class Closing(NamedTuple):
    """What follows from the verdict, but for trail and advice."""

    outcome: str
    basis: tuple[str, ...]
    see: tuple[str, ...]
    next_question: str | None
    summary: str
    articles: tuple[Mapping[str, str], ...]
    # Worth asking before a "no" is said: it rests on a status nobody asked about.
    ask_before_no: str | None
    # The question was put before (told, or not known): a person takes over, no second asking.
    asked_already: bool


class Advice:
    """Where else to go and which limits run: worked out when somebody reads it."""

    __slots__ = ("_both",)
    _both: tuple[Texts, Texts] | None

    def work_out(self) -> tuple[Texts, Texts]:
        raise NotImplementedError

    def read(self) -> tuple[Texts, Texts]:
        if self._both is None:
            self._both = self.work_out()
        return self._both

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Advice) and self.read() == other.read()

    def __hash__(self) -> int:
        return hash(self.read())


class Decision(NamedTuple):
    """What the pre-screening says, why, and what it would still ask."""

    outcome: str
    basis: tuple[str, ...]
    see: tuple[str, ...]
    next_question: str | None
    summary: str
    articles: tuple[Mapping[str, str], ...]
    ask_before_no: str | None
    asked_already: bool
    reasons: tuple[Mapping[str, Any], ...]
    assumed: dict[str, Any]
    advice: Advice

    @property
    def route(self) -> Texts:
        return self.advice.read()[0]

    @property
    def warn(self) -> Texts:
        return self.advice.read()[1]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, the caller's own."""
        return {
            "outcome": self.outcome,
            "basis": list(self.basis),
            "see": list(self.see),
            "route": list(self.route),
            "warn": list(self.warn),
            "reasons": [{**reason, "input": dict(reason["input"])} for reason in self.reasons],
            "next_question": self.next_question,
            "assumed": dict(self.assumed),
            "summary": self.summary,
            "articles": [dict(article) for article in self.articles],
            "ask_before_no": self.ask_before_no,
            "asked_already": self.asked_already,
        }
