"""Facts told unasked. Unsure means left out: the engine asks what it needs."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from actions import figures
from actions.people import head_count
from actions.sums import OWN
from actions.told_case import LABOUR_LABELS, case, work
from actions.told_family import FAMILY_LABELS, family
from actions.told_person import person

_OWN_LAWYER = re.compile(
    r"(?:我|我们|家里|已经|自己)(?:已经|也|都)?(?:请|找|委托)了(?:个|一个|一位)?律师|"
    r"律师已经(?:请|委托)|我(?:的|们)?律师(?:说|已|讲|在)"
)
_NO_LAWYER = re.compile(
    r"(?:没|没有|还没|未)(?:请|找|委托)(?:过)?律师|请不起律师|没(?:有)?律师|"
    r"没钱请(?:律师)?|律师(?:也)?(?:请不起|没请)|请不起|"
    r"(?:要不要|该不该|需不需要|用不用|想)(?:花钱|自己|找|去)*请(?:个|一个)?律师"
)
_THEIRS = re.compile(
    r"(?:对方|他|她|他们|公司|老板|单位)[^，。；,;]{0,4}(?:请|找|有|没)[^，。；"
    r",;]{0,4}律师"
)


def read(
    text: str, label: str | None, details: dict[str, Any], spans: dict[str, Any], today: dt.date
) -> dict[str, Any]:
    """Facts in one message, whatever was asked."""
    facts: dict[str, Any] = {}
    for reader in (_lawyer, family, person, _household, case, work, _wish):
        facts |= reader(text, label, details, spans, today)
    return facts


def _lawyer(text: str, *_: Any) -> dict[str, Any]:
    if _THEIRS.search(text):
        return {}
    if _NO_LAWYER.search(text):
        return {"lawyer": False}
    return {"lawyer": True} if _OWN_LAWYER.search(text) else {}


def _household(text: str, label: str | None, details: dict[str, Any], *_: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    size = head_count(text)
    if size:
        facts["household_size"] = size
    for sum_ in figures.money(text):
        if sum_.per == "day":
            continue
        around = re.split(r"[，。；,;\s]", text[: sum_.start])[-1] + text[sum_.start : sum_.end + 8]
        earned = re.search(r"收入|挣|赚|退休金|养老金|低保金|补助|补贴|工资", around)
        own = label in FAMILY_LABELS and OWN.fullmatch(around.split(sum_.words)[0])
        home = re.search(r"全家|家里|一家|我们家", around) or (size and "我" not in around)
        if (
            home
            and (earned or sum_.per)
            and "欠" not in around
            and (earned or size or label not in LABOUR_LABELS or re.search(r"全家|家里", around))
        ):
            facts["household_income"] = figures.monthly(sum_)
        elif (
            (
                earned
                or own
                or (sum_.per == "month" and re.search(r"我(?:自己)?(?:一个月|每月|每个月)", around))
            )
            and (label not in LABOUR_LABELS or (earned and earned[0] != "工资"))
            and not re.search(
                r"他|她|对方|老公|老婆|丈夫|妻子|前夫|前妻|欠|拖", around.rpartition("我")[2]
            )
        ):
            facts["applicant_income"] = figures.monthly(sum_)
        elif (
            details.get("for_whom")
            and sum_.per == "month"
            and label not in LABOUR_LABELS
            and re.search(r"(?:他|她|爷爷|奶奶|老人)(?:一个月|每月|每个月)", around)
        ):
            facts["applicant_income"] = figures.monthly(sum_)
        if sum_.per == "month" and re.search(
            r"就(?:靠)?我(?:一个)?(?:人)?(?:挣钱|上班|有工作)", text
        ):
            facts["household_income"] = figures.monthly(sum_)
    if re.search(
        (
            r"(?:我|现在|目前|家里|全家)[^，。；,;]{0,4}(?:没(?:有)?(?:收入|工作|生活来源)|"
            r"下岗|失业)"
        ),
        text,
    ) and ("applicant_income" not in facts):
        facts["household_income" if re.search(r"家里|全家", text) else "applicant_income"] = 0
    return facts


_WRONGED = re.compile(
    r"没(?!有?工作)|不(?!到|足|多|够)|欠|拖|扣|停|少(?!于)|取消|断|告|赔|退(?!休)|差|骗|怎么|吗"
)
BRIEF = 20  # characters; who says more tells more than an income


def only_means(text: str) -> bool:
    """我一个月低保三百八: what somebody lives on, and no trouble about it."""
    told = _household(text, None, {})
    return (
        len(text) <= BRIEF
        and not _WRONGED.search(text)
        and ("household_income" in told or "applicant_income" in told)
    )


_GO_BETWEEN = re.compile(
    r"(?<!没)有人(?:出来|出面|从中|居中|来|帮我|替我|(?:跟|和)(?:他|她|他们|她们|对方))+(?:说|谈|劝|讲)"
)
_NO_QUARREL = re.compile(
    r"(?:不想|不愿意?)[^，。;；]{0,5}(?:翻脸|闹僵|闹大|撕破脸|伤和气|打官司|上法院|告(?:他|她|人))|以和为贵"
)


def _wish(text: str, *_: Any) -> dict[str, Any]:
    wish = re.search(
        (
            r"(?:先|能|想|最好|愿意|可以|希望|帮我|找人|还是|试试|有人|帮忙)[^，。；"
            r",;不没]{0,6}(?:调解|说和|说开|坐下来谈|好好商量|私下?了|和解|协商解决|(?:说说|谈谈|劝劝|讲讲)(?:就行|就好|最好|和))"
        ),
        text,
    )
    wish = wish or _GO_BETWEEN.search(text)
    wish = wish or _NO_QUARREL.search(text)
    wish = wish or re.search(r"(?:说开|谈开|坐下来谈)(?:了)?(?:最好|就好)", text)
    if wish and not re.search(
        r"(?:不(?:想|愿意?|同意|能|接受)|拒绝)[^，。；,;]{0,4}(?:调解|说和|谈|和解)|"
        r"(?:调解|说和|和解)[^，。；,;]{0,4}(?:没用|没成|不成|失败|不了)",
        text,
    ):
        return {"request": "mediation"}
    return (
        {"request": "advice"}
        if re.search(r"(?:只|就)是?想?(?:问问|咨询一下|了解一下|问一下)(?:$|[，。])", text)
        else {}
    )
