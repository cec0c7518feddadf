"""Hardship waived, or not verified."""

from __future__ import annotations

from router.eligibility.clauses.scope import Scope
from router.eligibility.finding import Case, Finding, Outcome, Verdict


def waived(case: Case, scope: Scope) -> Verdict | None:
    """法律援助法 第32条：不受经济困难条件的限制；或本地同等规定。"""
    if scope.waives:
        return Verdict(Outcome.NO_HARDSHIP, scope.cites, scope.text, scope.see)
    local = case.local
    row = case.first_fit(local.waived, "本地不看经济条件") if local else None
    if row is None:
        return None
    return Verdict(Outcome.NO_HARDSHIP, row.cites, row.words, (*row.see, *scope.cites))


def proved_status(case: Case, scope: Scope | None = None) -> Verdict | None:
    """法律援助法 第42条：有材料证明属于下列人员之一的，免予核查经济困难状况。"""
    see = scope.cites if scope else ()
    if case.aid_law and vulnerable(case):
        return Verdict(Outcome.EXEMPT_VERIFICATION, ("LAL 42(1)",),
                       "无固定生活来源的未成年人、老年人或残疾人", see)  # fmt: skip
    rows = [case.first_fit(case.law.exempt, "免予核查")]
    if rows[0] is None or case.peek("region"):
        local = case.local
        rows.append(case.first_fit(local.exempt, "本地免予核查") if local else None)
    fitting = [row for row in rows if row]
    if not fitting:
        return None
    # Where the local text says so too, both are cited.
    cites = tuple(cite for row in fitting for cite in row.cites)
    more = tuple(cite for row in fitting for cite in row.see)
    return Verdict(Outcome.EXEMPT_VERIFICATION, cites, fitting[0].words, (*more, *see))


def vulnerable(case: Case) -> bool:
    """法律援助法 第42条第1项：无固定生活来源 and 未成年人、老年人、残疾人: both, and proved."""
    if not case.proved(("no_fixed_income",)):
        hit = False
    else:
        age = case.take("age", "LAL 42(1)")
        hit = age < 18 or age >= 60 or case.disability_proved()
    case.note(Finding("exempt.vulnerable", hit, ("LAL 42(1)",),
                      "无固定生活来源的未成年人、老年人、残疾人"))  # fmt: skip
    return hit
