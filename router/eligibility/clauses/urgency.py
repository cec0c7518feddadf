"""先行提供 and the competent agency: what replaces a yes."""

from __future__ import annotations

from router.eligibility.finding import Case, Finding, Outcome, Verdict

_YES = (Outcome.ELIGIBLE, Outcome.NO_HARDSHIP, Outcome.EXEMPT_VERIFICATION)


def urgent(case: Case) -> tuple[str, ...]:
    """法律援助法 第44条第1款：距法定时效或者期限届满不足七日；需要立即保全或者先予执行。"""
    if not case.aid_law:
        return ()
    days = case.take("days_left", "LAL 44(1)(1)")
    cites = ("LAL 44(1)(1)",) if 0 <= days < 7 else ()
    told = case.peek("days_left") is not None
    text = f"距期限届满{days}天" if told else "没有说期限将满，按七天以上处理"
    case.note(Finding("urgent.days", bool(cites), ("LAL 44(1)(1)",), text))
    if case.take("preservation_needed", "LAL 44(1)(2)"):
        case.note(Finding("urgent.preservation", True, ("LAL 44(1)(2)",), "需要马上保全"))
        cites = (*cites, "LAL 44(1)(2)")
    return cites


def local_text(case: Case) -> tuple[str, ...]:
    """A local text that says so too; it asks nothing more."""
    local = case.local if case.peek("region") else None
    return local.urgent if local else ()


def elsewhere(case: Case, verdict: Verdict) -> Verdict:
    """法律援助法 第38条：向办案机关、争议处理机关所在地或者事由发生地的机构申请。"""
    if verdict.outcome not in _YES:
        return verdict
    agency, forum = _place(case, "agency_at", "forum_at"), _place(case, "forum_at", "agency_at")
    if agency == forum:
        return verdict
    local = case.local if case.peek("region") else None
    cites = ("LAL 38" if case.aid_law else "REG2003 14", *(local.transfer if local else ()))
    text = f"应当向{forum}的法律援助机构申请"
    case.note(Finding("urgent.elsewhere", True, cites, text))
    taken = case.first_fit(local.forwards, "可以就近提交") if local else None
    if taken:
        text = f"可以就近交到这里，由收件机构转给{forum}的法律援助机构"
        return Verdict(Outcome.TRANSFER, (*cites, *taken.cites), text, verdict.basis)
    return Verdict(Outcome.TRANSFER, cites, text, verdict.basis)


def _place(case: Case, name: str, other: str) -> str | None:
    """One place told: the other is taken to be the same."""
    if name in case.told:
        return str(case.ask(name, "LAL 38"))
    value = case.peek(other)
    case.assume(name, value)
    return value if value is None else str(value)
