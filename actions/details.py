"""The intake record beside the facts of law: what a lawyer reads first. Words, not guesses."""

from __future__ import annotations

import re
from typing import Any

from actions import figures, kin
from actions.told_case import at_court

_MOST = 12  # entries of a list
_LONG = 80  # characters of one entry

EVIDENCE = {
    "劳动合同": r"劳动合同",
    "合同": r"(?<!劳动)合同|协议书|电子协议",
    "借条": r"借条|借据",
    "欠条": r"欠条",
    "转账记录": r"转账(?:记录|凭证)?|银行流水|流水",
    "微信": r"微信(?:聊天|记录|截图|消息|记账|上)?|他发的微信",
    "聊天记录": r"聊天记录|短信",
    "截图": r"截图|截屏",
    "录音": r"录音|录了音",
    "视频": r"视频|录像|监控",
    "照片": r"照片|拍了照|相片|拍照",
    "考勤": r"考勤|打卡|工牌|工作证",
    "工资条": r"工资条|工资单|工资表|记工(?:本|单)?",
    "付款记录": r"付款(?:截图|记录|凭证)?|支付记录|账单",
    "收据": r"收据|收条|小票",
    "发票": r"发票",
    "证人": r"证人|作证|证明人|工友(?:都)?(?:可以|能)(?:作)?证",
    "病历": r"病历|诊断(?:书|证明)|出院(?:小结|证明)|检查报告|片子",
    "报警记录": r"报过?(?:了)?警|出警|报警(?:回执|记录)|立案(?:回执|通知)",
    "事故认定书": r"认定书|责任认定",
    "判决书": r"判决书|调解书",
    "离婚协议": r"离婚协议",
    "遗嘱": r"遗嘱",
    "房产证": r"房产证|不动产证|房本",
    "鉴定": r"鉴定(?:书|意见|报告|结论)",
    "书面证词": r"写了个?条子|按了手印|书面证明",
    "快递单": r"快递单|物流",
}
_ABSENT = (
    r"(?:没有?|没写|没打|没签|没留|不给|未签|没办|丢了|"
    r"不(?:肯|愿意?)?(?:跟|和|给)?(?:我们?)?(?:签|开|写|打))"
    r"(?:过|什么|任何|书面的?|正式的?|个)?(?:打|写|签)?$"
)
_ABSENT_AFTER = (
    r"(?:都|也|还|早就)?(?:没有|没签|没写|没打|丢了|没了|没下来|没出来|没拿到|"
    r"[^，。；,;\s]{0,4}不给)"
)

_INJURY = re.compile(
    r"[\u4e00-\u9fff]{0,3}(?:骨折|截肢|脑震荡|昏迷|烧伤|烫伤|粉碎|切除|切了|残废|植物人|"
    r"瘫痪|刀伤|流产|毁容|失明)|"
    r"(?:腿|手|胳膊|手指|肋骨|锁骨|腰|脚|腕|臂|鼻梁|牙)[^，。；,;\s]{0,3}(?:断|伤|轧|"
    r"砸|压|肿|折)|脸(?:都)?肿|轧了|[一二三四五六七八九十\d]+级(?:伤残|残疾)|"
    r"(?:腿|手|胳膊|手指|脚|腰)[^，。；,;\s]{0,4}(?:让|被|叫|给)[^，。；,;\s]{1,6}(?:断|伤|轧|砸|压)"
)
_ORGANS = re.compile(
    r"(?:打过?|找过?|报过?|投诉过?|去过?|问过?|举报过?)(?:了)?(?P<who>12345|12333|"
    r"12315|12348|110|劳动局|劳动监察(?:大队)?|仲裁委?|派出所|物业|居委会|社区|村委会?|"
    r"消协|交警|信访|妇联|法院)"
)
_QUESTION = re.compile(
    r"能不能|可不可以|是不是|怎么|多少|该不该|要不要|会不会|吗|么$|？|\?|算不算|有没有用"
)
_RELATION_SIGNED = re.compile(r"合同(?:是)?(?:跟|和|与)(.{2,14}?)签|(?:跟|和|与)(.{2,14}?)签的")
_GROUP = re.compile(
    r"(?<!几)([\d一二两三四五六七八九十百]+)(?:多|来|几)?(?:个)?(?:人|工友|业主|户)(?:都|全|"
    r"也)?(?:没|是|这样|一样|被|遭)"
)
_WE = re.compile(
    r"我们(?:一共|总共|有|班组|工地|群里)*([\d一二两三四五六七八九十百]+)(?:多|来|几)?(?:个|名)?(?:人|工友|兄弟|业主|村民|家长|女工|学员)(?!家)"
)
_HOME = re.compile(r"(?:我|我们|俺)是([\u4e00-\u9fff]{2,12}?)(?:人|的)(?=$|[，。；,;\s])")
_JOB = re.compile(
    r"(?<!给)我(?:是|在|们)?((?:跑(?!了|掉|不)|送(?!了|给|到)|开(?!了|始|不|庭)|卖(?!了|给)|做(?!了|不|错)|打(?=工|零工|杂)|修(?!了)|种(?!了)|"
    r"教(?!了)|当(?!时|初|了|天|着)|绑|搬(?!了|家|到|走|出)|摆)[\u4e00-\u9fff]{1,6}?)(?<![了过着])(?:的|工)?(?=$|[，。；,;\s])"
)
_OTHER_IS = re.compile(
    r"(?:他|她|对方|老板|那人)(?:是|现在)?((?:是|在|开|当|做|"
    r"卖)[\u4e00-\u9fff]{1,10}?)的?(?=$|[，。；,;\s])"
)
_WHO = (
    r"我(?:的)?(?:爸爸?|妈妈?|父亲|母亲|爷爷|奶奶|外公|外婆|姥爷|姥姥|老公|老婆|丈夫|妻子|"
    r"儿子|女儿|孩子|哥哥?|姐姐?|弟弟?|妹妹?|朋友|同事)"
)
_THING = r"(?:手机|账号|帐号|微信|支付宝|银行卡|卡|账户|帐户|实名|户名)"
_OWNER = re.compile(  # 是我妈的手机, 实名也是我妈的; whose it is not is no answer
    rf"(?<!不)(?:是|用)(?:的)?(?P<a>{_WHO}|我|我自己)的{_THING}|"
    rf"{_THING}(?:上)?(?:也|都|就|其实|登记)?是(?P<b>{_WHO}|我|我自己)的"
)
_PLEA = re.compile(
    r"(?:我(?:就|只)?(?:想要?|要)(?!么)|(?:^|[，。\s])(?:就|只)?(?:想要?|希望))(?!问|咨询|知道|"
    r"请问|了解|自己)([\u4e00-\u9fff]{2,20})"
)


