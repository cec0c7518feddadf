"""What every answer carries: where else to go, and which time limits run."""

from __future__ import annotations

import datetime as dt
from typing import Final

from router.eligibility.clauses.stages import NATIONAL_OBJECTION_DAYS
from router.eligibility.finding import ACCUSED, LAL_DAY, Case, Outcome, Verdict
from router.eligibility.law import Region
from router.eligibility.probe import work_out

_LABOUR: Final = frozenset({"wages", "confirm_employment", "dismissal_compensation"})
_RECONSIDERATION: Final = frozenset(
    {"admin_penalty", "social_assistance", "social_insurance", "pension_death_benefit"}
)
_SERVED: Final = ("veteran", "military", "military_family")
SOON: Final = 30
URGENT_DAYS: Final = 7  # 法律援助法 44: 不足七日
_YES: Final = frozenset(
    {Outcome.ELIGIBLE, Outcome.NO_HARDSHIP, Outcome.EXEMPT_VERIFICATION, Outcome.URGENT}
)
_CONSULT: Final = "12348 法律咨询(免费)"


def routes(case: Case, verdict: Verdict) -> tuple[str, ...]:
    """法律援助法 23: consultation is always there; the other doors by matter and outcome."""
    doors = case.law.doors
    found: list[str] = []
    danger, matter = case.peek("danger"), case.peek("matter")
    if verdict.outcome is Outcome.EMERGENCY_110:
        found += doors.danger[danger]
    if verdict.outcome is Outcome.TRANSFER:
        found.append(f"{case.peek('forum_at')}法律援助机构")
    if verdict.outcome is Outcome.ROUTE:
        asked = "disputed" if case.peek("disputed") else str(case.peek("request"))
        found += doors.requests[asked]
    found += doors.outcomes.get(verdict.outcome.value, ())
    if case.peek("violence") == "suffered" or matter == "domestic_violence":
        found += doors.violence
        if (case.peek("age") or 18) < 18:
            found += doors.groups["child_victim"]
    found += doors.roles.get(str(case.peek("role")), ())
    found += doors.matters.get(str(matter), ())
    for status in _status(case):
        found += doors.groups[status]
    if verdict.outcome is Outcome.EMERGENCY_110 and matter == "domestic_violence":
        found.append("之后可以申请法律援助，不看经济条件(LAL 32(4))")
    if case.peek("source") == "110_transfer" and danger in (None, "none"):
        found = [door for door in found if "110" not in door]
    return tuple(dict.fromkeys([*found, _CONSULT]))


def _status(case: Case) -> list[str]:
    named = [group for group in case.peek("groups") or () if group in _SERVED]
    if case.peek("party") in ("company", "other_org"):
        named.append("company")
    if case.peek("detained"):
        named.append("detained")
    if case.peek("repeat") == "same_facts_concluded":
        named.append("repeat")
    if case.peek("event") == "objection":
        named.append("objection")
    return named


def warnings(case: Case, verdict: Verdict) -> tuple[str, ...]:
    """rules.md §11: warn, never refuse."""
    day = case.peek("apply_date") or dt.date(2026, 1, 1)
    matter = str(case.peek("matter"))
    near = case.peek("days_left") is not None and case.peek("days_left") <= SOON
    keys = (matter, str(case.peek("role")), str(case.peek("request")), *(["deadline"] * near))
    found = [
        f"{limit.words}({limit.cite})"
        for key in keys
        for limit in case.law.limits.get(key, ())
        if limit.holds_on(day)
    ]
    if matter in _LABOUR or matter == "work_injury":
        found += _labour(case, matter, day)
    known = case.peek("known_date")
    if known and matter in _RECONSIDERATION:
        found.append(f"行政复议到{known + dt.timedelta(days=60)}为止(60日,ARL 20)")
    found += _running_out(case)
    found += _about_the_outcome(case, verdict)
    region = case.law.regions.get(str(case.peek("region")))
    local = region if region and region.holds_on(day) else None
    found += _how_it_goes_on(case, verdict, local, day)
    return tuple(dict.fromkeys(found))


