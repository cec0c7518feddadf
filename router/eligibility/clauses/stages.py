"""Later stages: aid that ends, an application taken as withdrawn, an objection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from router.eligibility.finding import PR2023_DAY, Case, Finding, Outcome, Verdict

# 办理法律援助案件程序规定 (司法部令148号) 22, R-high: the shortest limit known nationally.
NATIONAL_OBJECTION_DAYS = 15


def later_stage(case: Case) -> Verdict | None:
    """What happened after the application; nothing told: nothing happened."""
    event = case.take("event")
    if event == "none":
        return None
    if event in _ENDS:
        return aid_ends(case, event)
    happened: dict[str, Callable[[Case], Verdict]] = {
        "fraud_found": aid_ends_fraud,
        "no_supplement": papers_not_supplied,
        "objection": objection,
    }
    return happened[event](case)


# What happened → item of 法律援助法 48(1), item of 法律援助条例 23 (or the article), words.
_ENDS: Final = {
    "false_evidence": ("LAL 48(1)(2)", "REG2003 23", "受援人隐瞒重要事实或者提供虚假证据"),
    "illegal_use": ("LAL 48(1)(3)", "REG2003 23", "受援人利用法律援助从事违法活动"),
    "means_changed": ("LAL 48(1)(4)", "REG2003 23(1)", "受援人的经济状况变化，不再符合条件"),
    "case_ended": ("LAL 48(1)(5)", "REG2003 23(2)", "案件终止审理或者已经被撤销"),
    "hired_lawyer": ("LAL 48(1)(6)", "REG2003 23(3)", "受援人自行委托了律师"),
    "asked_to_end": ("LAL 48(1)(7)", "REG2003 23(4)", "受援人要求终止法律援助"),
}


def aid_ends(case: Case, event: str) -> Verdict:
    """法律援助法 第48条第1款第2至7项：应当作出终止法律援助的决定。"""
    now, before, text = _ENDS[event]
    return _ends(case, f"stages.{event}", (now if case.aid_law else before,), text)


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
    cites = ("LAL 43(2)",) if case.aid_law else ("REG2003 18",)
    text = "没有按要求补充材料，视为撤回申请"
    case.note(Finding("stages.withdrawn", True, cites, text))
    return Verdict(Outcome.WITHDRAWN, cites, text)


def objection(case: Case) -> Verdict:
    """法律援助法 第49条：有异议的，可以向设立该法律援助机构的司法行政部门提出。"""
    days = case.ask("days_since_refusal", "LAL 49", "PR2023 22 (R-high)")
    local = case.region.objection if case.peek("region") else None
    shortest = min(NATIONAL_OBJECTION_DAYS, local.days if local else NATIONAL_OBJECTION_DAYS)
    told = case.peek("apply_date")
    begun = told is None or told >= PR2023_DAY
    cites = (
        *(("LAL 49",) if told is None or case.aid_law else ("REG2003 19",)),
        *(local.cites if local else ()),
        # Before its day no national limit is known: the same days stand as the safe side.
        *(("PR2023 22 (R-high)",) if begun else ()),
    )
    in_time = days <= shortest
    text = f"收到不予援助决定后第{days}天提出异议，最短期限{shortest}天"
    case.note(Finding("stages.objection", in_time, cites, text))
    return Verdict(Outcome.REMEDY if in_time else Outcome.NEED_AGENCY, cites, text)
