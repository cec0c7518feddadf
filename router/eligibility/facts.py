"""The fact vocabulary: one table that slots, API, database and law all speak."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Kind = Literal["enum", "list", "bool", "int", "number", "date", "text", "region"]
Value = str | int | float | bool | dt.date | tuple[str, ...]


class FactError(ValueError):
    """这一项信息填写有误，请更正后再试。"""

    def __init__(self, fact: str, sentence: str) -> None:
        super().__init__(f"{fact}：{sentence}")
        self.fact = fact
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of the vocabulary."""

    name: str
    type: Kind
    label: str
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    # What the engine may assume while nobody asked; None: it has to ask.
    taken_as: Value | None = None
    # What a "which fact do you need?" rests on.
    cites: tuple[str, ...] = ()


MATTERS: Final[dict[str, str]] = {
    "state_compensation": "国家赔偿",
    "social_insurance": "社会保险待遇",
    "social_assistance": "社会救助",
    "pension_death_benefit": "抚恤金",
    "support": "赡养费、扶养费",
    "child_support": "抚养费",
    "wages": "劳动报酬",
    "confirm_employment": "确认劳动关系",
    "declare_incapacity": "认定无、限制民事行为能力",
    "work_injury": "工伤事故人身损害",
    "traffic_injury": "交通事故人身损害",
    "food_safety_injury": "食品安全事故人身损害",
    "drug_safety_injury": "药品安全事故人身损害",
    "medical_injury": "医疗事故人身损害",
    "pollution_damage": "环境污染、生态破坏损害",
    "hero_personality": "英雄烈士人格权益",
    "good_samaritan": "见义勇为引起的民事权益",
    "domestic_violence": "家庭暴力、虐待、遗弃",
    "divorce": "离婚",
    "marital_property": "夫妻财产、离婚后财产",
    "damages": "其他人身损害赔偿",
    "retrial": "申诉、再审",
    "dismissal_compensation": "经济补偿、违法解除赔偿金",
    "household_service_pay": "家政工向家庭雇主要报酬",
    "traffic_property_damage": "交通事故财产损失",
    "product_injury": "产品致人身损害(食品药品以外)",
    "inheritance": "继承",
    "will": "遗嘱",
    "private_loan": "民间借贷",
    "contract": "合同",
    "consumer_prepaid": "预付卡、预付消费",
    "neighbour": "相邻关系",
    "property_fee": "物业费",
    "homestead": "宅基地",
    "land_contract": "土地承包",
    "housing_sale": "房屋买卖",
    "reputation": "名誉、隐私、肖像",
    "investment_loss": "证券、期货、投资损失",
    "admin_penalty": "行政处罚",
    "fraud": "诈骗",
}
GROUPS: Final[dict[str, str]] = {
    "no_fixed_income": "无固定生活来源",
    "migrant_worker": "进城务工人员",
    "tekun": "特困人员",
    "dibao": "最低生活保障家庭",
    "dibao_edge": "低保边缘家庭",
    "rigid_expense_household": "刚性支出困难家庭",
    "disaster_victim": "受灾人员",
    "judicial_relief": "司法救助对象",
    "youfu": "优抚对象",
    "veteran": "退役军人",
    "military": "军人",
    "military_family": "军属",
}
KIN: Final = (
    "spouse", "mother", "father", "guardian", "child", "sibling",
    "grandmother", "grandfather", "grandchild", "aunt", "uncle", "other",
)  # fmt: skip
STAGES: Final = (
    "investigation", "prosecution_review", "private_prosecution_accepted", "trial_ordinary",
    "trial_simplified", "fast_track", "second_instance", "death_review_high_court",
    "death_review_spc", "crime_during_suspended_death", "in_absentia_trial",
)  # fmt: skip
OLDEST, YOUNGEST_DATE = dt.date(1949, 10, 1), dt.date(2100, 12, 31)
# Nobody's month: beyond it a figure is a slip of the finger.
MOST_MONEY: Final = 1e9

