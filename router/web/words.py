"""Chinese for what the pages show: values of facts, labels, outcomes, statuses.

Facts' own labels are in router/eligibility/facts.py; here are only the words for their values.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from router.clock import CHINA
from router.destinations.labels import LABELS
from router.eligibility.facts import FACTS, GROUPS, MATTERS

VALUES: Final[dict[str, dict[str, str]]] = {
    "stage": {
        "applying": "准备申请", "under_review": "正在审查", "refused": "被拒绝了",
        "in_aid": "正在接受援助",
    },
    "event": {
        "hired_lawyer": "自己请了律师", "fraud_found": "查出弄虚作假",
        "false_evidence": "隐瞒事实、假证据", "illegal_use": "用来从事违法活动",
        "means_changed": "经济状况变好", "case_ended": "案件终止", "asked_to_end": "要求终止",
        "no_supplement": "没有按要求补材料", "objection": "对不予援助有异议",
    },
    "party": {
        "natural_person": "个人", "sole_trader": "个体工商户", "company": "公司",
        "other_org": "其他组织",
    },
    "nationality": {"cn": "中国", "foreign": "外国", "stateless": "无国籍"},
    "disability": {
        "none": "没有", "vision": "视力", "hearing": "听力", "speech": "言语", "other": "其他",
    },
    "mental_capacity": {"normal": "能够辨认", "impaired": "不能或不能完全辨认"},
    "groups": GROUPS,
    "docs": {**GROUPS, "disability": "残疾证"},
    "hukou": {"urban": "城镇", "rural": "农村"},
    "applicant_by": {
        "self": "本人", "spouse": "配偶", "mother": "母亲", "father": "父亲",
        "guardian": "监护人", "child": "子女", "sibling": "兄弟姐妹",
        "grandmother": "祖母或外祖母", "grandfather": "祖父或外祖父",
        "grandchild": "孙子女或外孙子女", "aunt": "姑、姨", "uncle": "叔、舅", "other": "其他人",
    },
    "role": {
        "suspect": "犯罪嫌疑人", "defendant": "被告人", "defendant_unit": "被告单位",
        "compulsory_treatment_respondent": "强制医疗被申请人", "victim": "被害人",
        "private_prosecutor": "自诉人", "incidental_civil_plaintiff": "附带民事诉讼原告人",
        "claimant": "提出要求的一方", "respondent": "被要求的一方",
    },
    "criminal_stage": {
        "investigation": "侦查", "prosecution_review": "审查起诉",
        "private_prosecution_accepted": "自诉已受理", "trial_ordinary": "一审（普通程序）",
        "trial_simplified": "一审（简易程序）", "fast_track": "一审（速裁程序）",
        "second_instance": "二审", "death_review_high_court": "高级法院死刑复核",
        "death_review_spc": "最高法院死刑复核",
        "crime_during_suspended_death": "死缓期间故意犯罪", "in_absentia_trial": "缺席审判",
    },
    "possible_sentence": {"fixed_term": "有期徒刑或更轻", "life": "无期徒刑", "death": "死刑"},
    "other_reason": {
        "cannot_reach_family": "联系不上家属", "guardian_refuses": "监护人不肯请",
        "other": "其他原因",
    },
    "source": {
        "web": "网页", "wechat": "微信", "hotline": "12348 热线", "110_transfer": "110 转来",
    },
    "request": {
        "representation": "请律师代理", "advice": "咨询", "mediation": "调解",
        "notarization": "公证", "duty_lawyer": "值班律师帮助",
    },
    "danger": {
        "none": "没有", "violence_now": "正在遭受暴力或威胁", "life": "有生命危险",
        "crime_now": "犯罪正在发生",
    },
    "violence": {"none": "没有", "suffered": "受到", "committed": "对别人做过"},
    "matter": MATTERS,
    "opponent_type": {"natural_person": "个人", "company": "单位", "organ": "机关"},
    "opponent_relation": {
        "none": "没有亲属关系", "spouse": "配偶", "former_spouse": "前配偶",
        "cohabiting_partner": "同居的人", "father": "父亲", "mother": "母亲",
        "guardian": "监护人", "child": "子女", "sibling": "兄弟姐妹",
        "other_family": "其他家庭成员",
    },
    "martyr_relation": {
        "none": "没有亲属关系", "spouse": "配偶", "parent": "父母", "child": "子女",
        "sibling": "兄弟姐妹", "grandparent": "祖父母或外祖父母",
        "grandchild": "孙子女或外孙子女", "nephew": "侄子女或外甥", "other": "其他",
    },
    "ground": {
        "retrial_acquittal": "再审改判无罪", "first_instance_acquittal": "一审判无罪",
        "non_prosecution_after_arrest": "逮捕后不起诉", "other": "其他",
    },
    "repeat": {
        "none": "没有", "same_facts_concluded": "同一事实已经办结",
        "withdrawn_reapplied": "撤回后又申请",
    },
    "temporary_hardship": {
        "serious_illness": "重病", "natural_disaster": "自然灾害", "force_majeure": "不可抗力",
    },
}  # fmt: skip
UNITS: Final = {
    "age": "岁", "age_at_act": "岁", "days_since_refusal": "天", "days_left": "天", "amount": "元",
    "income_pc": "元/月", "household_income": "元/月", "applicant_income": "元/月",
    "household_size": "人", "homes": "套",
}  # fmt: skip

GROUP_LABELS: Final = {
    **GROUPS, "minor": "未成年人", "elderly": "老年人", "disabled_or_mental": "残疾或精神障碍",
    "woman": "妇女", "soldier_veteran": "军人、退役军人或军属",
}  # fmt: skip
DETAILS: Final = {
    "amount": "金额", "region": "地点", "evidence": "手里的凭证", "time": "时间",
    "groups": "身份", "ask": "想要", "opponent": "对方", "note": "补充", "money": "提到的钱数",
    "danger": "危险", "party": "谁来求助",
}  # fmt: skip

# outcome -> (tone, headline for the citizen)
OUTCOMES: Final[dict[str, tuple[str, str]]] = {
    "EMERGENCY_110": ("danger", "请先拨打 110，保证安全"),
    "ELIGIBLE": ("good", "看起来符合法律援助条件"),
    "NO_HARDSHIP": ("good", "看起来符合条件，不看家里经济情况"),
    "EXEMPT_VERIFICATION": ("good", "看起来符合条件，不用核查经济困难"),
    "URGENT": ("good", "情况紧急，可以请求先给援助、后补材料"),
    "MUST_NOTIFY": ("good", "办案机关应当通知指派律师，不用申请"),
    "MAY_NOTIFY": ("good", "可以请法院通知指派律师"),
    "DUTY_LAWYER": ("info", "可以马上得到值班律师的帮助"),
    "TRANSFER": ("info", "应当向另一地的法律援助机构申请"),
    "ROUTE": ("info", "这件事有专门的机构办理"),
    "CONSULT": ("info", "可以得到免费的法律咨询"),
    "NEED_FACTS": ("warn", "还差一些情况才能判断"),
    "NEED_AGENCY": ("warn", "需要法律援助机构的工作人员来判断"),
    "HAS_LAWYER": ("warn", "已经有律师，一般不再指派"),
    "NOT_MEANS": ("warn", "按您说的收入，可能不符合经济困难标准"),
    "OUT_OF_SCOPE": ("warn", "这件事可能不在法律援助代理的范围"),
    "TERMINATE": ("warn", "法律援助可能终止"),
    "WITHDRAWN": ("warn", "申请可能视为撤回"),
    "REMEDY": ("info", "可以对决定提出异议"),
}
URGENCY: Final = {0: ("danger", "危险"), 1: ("warn", "紧急"), 2: ("", "普通")}
WHO: Final = {"citizen": "当事人", "bot": "智能助手", "lawyer": "值班律师", "system": "系统"}


def value_of(name: str, value: object) -> str:
    """A fact's value in words; an absent answer is "not known", never "no"."""
    if value is None:
        return "说不清楚"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (list, tuple)):
        return "、".join(value_of(name, one) for one in value) or "没有"
    word = VALUES.get(name, {}).get(str(value), str(value))
    if isinstance(value, (int, float)):
        word = f"{value:,.10g}"
    return f"{word} {UNITS[name]}" if name in UNITS else word


