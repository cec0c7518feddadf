"""Facts and law in, a decision out: cases.md §3.1 from top to bottom, the first that fits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from router.eligibility.advice import routes, warnings
from router.eligibility.clauses import (
    criminal,
    exempt,
    means,
    person,
    request,
    safety,
    stages,
    urgency,
)
from router.eligibility.clauses.scope import Scope, scope
from router.eligibility.facts import FACTS, FactError, Facts, Value, plain
from router.eligibility.finding import LAL_DAY, Case, Finding, Outcome, Unknown, Verdict
from router.eligibility.law import Law
from router.eligibility.questions import candidates
from router.eligibility.summary import summarise

# Beyond it a fact counts as able to change the answer: asking once too often is the safe side.
_MOST_TRIES: Final = 1000
_IN_TIME: Final = "时间紧急，可以先行提供"
_ANY_HEAD: Final = ("LAL 31",)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the pre-screening says, why, and what it would still ask."""

    outcome: str
    basis: tuple[str, ...]
    see: tuple[str, ...]
    route: tuple[str, ...]
    warn: tuple[str, ...]
    reasons: tuple[dict[str, str], ...]
    next_question: str | None
    assumed: dict[str, Any]
    summary: str
    articles: tuple[dict[str, str], ...]
    # Worth asking before a "no" is said: it rests on a status nobody asked about.
    ask_before_no: str | None = None
    # The question was put before (told, or not known): a person takes over, no second asking.
    asked_already: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "outcome": self.outcome,
            "basis": list(self.basis),
            "see": list(self.see),
            "route": list(self.route),
            "warn": list(self.warn),
            "reasons": [dict(reason) for reason in self.reasons],
            "next_question": self.next_question,
            "assumed": dict(self.assumed),
            "summary": self.summary,
            "articles": [dict(article) for article in self.articles],
            "ask_before_no": self.ask_before_no,
            "asked_already": self.asked_already,
        }


def decide(facts: Facts, law: Law) -> Decision:
    """The decision, or the next fact that can still change it."""
    told = dict(facts.told)
    region = told.get("region")
    if region is not None and region not in law.regions:
        raise FactError("region", f"没有“{region}”这个地区的规定。")
    case, verdict = _settle(told, law)
    return _decision(case, verdict, facts, law)


def _settle(told: dict[str, Value | None], law: Law) -> tuple[Case, Verdict]:
    """Walk; a fact that is missing but cannot change the outcome is stepped over."""
    told = dict(told)
    asked = {name for name, value in told.items() if value is None}
    elsewhere: dict[str, Value | None] = {}
    while True:
        case = Case(dict(told), law)
        try:
            verdict = walk(case)
        except Unknown as missing:
            search = _Search(law)
            if search.can_change(told, missing.fact):
                wanted = _not_asked_yet(told, missing.fact, asked, law)
                cites = missing.cites or FACTS[missing.fact].cites or _ANY_HEAD
                case.note(Finding("facts.missing", None, cites, "还需要知道更多情况"))
                return case, Verdict(Outcome.NEED_FACTS, cites, "", asks=wanted)
            told[missing.fact] = candidates(missing.fact, told, law)[0]
            elsewhere |= search.assumed
            if missing.fact in ("violence", "matter") and case.peek("danger") is None:
                # It changes no entitlement here, but told it could bring the safety check.
                elsewhere[missing.fact] = "none" if missing.fact == "violence" else None
        else:
            # What the other values of a fact stepped over rest on is assumed as well.
            for name, value in elsewhere.items():
                case.assumed.setdefault(name, value)
            return case, verdict


def walk(case: Case) -> Verdict:
    """The order of cases.md §3.1; raises Unknown at the first fact that is missing."""
    verdict = safety.danger_now(case) or stages.later_stage(case) or criminal.accused(case)
    if verdict:
        return urgency.elsewhere(case, verdict)
    verdict = request.other_service(case) or request.not_a_person(case) or request.own_lawyer(case)
    if verdict:
        return verdict
    return urgency.elsewhere(case, _under_both_laws(case))


def _under_both_laws(case: Case) -> Verdict:
    """法律援助法 has no transitional article: what is pending on its day is held to both."""
    if case.aid_law:
        return representation(case)
    pending = _pending_on(case)
    if pending < LAL_DAY:
        return representation(case)
    before, after = representation(case), representation(case.under(pending))
    if before.outcome is after.outcome:
        return before
    cites = (*before.basis, *after.basis, "LAL 71")
    text = "法律援助法施行前申请、施行后仍未决定，新旧规定结果不同"
    case.note(Finding("transition", True, cites, text))
    return Verdict(Outcome.NEED_AGENCY, cites, text, (*before.see, *after.see))


def _pending_on(case: Case) -> dt.date:
    if "pending_on" in case.told:
        return case.ask("pending_on", "LAL 71")  # type: ignore[no-any-return]
    return case.assume("pending_on", case.date)  # type: ignore[no-any-return]


def representation(case: Case) -> Verdict:
    """Steps 8 to 16: scope, person, bars, standing, then hardship."""
    found = scope(case)
    if isinstance(found, Verdict):
        return found
    verdict = (
        person.foreigner(case) or person.brought_before(case, found) or person.standing(case, found)
    )
    if verdict:
        return verdict
    if found.unclear:
        return Verdict(Outcome.NEED_AGENCY, found.cites, found.text, found.see)
    return _hardship(case, found)


