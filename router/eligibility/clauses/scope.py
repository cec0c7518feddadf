"""Is it a matter for representation? Floor first; then the region; else out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final

from router.eligibility.facts import MATTERS
from router.eligibility.finding import (
    UNSURE,
    VICTIMS,
    VIOLENCE_MATTERS,
    Case,
    Finding,
    Outcome,
    Unknown,
    Verdict,
)
from router.eligibility.law import NegativeEntry
from router.eligibility.standard import in_words

DVL_DAY: Final = dt.date(2016, 3, 1)  # 反家庭暴力法 第38条
_CLOSE_TO_MARTYR: Final = frozenset(
    {"spouse", "parent", "child", "sibling", "grandparent", "grandchild"}
)
_SHOWN: Final = 10
# What the list names nearly, so that a "no" can say which words do not reach it.
_NEAR: Final = {
    "dismissal_compensation": ("LAL 31(5)", "LDL 2(5)", "经济补偿、赔偿金不是劳动报酬"),
    "traffic_property_damage": ("LAL 31(7)", "", "清单只列了人身损害，没有列财产损失"),
    "product_injury": ("LAL 31(7)", "", "清单只列了食品、药品安全事故"),
    "damages": ("LAL 31(7)", "LAL 32(4)", "清单只列了工伤、交通、食品药品、医疗事故"),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """In, and by what; `unclear`: the texts leave it open and a person decides."""

    cites: tuple[str, ...]
    text: str
    see: tuple[str, ...] = ()
    floor: bool = False
    waives: bool = False  # 法律援助法 32: no hardship condition
    relatives: bool = False  # the head itself names relatives as applicants
    unclear: bool = False


def scope(case: Case) -> Scope | Verdict:
    """The floor that no region can narrow, then list, no list or negative list, else out."""
    found = floor(case)
    if isinstance(found, Verdict):
        return found
    if found is None:
        return regional(case)
    if not found.unclear:
        return also_named_here(case, found)
    if not _list_is_no_limit(case):
        return found
    wider = regional(case)
    # What may be floor is not taken away by a list either: a person decides.
    return found if isinstance(wider, Verdict) else wider


def also_named_here(case: Case, found: Scope) -> Scope:
    """法律援助法 第31条第9项：本地条文同样列明的，一并引用。"""
    local = case.local if case.peek("region") else None
    if local is None or local.scope.kind != "national_list":
        return found
    see = found.see
    for row in local.matters:
        if case.peek("matter") in row.when.matters and row.holds_on(case.date):
            if case.fits(row.when):
                case.note(Finding(row.id, True, row.cites, f"本地同样列明：{row.words}"))
                see = (*see, *row.cites)
    return replace(found, see=see)


def floor(case: Case) -> Scope | Verdict | None:
    """法律援助法 29、31、32、33;2022年以前：法律援助条例 10、11。"""
    if case.peek("matter") == "retrial":
        return retrial(case)
    if case.take("role") in VICTIMS:
        return victims(case)
    if case.aid_law:
        return (
            violence_victim(case)
            or hero(case)
            or samaritan(case)
            or retrial_acquittal(case)
            or listed(case)
            or household_service(case)
        )
    return violence_before_2022(case) or samaritan(case) or listed(case) or household_service(case)


def retrial(case: Case) -> Scope | Verdict | None:
    """法律援助法 第33条：人民法院决定、裁定再审或者人民检察院提出抗诉。"""
    if not case.aid_law:
        return None
    opened = case.peek("retrial_ordered") or case.peek("protest")
    if not opened:
        case.ask("retrial_ordered", "LAL 33")
        case.ask("protest", "LAL 33")
    text = "法院已决定再审或检察院已抗诉" if opened else "法院还没有决定再审，检察院也没有抗诉"
    case.note(Finding("scope.retrial", bool(opened), ("LAL 33",), text))
    if opened:
        return Scope(("LAL 33",), text, floor=True, relatives=True)
    return Verdict(Outcome.CONSULT, ("LAL 33",), text, ("LAL 23", "CivPL 216"))


def victims(case: Case) -> Scope | Verdict | None:
    """法律援助法 第29条；刑事诉讼法 第46条：自案件移送审查起诉之日起有权委托诉讼代理人。"""
    role = case.take("role")
    if case.peek("matter") is None:
        case.assume("matter", None)
    if role == "incidental_civil_plaintiff" and not case.aid_law:
        return None
    head = "LAL 29" if case.aid_law else "REG2003 11"
    if role != "private_prosecutor":
        early = case.ask("criminal_stage", "CPL 46(1)", head) == "investigation"
        text = "还在侦查阶段" if early else "案件已移送审查起诉"
        case.note(Finding("scope.victim_stage", not early, ("CPL 46(1)",), text))
        if early:
            return Verdict(Outcome.CONSULT, ("CPL 46(1)",), "侦查阶段还不能委托诉讼代理人",
                           (head, "LAL 23"))  # fmt: skip
    text = "刑事案件的被害人、自诉人或附带民事诉讼原告人"
    case.note(Finding("scope.victim", True, (head,), text))
    # 法释〔2021〕1号 565: the court helps a minor victim to apply.
    child = ("SPC-CPL 565",) if (case.peek("age") or 18) < 18 else ()
    return Scope((head, "CPL 46(1)"), text, child, floor=True, relatives=True)


def violence_victim(case: Case) -> Scope | None:
    """法律援助法 第32条第4项：遭受虐待、遗弃或者家庭暴力的受害人主张相关权益。"""
    if case.matter not in VIOLENCE_MATTERS:
        return None
    if case.take("role") == "respondent" and case.matter in ("support", "child_support", "damages"):
        # Who is sued for money claims no right of a victim: the list decides.
        return None
    suffered = case.violence() == "suffered"
    text = "遭受家庭暴力、虐待或遗弃" if suffered else "没有遭受家庭暴力、虐待或遗弃"
    case.note(Finding("scope.violence_victim", suffered, ("LAL 32(4)",), text))
    if not suffered:
        return None
    partner = case.peek("opponent_relation") in ("cohabiting_partner", "former_spouse")
    return Scope(("LAL 32(4)", *(("DVL 37",) if partner else ())), text,
                 ("DVL 19",), floor=True, waives=True)  # fmt: skip


def violence_before_2022(case: Case) -> Scope | None:
    """反家庭暴力法 第19条要求提供法律援助，法律援助条例 第10条没有这一项：由机构决定。"""
    if case.date < DVL_DAY or case.matter not in VIOLENCE_MATTERS:
        return None
    if case.violence() != "suffered":
        return None
    cites = ("DVL 19", "REG2003 10")
    text = "反家庭暴力法要求援助，当时的条例没有列这一项"
    case.note(Finding("scope.violence_conflict", True, cites, text))
    return Scope(cites, text, unclear=True, floor=True)


def hero(case: Case) -> Scope | None:
    """法律援助法 第32条第1项：英雄烈士近亲属为维护英雄烈士的人格权益。"""
    if case.matter != "hero_personality":
        return None
    relation = case.ask("martyr_relation", "LAL 32(1)", "CC 1045")
    close = relation in _CLOSE_TO_MARTYR
    cites = ("LAL 32(1)", "英雄烈士保护法 25(4)")
    text = "英雄烈士的近亲属" if close else "不是英雄烈士的近亲属"
    case.note(Finding("scope.hero", close, cites, text, ("CC 1045",)))
    if not close:
        return None
    return Scope(cites, text, ("CC 1045",), floor=True, waives=True)


def samaritan(case: Case) -> Scope | None:
    """法律援助法 第32条第2项：因见义勇为行为主张相关民事权益。作为被告抗辩的，条文没有写明。"""
    if case.matter != "good_samaritan":
        return None
    item = "LAL 32(2)" if case.aid_law else _listed_item(case)
    if item is None:
        return None
    cites = (item,)
    if case.take("role") == "respondent":
        text = "救人者被起诉，是否算“主张相关民事权益”，条文没有写明"
        case.note(Finding("scope.samaritan_sued", True, cites, text, ("CC 184",)))
        return Scope(cites, text, ("CC 184",), unclear=True)
    text = "因见义勇为主张民事权益"
    case.note(Finding("scope.samaritan", True, cites, text, ("CC 183",)))
    return Scope(cites, text, ("CC 183",), floor=True, waives=case.aid_law)


def retrial_acquittal(case: Case) -> Scope | None:
    """法律援助法 第32条第3项：再审改判无罪请求国家赔偿。"""
    if case.matter != "state_compensation":
        return None
    hit = case.ask("ground", "LAL 32(3)", "LAL 31(1)") == "retrial_acquittal"
    text = "再审改判无罪" if hit else "不是再审改判无罪"
    case.note(Finding("scope.retrial_acquittal", hit, ("LAL 32(3)",), text))
    return Scope(("LAL 32(3)",), text, floor=True, waives=True) if hit else None


def listed(case: Case) -> Scope | None:
    """法律援助法 第31条第1至8项(2022年以前：法律援助条例 第10条第1款)。"""
    era, item = case.era, _listed_item(case)
    if era is None or item is None:
        return None
    if case.take("role") == "respondent":
        text = "被要求履行的一方是否属于“下列事项的当事人”，理解不一"
        see = ("CC 54",) if case.peek("party") == "sole_trader" else ()
        case.note(Finding("scope.obligor", True, (item,), text, see))
        return Scope((item,), text, see, unclear=True)
    cites = (item, *filter(None, [era.also.get(case.matter)]))
    case.note(Finding("scope.listed", True, cites, f"{era.label}列明的事项"))
    see = ("LAL 32(3)",) if case.matter == "state_compensation" and case.aid_law else ()
    return Scope(cites, f"{era.label}列明的事项", see, floor=True)


def _listed_item(case: Case) -> str | None:
    return case.era.matters.get(case.matter) if case.era else None


def household_service(case: Case) -> Scope | None:
    """家政工与雇主家庭是劳务关系，是否属于“劳动报酬”，各地做法不一(法律援助法31(5))。"""
    if case.matter != "household_service_pay":
        return None
    cites = ("LAL 31(5)", "LDL 2") if case.aid_law else ("REG2003 10(1)(5)", "LDL 2")
    text = "家政工的报酬是否算劳动报酬，各地做法不一"
    case.note(Finding("scope.household_service", True, cites, text))
    return Scope(cites, text, unclear=True)


def _list_is_no_limit(case: Case) -> bool:
    """Where no list limits the matter, a doubt about the national list does not matter."""
    if not case.aid_law and DVL_DAY <= case.date and case.matter in VIOLENCE_MATTERS:
        if case.violence() == "suffered":
            return False
    if case.matter == "good_samaritan":
        return False
    return case.local is not None and case.regime.kind != "national_list"


def regional(case: Case) -> Scope | Verdict:
    """What the region adds to the floor."""
    local = case.local
    if local is None:
        text = f"{case.region.name}在这一天没有可用的规定"
        cites = ("CFG region",)
        case.note(Finding("scope.no_region_rules", True, cites, text))
        return Scope(cites, text, unclear=True)
    regime = case.regime
    if regime.kind == "own_rights":
        if case.matter == "hero_personality" and case.aid_law:
            # Somebody else's right: a region without a list opens one's own only.
            return out(case)
        case.note(Finding("scope.own_rights", True, regime.cites, "本地不限事项"))
        return Scope(regime.cites, "本地不限事项范围", regime.see)
    if regime.kind == "negative_list":
        return negative_list(case)
    row = case.first_fit(local.matters, "本地增加的事项")
    if row:
        return Scope(row.cites, row.words, row.see)
    row = case.first_fit(local.open_matters, "本地没有写明")
    if row:
        return Scope(row.cites, row.words, row.see, unclear=True)
    return military(case) or out(case)


def negative_list(case: Case) -> Scope | Verdict:
    """Everything is in that no entry names; the floor was evaluated before."""
    local, regime = case.region, case.regime
    unclear: NegativeEntry | None = None
    tried: list[NegativeEntry] = []
    for entry in case.law.entries(local, case.matter):
        if not entry.holds_on(case.date):
            continue
        try:
            hit = case.fits(entry.refuse)
        except Unknown as missing:
            raise Unknown(missing.fact, (*entry.cites, *missing.cites)) from None
        if hit:
            _not_these(case, tried)
            case.fits(entry.refuse)  # looked at once more, for the reason of its own
            words, held = (
                f"负面清单：{entry.words}{UNSURE.get(entry.mark, '')}",
                in_words(entry.refuse),
            )
            case.note(Finding(entry.id, True, entry.cites, words, entry.see, held))
            return military(case) or Verdict(
                Outcome.OUT_OF_SCOPE, entry.cites, f"在负面清单上：{entry.words}", entry.see
            )
        tried.append(entry)
        if entry.unclear and case.fits(entry.unclear):
            unclear = unclear or entry
    _not_these(case, tried)
    if unclear:
        return Scope((*unclear.cites, *unclear.see), f"是否属于“{unclear.words}”，清单没有写明",
                     ("LAL 2",), unclear=True)  # fmt: skip
    case.note(Finding("scope.default_in", True, regime.cites, "不在负面清单上"))
    return Scope(regime.cites, "不在负面清单上，属于援助范围", regime.see)


def _not_these(case: Case, tried: list[NegativeEntry]) -> None:
    """Entries about such a matter that do not fit: one reason, however long the list."""
    if not tried:
        return
    cites = tuple(dict.fromkeys(cite for entry in tried for cite in entry.cites))[:_SHOWN]
    ids = "、".join(entry.id for entry in tried[:_SHOWN])
    more = f"等{len(tried)}项" if len(tried) > _SHOWN else ""
    text = f"不属于负面清单上可能有关的事项：{ids}{more}"
    case.note(Finding("scope.not_on_negative_list", False, cites, text))


def military(case: Case) -> Scope | None:
    """法律援助法 第70条：军人军属法律援助的具体办法另行规定，条文未持有，由机构决定。"""
    if not {"military", "military_family"} & set(case.take("groups")):
        return None
    cites = (*(("LAL 70",) if case.aid_law else ()), "军人军属法律援助工作实施办法 5 (V2)")
    text = "军人、军属的其他事项按专门办法办理"
    case.note(Finding("scope.military", True, cites, text))
    return Scope(cites, text, unclear=True)


def out(case: Case) -> Verdict:
    """法律援助法 第31条没有列、本地也没有增加的事项。"""
    if not case.aid_law:
        article = "REG2003 11" if case.peek("role") in VICTIMS else "REG2003 10"
        case.note(Finding("scope.out", True, (article,), "当时的条例没有列这一事项"))
        hero = ("英雄烈士保护法 25(4)",) if case.peek("matter") == "hero_personality" else ()
        return Verdict(Outcome.OUT_OF_SCOPE, (article,), "当时的条例没有列这一事项", hero)
    matter = case.matter
    near, see, text = _NEAR.get(
        matter, ("", "", f"“{MATTERS.get(matter, matter)}”不在法律援助清单上")
    )
    cites: tuple[str, ...] = ("LAL 31", *((near,) if near else ()))
    if matter == "hero_personality":
        cites, see, text = ("LAL 32(1)", "CC 1045"), "英雄烈士保护法 25(2)", "不是近亲属"
    elif matter in VIOLENCE_MATTERS:
        cites = (*cites, "LAL 32(4)")
    elif matter == "admin_penalty" and case.peek("on_the_spot"):
        see = "ARL 23(1)(1)"
    case.note(Finding("scope.out", True, cites, text))
    return Verdict(Outcome.OUT_OF_SCOPE, cites, text, (see,) if see else ())
