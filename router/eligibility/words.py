"""Chinese for the values of facts and for outcomes."""

from __future__ import annotations

import re
from typing import Final

from router.eligibility.facts import GROUPS, MATTERS

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

HEADLINES: Final = {
    "EMERGENCY_110": "请先拨打 110，保证安全",
    "ELIGIBLE": "看起来符合法律援助条件",
    "NO_HARDSHIP": "看起来符合条件，不看家里经济情况",
    "EXEMPT_VERIFICATION": "看起来符合条件，不用核查经济困难",
    "URGENT": "情况紧急，可以请求先给援助、后补材料",
    "MUST_NOTIFY": "办案机关应当通知指派律师，不用申请",
    "MAY_NOTIFY": "可以请法院通知指派律师",
    "DUTY_LAWYER": "可以马上得到值班律师的帮助",
    "TRANSFER": "应当向另一地的法律援助机构申请",
    "ROUTE": "这件事有专门的机构办理",
    "CONSULT": "可以得到免费的法律咨询",
    "NEED_FACTS": "还差一些情况才能判断",
    "NEED_AGENCY": "需要法律援助机构的工作人员来判断",
    "HAS_LAWYER": "已经有律师，一般不再指派",
    "NOT_MEANS": "按您说的收入，可能不符合经济困难标准",
    "OUT_OF_SCOPE": "这件事可能不在法律援助代理的范围",
    "TERMINATE": "法律援助可能终止",
    "WITHDRAWN": "申请可能视为撤回",
    "REMEDY": "可以对决定提出异议",
}


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


_NOTATION = re.compile(
    r"\s*[(（][A-Z][A-Za-z0-9-]*(?:[ =][^()（）]*(?:\([^()（）]*\)[^()（）]*)*)?[)）]"
)


def plain(text: str) -> str:
    """Without the engine's shorthand for citations, e.g. (LDL 27(4)): the articles are shown."""
    return _NOTATION.sub("", text)
