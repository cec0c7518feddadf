"""Told unasked of the family: violence, who the other side is, whether they share a home."""

from __future__ import annotations

import re
from typing import Any

FAMILY_LABELS = {"domestic_violence", "marriage", "support_custody"}

_KIN = (
    r"(?:老公|丈夫|老婆|妻子|媳妇|爱人|前夫|前妻|前任|男朋友|男友|女友|婆婆|公公|爸|妈|爹|"
    r"父亲|母亲|儿子|女儿|哥|弟|姐|妹|继父|继母|后爸|后妈|他|她|对象|家里人)"
)
_HIT = r"(?:打|抽(?=我|孩子|她|人)|揍|踢|踹|掐|扇|砍|捅|殴打|动手打|家暴|虐待|拿刀|威胁)"
_SUFFERED = re.compile(
    rf"{_KIN}[^，。；,;没不]{{0,10}}{_HIT}(?:了|过|着|伤|死|骂)*(?:我|孩子|女儿|儿子|"
    rf"我妈|我们|她|人)|被{_KIN}?[^，。；,;]{{0,4}}{_HIT}|"
    rf"(?:喝了?酒|喝醉|动不动|经常|天天|老是|总是|一直)[^，。；"
    rf",;]{{0,6}}(?:就)?{_HIT}(?:我|人|孩子)|家暴(?!没)|{_KIN}[^，。；"
    rf",;没不]{{0,6}}要(?:打|杀|砍)死?我|要(?:打|杀|砍|弄)死我|被遗弃|遗弃(?:了)?我"
)
_NO_VIOLENCE = re.compile(
    r"没(?:有)?(?:打过?|动过?手|家暴|人打)|不打(?:我|人)|从(?:来)?没(?:有)?(?:打|动)|"
    r"没有暴力"
)
_COMMITTED = re.compile(r"我(?:也|就|先|把)?(?:打|动手打)了?(?:他|她|老婆|媳妇|老公|孩子)|我家暴")

_OPPONENT = [
    (
        "former_spouse",
        r"前夫|前妻|前老公|前老婆|离了?婚.{0,6}(?:他|她)|"
        r"(?:孩子|娃)(?:他|她|的)?[爸妈爹娘][^。]{0,8}离(?:了)?婚|离(?:了)?婚(?:都|已经|有|快)*[一二两三四五六七八九十半好几\d]+(?:多)?(?:年|个月)",
    ),
    ("spouse", r"老公|丈夫|老婆|妻子|媳妇|爱人"),
    ("cohabiting_partner", r"男朋友|女朋友|男友|女友|同居"),
    (
        "child",
        (
            r"(?:儿子|女儿|闺女|子女|孩子们?)[^。；;]{0,12}(?:不管我|不养|不给|不赡养|打我|"
            r"骂我|赶我|不来|不管(?!孩子))|被儿子|被女儿"
        ),
    ),
    (
        "father",
        (
            r"(?:我爸|我父亲|我爹|继父|后爸)[^，。；,;]{0,9}(?:打|抽我|揍|骂|不养|不管|不给)|"
            r"被(?:我)?(?:爸|父亲|继父)"
        ),
    ),
    (
        "mother",
        (
            r"(?:我妈|我母亲|继母|后妈)[^，。；,;]{0,9}(?:打|抽我|揍|骂|不养|不管|不给)|被(?:我)?(?:妈|"
            r"母亲|继母)"
        ),
    ),
    ("sibling", r"(?:我|亲)(?:哥|弟|姐|妹)[^，。；,;]{0,8}(?:打|骂|不给|霸占|独吞)"),
    ("other_family", r"(?:公公|婆婆)[^，。；,;]{0,6}(?:打|骂|赶)"),
]


def names_kin(text: str) -> bool:
    return (
        re.search(
            r"老公|丈夫|老婆|妻子|前夫|前妻|婆婆|公公|继父|后爸|继母|后妈|我爸|我哥|我弟|家里人",
            text,
        )
        is not None
    )


def suffered(text: str) -> bool:
    """Whether the words tell of violence in the family."""
    return _SUFFERED.search(text) is not None and not _NO_VIOLENCE.search(text)


def family(text: str, label: str | None, details: dict[str, Any], *_: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    in_family = label in FAMILY_LABELS or re.search(_KIN[:-1].replace("|他|她", "") + ")", text)
    if _COMMITTED.search(text) and label in FAMILY_LABELS:
        facts["violence"] = "committed"
    elif _NO_VIOLENCE.search(text):
        facts["violence"] = "none"
    elif (
        in_family
        and _SUFFERED.search(text)
        and label not in ("criminal", "injury_tort", "reputation_privacy")
    ):
        facts["violence"] = "suffered"
    if label in FAMILY_LABELS:
        for relation, words in _OPPONENT:
            if re.search(words, text):
                facts["opponent_relation"] = relation
                break
        if re.search(
            (
                r"不住在?一起|没住一起|分居|搬(?:出去|出来|走了)|不在家住|各住各|回(?:了)?娘家|"
                r"在娘家|自己(?:单)?(?:住|过)|一个人(?:住|过)|单过|他在外地|她在外地|失联|联系不上|找不(?:到|着)(?:人|他|她)|"
                r"(?:人|他|她)(?:跑|走)了(?!两|几|一)|换(?:了)?(?:手机号|电话|号码)"
            ),
            text,
        ):
            facts["opponent_in_household"] = False
        elif re.search(r"(?:还|都)住在?一起|同住|住一(?:起|块|个屋)", text):
            facts["opponent_in_household"] = True
    return facts
