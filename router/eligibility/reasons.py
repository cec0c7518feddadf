"""What a reason says: the rule, its article in its own words, and what was held against what."""

from __future__ import annotations

import re
from typing import Any, Final

from router.eligibility.facts import plain
from router.eligibility.finding import Tried
from router.eligibility.law import Law

LONGEST_QUOTE: Final = 40
_WORD: Final = {True: "true", False: "false", None: "unknown"}
_MARK: Final = re.compile(r"\((V2?|R-high)\)$")


def reason(tried: Tried, law: Law) -> dict[str, Any]:
    finding = tried.finding
    return {
        "rule": finding.rule,
        "article": "、".join(finding.cites),
        "finding": _WORD[finding.hit],
        "text": finding.text,
        "quote": quote(finding.cites, law),
        "input": {name: plain(value) for name, value in tried.looked if value is not None},
        "standard": finding.standard,
        "mark": mark(finding.cites, law),
    }


def quote(cites: tuple[str, ...], law: Law) -> str:
    """The first words of the first article that we hold."""
    for cite in cites:
        article = law.articles.get(cite)
        if article:
            text = article.text
            return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
    return ""


def mark(cites: tuple[str, ...], law: Law) -> str:
    """How sure we are (rules.md §0) of the first citation."""
    for cite in cites:
        named = _MARK.search(cite)
        if named:
            return named[1]
        if cite.startswith("CFG"):
            return "CFG"
        if cite in law.articles:
            return law.articles[cite].mark
    return ""


def articles(cites: tuple[str, ...], law: Law) -> tuple[dict[str, str], ...]:
    """Each article we hold, to be opened."""
    held = ((cite, law.articles.get(cite)) for cite in cites)
    return tuple(
        {"cite": cite, "title": article.title, "text": article.text, "mark": article.mark}
        for cite, article in held
        if article
    )
