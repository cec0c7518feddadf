"""Kin and strangers: for whom somebody speaks, how old that person is, who stands against them."""

from __future__ import annotations

import re

from actions import figures

_STOP = r"[^，。；,;\s]"
# What the helped person is called, the words for them, and what the speaker then is to them.
_KIN: list[tuple[str, str, str | None]] = [
    ("岳父", r"岳父|老丈人|丈人(?!母)", "other"),
    ("岳母", r"岳母|丈母娘", "other"),
    ("公公", r"公公", "other"),
    ("婆婆", r"婆婆", "other"),
    ("姑妈", r"姑妈|姑姑|大姑|小姑(?!子)", "other"),
    ("姨妈", r"姨妈|阿姨|大姨|小姨(?!子)", "other"),
    ("舅舅", r"舅舅|大舅(?!子)|小舅(?!子)", "other"),
    ("叔叔", r"叔叔|小叔(?!子)|叔(?!叔)", "other"),
    ("伯伯", r"伯伯|大伯|伯父", "other"),
    ("嫂子", r"嫂子?|弟媳|弟妹", "other"),
    ("姐夫", r"姐夫|妹夫", "other"),
    ("侄子", r"侄子|侄儿", None),
    ("侄女", r"侄女", None),
    ("外甥女", r"外甥女", None),
    ("外甥", r"外甥(?!女)", None),
    ("女婿", r"女婿", "other"),
    ("儿媳", r"儿媳妇?", "other"),
    ("男朋友", r"男朋友|男友", "other"),
    ("女朋友", r"女朋友|女友", "other"),
    *((f"{side}{who}", f"{side}{who}", "other") for side in "表堂" for who in "哥弟姐妹"),
    ("母亲", r"妈(?!的?朋友)|母亲|娘(?!家)", "child"),
    ("父亲", r"爸(?!妈)|父亲|爹", "child"),
    ("丈夫", r"老公|丈夫|爱人|男人|当家的", "spouse"),
    ("妻子", r"老婆|妻子|媳妇", "spouse"),
    ("儿子", r"儿子", None),
    ("女儿", r"女儿|闺女", None),
    ("孩子", r"孩子|孩儿|娃|小孩|宝宝", None),
    ("哥哥", r"哥(?!们)", "sibling"),
    ("弟弟", r"弟(?!媳|妹|兄)", "sibling"),
    ("姐姐", r"姐(?!夫|妹)", "sibling"),
    ("妹妹", r"妹(?!夫)", "sibling"),
    ("爷爷", r"爷爷", "grandchild"),
    ("奶奶", r"奶奶", "grandchild"),
    ("外公", r"外公|姥爷", "grandchild"),
    ("外婆", r"外婆|姥姥", "grandchild"),
    ("朋友", r"朋友|同事|工友", "other"),
]
_PRONOUN = {"儿子": "|他", "弟弟": "|他", "女儿": "|她", "孩子": "|他|她"}
_WORDS = {who: words for who, words, _ in _KIN}
_MINE = r"(?:我|俺|咱)们?(?:家|的)*(?:[老大小二三亲])?"
_FOR_LABELS = {
    "work_injury",
    "traffic_accident",
    "medical",
    "criminal",
    "injury_tort",
    "labour_pay",
    "labour_other",
    "social_security",
    "food_drug_environment",
    "administrative",
    "state_compensation",
}
_ASKED_FOR = re.compile(
    rf"(?:帮|替|代)(?:{_MINE})?({{}})(?:他|她)?{_STOP}{{0,4}}(?:问|咨询|打听|申请|办)"
)
# kin who did it, sent the speaker, or only stood by
_NOT_HELPED = re.compile(
    rf"(?:妈|爸|哥|弟|姐|妹)?(?:{_STOP}{{0,6}}(?:(?:打|骂|骗|赶)(?:了|过|着|伤|死)*我|"
    r"欠我|借我|不给我|不还|不养|不管|要跟|跟我|和我|出轨)|"
    r"(?:他|她)?(?:一个月|每个?月|一年)(?:就|也|才|大概|挣|赚|有)*[\d一二两三四五六七八九十]|(?:的)?(?:退休金|养老金|低保)(?:一个月|每月|是|有|才|就|大概)*[\d一二两三四五六七八九十]|"
    rf"(?:欠|借)(?!条|钱不还)|(?:说|(?:让|叫)(?!{_STOP}{{0,6}}(?:抓|撞|打|骗|咬|砸|压|捅|砍|带走))|要|催|劝|陪|担心|吓|急|气|不同意|知道))"
)
_BY_THEM = r"(?:(?:我|俺)(?:也|就)?[把给]|借给|(?:^|[，。,;\s])给|跟|和|陪|通知|吓坏)$"