_MEANS = ("LAL 34", "LAL 41")
_ROWS: Final = (
    Fact("region", "region", "向哪个地方的法律援助机构申请", cites=("LAL 34", "LAL 38")),
    Fact("apply_date", "date", "申请日期", cites=("LAL 71",)),
    Fact("pending_on", "date", "申请仍未决定的日期", cites=("LAL 71",)),
    Fact("stage", "enum", "申请进行到哪一步", ("applying", "under_review", "refused", "in_aid"),
         taken_as="applying"),
    Fact("event", "enum", "这一步发生了什么",
         ("hired_lawyer", "fraud_found", "false_evidence", "illegal_use", "means_changed",
          "case_ended", "asked_to_end", "no_supplement", "objection"), taken_as="none",
         cites=("LAL 48(1)", "LAL 49")),
    Fact("days_since_refusal", "int", "收到不予援助决定后过了几天", low=0, high=36500,
         cites=("LAL 49", "PR2023 22 (R-high)")),
    Fact("party", "enum", "申请人是个人还是单位",
         ("natural_person", "sole_trader", "company", "other_org"), taken_as="natural_person",
         cites=("LAL 2",)),
    Fact("nationality", "enum", "国籍", ("cn", "foreign", "stateless"), taken_as="cn",
         cites=("LAL 69",)),
    Fact("age", "int", "年龄", low=0, high=120, taken_as="18-59",
         cites=("LAL 25(1)(1)", "LAL 40(1)", "LAL 42(1)")),
    Fact("age_at_act", "int", "行为时的年龄", low=0, high=120),
    Fact("self_supporting", "bool", "是否以自己的劳动收入为主要生活来源"),
    Fact("disability", "enum", "残疾情况", ("none", "vision", "hearing", "speech", "other"),
         taken_as="none", cites=("LAL 25(1)(2)", "LAL 42(1)")),
    Fact("mental_capacity", "enum", "能否辨认自己的行为", ("normal", "impaired"),
         taken_as="normal", cites=("LAL 25(1)(3)", "LAL 40(1)")),
    Fact("groups", "list", "属于哪些特殊群体", tuple(GROUPS), taken_as=(), cites=("LAL 42",)),
    Fact("docs", "list", "手头有哪些身份证明", (*GROUPS, "disability"), taken_as=(),
         cites=("LAL 42",)),
    Fact("hukou", "enum", "户口是城镇还是农村", ("urban", "rural"), cites=_MEANS),
    Fact("applicant_by", "enum", "由谁来申请", ("self", *KIN), taken_as="self",
         cites=("LAL 40(1)",)),
    Fact("role", "enum", "在案件里是哪一方",
         ("suspect", "defendant", "defendant_unit", "compulsory_treatment_respondent", "victim",
          "private_prosecutor", "incidental_civil_plaintiff", "claimant", "respondent"),
         taken_as="claimant", cites=("LAL 24", "LAL 29", "LAL 31")),
    Fact("lawyer", "bool", "是否已经请了律师或代理人",
         cites=("LAL 24", "LAL 29", "LAL 31", "LAL 48(1)(6)")),
    Fact("criminal_stage", "enum", "刑事案件到了哪个阶段", STAGES,
         cites=("LAL 25(1)(5)", "LAL 25(1)(6)", "LAL 25(2)", "LAL 29", "CPL 46(1)")),
    Fact("possible_sentence", "enum", "可能判处的最重刑罚", ("fixed_term", "life", "death"),
         cites=("LAL 25(1)(4)", "CPL 35(3)")),
    Fact("detained", "bool", "是否被羁押、服刑或强制隔离戒毒", taken_as=False,
         cites=("LAL 40(2)",)),
    Fact("applied", "bool", "是否申请法律援助", taken_as=True,
         cites=("LAL 24", "LAL 25(1)(5)")),
    Fact("codefendant_has_lawyer", "bool", "同案被告人是否已有辩护人"),
    Fact("other_reason", "enum", "没有请辩护人的其他原因",
         ("cannot_reach_family", "guardian_refuses", "other"), taken_as="none",
         cites=("LAL 24",)),
    Fact("source", "enum", "从哪里来", ("web", "wechat", "hotline", "110_transfer")),
    Fact("request", "enum", "想要什么帮助",
         ("representation", "advice", "mediation", "notarization", "duty_lawyer"),
         taken_as="representation", cites=("LAL 22", "LAL 23")),
    Fact("danger", "enum", "现在有没有危险", ("none", "violence_now", "life", "crime_now"),
         taken_as="none", cites=("DVL 13", "DVL 15", "国办发〔2022〕12号 (V2)")),
    Fact("violence", "enum", "有没有家庭暴力、虐待或遗弃", ("none", "suffered", "committed"),
         taken_as="none", cites=("LAL 32(4)",)),
    Fact("matter", "enum", "为什么事", tuple(MATTERS), cites=("LAL 31", "LAL 32")),
    Fact("opponent_type", "enum", "对方是个人、单位还是机关",
         ("natural_person", "company", "organ")),
    Fact("opponent_relation", "enum", "对方是您的什么人",
         ("none", "spouse", "former_spouse", "cohabiting_partner", "father", "mother",
          "guardian", "child", "sibling", "other_family"), taken_as="none",
         cites=("LAL 40(1)",)),
    Fact("opponent_in_household", "bool", "对方是否与您同住一户",
         cites=("PR2023 18(2) (R-high)", *_MEANS)),
    Fact("martyr_relation", "enum", "与英雄烈士的关系",
         ("none", "spouse", "parent", "child", "sibling", "grandparent", "grandchild", "nephew",
          "other"), taken_as="none", cites=("LAL 32(1)", "CC 1045")),
    Fact("ground", "enum", "国家赔偿的事由",
         ("retrial_acquittal", "first_instance_acquittal", "non_prosecution_after_arrest",
          "other"), cites=("LAL 32(3)", "LAL 31(1)")),
    Fact("act_recognised", "bool", "见义勇为是否已经认定", cites=("SD 9",)),
    Fact("amount", "number", "争议金额", low=0, high=1e12),
    Fact("disputed", "bool", "对要公证的事有没有争议", taken_as=False,
         cites=("公证法 31(4)",)),
    Fact("on_the_spot", "bool", "是否当场处罚"),
    Fact("repeat", "enum", "同一件事以前是否申请过",
         ("none", "same_facts_concluded", "withdrawn_reapplied"), taken_as="none",
         cites=("LAL 43(1)",)),
    Fact("retrial_ordered", "bool", "法院是否已决定或裁定再审", cites=("LAL 33",)),
    Fact("protest", "bool", "检察院是否已提出抗诉", cites=("LAL 33",)),
    Fact("income_pc", "number", "家庭人均月收入", low=0, high=MOST_MONEY, cites=_MEANS),
    Fact("household_income", "number", "全家月收入", low=0, high=MOST_MONEY, cites=_MEANS),
    Fact("household_size", "int", "家里共同生活几口人", low=1, high=50, cites=_MEANS),
    Fact("applicant_income", "number", "本人月收入", low=0, high=MOST_MONEY,
         cites=("PR2023 18(2) (R-high)", *_MEANS)),
    Fact("homes", "int", "家里有几套住房", low=0, high=1000, cites=("CFG assets", *_MEANS)),
    Fact("temporary_hardship", "enum", "有没有一时的困难",
         ("serious_illness", "natural_disaster", "force_majeure"), taken_as="none",
         cites=("SD 10",)),
    Fact("days_left", "int", "离时效或期限届满还有几天", low=-36500, high=36500, taken_as=7,
         cites=("LAL 44(1)(1)",)),
    Fact("docs_complete", "bool", "材料是否齐全"),
    Fact("preservation_needed", "bool", "是否需要马上保全或先予执行", taken_as=False,
         cites=("LAL 44(1)(2)",)),
    Fact("employed", "bool", "是否还在对方单位上班"),
    Fact("employment_end", "date", "最后上班的日期"),
    Fact("arrears_from", "date", "从哪天开始欠薪"),
    Fact("limitation_interrupted", "bool", "时效是否中断过(催要、投诉、对方答应)"),
    Fact("accident_date", "date", "事故发生的日期"),
    Fact("known_date", "date", "知道损害或收到决定的日期"),
    Fact("agency_at", "text", "法律援助机构在哪里", cites=("LAL 38",)),
    Fact("forum_at", "text", "办案机关或争议处理机关在哪里", cites=("LAL 38",)),
)  # fmt: skip
FACTS: Final[dict[str, Fact]] = {fact.name: fact for fact in _ROWS}


