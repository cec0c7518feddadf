"""The hardship test of the region: 法律援助法 34, 41; equality as the region says."""

from __future__ import annotations

from typing import Final

from router.eligibility.finding import PR2023_DAY, Case, Finding, Outcome, Unknown, Verdict
from router.eligibility.law import Line, Region

FACTS: Final = (
    "income_pc", "household_income", "household_size", "applicant_income",
    "opponent_in_household", "hukou", "homes",
)  # fmt: skip
_CMP: Final = {"lte": "不超过", "lt": "低于", "unspecified": ""}
_FAMILY: Final = frozenset(
    {"support", "child_support", "domestic_violence", "divorce", "marital_property"}
)


def article(case: Case) -> tuple[str, ...]:
    return ("LAL 34",) if case.aid_law else ("REG2003 13",)


def hardship(case: Case) -> Verdict:
    """法律援助法 第34条：经济困难的标准，由省、自治区、直辖市人民政府确定。"""
    local = case.local
    line = local.standard.on(case.date) if local and local.standard else None
    if local is None or local.standard is None or line is None:
        return no_line(case)
    cites = (*article(case), *local.standard.cites, *line.cites, f"CFG cmp={line.cmp}")
    if local.assets and (case.peek("homes") or 0) >= local.assets.homes_from:
        return too_many_homes(case, local)
    income, own = _income(case)
    own_cites = own_income(case) if own else ()
    limit = _limit(case, line, local)
    compared = f"人均月收入{income:.10g}元，标准为{_CMP[line.cmp]}{limit:.10g}元"
    if income == limit and line.cmp == "unspecified":
        case.note(Finding("means.at_the_line", True, cites, compared))
        return Verdict(Outcome.NEED_AGENCY, cites, "收入恰好等于标准，规定没写明怎么算", own_cites)
    met = income < limit or (income == limit and line.cmp == "lte")
    case.note(Finding("means.line", met, (*cites, *own_cites), compared))
    if not met:
        return _over_the_line(case, local, (*cites, *own_cites), compared)
    if local.assets:
        if case.ask("homes", *local.assets.cites, "CFG assets", *article(case)) >= (
            local.assets.homes_from
        ):
            return too_many_homes(case, local)
        case.note(Finding("means.assets", True, ("CFG assets",), "财产条件符合"))
    return Verdict(Outcome.ELIGIBLE, (*cites, *own_cites), compared)


def own_income(case: Case) -> tuple[str, ...]:
    """办理法律援助案件程序规定 第18条第2款(2023-09-01起)，原第15条第2款：只看申请人本人。"""
    if case.date >= PR2023_DAY:
        return ("PR2023 18(2) (R-high)", "PR2012 15(2) (V2)")
    return ("PR2012 15(2) (V2)",)


def no_line(case: Case) -> Verdict:
    """No figure configured: never guessed, a person decides."""
    cites = (*article(case), "CFG line")
    text = "本地经济困难标准没有配置，由法律援助机构认定"
    case.note(Finding("means.no_line", True, cites, text))
    return Verdict(Outcome.NEED_AGENCY, cites, text)


def too_many_homes(case: Case, local: Region) -> Verdict:
    cites = (*article(case), *(local.assets.cites if local.assets else ()), "CFG assets")
    text = f"家里有{case.peek('homes')}套住房，不符合财产条件"
    case.note(Finding("means.assets", False, cites, text))
    return Verdict(Outcome.NOT_MEANS, cites, text)


def _over_the_line(case: Case, local: Region, cites: tuple[str, ...], text: str) -> Verdict:
    """Above the line, yet a person decides: an open status, a passing hardship, soldiers."""
    row = case.first_fit(case.law.rank_open, "全国规定不明") or case.first_fit(
        local.over_the_line, "超过标准也应受理"
    )
    soldier = {"military", "military_family"} & set(case.take("groups"))
    if (row or soldier) and local.assets:
        # The asset test decides before any doubt.
        homes = case.ask("homes", *local.assets.cites, "CFG assets", *article(case))
        if homes >= local.assets.homes_from:
            return too_many_homes(case, local)
    if row:
        return Verdict(Outcome.NEED_AGENCY, row.cites, row.words, (*row.see, *cites))
    if soldier:
        base = (*(("LAL 70",) if case.aid_law else ()), "军人军属法律援助工作实施办法 5 (V2)")
        case.note(Finding("means.military", True, base, "军人、军属另有专门办法"))
        return Verdict(Outcome.NEED_AGENCY, (*base, *article(case)), "军人、军属另有专门办法")
    return Verdict(Outcome.NOT_MEANS, cites, text)


def _income(case: Case) -> tuple[float, bool]:
    """Per head and month; with the opponent under the same roof only the own income counts."""
    if _opponent_at_home(case):
        own = case.ask("applicant_income", *own_income(case), *article(case), "LAL 41")
        return own, True
    told = case.peek("income_pc")
    if told is not None:
        return told, False
    total, heads = case.peek("household_income"), case.peek("household_size")
    if total is None and heads is None and "income_pc" not in case.told:
        raise Unknown("income_pc", (*article(case), "LAL 41"))
    total = case.ask("household_income", *article(case), "LAL 41")
    heads = case.ask("household_size", *article(case), "LAL 41")
    case.assume("income_pc", total / heads)
    return total / heads, False


def _opponent_at_home(case: Case) -> bool:
    if "opponent_in_household" in case.told:
        return bool(case.ask("opponent_in_household", *own_income(case), *article(case)))
    if case.peek("income_pc") is not None:
        return bool(case.assume("opponent_in_household", False))
    if case.peek("matter") not in _FAMILY or case.peek("opponent_relation") == "none":
        relation = case.take("opponent_relation")
        if relation in ("none", "former_spouse"):
            return bool(case.assume("opponent_in_household", False))
    return bool(case.ask("opponent_in_household", *own_income(case), *article(case)))


def _limit(case: Case, line: Line, local: Region) -> float:
    if isinstance(line.limit, dict):
        own = local.standard.cites if local.standard else ()
        return line.limit[case.ask("hukou", *own, *article(case))]
    return line.limit


def leave_open(case: Case) -> None:
    """An answer that does not wait for the means: telling them may still change it."""
    for name in FACTS:
        if case.peek(name) is None:
            case.assume(name, None)
