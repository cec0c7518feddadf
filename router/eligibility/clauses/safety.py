"""Danger first: before any question of entitlement."""

from __future__ import annotations

from router.eligibility.finding import Case, Finding, Outcome, Unknown, Verdict

_CITES = {
    "violence_now": ("DVL 13", "DVL 15", "国办发〔2022〕12号 (V2)"),
    "life": ("国办发〔2022〕12号 (V2)",),
    "crime_now": ("CPL 110", "国办发〔2022〕12号 (V2)"),
}
_WORDS = {
    "violence_now": "正在发生或马上要发生暴力",
    "life": "有人有生命危险",
    "crime_now": "违法犯罪正在发生或刚刚发生",
}


def danger_now(case: Case) -> Verdict | None:
    """反家庭暴力法 第13、15条：受害人可以向公安机关报案；公安机关接到报案后应当及时出警。"""
    danger = case.peek("danger")
    if danger in _CITES:
        case.note(Finding("safety.danger", True, _CITES[danger], _WORDS[danger]))
        return Verdict(Outcome.EMERGENCY_110, _CITES[danger], _WORDS[danger])
    if danger is None:
        _safe_to_go_on(case)
    text = "没有说现在有危险" if danger is None else "现在没有危险"
    case.note(Finding("safety.danger", False, _CITES["violence_now"], text))
    return None


def _safe_to_go_on(case: Case) -> None:
    """Who tells of violence is asked about danger before anything else."""
    violence = case.peek("violence")
    if violence is None:
        if case.peek("matter") is None:
            case.assume("matter", None)
        if _is_the_matter(case):
            violence = case.violence()
        else:
            case.assume("violence", "none")
    if violence in ("suffered", "committed") or "danger" in case.told:
        raise Unknown("danger", _CITES["violence_now"])
    case.take("danger")


def _is_the_matter(case: Case) -> bool:
    """Who comes because of violence has suffered it, unless the claim is against them."""
    return (
        "violence" not in case.told
        and case.peek("matter") == "domestic_violence"
        and case.take("role") != "respondent"
    )
