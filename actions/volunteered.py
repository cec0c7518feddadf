"""Facts told unasked. Unsure means left out: the engine asks what it needs."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from actions import answers, days, figures, kin
from actions.people import GROUPS, head_count
from bot.language.groups import of_another
from bot.language.numbers import flat

FAMILY_LABELS = {"domestic_violence", "marriage", "support_custody"}
LABOUR_LABELS = {"labour_pay", "labour_other", "work_injury"}

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


def read(
    text: str, label: str | None, details: dict[str, Any], spans: dict[str, Any], today: dt.date
) -> dict[str, Any]:
    """Facts in one message, whatever was asked."""
    facts: dict[str, Any] = {}
    for reader in (_lawyer, _family, _person, _household, _case, _work, _wish):
        facts |= reader(text, label, details, spans, today)
    return facts


def _lawyer(text: str, *_: Any) -> dict[str, Any]:
    if _THEIRS.search(text):
        return {}
    if _NO_LAWYER.search(text):
        return {"lawyer": False}
    return {"lawyer": True} if _OWN_LAWYER.search(text) else {}


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


def _family(text: str, label: str | None, details: dict[str, Any], *_: Any) -> dict[str, Any]:
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
                r"在娘家|自己住|他在外地|她在外地|失联|联系不上|找不(?:到|着)(?:人|他|她)|"
                r"(?:人|他|她)(?:跑|走)了(?!两|几|一)|换(?:了)?(?:手机号|电话|号码)"
            ),
            text,
        ):
            facts["opponent_in_household"] = False
        elif re.search(r"(?:还|都)住在?一起|同住|住一(?:起|块|个屋)", text):
            facts["opponent_in_household"] = True
    return facts


def _person(
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
    groups = [name for name, words in GROUPS.items() if _claims(words, text)]
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
        if re.search(rf"(?:有|带|拿){GROUPS[name]}证|(?:{GROUPS[name]})证(?:有|在|明有)", text)
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
    if spans.get("party") == "company" and label in (
        "company",
        "contract",
        "intellectual_property",
        "debt",
        "maritime",
        "labour_other",
        "criminal",
        "administrative",
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


def _household(text: str, label: str | None, details: dict[str, Any], *_: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    size = head_count(text)
    if size:
        facts["household_size"] = size
    for sum_ in figures.money(text):
        if sum_.per == "day":
            continue
        around = re.split(r"[，。；,;\s]", text[: sum_.start])[-1] + text[sum_.start : sum_.end + 8]
        earned = re.search(r"收入|挣|赚|退休金|养老金|低保金|补助|工资", around)
        home = re.search(r"全家|家里|一家|我们家", around) or (size and "我" not in around)
        if (
            home
            and (earned or sum_.per)
            and "欠" not in around
            and (earned or label not in LABOUR_LABELS or re.search(r"全家|家里", around))
        ):
            facts["household_income"] = figures.monthly(sum_)
        elif (
            (
                earned
                or (sum_.per == "month" and re.search(r"我(?:自己)?(?:一个月|每月|每个月)", around))
            )
            and (label not in LABOUR_LABELS or (earned and earned[0] != "工资"))
            and not re.search(r"他|她|对方|老公|老婆|丈夫|妻子|前夫|前妻|欠|拖", around)
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


def _case(
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


def _work(
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