def for_whom(text: str, label: str | None) -> tuple[str, str | None] | None:
    """The kin the trouble happened to, and the speaker's word in applicant_by."""
    impaired = label == "support_custody" and re.search(
        r"痴呆|阿尔茨海默|失智|行为能力|植物人|不认得", text
    )
    for who, words, by in _KIN:
        if re.search(_ASKED_FOR.pattern.replace("{}", words), text):
            return who, by
    if label not in _FOR_LABELS and not impaired:
        return None
    for who, words, by in _KIN:
        own = rf"{_MINE}(?:{words})" + (
            rf"|(?:^|[，。,\s])(?:{words})" if by == "grandchild" else ""
        )
        for found in re.finditer(own, text):
            rest = text[found.end() :].removeprefix(found[0][-1])  # 妈妈, 哥哥
            if not _NOT_HELPED.match(rest) and not re.search(_BY_THEM, text[: found.start()]):
                return who, by
    return None


# 我16 上高一: not the hour, the day or the number of a house
_STILL_YOUNG = (
    r"(?:了|的)?(?=$|[，。,；;]|\s+(?![\d号楼层栋单元室块万千])|"
    r"\s*(?:在?[上读念]|还|没|是|初|高|辍|未))"
)


_SOMEBODY_ELSE = re.compile(
    r"对方|那个?(?:人|男|女)|司机|老板|医生|护士|邻居|房东|同事|工头|肇事|的人"
)


def _others(before: str, words: str) -> bool:
    """Whether somebody else was named since the person to be helped."""
    return _SOMEBODY_ELSE.search(re.split(words, before)[-1]) is not None


def age(text: str, helped: str | None) -> int | None:
    """The age of the person to be helped, not of somebody else in the story."""
    plain = figures.plain(text)
    for number, start, end in figures.numbers(text):
        after = plain[end:]
        if not (0 < number <= 120 and number == int(number)):
            continue
        said = re.match(r"\s*(?:多|来)?(?:周)?岁", after)
        before = re.split(r"[，。；,;\s]", text[:start])[-1]
        whose = before[-8:]
        if helped:
            words = _WORDS.get(helped, helped)
            also = _PRONOUN.get(helped, "")
            if re.search(
                rf"(?:{words}{also})(?:[妈爸哥弟姐妹])?(?:今年|才|都|刚|快|已经|也|满)*$", whose
            ) and (said or (number >= 10 and re.match(r"(?:了|$|[，。,；;的\s])", after))):
                return int(number)
            old = number >= 50 and re.match(r"(?:了|$|[，。,；;]|\s(?![块元斤万个]))", after)
            alone = r"(?:他|她|老人家?|老太太|老爷子)?(?:今年|才|都|刚|快|已经|也|满)*"
            if (said or old) and re.fullmatch(alone, whose) and not _others(text[:start], words):
                return int(number)
        elif re.search(r"(?:我|俺|本人|老汉)(?:今年|都|已经|快|也|才|刚|满)*$", whose) and (
            said
            or (number >= 50 and re.match(r"(?:了|$|[，。,；;的\s])", after))
            or (10 <= number < 18 and re.match(_STILL_YOUNG, after))
        ):
            return int(number)
    return None


# --- the other side -------------------------------------------------------------------------------

