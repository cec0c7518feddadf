"""The accused: 法律援助法 24-28, 30; 刑事诉讼法; 法释〔2021〕1号."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from router.eligibility.clauses import exempt, means
from router.eligibility.clauses.person import CLOSE
from router.eligibility.finding import ACCUSED, Case, Finding, Outcome, Unknown, Verdict

_TRIAL: Final = frozenset(
    {"private_prosecution_accepted", "trial_ordinary", "trial_simplified", "fast_track",
     "second_instance", "death_review_high_court", "death_review_spc",
     "crime_during_suspended_death", "in_absentia_trial"}
)  # fmt: skip


def accused(case: Case) -> Verdict | None:
    """The heads in the order of rules.md §4; None: the person is not accused."""
    role = case.take("role")
    if role not in ACCUSED:
        return None
    if role == "defendant_unit":
        return unit(case)
    if case.ask("lawyer", *_head(case)):
        return own_defender(case)
    return must_notify(case) or asked_for_less(case) or on_application(case)


def unit(case: Case) -> Verdict:
    """法律援助法 第2条、第25条第2款：单位是否属于“其他当事人”，条文没有写明。"""
    cites = ("LAL 2", "LAL 25(2)")
    text = "被告单位能否得到法律援助，条文没有写明"
    case.note(Finding("criminal.unit", True, cites, text))
    return Verdict(Outcome.NEED_AGENCY, cites, text)


def own_defender(case: Case) -> Verdict:
    """法律援助法 第25条、第27条：没有委托辩护人；不得限制委托辩护人的权利。"""
    cites = _head(case)
    text = "已经委托了辩护人或代理人"
    case.note(Finding("criminal.own_defender", True, cites, text))
    return Verdict(Outcome.HAS_LAWYER, cites, text, ("LAL 27", "LAL 48(1)(6)", "LAL 23"))


def _head(case: Case) -> tuple[str, ...]:
    if case.peek("role") == "compulsory_treatment_respondent":
        return ("LAL 28", "CPL 304")
    day = case.day or case.peek("apply_date")
    if day is not None and not case.aid_law:
        return ("CPL 35",)
    return ("LAL 25(1)", "LAL 25(2)", "LAL 24", "CPL 35")


def compulsory_treatment(case: Case) -> Finding:
    """法律援助法 第28条：强制医疗案件的被申请人或者被告人没有委托诉讼代理人的，应当通知。"""
    hit = case.take("role") == "compulsory_treatment_respondent"
    return Finding("criminal.compulsory_treatment", hit, _dated(case, "LAL 28", "CPL 304"),
                   "强制医疗案件的被申请人" if hit else "不是强制医疗案件")  # fmt: skip


def minor(case: Case) -> Finding:
    """法律援助法 第25条第1款第1项：未成年人。法释〔2021〕1号 第564条看审判时的年龄。"""
    age = case.ask("age", *_dated(case, "LAL 25(1)(1)", "CPL 278"))
    trial = ("SPC-CPL 564",) if case.peek("criminal_stage") in _TRIAL else ()
    cites = (*_dated(case, "LAL 25(1)(1)", "CPL 278"), *trial)
    return Finding("criminal.minor", age < 18, cites, f"办案时{age}岁")


def special_stage(case: Case) -> Finding:
    """法律援助法 第25条第1款第5、6项；法释〔2021〕1号 第47条第2、3款。"""
    stage = case.ask("criminal_stage", *_dated(case, "LAL 25(1)(6)", "CPL 293"))
    if stage == "in_absentia_trial":
        return Finding("criminal.in_absentia", True, _dated(case, "LAL 25(1)(6)", "CPL 293"),
                       "缺席审判案件的被告人")  # fmt: skip
    if stage == "death_review_high_court":
        return Finding("criminal.high_court_review", True, ("SPC-CPL 47(2)",),
                       "高级人民法院复核死刑案件", ("LAL 26",))  # fmt: skip
    if stage == "crime_during_suspended_death":
        return Finding("criminal.suspended_death", True, ("SPC-CPL 47(3)",),
                       "死刑缓期执行期间故意犯罪", ("LAL 26",))  # fmt: skip
    if stage == "death_review_spc" and case.aid_law:
        applied = case.take("applied", "LAL 25(1)(5)")
        return Finding("criminal.death_review", applied, ("LAL 25(1)(5)",),
                       "最高人民法院复核死刑，已申请法律援助" if applied else
                       "最高人民法院复核死刑，还没有申请法律援助",
                       ("LAL 26", "LAL 35", "法〔2021〕348号 2 (V2)"))  # fmt: skip
    return Finding("criminal.special_stage", False, ("LAL 25(1)(5)", "LAL 25(1)(6)"),
                   "不是死刑复核、缺席审判案件")  # fmt: skip


def disabled(case: Case) -> Finding:
    """法律援助法 第25条第1款第2项：视力、听力、言语残疾人。"""
    kind = case.ask("disability", *_dated(case, "LAL 25(1)(2)", "CPL 35(2)"))
    hit = kind in ("vision", "hearing", "speech")
    return Finding("criminal.disabled", hit, _dated(case, "LAL 25(1)(2)", "CPL 35(2)"),
                   "视力、听力或言语残疾人" if hit else "不是视力、听力、言语残疾人")  # fmt: skip


def impaired(case: Case) -> Finding:
    """法律援助法 第25条第1款第3项：不能完全辨认自己行为的成年人。"""
    hit = case.ask("mental_capacity", *_dated(case, "LAL 25(1)(3)", "CPL 35(2)")) == "impaired"
    return Finding("criminal.impaired", hit, _dated(case, "LAL 25(1)(3)", "CPL 35(2)"),
                   "不能完全辨认自己行为的成年人" if hit else "能够辨认自己的行为")  # fmt: skip


def life_or_death(case: Case) -> Finding:
    """法律援助法 第25条第1款第4项：可能被判处无期徒刑、死刑的人。"""
    cites = _dated(case, "LAL 25(1)(4)", "CPL 35(3)")
    if case.aid_law and case.peek("criminal_stage") == "death_review_spc":
        # The special item 25(1)(5), which asks for an application, displaces the general one.
        return Finding("criminal.life_or_death", False, cites, "死刑复核按第五项办理")
    hit = case.ask("possible_sentence", *cites) in ("life", "death")
    if hit and case.peek("criminal_stage") is None and not case.take("applied"):
        # At the last review the special item would want an application.
        case.ask("criminal_stage", *cites)
    return Finding("criminal.life_or_death", hit, cites,
                   "可能被判处无期徒刑、死刑" if hit else "不会判处无期徒刑、死刑",
                   ("LAL 26",) if hit else ())  # fmt: skip


MUST: Final[tuple[Callable[[Case], Finding], ...]] = (
    compulsory_treatment, minor, special_stage, life_or_death, disabled, impaired,
)  # fmt: skip


def must_notify(case: Case) -> Verdict | None:
    """法律援助法 第25条第1款、第28条：应当通知；不看经济条件，不用申请(死刑复核除外)。"""
    hits: list[Finding] = []
    unknown: Unknown | None = None
    for head in MUST:
        try:
            finding = case.note(head(case))
        except Unknown as missing:
            unknown = unknown or missing
            continue
        if finding.hit:
            hits.append(finding)
    if hits:
        cites = tuple(cite for hit in hits for cite in hit.cites)
        see = tuple(cite for hit in hits for cite in hit.see)
        foreign = ("LAL 69",) if case.peek("nationality") in ("foreign", "stateless") else ()
        return Verdict(Outcome.MUST_NOTIFY, cites, ";".join(hit.text for hit in hits),
                       ("LAL 36", *see, *foreign))  # fmt: skip
    if unknown:
        raise unknown
    if case.aid_law and case.peek("criminal_stage") == "death_review_spc":
        return Verdict(Outcome.NEED_FACTS, ("LAL 25(1)(5)",), "死刑复核需要本人申请法律援助",
                       ("LAL 35", "法〔2021〕348号 2 (V2)"), asks="applied")  # fmt: skip
    return None


def asked_for_less(case: Case) -> Verdict | None:
    """法律援助法 第30条：值班律师应当依法为没有辩护人的犯罪嫌疑人、被告人提供法律帮助。"""
    request = case.take("request")
    if request == "duty_lawyer":
        case.note(Finding("criminal.duty_lawyer", True, ("LAL 30", "CPL 36"), "要求值班律师帮助"))
        return Verdict(Outcome.DUTY_LAWYER, ("LAL 30", "CPL 36"), "要求值班律师帮助", ("LAL 37",))
    if request == "advice":
        case.note(Finding("criminal.advice", True, ("LAL 22(1)", "LAL 23"), "只想咨询"))
        return Verdict(Outcome.CONSULT, ("LAL 22(1)", "LAL 23"), "只想咨询", ("LAL 30",))
    return None


def on_application(case: Case) -> Verdict:
    """法律援助法 第24条：因经济困难或者其他原因没有委托辩护人的，可以申请。"""
    head = _dated(case, "LAL 24", "CPL 35(1)")
    custody = ("LAL 39(1)",) if case.take("detained") else ()
    applied = case.take("applied", *head)
    found, unknown = _means_or_unknown(case)
    stranger = not_a_relative(case, head)
    met = found and found.outcome in (Outcome.EXEMPT_VERIFICATION, Outcome.ELIGIBLE)
    if found and met and applied and not stranger:
        case.note(Finding("criminal.hardship", True, head, found.text))
        return Verdict(found.outcome, (*head, *found.basis), found.text, (*found.see, *custody))
    ordinary = ordinary_trial(case)
    if ordinary:
        _leave_means_open(case, unknown)
        return ordinary
    reason = case.take("other_reason")
    if reason != "none":
        _leave_means_open(case, unknown)
        text = "“其他原因”没有全国统一的解释，由法律援助机构认定"
        case.note(Finding("criminal.other_reason", True, head, text))
        return Verdict(Outcome.NEED_AGENCY, head, text, ("LAL 30", *custody))
    if unknown or found is None:
        raise Unknown(unknown.fact if unknown else "income_pc",
                      (*head, *(unknown.cites if unknown else ())))  # fmt: skip
    if found.outcome is Outcome.NOT_MEANS:
        text = f"{found.text}；仍可得到值班律师帮助"
        case.note(Finding("criminal.duty_lawyer", True, ("LAL 30", "CPL 36"), text))
        return Verdict(Outcome.DUTY_LAWYER, ("LAL 30", "CPL 36"), text,
                       (*head, "LAL 37", *found.basis))  # fmt: skip
    if found.outcome is Outcome.NEED_AGENCY:
        return Verdict(found.outcome, (*head, *found.basis), found.text, ("LAL 30", *custody))
    return Verdict(Outcome.NEED_FACTS, head, "符合条件，还需要本人或近亲属提出申请",
                   ("LAL 30", *custody),
                   asks="applicant_by" if stranger else "applied")  # fmt: skip


def not_a_relative(case: Case, head: tuple[str, ...]) -> bool:
    """法律援助法 第24条、第40条：本人、近亲属或者法定代理人申请。"""
    by = case.take("applicant_by", *head)
    if by == "self" or by in CLOSE or by == "guardian":
        return False
    case.note(Finding("criminal.not_a_relative", True, head, "代为申请的不是近亲属", ("CC 1045",)))
    return True


def ordinary_trial(case: Case) -> Verdict | None:
    """法律援助法 第25条第2款：其他适用普通程序审理的案件，人民法院可以通知。"""
    stage = case.ask("criminal_stage", *_dated(case, "LAL 25(2)", "SPC-CPL 48"))
    cites: tuple[str, ...] = ("LAL 25(2)",) if case.aid_law else ("SPC-CPL 48",)
    if stage != "trial_ordinary":
        case.note(Finding("criminal.ordinary_trial", False, cites, "不是普通程序审理"))
        return None
    if (case.peek("age_at_act") or 18) < 18:
        # Eighteen by the trial: 564 was tried and does not fit.
        cites = (*cites, "SPC-CPL 564")
    if case.peek("nationality") in ("foreign", "stateless"):
        cites = (*cites, "SPC-CPL 485(4)")
    text = "适用普通程序审理，没有辩护人，法院可以通知指派律师"
    case.note(Finding("criminal.ordinary_trial", True, cites, text))
    known = case.peek("codefendant_has_lawyer") or case.peek("protest")
    see = ("SPC-CPL 48", "LAL 24") if known else ("LAL 24",)
    foreign = ("LAL 69",) if "SPC-CPL 485(4)" in cites else ()
    return Verdict(Outcome.MAY_NOTIFY, cites, text, (*see, *foreign))


def _means_or_unknown(case: Case) -> tuple[Verdict | None, Unknown | None]:
    try:
        return exempt.proved_status(case) or means.hardship(case), None
    except Unknown as missing:
        return None, missing


def _leave_means_open(case: Case, unknown: Unknown | None) -> None:
    """The answer stands until the income is told: it may still open 法律援助法 24."""
    if unknown:
        means.leave_open(case)


def _dated(case: Case, new: str, always: str) -> tuple[str, ...]:
    """Before 2022 the criminal procedure law stands alone."""
    return (new, always) if case.aid_law else (always,)