@dataclass(frozen=True, slots=True)
class Facts:
    """What was told. A name with None was asked and is not known; an absent one was not asked."""

    told: Mapping[str, Value | None]

    def __iter__(self) -> Iterator[str]:
        return iter(self.told)

    def get(self, name: str) -> Value | None:
        return self.told.get(name)

    def to_dict(self) -> dict[str, Any]:
        """As JSON carries it; `parse_facts` reads it back."""
        return {name: plain(value) for name, value in self.told.items()}


def parse_facts(raw: Mapping[str, Any]) -> Facts:
    """Check every name, type and value; the first that is wrong is named."""
    if not isinstance(raw, Mapping):
        raise FactError("facts", "应当是一组“名称：值”。")
    told: dict[str, Value | None] = {}
    for name, value in raw.items():
        fact = FACTS.get(name) if isinstance(name, str) else None
        if fact is None:
            raise FactError(str(name)[:60], "没有这一项信息。")
        told[name] = None if value is None else _READ[fact.type](fact, value)
    _agree(told)
    return Facts(told)


# Which stage an event belongs to; told otherwise, one of the two is wrong.
_STAGE_OF: Final = {"no_supplement": ("under_review",), "objection": ("refused", "in_aid")}


def _agree(told: dict[str, Value | None]) -> None:
    """What cannot be true together is said, not guessed away: the later fact is named."""
    day = {name: value for name, value in told.items() if isinstance(value, dt.date)}
    for later, earlier in _IN_ORDER:
        if later in day and earlier in day and day[later] < day[earlier]:
            wrong, other = (later, earlier) if later in _NAMED else (earlier, later)
            word = "早于" if wrong == later else "晚于"
            raise FactError(wrong, f"{FACTS[wrong].label}不能{word}{FACTS[other].label}。")
    end, today = day.get("employment_end"), day.get("apply_date")
    if end and today:
        if told.get("employed") is True and end < today:
            raise FactError("employment_end", "还在上班，最后上班的日期就不能已经过去。")
        if told.get("employed") is not True and end > today:
            raise FactError("employment_end", "最后上班的日期还没有到。")
    age, then = told.get("age"), told.get("age_at_act")
    if isinstance(age, int) and isinstance(then, int) and then > age:
        raise FactError("age_at_act", "行为时的年龄不能大于现在的年龄。")
    event, stage = told.get("event"), told.get("stage")
    if isinstance(event, str) and isinstance(stage, str):
        if stage not in _STAGE_OF.get(event, ("in_aid",)):
            raise FactError("event", "和申请进行到的步骤对不上。")


