"""Facts and law in, a decision out: cases.md §3.1 from top to bottom, the first that fits."""

from __future__ import annotations

import datetime as dt
from itertools import compress
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
from router.eligibility.decision import Advice, Closing, Decision, Texts
from router.eligibility.facts import FACTS, FactError, Facts, plain
from router.eligibility.finding import LAL_DAY, Case, Finding, Outcome, Told, Unknown, Verdict
from router.eligibility.law import Law
from router.eligibility.questions import candidates
from router.eligibility.reasons import articles, reason
from router.eligibility.summary import in_full, shorten

# Beyond it a fact counts as able to change the answer: asking once too often is the safe side.
_MOST_TRIES: Final = 1000
_IN_TIME: Final = "时间紧急，可以先行提供"
_ANY_HEAD: Final = ("LAL 31",)


def check_region(facts: Facts, law: Law) -> None:
    region = facts.told.get("region")
    if region is not None and region not in law.regions:
        raise FactError("region", f"没有“{region}”这个地区的规定。")


def decide_plainly(facts: Facts, law: Law) -> Decision:
    """The walk itself: what any faster way has to equal."""
    check_region(facts, law)
    case, said = Case(Told(facts.told), law), Case(Told(facts.told), law)
    verdict = settle(case)
    closing = close(said, verdict)
    return Decision(
        *closing._replace(summary=shorten(closing.summary)),
        reasons=tuple(reason(tried, law) for tried in case.trail),
        assumed={name: plain(value) for name, value in open_ends(case, closing.next_question)},
        advice=PlainAdvice(said, verdict),
    )


class PlainAdvice(Advice):
    """Speaks of what was told, not of values tried on the way."""

    __slots__ = ("case", "verdict")

    def __init__(self, case: Case, verdict: Verdict) -> None:
        self.case, self.verdict, self._both = case, verdict, None

    def work_out(self) -> tuple[Texts, Texts]:
        return routes(self.case, self.verdict), warnings(self.case, self.verdict)


def open_ends(case: Case, asked: str | None = None) -> list[tuple[str, Any]]:
    """What was assumed and not told."""
    told = case.told
    return [(n, v) for n, v in case.assumed.items() if n != asked and told.get(n) is None]


def settle(case: Case) -> Verdict:
    """Walk; a fact that is missing but cannot change the outcome is stepped over."""
    told, law = case.told, case.law
    elsewhere: dict[str, Any] = {}
    while True:
        trial = Case(told, law)
        try:
            verdict = walk(trial)
        except Unknown as missing:
            search = _Search(law)
            if search.can_change(told, missing.fact):
                wanted = _not_asked_yet(told, missing.fact, case.told, law)
                cites = missing.cites or FACTS[missing.fact].cites or _ANY_HEAD
                trial.note(Finding("facts.missing", None, cites, "还需要知道更多情况"))
                verdict = Verdict(Outcome.NEED_FACTS, cites, "", asks=wanted)
                break
            told = told.but(missing.fact, candidates(missing.fact, told, law)[0])
            elsewhere |= search.assumed
            if missing.fact in ("violence", "matter") and trial.peek("danger") is None:
                # It changes no entitlement here, but told it could bring the safety check.
                elsewhere[missing.fact] = "none" if missing.fact == "violence" else None
        else:
            # What the other values of a fact stepped over rest on is assumed as well.
            trial.assumed = {**elsewhere, **trial.assumed}
            break
    case.assumed |= trial.assumed
    for tried in trial.trail:
        # A value tried on the way is no input.
        true = (n in case.assumed or case.told.get(n) is not None for n, _ in tried.looked)
        case.trail.append(tried._replace(looked=tuple(compress(tried.looked, true))))
    return verdict


def walk(case: Case) -> Verdict:
    """The order of cases.md §3.1; raises Unknown at the first fact that is missing."""
    verdict = case.step(_opening)
    if verdict is None:
        found = case.step(_entitled)
        verdict = found if isinstance(found, Verdict) else case.step(_hardship, found)
    return case.step(urgency.elsewhere, verdict)


