"""The person: nationality, a matter brought before, and who may apply for them."""

from __future__ import annotations

from typing import Final

from router.eligibility.clauses.scope import Scope
from router.eligibility.finding import Case, Finding, Outcome, Verdict

# 民法典 第1045条第2款.
CLOSE: Final = frozenset(
    {"spouse", "mother", "father", "child", "sibling", "grandmother", "grandfather", "grandchild"}
)
_AGENTS_OF_A_CHILD: Final = frozenset({"mother", "father", "guardian"})


def foreigner(case: Case) -> Verdict | None:
    """法律援助法 第69条：根据我国法律、条约或者对等原则；是否适用，还要看条约和对等情况。"""
    if case.take("nationality", "LAL 69") == "cn":
        return None
    text = "外国人、无国籍人要看条约或对等原则"
    local = case.local if case.peek("region") else None
    case.note(Finding("person.foreigner", True, ("LAL 69",), text))
    return Verdict(Outcome.NEED_FACTS, ("LAL 69",), text, local.foreigners if local else (),
                   asks="nationality")  # fmt: skip


def brought_before(case: Case, scope: Scope) -> Verdict | None:
    """Local bars (北京22、23，杭州28); 法律援助法 itself knows no such ground."""
    repeat = case.take("repeat", "LAL 43(1)")
    if repeat == "none":
        return None
    local = case.local
    bar = case.first_fit(local.bars, "本地规定不予援助") if local else None
    if bar:
        return Verdict(Outcome.OUT_OF_SCOPE, bar.cites, bar.words, bar.see)
    if repeat != "same_facts_concluded" or case.peek("matter") == "retrial":
        return None
    cites = ("LAL 43(1)" if case.aid_law else "REG2003 18", *scope.cites)
    text = "同一事项已办结，法律援助法没有“重复申请”这一拒绝理由"
    case.note(Finding("person.repeat", True, cites, text))
    return Verdict(Outcome.NEED_AGENCY, cites, text)


def standing(case: Case, scope: Scope) -> Verdict | None:
    """法律援助法 第40条：法定代理人代为申请；法定代理人侵权的，其他法定代理人或者近亲属。"""
    by = case.take("applicant_by", "LAL 40(1)")
    article = ("LAL 40(1)", "CC 1045") if case.aid_law else ("REG2003 16",)
    if by == "self":
        case.note(Finding("person.standing", True, article, "由本人申请"))
        return None
    opponent = case.take("opponent_relation", *article)
    if by == opponent:
        return _not_entitled(case, by, "代为申请的人正是对方", article)
    if scope.relatives and by in CLOSE | {"guardian"}:
        case.note(Finding("person.standing", True, article, "由法律列明的亲属申请"))
        return None
    agents = _agents(case)
    if by in agents:
        case.note(Finding("person.standing", True, article, "由法定代理人申请"))
        return None
    if by in CLOSE and opponent in agents:
        case.note(Finding("person.standing", True, article, "法定代理人是对方，由近亲属申请"))
        return None
    if by in CLOSE and case.take("detained", "LAL 40(2)"):
        case.note(Finding("person.standing", True, ("LAL 40(2)",), "本人被羁押，由近亲属申请"))
        return None
    text = "成年人由本人申请" if not agents else "既不是法定代理人，也不是可以代为申请的近亲属"
    return _not_entitled(case, by, text, article)


def _agents(case: Case) -> frozenset[str]:
    """Who speaks for this person (民法典 23, 27, 28); empty: the person does."""
    if case.take("age", "LAL 40(1)") < 18:
        return _AGENTS_OF_A_CHILD
    if case.take("mental_capacity", "LAL 40(1)") == "impaired":
        return CLOSE | {"guardian"}
    return frozenset()


def _not_entitled(case: Case, by: str, text: str, article: tuple[str, ...]) -> Verdict:
    case.note(Finding("person.standing", False, article, text))
    # Not asked yet and able to open the door: the age of the person helped comes first.
    asks = "age" if "age" not in case.told and by in CLOSE | {"guardian"} else "applicant_by"
    if by == case.peek("opponent_relation"):
        asks = "applicant_by"
    return Verdict(Outcome.NEED_FACTS, article, text, asks=asks)