# (not before, this one); the one in _NAMED is the one to correct.
_IN_ORDER: Final = (
    ("pending_on", "apply_date"), ("apply_date", "accident_date"), ("apply_date", "known_date"),
    ("apply_date", "arrears_from"), ("known_date", "accident_date"),
    ("employment_end", "arrears_from"),
)  # fmt: skip
_NAMED: Final = frozenset({"pending_on", "known_date"})


def _enum(fact: Fact, value: Any) -> Value:
    if not isinstance(value, str):
        raise FactError(fact.name, f"{fact.label}应当是一个词，不是{_kind(value)}。")
    if value not in fact.values:
        raise FactError(fact.name, f"{fact.label}不能是“{value[:40]}”，可选：{_choices(fact)}。")
    return value


def _list(fact: Fact, value: Any) -> Value:
    if not isinstance(value, (list, tuple)):
        raise FactError(fact.name, f"{fact.label}应当是一个列表，不是{_kind(value)}。")
    return tuple(dict.fromkeys(str(_enum(fact, word)) for word in value))


def _bool(fact: Fact, value: Any) -> Value:
    if not isinstance(value, bool):
        raise FactError(fact.name, f"{fact.label}应当是“是”或“否”(true、false)。")
    return value


def _number(fact: Fact, value: Any) -> Value:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise FactError(fact.name, f"{fact.label}应当是数字，不是{_kind(value)}。")
    if isinstance(value, float) and not math.isfinite(value):
        raise FactError(fact.name, f"{fact.label}应当是普通的数字。")
    return _in_range(fact, value)


def _int(fact: Fact, value: Any) -> Value:
    if isinstance(value, bool) or not isinstance(value, int):
        raise FactError(fact.name, f"{fact.label}应当是整数，不是{_kind(value)}。")
    return _in_range(fact, value)


def _in_range(fact: Fact, value: float) -> float:
    if fact.low is not None and value < fact.low:
        raise FactError(fact.name, f"{fact.label}不能小于{fact.low:g}。")
    if fact.high is not None and value > fact.high:
        raise FactError(fact.name, f"{fact.label}不能大于{fact.high:.0f}。")
    if fact.name == "amount" and value == 0:
        raise FactError(fact.name, f"{fact.label}应当大于0。")
    return value


def _date(fact: Fact, value: Any) -> Value:
    if isinstance(value, dt.datetime):
        raise FactError(fact.name, f"{fact.label}应当是日期，不带时间。")
    if isinstance(value, dt.date):
        day = value
    else:
        try:
            # fromisoformat also reads 20260910; the wire format is one.
            if not isinstance(value, str) or len(value) != 10:
                raise ValueError
            day = dt.date.fromisoformat(value)
        except ValueError:
            raise FactError(
                fact.name, f"{fact.label}应当是真实的日期，写成“年-月-日”，如 2026-09-10。"
            ) from None
    if not OLDEST <= day <= YOUNGEST_DATE:
        raise FactError(fact.name, f"{fact.label}不在合理的年份里。")
    return day


def _text(fact: Fact, value: Any) -> Value:
    if not isinstance(value, str) or not value.strip() or len(value) > 100:
        raise FactError(fact.name, f"{fact.label}应当是不超过100字的文字。")
    return value.strip()


_READ: Final = {
    "enum": _enum, "list": _list, "bool": _bool, "int": _int, "number": _number, "date": _date,
    "text": _text, "region": _text,
}  # fmt: skip


def plain(value: Value | None) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "是否"
    if isinstance(value, (int, float)):
        return "数字"
    if isinstance(value, str):
        return "文字"
    return "列表" if isinstance(value, (list, tuple)) else "一组数据"


def _choices(fact: Fact) -> str:
    shown = "、".join(fact.values[:12])
    return shown + ("…" if len(fact.values) > 12 else "")