def _hardship(case: Case, found: Scope) -> Verdict:
    """Waived, not verified, or tested; urgency comes before a doubt about means."""
    urgent = urgency.urgent(case)
    try:
        verdict = exempt.waived(case, found) or exempt.proved_status(case, found)
        if verdict is None:
            tested = means.hardship(case)
            verdict = Verdict(
                tested.outcome, (*found.cites, *tested.basis), tested.text,
                (*found.see, *tested.see),
            )  # fmt: skip
    except Unknown as missing:
        if not urgent:
            raise Unknown(missing.fact, (*missing.cites, *found.cites)) from None
        means.leave_open(case)
        case.assume(missing.fact, None)
        return Verdict(Outcome.URGENT, urgent, _IN_TIME,
                       ("LAL 44(2)", *urgency.local_text(case), *found.cites))  # fmt: skip
    if urgent and verdict.outcome is not Outcome.NOT_MEANS:
        if verdict.outcome is Outcome.NEED_AGENCY:
            means.leave_open(case)
        return Verdict(Outcome.URGENT, urgent, _IN_TIME,
                       ("LAL 44(2)", *urgency.local_text(case), *verdict.basis,
                        *verdict.see))  # fmt: skip
    return verdict


class _Search:
    """Whether a fact matters: two values of it, all else equal, that end differently."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self.tries = _MOST_TRIES
        self.assumed: dict[str, Value | None] = {}

    def can_change(self, told: dict[str, Value | None], fact: str) -> bool:
        first, *others = candidates(fact, told, self.law)
        return any(self._differ({**told, fact: first}, {**told, fact: v}) for v in others)

    def _differ(self, one: dict[str, Value | None], two: dict[str, Value | None]) -> bool:
        self.tries -= 1
        if self.tries <= 0:
            return True
        a, b = self.end(one), self.end(two)
        if isinstance(a, Outcome) and isinstance(b, Outcome):
            return a is not b
        fact = str(b if isinstance(a, Outcome) else a)
        return any(
            self._differ({**one, fact: value}, {**two, fact: value})
            for value in candidates(fact, one, self.law)
        )

    def end(self, told: dict[str, Value | None]) -> Outcome | str:
        """The outcome, or the name of the fact that is missing."""
        case = Case(dict(told), self.law)
        try:
            return walk(case).outcome
        except Unknown as missing:
            return missing.fact
        finally:
            self.assumed |= case.assumed


def _not_asked_yet(
    told: dict[str, Value | None], fact: str, asked: set[str], law: Law, depth: int = 3
) -> str:
    """Asked and not known: look behind it for a question that was not put yet."""
    if fact not in asked or fact == "danger" or depth == 0:
        # Danger that is not known is no reason to talk of something else.
        return fact
    for value in candidates(fact, told, law):
        trial = {**told, fact: value}
        search = _Search(law)
        missing = search.end(trial)
        if isinstance(missing, Outcome) or not search.can_change(trial, missing):
            continue
        wanted = _not_asked_yet(trial, missing, asked, law, depth - 1)
        if wanted not in asked:
            return wanted
    return fact


def _decision(case: Case, verdict: Verdict, facts: Facts, law: Law) -> Decision:
    asks = verdict.asks if verdict.outcome is Outcome.NEED_FACTS else None
    basis = tuple(dict.fromkeys(verdict.basis))
    see = tuple(cite for cite in dict.fromkeys(verdict.see) if cite not in basis)
    assumed = {
        name: plain(value)
        for name, value in case.assumed.items()
        if facts.get(name) is None and name != asks
    }
    # Advice speaks of what was told, not of values tried on the way.
    said = Case(dict(facts.told), law)
    return Decision(
        outcome=verdict.outcome.value,
        basis=basis,
        see=see,
        route=routes(said, verdict, law),
        warn=warnings(said, verdict, law),
        reasons=tuple(_reasons(case)),
        next_question=asks,
        assumed=assumed,
        summary=summarise(said, verdict, law),
        articles=tuple(_articles((*basis, *see), law)),
        ask_before_no=_undoes_a_no(verdict, facts),
        asked_already=asks is not None and asks in facts.told,
    )


def _undoes_a_no(verdict: Verdict, facts: Facts) -> str | None:
    """Before "income too high" is said, a status nobody asked about deserves a question."""
    if verdict.outcome is not Outcome.NOT_MEANS:
        return None
    if "groups" not in facts.told:
        return "groups"
    return "docs" if facts.get("groups") and "docs" not in facts.told else None


_WORD: Final = {True: "true", False: "false", None: "unknown"}


def _reasons(case: Case) -> list[dict[str, str]]:
    return [
        {
            "rule": finding.rule,
            "article": "、".join(finding.cites),
            "finding": _WORD[finding.hit],
            "text": finding.text,
        }
        for finding in dict.fromkeys(case.trail)
    ]


def _articles(cites: tuple[str, ...], law: Law) -> list[dict[str, str]]:
    opened = []
    for cite in cites:
        article = law.articles.get(cite)
        if article:
            opened.append({"cite": cite, "title": article.title, "text": article.text,
                           "mark": article.mark})  # fmt: skip
    return opened