_FAMILY = {"marriage", "support_custody", "domestic_violence", "inheritance"}
_AT_HOME = re.compile(
    r"前夫|前妻|前男友|前女友|老公|丈夫|老婆|妻子|媳妇|男朋友|女朋友|男友|女友|公公|婆婆|继父|继母|后爸|后妈|"
    r"儿子|女儿|闺女|(?:我|亲|大|小|二)(?:哥哥?|弟弟?|姐姐?|妹妹?)(?!夫|媳|妹)|(?<=我)(?:爸爸?|妈妈?|父亲|母亲|爹)|"
    r"女婿|儿媳妇?|[大二三四小]?(?:叔叔?|伯伯?|舅舅?|姑姑?)(?![子爷妈区娘])|嫂子|姐夫"
)
# named in most families' stories, whoever is to blame
_PARENTS = re.compile(r"[爸妈]+|父亲|母亲|爹")
_RELATIVES = re.compile(rf"{_PARENTS.pattern}|[我亲大小二三四]?[哥弟姐妹叔伯舅姑]+")
_WHO = re.compile(
    r"包工头|项目经理|老板娘|老板|工头|厂长|二?房东|租客|房客|中介|开发商|物业(?:公司)?|楼上(?:那?家|邻居)?|邻居|隔壁|"
    r"医院|卫生院|诊所|驾校|旅行社|养老院|月子中心|影楼|餐馆|宾馆|网吧|4s店|[理美]发店|幼儿园|学校|培训班|(?:教育|培训)机构|机构|健身房|美容院|平台|商家|卖家|店家|饭店|酒店|商场|"
    r"(?:劳务|装修|快递|保险|贷款|担保|旅游|搬家|外卖)公司|公司|单位|工厂|厂里|厂|超市|工地|银行|"
    r"狗主人|车主|司机|骑手|前同事|同事|同学|老乡|亲戚|网友|合伙人|朋友|"
    r"[表堂][哥弟姐妹]|[大小]舅[子哥]|[大小]姨子|妹夫|姐夫|"
    r"前夫|前妻|前男友|前女友|男朋友|女朋友|村委会?|[镇乡县区市]政府|街道办|政府|对方"
)
_PLACES = re.compile(r"医院|幼儿园|学校|健身房|饭店|酒店|商场|超市|公司|厂")
_AGAINST = re.compile(
    rf"{_STOP}{{0,8}}(?:欠|拖|不(?!在|知道|用)|没(?!了|有关系)|骗|打(?!工|卡|印|针)|跑|拒|扣|撞|咬|拉黑|霸占|占|独吞|开除|辞退|造谣|"
    r"漏水|强拆|收走|关门|堵|威胁|赖|过户给自己|拿走|带走|卷)"
)
_BESIDE = re.compile(r"(?:在|去|找|问|有|欠|帮|替|跟|和|同)(?:一?家|一个|个)?$")
_AGAINST_BEFORE = re.compile(r"(?:被|借给|告|起诉|投诉)(?:了|我)?$")


def opponent(text: str, label: str | None) -> str | None:
    """The other side as the citizen calls them: who did it, else who is named, else where."""
    if label in _FAMILY:
        kin = list(_AT_HOME.finditer(text))
        weak = _PARENTS if label == "inheritance" else _RELATIVES
        did = [k for k in kin if _did(text, k)]
        strong = [k for k in kin if not weak.fullmatch(k[0])]
        if did or strong:
            return (did or strong)[0][0].removeprefix("我")
        if label != "inheritance":
            return None  # a shop or a bank in the story of a family
    named = list(_WHO.finditer(text))
    did = [w for w in named if _did(text, w)]
    beside = [w for w in named if _BESIDE.search(text[: w.start()])]
    free = [w for w in named if w not in beside]
    there = [w for w in beside if _PLACES.fullmatch(w[0]) and text[: w.start()].endswith("在")]
    best = did or free or there
    return best[0][0] if best else None


def _did(text: str, found: re.Match[str]) -> bool:
    before = text[: found.start()]
    if _AGAINST_BEFORE.search(before):
        return True
    return not before.endswith(("被", "把", "帮", "替", "打")) and bool(
        _AGAINST.match(text[found.end() :])
    )