def _labour(case: Case, matter: str, day: dt.date) -> list[str]:
    """劳动争议调解仲裁法 第27条：一年；欠薪在职期间不受限制，离职后一年。"""
    if matter == "wages" and case.peek("employed"):
        return ["在职期间追索欠薪不受一年限制；离职后1年内(LDL 27(4))"]
    item = "LDL 27(4)" if matter == "wages" else "LDL 27(1)"
    end = case.peek("employment_end")
    if end is None or matter == "work_injury":
        return [f"劳动仲裁1年内申请({item})"]
    last = work_out(_a_year_after, end)
    if day <= last:
        return [f"劳动仲裁1年内申请，到{last}为止({item})"]
    if case.peek("limitation_interrupted"):
        return [f"离职已满1年({item})，时效中断过的从中断时重新计算(LDL 27(2))"]
    return [f"离职已满1年，可能超过仲裁时效({item})；催要、投诉过的请说明(LDL 27(2))"]


def _a_year_after(day: dt.date) -> dt.date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year + 1, day=28)


def _running_out(case: Case) -> list[str]:
    days = case.peek("days_left")
    if days is None or days > SOON:
        return []
    if days < 0:
        return ["期限可能已过：请马上问律师是否有中断、中止(CC 194、195)"]
    if days == 7:
        return ["快到期：明天起不足七日，可以申请先行提供援助(LAL 44(1)(1))"]
    return [f"离期限届满只有{days}天，请尽快办理"]


def _about_the_outcome(case: Case, verdict: Verdict) -> list[str]:
    found = []
    outcome = verdict.outcome
    if outcome is Outcome.CONSULT and "CPL 46(1)" in verdict.basis:
        found.append("可于移送审查起诉之日起申请")
    if case.peek("criminal_stage") == "death_review_spc":
        found.append("收到告知后10日内申请，由司法部法律援助中心办理(法〔2021〕348号,V2)")
    if "LAL 48(1)(1)" in verdict.basis:
        found.append("应支付已实施法律援助的费用，并可处3000元以下罚款(LAL 64)")
    if outcome in (Outcome.ELIGIBLE, Outcome.EXEMPT_VERIFICATION, Outcome.URGENT):
        found.append("经济状况要如实说明；骗取援助的要付费并可能罚款(LAL 41、64)")
    if _needs_agent(case):
        found.append("未成年人或不能辨认自己行为的人，之后需要法定代理人参加(CC 17至22)")
    if case.peek("request") == "mediation" and case.peek("violence") == "suffered":
        found.append("有家庭暴力的，不要只靠调解；遇险拨打110")
    if case.peek("codefendant_has_lawyer") or (
        case.peek("protest") and case.peek("role") in ACCUSED
    ):
        found.append("同案被告人已有辩护人或检察院抗诉的，可以请法院通知指派律师(SPC-CPL 48)")
    return found


def _how_it_goes_on(case: Case, verdict: Verdict, local: Region | None, day: dt.date) -> list[str]:
    """法律援助法 43: seven days are the outer limit; 49: what to do against a refusal."""
    if verdict.outcome in (Outcome.OUT_OF_SCOPE, Outcome.NOT_MEANS):
        said = "对不予援助决定，可在收到后15日内向司法局提异议(LAL 49；PR2023 22 R-high)"
        if local and local.objection and local.objection.days > NATIONAL_OBJECTION_DAYS:
            said += f"；本地规定{local.objection.days}日({local.objection.cites[0]})，请按较短的办"
        return [said]
    if verdict.outcome not in _YES:
        return []
    if day < LAL_DAY:
        found = ["当时要交经济困难证明，书写困难的可以口头申请(REG2003 17)"]
        days = case.peek("days_left")
        soon = days is not None and 0 <= days < URGENT_DAYS
        if local and local.urgent and (soon or case.peek("preservation_needed")):
            found.append(f"本地条文允许紧急时先行提供援助({local.urgent[0]})")
        return found
    said = "机构7日内决定，同意后3日内指派律师(LAL 43(1))"
    if local and local.review:
        said += f"；本地规定{local.review.workdays}个工作日({local.review.cites[0]})，以先到的为准"
    return [said]


def _needs_agent(case: Case) -> bool:
    if case.peek("applicant_by") not in (None, "self") or case.peek("role") in ACCUSED:
        return False
    age = case.peek("age")
    child = age is not None and age < 18 and not (age >= 16 and case.peek("self_supporting"))
    return bool(child) or case.peek("mental_capacity") == "impaired"
