"""What comes out: the answer, why, and what it would still ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


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
    route: tuple[str, ...]
    warn: tuple[str, ...]
    reasons: tuple[Mapping[str, Any], ...]
    assumed: dict[str, Any]

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
