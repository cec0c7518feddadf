"""Told unasked of the case: dates, the stage of a criminal case, the job it is about."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from actions import answers, days, figures

LABOUR_LABELS = {"labour_pay", "labour_other", "work_injury"}


def case(
    text: str, label: str | None, details: dict[str, Any], spans: dict[str, Any], today: dt.date
) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if label == "criminal":
        facts |= _criminal(text)
    elif re.search(
        (
            r"(?:起诉|告)我(?:了|，|,|。|$)|把我(?:给)?(?:告|起诉)|我(?:是|成了?|当了?)被告|"
            r"收到(?:法院)?(?:的)?传票|要告我|他们要告"
        ),
        text,
    ):
        facts["role"] = "respondent"
    left = re.search(
        (
            r"(?:还有|只剩|剩下?)([\d一二两三四五六七八九十]+)天(?:就)?(?:[^，。；"
            r",;]{0,6})(?:到期|截止|过期|上诉期|时效|期满)"
        ),
        text,
    )
    if left and (number := figures.value(left[1])) is not None:
        facts["days_left"] = int(number)
    if re.search(r"(?:正在|在|要|偷偷)(?:偷偷|悄悄)?(?:转移财产|卖房跑|转移资产|变卖)", text):
        facts["preservation_needed"] = True
    if label in (
        "traffic_accident",
        "work_injury",
        "medical",
        "injury_tort",
        "food_drug_environment",
    ):
        paper = r"认定|出院|通知|判决|鉴定|裁决|报告"
        happened = [c for c in re.split(r"[，。；;\s]", text) if not re.search(paper, c)]
        when = days.day("，".join(happened), today)
        if when:
            facts["accident_date"] = when.isoformat()
    if label == "state_compensation" and (ground := answers.by_table("ground", text)):
        facts["ground"] = ground
    if re.search(r"(?:法院)?(?:已经)?(?:决定|裁定)再审", text):
        facts["retrial_ordered"] = True
    return facts


_RELEASED = re.compile(
    r"(?<!能)(?<!想)(?<!请)(?<!可以)(?<!要)(?<!办)取保(?:候审)?"
    r"(?:了|出来|在家|,|，|$|[一二两三半几\d]+(?:个月|年|天))|"
    r"监视居住|放(?:了|出来)|没(?:有)?被?关"
)
_HELD = re.compile(
    r"看守所|(?<!没有)(?<!没)(?<!未)(?:刑(?:事)?拘|被?逮捕|批捕)|关(?:着|进|在|了)|羁押|抓进去"
)
_STAGES = [
    ("second_instance", r"二审|上诉"),
    ("fast_track", r"速裁"),
    ("trial_simplified", r"简易程序"),
    ("trial_ordinary", r"普通程序"),
    ("prosecution_review", r"(?:到|移送|在)(?:了)?检察院(?!.{0,4}起诉)|审查起诉"),
]
_INVESTIGATED = (
    r"刑(?:事)?拘|拘留|公安(?:局)?(?:还|正)?在(?:查|侦)|派出所(?:带|抓)|被(?:派出所|"
    r"公安|警察)|批捕|逮捕|侦查|刚被抓"
)
# at a court of first instance, by which procedure nobody has said yet
AT_COURT = r"判了|开庭|法院|起诉了|一审"


def at_court(text: str) -> bool:
    """Whether a criminal case is at trial: by which procedure is still to be asked."""
    return bool(
        re.search(r"开庭|(?:到|在)(?:了)?法院|起诉到|法院(?:还没|要|已经)", text)
    ) and not any(re.search(words, text) for _, words in _STAGES)


def _criminal(text: str) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if _RELEASED.search(text):
        facts["detained"] = False
    elif _HELD.search(text):
        facts["detained"] = True
    for stage, words in _STAGES:
        if re.search(words, text):
            facts["criminal_stage"] = stage
            break
    else:
        if re.search(_INVESTIGATED, text) and not re.search(AT_COURT, text):
            facts["criminal_stage"] = "investigation"
    if re.search(r"死刑|死缓", text):
        facts["possible_sentence"] = "death"
    elif re.search(r"无期", text):
        facts["possible_sentence"] = "life"
    return facts


def work(
    text: str, label: str | None, details: dict[str, Any], spans: dict[str, Any], today: dt.date
) -> dict[str, Any]:
    if label not in LABOUR_LABELS:
        return {}
    facts: dict[str, Any] = {}
    left = re.search(
        (
            r"(?:已经|都|上个月|刚|后来)?(?:离职|辞职了|辞了职|被辞退|辞退了|被开除|开除了|"
            r"不干了|走的|走人了|炒了)"
        ),
        text,
    )
    if left and not re.search(r"想(?:要)?(?:辞职|离职)|要不要(?:辞|离)", text):
        facts["employed"] = False
        when = days.day(text, today)
        if when:
            facts["employment_end"] = when.isoformat()
    elif re.search(r"还在(?:上班|公司|厂里|干)|现在还(?:在)?(?:上班|干)", text):
        facts["employed"] = True
    started = re.search(
        r"从([^，。；,;]{1,10}?)(?:开始|起|到现在)[^，。；,;]{0,6}(?:没|不|就没)", text
    )
    if label == "labour_pay" and started:
        when = days.day(started[1], today)
        if when:
            facts["arrears_from"] = when.isoformat()
    if re.search(
        (
            r"(?:一直|多次|天天|每个月|去年|今年|上个月)?(?:在)?(?:催过|要过|讨过|催了|"
            r"要了(?:好)?几次|投诉过|去劳动局|答应(?:过)?.{0,6}给)"
        ),
        text,
    ):
        facts["limitation_interrupted"] = True
    return facts
