"""Later stages: aid that ends, an application taken as withdrawn, an objection."""

from __future__ import annotations

from router.eligibility.finding import Case, Finding, Outcome, Verdict

# 办理法律援助案件程序规定 (司法部令148号) 22, R-high: the shortest limit known nationally.
NATIONAL_OBJECTION_DAYS = 15


def later_stage(case: Case) -> Verdict | None:
    """What happened after the application; nothing told: nothing happened."""
    event = case.take("event")
    if event == "none":
        return None
    return {
        "hired_lawyer": aid_ends_own_lawyer,
        "fraud_found": aid_ends_fraud,
        "no_supplement": papers_not_supplied,
        "objection": objection,
    }[event](case)


def aid_ends_own_lawyer(case: Case) -> Verdict:
    """法律援助法 第48条第1款第6项：受援人自行委托律师或者其他代理人。"""
    cites = ("LAL 48(1)(6)",) if case.aid_law else ("REG2003 23(3)",)
    return _ends(case, "stages.own_lawyer", cites, "受援人自行委托了律师")


def aid_ends_fraud(case: Case) -> Verdict:
    """法律援助法 第48条第1款第1项：受援人以欺骗或者其他不正当手段获得法律援助。"""
    if case.aid_law:
        return _ends(case, "stages.fraud", ("LAL 48(1)(1)",), "以欺骗手段获得法律援助", "LAL 64")
    return _ends(case, "stages.fraud", ("REG2003 23",), "不再符合法律援助条件")


def _ends(case: Case, rule: str, cites: tuple[str, ...], text: str, *see: str) -> Verdict:
    case.note(Finding(rule, True, cites, text))
    return Verdict(Outcome.TERMINATE, cites, text, (*see, "LAL 49"))


def papers_not_supplied(case: Case) -> Verdict:
    """法律援助法 第43条第2款：未按要求补充材料或者作出说明的，视为撤回申请。"""
    cites = ("LAL 43(2)",) if case.aid_law else ("REG2003 17",)
    text = "没有按要求补充材料，视为撤回申请"
    case.note(Finding("stages.withdrawn", True, cites, text))
    return Verdict(Outcome.WITHDRAWN, cites, text)


def objection(case: Case) -> Verdict:
    """法律援助法 第49条：有异议的，可以向设立该法律援助机构的司法行政部门提出。"""
    days = case.ask("days_since_refusal", "LAL 49", "PR2023 22 (R-high)")
    local = case.region.objection if case.peek("region") else None
    shortest = min(NATIONAL_OBJECTION_DAYS, local.days if local else NATIONAL_OBJECTION_DAYS)
    cites = (
        *(("LAL 49",) if case.aid_law else ("REG2003 19",)),
        *(local.cites if local else ()),
        "PR2023 22 (R-high)",
    )
    in_time = days <= shortest
    text = f"收到不予援助决定后第{days}天提出异议，最短期限{shortest}天"
    case.note(Finding("stages.objection", in_time, cites, text))
    return Verdict(Outcome.REMEDY if in_time else Outcome.NEED_AGENCY, cites, text)