def _opening(case: Case) -> Verdict | None:
    """Steps 1 to 7: safety, later stages, the accused, what is asked for and by whom."""
    return (
        safety.danger_now(case)
        or stages.later_stage(case.anew())
        or criminal.accused(case.anew())
        or request.other_service(case.anew())
        or request.not_a_person(case.anew())
        or request.own_lawyer(case.anew())
    )


def _entitled(case: Case) -> Scope | Verdict:
    """法律援助法 has no transitional article: what is pending on its day is held to both."""
    if case.aid_law:
        return _scope_and_person(case)
    pending = _pending_on(case)
    if pending < LAL_DAY:
        return _scope_and_person(case)
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
    found = _scope_and_person(case)
    return found if isinstance(found, Verdict) else _hardship(case, found)


def _scope_and_person(case: Case) -> Scope | Verdict:
    """Steps 8 to 14: scope, person, bars, standing."""
    found = scope(case)
    if isinstance(found, Verdict):
        return found
    verdict = (
        person.foreigner(case.anew())
        or person.brought_before(case.anew(), found)
        or person.standing(case.anew(), found)
    )
    if verdict is None and found.unclear:
        return Verdict(Outcome.NEED_AGENCY, found.cites, found.text, found.see)
    return verdict or found


def _hardship(case: Case, found: Scope) -> Verdict:
    """Steps 15 and 16: waived, not verified, or tested; urgency before a doubt about means."""
    urgent = urgency.urgent(case)
    try:
        verdict = exempt.waived(case.anew(), found) or exempt.proved_status(case.anew(), found)
        if verdict is None:
            tested = means.hardship(case.anew())
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
        self.assumed: dict[str, Any] = {}

    def can_change(self, told: Told, fact: str) -> bool:
        first, *others = candidates(fact, told, self.law)
        return any(self._differ(told.but(fact, first), told.but(fact, v)) for v in others)

    def _differ(self, one: Told, two: Told) -> bool:
        self.tries -= 1
        if self.tries <= 0:
            return True
        a, b = self.end(one), self.end(two)
        if isinstance(a, Outcome) and isinstance(b, Outcome):
            return a is not b
        fact = str(b if isinstance(a, Outcome) else a)
        return any(
            self._differ(one.but(fact, value), two.but(fact, value))
            for value in candidates(fact, one, self.law)
        )

    def end(self, told: Told) -> Outcome | str:
        """The outcome, or the name of the fact that is missing."""
        case = Case(told, self.law)
        try:
            return walk(case).outcome
        except Unknown as missing:
            return missing.fact
        finally:
            self.assumed |= case.assumed


def _not_asked_yet(told: Told, fact: str, given: Told, law: Law, depth: int = 3) -> str:
    """Asked and not known: look behind it for a question that was not put yet."""
    if not _asked(fact, given) or fact == "danger" or depth == 0:
        # Danger that is not known is no reason to talk of something else.
        return fact
    for value in candidates(fact, told, law):
        trial = told.but(fact, value)
        search = _Search(law)
        missing = search.end(trial)
        if isinstance(missing, Outcome) or not search.can_change(trial, missing):
            continue
        wanted = _not_asked_yet(trial, missing, given, law, depth - 1)
        if not _asked(wanted, given):
            return wanted
    return fact


def _asked(fact: str, given: Told) -> bool:
    return fact in given and given.get(fact) is None


def close(case: Case, verdict: Verdict) -> Closing:
    """The verdict in words and articles."""
    asks = verdict.asks if verdict.outcome is Outcome.NEED_FACTS else None
    basis = tuple(dict.fromkeys(verdict.basis))
    see = tuple(cite for cite in dict.fromkeys(verdict.see) if cite not in basis)
    return Closing(
        outcome=verdict.outcome.value,
        basis=basis,
        see=see,
        next_question=asks,
        summary=in_full(case, verdict, case.law),
        articles=articles((*basis, *see), case.law),
        ask_before_no=_undoes_a_no(case, verdict),
        asked_already=asks is not None and asks in case.told,
    )


def _undoes_a_no(case: Case, verdict: Verdict) -> str | None:
    """Before "income too high" is said, a status nobody asked about deserves a question."""
    if verdict.outcome is not Outcome.NOT_MEANS:
        return None
    if "groups" not in case.told:
        return "groups"
    return "docs" if case.peek("groups") and "docs" not in case.told else None
