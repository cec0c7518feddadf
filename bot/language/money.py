"""Sums of money in a text, as written and in yuan."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.language.numbers import HAN, NUMBER, ends, flat, parse


@dataclass(frozen=True)
class Money:
    literal: str
    start: int
    end: int
    value: float | None  # yuan; the lower end of a range; None for 几万 and for foreign money
    high: float | None = None  # the upper end of a range


_ABOUT = r"(?:多|余|来|几|好几)?"
_YUAN = (
    r"(?:万|亿)?(?:元整|元钱|块钱|元人?民?名?币|人民币|元|块|圆|rmb|大洋|蚊(?!子))钱?"
    r"(?!区|旦|店|素|土|地|田|林|宅|山|空|石|砖|玻璃|肉|去|来|儿|住|做|干|吃)"
)
# No digit follows, unless 一 begins the next word: 三百一天
_ALONE = (
    r"(?!(?!一[个天年月日斤次件位人家分直共下套间平亩台辆张度份点])"
    rf"[{HAN}\d])"
)
_SMALL = rf"(?:[{HAN}\d]{{1,2}}[角毛](?:[{HAN}\d]{_ALONE})?|[{HAN}\d]{_ALONE}(?!年|月|个|天))?"
_COINS = rf"[{HAN}\d]{{1,2}}毛(?!病|衣|巾|孩|利|笔|不)(?:[{HAN}\d]{_ALONE}(?!个)|钱)?"
_TO = r"(?:-|~|—|–|至|到)"
_FEW = rf"(?:(?<![\d{HAN}])[1-9一二两三四五六七八九]、)?"  # 三、四万 is a range, 300、400 a list
_VAGUE = rf"(?:好?几|数|上|[{HAN}]?十几)[十百千万亿]{{1,4}}{_ABOUT}|[千万百]把(?=块)"
_ONE = rf"(?:{_FEW}(?:{NUMBER}个亿|{NUMBER}{_ABOUT}[万千百亿]?)|{_VAGUE})"
_FOREIGN = (
    r"(?:美元|美金|美刀|欧元|港币|港元|港纸|日元|日币|英镑|澳元|加元|韩元|韩币|台币|新币|"
    r"泰铢|卢布|马币|usd)"
)

# Things counted by the same numbers: 200多业户, 三万平方, 八千公里
_COUNTED = (
    rf"{_ALONE}(?!(?:(?<=\d)\s+)?(?:多|余|来|几)?(?:(?<=\d)\s+)?(?:个|人|名|位|口|户|家|业户|平|坪|亩|公里|里|米|斤|公斤|吨|克|kg|km|度|伏|瓦|千瓦|"
    r"次|遍|趟|针|年|月|天|日|号|岁|周|星期|礼拜|小时|点|分钟|秒|层|楼|栋|幢|套|间|室|房间|张|条|本|份|页|字|辆|台|部|只|"
    r"头|棵|株|颗|根|件|箱|袋|桶|批|包(?!工|吃|住)|瓶|支|枚|片|倍|%|％|折|股|票|粉丝|步|公分|厘米|毫|升|方|立方|块地|块石|块砖|"
    r"度电|余人|学生|员工|职工|工人|村民|业主|老百姓|群众|户型|年薪|出生|发(?!票|生)|种|类|级|期|届|条款|码|骨|分(?!钱)|彩金|医疗|火急|富翁|x|_|[a-z\d]))"
)
# What a bare number after it is a sum of: a word for paying, or a noun of money
_PAID = (
    r"(?:交了?|付了?|付款|欠|借|还了?|还款|赔了?|赔偿|罚款?|罚了|收了?|收取|收到|价值|值|投了?|投资|充值?了?|转了?|"
    r"转账|汇了?|给了?|贷了?|垫付?|退了?|退还|花了?|花费|骗了?|被骗|损失|要|扣了?|拿了?|押了|打了?|少了?|亏了?|"
    r"赚了?|挣了?|挣|赚|卖了?|买了?|买|卖|发过|发了?|算|涨到|降到|定价|标价|报价|减掉|到手|实得|实发|到账|进账|"
    r"生活费|借条|金额|现金|抚养|彩礼|首付|学费|补偿|借呗|花呗|微粒贷|网贷|白条|[底月日时年欠]薪|工资|工钱|房租|利息|红包|"
    r"[一-龥](?:金|费|款|奖)|饭钱|药钱|[一二三]口价|"
    r"一共|总共|合计|共计?|只有|剩|剩下|还差|差我|大概|大约|约|左右|就|才|说好|讲好|能有|能拿|每月|一个月|一月|每天|一天|一个工|一年|每年|"
    r"每平米?|每亩|一平米?|一亩|说是|是)"
    r"(?:我们|我|他们|他|她|对方|你|俺|人家|公司|老板|法院)?(?:们)?(?:各|每人|共|了|过|是|为|有|能有|:|：|大概|约|差不多|才|就|只|个)*\s*$"
)
_PAID_BEFORE = re.compile(_PAID)
_AGAIN_BEFORE = re.compile(r"[,，、。;；\s](?:后来|又|再|然后|最后|和|再后来)*(?:是|给了?|转了?)*$")
_PAID_AFTER = re.compile(
    r"^(?:的[一-龥]{1,2}[费款金]|一天|一个月|一个工|一斤|一件|一平|一亩|每月|每天|/月|/天|的?(?:罚单|红包|工资|押金|定金|订金|罚款|货款|"
    r"彩礼|东西|报名费|学费|饭|房租|赔偿)|(?:都?不|没)(?:退|还|给|结|发)|块?够吗)"
)
_NUMBERED_BEFORE = re.compile(
    r"(?:码|编号|[订单车门房工学案座手]号|号牌|门牌|"
    r"尾号|第|血压|体温|体重|身高|含量|车速)(?:号)?(?:是|为|:|：)?\s*$"
)
_WITH_YUAN = re.compile(
    rf"(?:rmb|人民币)\s?{NUMBER}(?:元整|元钱|元)?"
    rf"|{NUMBER}{_ABOUT}[万千亿]?{_FOREIGN}"
    rf"|(?:{_ONE}{_TO})?{_ONE}\s?{_ABOUT}{_YUAN}(?!(?<=块)(?!一)[{HAN}\d]+(?:多|来)?(?:平|亩)){_SMALL}"
    rf"|[¥￥$]\s?{NUMBER}|[三四五六七八九一二两]百[三四五六七八九]百|{_COINS}"
)
_BIG = re.compile(
    rf"(?:{NUMBER}{_TO})?{_FEW}(?:{NUMBER}(?:个亿)?|{_VAGUE})(?:把(?=$|[,，。\s]))?{_ABOUT}(?:\s?[万亿]|千)?{_COUNTED}"
)
_NOT_MONEY = re.compile(
    r"^(?:百分|千万(?!\d)|万一|万分|百般|千百|亿万|一百|十分|千方百计|万万|百姓|一千零一|[十百千万亿]|百万|11[0479]|12[02]|12\d{3}|9[56]\d{3})$"
)


def _value(literal: str) -> tuple[float | None, float | None]:
    if re.search(_FOREIGN, literal):
        return None, None
    coins = re.fullmatch(r"(.{1,2})毛(.?)钱?", literal)
    if coins and (tens := parse(coins[1])) is not None:
        return round(tens / 10 + (parse(coins[2]) or 0) / 100, 2), None
    bare = re.sub(r"[元块圆钱¥￥$整蚊把]|rmb|人民币|大洋|个(?=亿)", "", literal)
    parts = [p for p in re.split(rf"{_TO}|、", bare) if p]
    twice = re.fullmatch(r"(.百)(.百)", literal)
    if twice:
        parts = [twice[1], twice[2]]
    if not parts or re.match(r"好?几|数", parts[0]):
        return None, None
    kuai = re.fullmatch(r"(.+?)[块元]零?(.)[角毛]?(.)?钱?", literal)
    if kuai and (whole := parse(kuai[1])) is not None and (rest := parse(kuai[2])) is not None:
        return round(whole + rest / 10 + (parse(kuai[3] or "零") or 0) / 100, 2), None
    parts = [re.sub(r"[多余来几上]", "", part) for part in parts[:2]]
    if len(parts) == 1:
        return ends(parts[0])
    scale = re.search(r"[万千百亿kw]+$", parts[1])
    if scale and not re.search(r"[万千百亿kw]", parts[0]):  # 三到五万
        parts[0] += scale.group()
    low, high = parse(parts[0]), parse(parts[1])
    return (low, high) if low is not None and high is not None else (low, None)


def _is_sum(plain: str, start: int, end: int, more: bool) -> bool:
    """Whether a number without 元 is money: nothing else is counted in bare 万, or it is paid."""
    words, before = plain[start:end], plain[max(0, start - 14) : start]
    number = parse(re.sub(r"[多余来几把]", "", words))
    if _NUMBERED_BEFORE.search(before) or before[-1:] in (".", "x", "*", "号"):
        return False
    if before[-1:] in ("月", "年") and (number or 0) <= 31:
        return False  # 9月20
    if plain[end : end + 1] in ("年", "月", ".", "/", "-", "号") and words[-1:].isdigit():
        return False
    paid = bool(_PAID_BEFORE.search(before) or _PAID_AFTER.match(plain[end:]))
    if _NOT_MONEY.match(re.sub(r"[多余来几]$", "", words)):
        return paid and re.fullmatch(r"百万|一百", words) is not None
    if re.search(r"[万亿w]|,|\d{3}\.\d\d$|[^\d]千|\d[千k]|百[一二三四五六七八九]$", words):
        return len(words) >= 2
    paid = paid or (more and _AGAIN_BEFORE.search(before) is not None)
    return paid and number is not None and 50 <= number < 10**9


def _together(plain: str, match: re.Match[str]) -> bool:
    """一块 is money as a price; else it is 在一块, 这一块, 一块骨头."""
    paid = _PAID_BEFORE.search(plain[: match.start()][-14:]) or _PAID_AFTER.match(
        plain[match.end() :]
    )
    return match[0] == "一块" and not paid


def find(text: str) -> list[Money]:
    plain = flat(text)
    spans = [m.span() for m in _WITH_YUAN.finditer(plain) if not _together(plain, m)]
    listed = {start for start, _ in spans}
    for match in _BIG.finditer(plain):
        start, end = match.span()
        if any(start < e and s < end for s, e in spans):
            continue
        if end + 1 in listed and plain[end] == "、" and len(match[0]) >= 2:
            spans.append((start, end))  # 300、400元
        elif _is_sum(plain, start, end, more=any(e <= start for _, e in spans)):
            spans.append((start, end))
    found = []
    for start, end in sorted(spans):
        value, high = _value(plain[start:end])
        found.append(Money(text[start:end], start, end, value, high))
    return found


def yuan(text: str) -> float | None:
    """The one sum of a short answer, a bare number included; None when unsure."""
    found = [m for m in find(text) if m.value is not None]
    if len(found) == 1:
        return found[0].value
    if found:
        return None
    bare = re.fullmatch(
        rf"\D{{0,4}}?({NUMBER})(?:{_ABOUT})(?:左右|吧|的样子|差不多)?", flat(text).strip()
    )
    return parse(bare[1]) if bare else None
