"""Told unasked of the person to be helped: age, statuses and their papers, what they lack."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from actions import kin
from actions.told_case import LABOUR_LABELS
from bot.language.groups import STATUSES, of_another
from bot.language.numbers import flat


def person(
    text: str, label: str | None, details: dict[str, Any], spans: dict[str, Any], today: dt.date
) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    helped = kin.for_whom(text, label)
    if helped and details.get("for_whom", helped[0]) != helped[0]:
        helped = None  # somebody else of the family
    if label == "criminal":  # only for somebody in custody do kin apply; else they speak for them
        if re.search(r"我是(?:他|她|孩子)?的?(?:妈|母亲)", text):
            facts["applicant_by"] = "mother"
        elif re.search(r"我是(?:他|她|孩子)?的?(?:爸|父亲)", text):
            facts["applicant_by"] = "father"
        elif helped and helped[1]:
            facts["applicant_by"] = helped[1]
    age = kin.age(text, (helped[0] if helped else None) or details.get("for_whom"))
    if age is not None:
        facts["age"] = age
    groups = [name for name, words in STATUSES.items() if _claims(words, text)]
    if (
        label not in LABOUR_LABELS
        and "migrant_worker" in groups
        and not re.search("农民工|务工", text)
    ):
        groups.remove("migrant_worker")
    if groups:
        facts["groups"] = sorted(set(groups))
    docs = [
        name
        for name in ("dibao", "tekun", "veteran", "youfu")
        if re.search(rf"(?:有|带|拿){STATUSES[name]}证|(?:{STATUSES[name]})证(?:有|在|明有)", text)
    ]
    if re.search(r"有残疾证|残疾证有|残疾证在", text):
        docs.append("disability")
        facts["disability"] = "other"
    if docs:
        facts["docs"] = docs
    for kind, words in _DISABILITIES:
        if re.search(words, text) and not of_another(flat(text), *re.search(words, text).span()):
            facts["disability"] = kind
            break
    if re.search(
        r"阿尔茨海默|老年痴呆|失智|植物人|(?:有|得了|患)精神(?:病|分裂)|智力残疾", text
    ) and not re.search(r"(?:对方|他|打我的人)(?:是|有)精神", text):
        facts["mental_capacity"] = "impaired"
    if re.search(r"(?:我|我家|我们)(?:是|就是)?(?:农村户口|农业户口)|户口(?:是|在)农村", text):
        facts["hukou"] = "rural"
    elif re.search(r"城镇户口|城市户口|居民户口", text):
        facts["hukou"] = "urban"
    # a shop may be one person's own: then the law sees a person
    firm = re.search(r"公司|厂|企业|单位|我司", text)
    if (
        firm
        and spans.get("party") == "company"
        and label
        in (
            "company",
            "contract",
            "intellectual_property",
            "debt",
            "maritime",
            "labour_other",
            "criminal",
            "administrative",
        )
    ):
        facts["party"] = "company"
    return facts


_DISABILITIES = [
    ("hearing", r"聋(?!校)|听不见(?!了?声)|听力残疾"),
    ("speech", r"(?<!装)哑巴(?!亏)|不会说话|言语残疾"),
    ("vision", r"盲人|(?:眼睛|双眼|两眼)[^，。]{0,3}(?:看不见|瞎|失明)|视力残疾"),
    ("other", r"(?:肢体|智力|精神)[一二三四]?级?(?:残疾|残)|(?:肢体|智力|精神)[一二三四]级"),
]


def _claims(words: str, text: str) -> bool:
    found = re.search(words, text)
    return (
        found is not None
        and not of_another(flat(text).replace("，", ","), *found.span())
        and not re.search(
            (
                r"(?:没|没有|不是|不算|想办|申请|想吃|办不|想要|取消|停了?|评|能不能|"
                r"怎么)(?:过|了|上|我的|到)?$"
            ),
            text[max(0, found.start() - 6) : found.start()],
        )
        and not re.match(r"[^，。；,;]{0,4}(?:没|不|被取消|停了|办不)", text[found.end() :])
    )


def speaker_age(text: str) -> int | None:
    """我七十一了, of somebody who speaks for another."""
    return kin.age(text, None)