_BESIDE = re.compile(r"[我俺有还也都就只是着的了在这那有个张份条手里上,，。、 ]+")


def only_evidence(text: str) -> bool:
    """有欠条: it names a paper, and no trouble."""
    rest = re.sub("|".join(EVIDENCE.values()), "", text)
    return rest != text and not _BESIDE.sub("", rest)


def read(
    text: str, label: str | None, known: dict[str, Any], spans: dict[str, Any]
) -> dict[str, Any]:
    """What this message adds to, or changes in, the record."""
    new: dict[str, Any] = {}
    for name in ("money", "time", "groups"):
        _add(new, known, name, spans.get(name) or [])
    _add(new, known, "ask", [a for a in spans.get("ask") or [] if a != "advice"])
    if spans.get("region"):
        places = [p for p in spans["region"] if p not in str(known.get("region", ""))]
        if places:
            new["region"] = "、".join([*filter(None, [known.get("region")]), *places])[:60]
    present, absent = _evidence(text)
    _add(new, known, "evidence", present)
    _add(
        new,
        known,
        "evidence_missing",
        [a for a in absent if a not in (known.get("evidence") or [])],
    )
    helped = kin.for_whom(text, label)
    if helped and "for_whom" not in known:
        new["for_whom"] = helped[0]
    if "opponent" not in known:
        opponent = kin.opponent(text, label)
        if opponent:
            new["opponent"] = opponent
    if label == "criminal" and at_court(text):
        new["at_court"] = "是"
    _one(new, known, "injury", _INJURY.search(text))
    _one(new, known, "contract_with", _RELATION_SIGNED.search(text))
    home = _HOME.search(text)
    if home and any(place in home[1] or home[1] in place for place in spans.get("region") or []):
        _one(new, known, "home", home)
    _one(new, known, "job", _JOB.search(text))
    other = _OTHER_IS.search(text)
    if other and not (other[0][0] in "他她" and (helped or known.get("for_whom"))):
        _one(new, known, "opponent_is", other)
    _one(new, known, "wants", _PLEA.search(text))
    for owner in _OWNER.finditer(text):  # the last word wins
        new["account_owner"] = owner["a"] or owner["b"]
    together = _GROUP.search(text) or _WE.search(text)
    if together and (number := figures.value(together[1])):
        new["group_size"] = int(number)
    _add(new, known, "reported", [m["who"] for m in _ORGANS.finditer(text)])
    attitude = _attitude(text)
    if attitude:
        new["attitude"] = attitude
    sentences = [s.strip() for s in re.split(r"[，。；;\n]", text) if s.strip()]
    _add(new, known, "questions", [s[:40] for s in sentences if len(s) > 3 and _QUESTION.search(s)])
    return new


def told(known: dict[str, Any], text: str) -> dict[str, Any]:
    """The citizen's own sentences, shortened, oldest first."""
    said = list(known.get("told") or [])
    words = text.strip()[:_LONG]
    return {} if words in said or len(said) >= _MOST else {"told": [*said, words]}


def _evidence(text: str) -> tuple[list[str], list[str]]:
    present, absent = [], []
    for name, words in EVIDENCE.items():
        for found in re.finditer(words, text):
            before, after = text[: found.start()], text[found.end() :]
            missing = re.search(_ABSENT, before[-8:]) or re.match(_ABSENT_AFTER, after)
            (absent if missing else present).append(name)
            break
    return present, absent


def _attitude(text: str) -> str | None:
    if re.search(r"(?:不|拒绝)(?:想|愿意?|同意|接受)?(?:调解|和解|私了|说和)", text):
        return "不愿调解"
    if re.search(r"调解|说和|和解|坐下来谈|不想闹|私了", text) and not re.search(
        r"没成|不成|失败|没用|协调不了", text
    ):
        return "愿调解"
    if re.search(r"不(?:想|同意|愿意?)离|离婚[^。]{0,6}我不(?:同意|愿意|想)", text):
        return "不同意离婚"
    if re.search(r"(?<!他)(?<!她)(?:想|要|坚决)(?:跟|和)?[^，。；,;]{0,4}离(?:婚|$|[，。])", text):
        return "想离婚"
    return None


def _add(new: dict[str, Any], known: dict[str, Any], name: str, values: list[Any]) -> None:
    had = list(known.get(name) or [])
    more = [v for v in dict.fromkeys(values) if v not in had]
    if more:
        new[name] = (had + more)[:_MOST]


def _one(
    new: dict[str, Any], known: dict[str, Any], name: str, found: re.Match[str] | None
) -> None:
    if found and name not in known:
        words = next((g for g in found.groups() if g), found[0]).strip()
        if words:
            new[name] = words[:_LONG]
