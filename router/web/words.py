"""Chinese for what the pages show: values of facts, labels, outcomes, statuses.

Facts' own labels are in router/eligibility/facts.py, the words for their values in words.py there.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from router.clock import CHINA
from router.destinations.labels import LABELS
from router.eligibility.facts import FACTS, GROUPS
from router.eligibility.words import HEADLINES, value_of
from router.eligibility.words import plain as plain  # pages say words.plain
from router.tickets.urgency import LABELS as URGENCY_LABELS
from router.tickets.urgency import Urgency

GROUP_LABELS: Final = {
    **GROUPS, "minor": "未成年人", "elderly": "老年人", "disabled_or_mental": "残疾或精神障碍",
    "woman": "妇女", "soldier_veteran": "军人、退役军人或军属",
}  # fmt: skip
DETAILS: Final = {
    "amount": "金额", "region": "地点", "evidence": "手里的凭证", "time": "时间",
    "groups": "身份", "ask": "想要", "opponent": "对方", "note": "补充", "money": "提到的钱数",
    "sender": "转来单位", "sender_number": "对方的编号", "told": "转来的情况",
    "danger": "危险", "party": "谁来求助", "account_owner": "手机或账号是谁的",
    "language": "会说的话",
}  # fmt: skip
ASKS: Final = {  # as bot/language/asks.py hears them
    "advice": "听听意见", "lawyer": "请律师", "legal_aid": "申请法律援助", "status": "问进度",
    "complaint": "投诉、举报", "hotline": "问电话", "documents": "问材料、文书怎么写",
}  # fmt: skip

# outcome -> (tone, headline for the citizen)
_TONES: Final = {
    "EMERGENCY_110": "danger",
    "ELIGIBLE": "good",
    "NO_HARDSHIP": "good",
    "EXEMPT_VERIFICATION": "good",
    "URGENT": "good",
    "MUST_NOTIFY": "good",
    "MAY_NOTIFY": "good",
    "DUTY_LAWYER": "info",
    "TRANSFER": "info",
    "ROUTE": "info",
    "CONSULT": "info",
    "NEED_FACTS": "warn",
    "NEED_AGENCY": "warn",
    "HAS_LAWYER": "warn",
    "NOT_MEANS": "warn",
    "OUT_OF_SCOPE": "warn",
    "TERMINATE": "warn",
    "WITHDRAWN": "warn",
    "REMEDY": "info",
}
OUTCOMES: Final = {name: (_TONES[name], said) for name, said in HEADLINES.items()}
URGENCY: Final = {
    one: ("danger" if one == Urgency.DANGER else "warn" if one < Urgency.ORDINARY else "", label)
    for one, label in URGENCY_LABELS.items()
}
WHO: Final = {"citizen": "当事人", "bot": "智能助手", "lawyer": "值班律师", "system": "系统"}


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
    return {"groups": GROUP_LABELS, "ask": ASKS}.get(name, {}).get(text, text)


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


def of_day(one: date) -> str:
    return f"{one.month}月{one.day}日"