LAST: Final = ("region", "apply_date", "pending_on", "source")  # said to few, asked by nobody


def facts_of(
    intake: Mapping[str, Any],
    regions: Mapping[str, str],
    hidden: frozenset[str] = frozenset(),
) -> list[tuple[str, str]]:
    """Label and value of everything an intake holds: the engine's facts, then free details."""
    label = LABELS.get(intake.get("label") or "", "")
    rows = [("事情类别", label)] if label else []
    facts = intake.get("facts") or {}
    order = [name for name in FACTS if name not in LAST] + list(LAST)
    for name in sorted(facts.keys() & FACTS.keys() - hidden, key=order.index):
        value = value_of(name, facts[name])
        if name == "region":
            value = regions.get(value, value)
        if not (name == "matter" and value == label):
            rows.append((FACTS[name].label, value))
    for name, value in (intake.get("details") or {}).items():
        shown = _detail(name, value)
        if shown and name in DETAILS and not facts.get(name):
            rows.append((DETAILS[name], shown))
    return rows


def _detail(name: str, value: object) -> str:
    if isinstance(value, (list, tuple)):
        return "、".join(filter(None, (_detail(name, one) for one in value)))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:,.10g}" + (" 元" if name in {"amount", "money"} else "")
    text = "" if value is None else str(value)
    return GROUP_LABELS.get(text, text) if name == "groups" else text


def clock_time(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%H:%M}"


def day_time(moment: datetime) -> str:
    at = moment.astimezone(CHINA)
    return f"{at.month}月{at.day}日 {at:%H:%M}"


def age_of(moment: datetime, now: datetime) -> str:
    """How long ago, as coarse as a person would say it."""
    minutes = max(int((now - moment).total_seconds()), 0) // 60
    if minutes < 1:
        return "不到 1 分钟"
    if minutes < 60:
        return f"{minutes} 分钟"
    if minutes < 24 * 60:
        return f"{minutes // 60} 小时 {minutes % 60} 分"
    return f"{minutes // (24 * 60)} 天"


_NOTATION = re.compile(
    r"\s*[(（][A-Z][A-Za-z0-9-]*(?:[ =][^()（）]*(?:\([^()（）]*\)[^()（）]*)*)?[)）]"
)


def plain(text: str) -> str:
    """Without the engine's shorthand for citations, e.g. (LDL 27(4)): the articles are below."""
    return _NOTATION.sub("", text)
