"""Why a screening came out as it did, rule by rule, and what would change it: for the lawyer."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from router.eligibility import FACTS, FactError, Law, decide, parse_facts
from router.eligibility.explain import changes
from router.eligibility.summary import title
from router.eligibility.words import value_of
from router.web import words

MARKS = {
    "V": "已核对原文", "V2": "只见过摘录", "R-high": "凭记忆，待核对", "CFG": "由当地配置",
}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """One rule that was tried."""

    fired: bool
    text: str
    articles: list[dict[str, str]]
    looked: list[tuple[str, str]]
    standard: str
    mark: str


def rules(reasons: Iterable[Mapping[str, Any]], law: Law) -> list[Rule]:
    """Older screenings hold less: what they did not store is left out."""
    return [_rule(reason, law) for reason in reasons]


def _rule(reason: Mapping[str, Any], law: Law) -> Rule:
    cites = str(reason.get("article") or "").split("、")
    looked = (reason.get("input") or {}).items()
    return Rule(
        fired=reason.get("finding") == "true",
        text=words.plain(str(reason.get("text") or "")),
        articles=[
            {"title": words.plain(title(cite, law)), "text": _text(cite, law)}
            for cite in cites
            if cite
        ],
        looked=[
            (FACTS[name].label, _value(name, value, law))
            for name, value in looked
            if name in FACTS and value not in (None, [])
        ],
        standard=str(reason.get("standard") or ""),
        mark=MARKS.get(str(reason.get("mark")), ""),
    )


def _value(name: str, value: Any, law: Law) -> str:
    if name == "region" and value in law.regions:
        return law.regions[value].name
    return value_of(name, value)


def _text(cite: str, law: Law) -> str:
    article = law.articles.get(cite)
    return article.text if article else ""


def what_would_change(facts: str, outcome: str, law: Law) -> list[str]:
    """In sentences; none when the law of today says something else than was stored."""
    try:
        told = parse_facts(json.loads(facts))
        now = decide(told, law)
    except FactError:
        return []
    if now.outcome != outcome:
        return []
    return [words.plain(str(change["text"])) for change in changes(told, law, now)]
