"""Sums of money in a text, as written and in yuan."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.language.numbers import HAN, NUMBER, flat, parse


@dataclass(frozen=True)
class Money:
    literal: str
    start: int
    end: int
    value: float | None  # yuan; the lower end of a range; None for 几万
    high: float | None = None  # the upper end of a range


_ABOUT = r"(?:多|余|来|几|好几)?"
_YUAN = r"(?:万|亿)?(?:元整|元钱|块钱|元人?民?名?币|人民币|元|块|圆|rmb|大洋)钱?"
_SMALL = rf"(?:[{HAN}\d]{{1,2}}(?:角|毛)|[{HAN}\d](?!\d|年|月|个|天))?"  # 三块五
_TO = r"(?:-|~|—|–|至|到|、)"
_VAGUE = rf"(?:好?几|数|上)[十百千万亿]{{1,4}}{_ABOUT}"
_ONE = rf"(?:{NUMBER}{_ABOUT}[万千百亿]?|{_VAGUE})"

# Things counted by the same numbers: 200多业户, 三万平方, 八千公里
_COUNTED = (
    r"(?!\s*(?:多|余|来|几)?\s*(?:个|人|名|位|口|户|家|业户|平|亩|公里|里|米|斤|公斤|吨|克|kg|km|度|伏|次|遍|"
    r"年|月|天|日|号|岁|周|星期|礼拜|小时|点|分钟|秒|层|楼|栋|套|间|张|条|本|份|页|字|辆|台|部|只|头|棵|件|"
    r"箱|包|瓶|支|枚|片|倍|%|％|折|股|票|粉丝|步|公分|厘米|毫|升|方|立方|块地|块石|度电|余人|学生|员工|职工|"
    r"工人|村民|业主|老百姓|群众|户型|年薪|吨位|种|类|级|期|届|条款|x|_|[a-z\d]))"
)
_OWED = (
    r"(?:交了?|付了?|付款|欠|借|还了?|还款|赔了?|赔偿|罚款?|罚了|收了?|收取|价值|值|投了?|投资|充值?了?|转了?|"
    r"转账|汇了?|给了?|贷了?|贷款|工资|月薪|底薪|年薪|日薪|押金|定金|订金|彩礼|首付|房租|租金|学费|花了?|"
    r"花费|骗了?|被骗|损失|要|扣了?|拿了?|借条|金额|本金|利息|货款|费用?|补偿|一共|总共|合计|共计?|只有|"
    r"剩|剩下|就给|才给|大概|大约|约|左右|就|现金|报价|每月|一个月|一月|说是|是|生活费|抚养费|医药费|押了|退了?|退还|打了?|少了?|"
    r"亏了?|赚了?|卖了?|买了?|涨到|降到|定价|标价|盈利在|减掉|发过|发了)"
    r"(?:我们|我|他们|他|她|对方|你|俺|人家|公司|老板|法院)?(?:了|过|是|为|有|:|：|大概|约|差不多|才|就)?\s*$"
)
_WITH_YUAN = re.compile(
    rf"{_ONE}(?:{_TO}{_ONE})?\s?{_ABOUT}{_YUAN}(?!土|地|田|林|宅|山|空|石|砖|玻璃|肉|去|来|儿|住|做|干|吃){_SMALL}|[¥￥$]\s?{NUMBER}|[三四五六七八九一二两]百[三四五六七八九]百"
)
_BIG = re.compile(
    rf"(?:{NUMBER}{_TO})?(?:{NUMBER}(?<=[十百千万亿萬kw\d{HAN}])|{_VAGUE}){_ABOUT}[万千亿]?{_COUNTED}"
)
_CONTEXT = re.compile(_OWED)
_NOT_MONEY = re.compile(
    r"^(?:百分|千万(?!\d)|万一|万分|百般|千百|亿万|一百|十分|千方百计|万万|百姓|一千零一|[百千亿]|1[12]\d|12\d{3}|9[56]\d{3})$"
)


def _value(literal: str) -> tuple[float | None, float | None]:
    parts = [p for p in re.split(_TO, re.sub(r"[元块圆钱¥￥$整]|rmb|人民币", "", literal)) if p]
    twice = re.fullmatch(r"(.百)(.百)", literal)
    if twice:
        parts = [twice[1], twice[2]]
    if re.match(r"好?几|数|上[十百千万]", parts[0] if parts else ""):
        return None, None
    kuai = re.fullmatch(r"(.+?)[块元](?:零|)(.{1,2}?)[角毛]?", literal)
    if kuai and (whole := parse(kuai[1])) is not None and (rest := parse(kuai[2])) is not None:
        return whole + rest / 10, None
    numbers = [parse(re.sub(r"[多余来几]", "", part)) for part in parts[:2]]
    if len(numbers) == 2 and None not in numbers:
        low, high = numbers
        scale = re.search(r"[万千百亿kw]", parts[1])
        if scale and not re.search(r"[万千百亿kw]", parts[0]):  # 三到五万
            low = parse(parts[0] + scale.group()) if low is not None else None
        return low, high
    return (numbers[0] if numbers else None), None


def find(text: str) -> list[Money]:
    plain = flat(text)
    spans: list[tuple[int, int]] = [m.span() for m in _WITH_YUAN.finditer(plain)]
    for match in _BIG.finditer(plain):
        start, end = match.span()
        words = match.group()
        if any(start < e and s < end for s, e in spans) or _NOT_MONEY.match(words):
            continue
        before = plain[max(0, start - 12) : start]
        owed = _CONTEXT.search(before) is not None
        if plain[max(0, start - 1) : start] in ("第", ".", "x", "*", "号"):
            continue
        number = parse(re.sub(r"[多余来几]", "", words))
        if plain[max(0, start - 1) : start] in ("月", "年") and (number or 0) <= 31:
            continue  # 9月20
        if (
            re.search(r"[万亿萬w]", words)
            or "," in words
            or (re.search(r"[千k]", words) and len(words) >= 2)
        ):
            spans.append((start, end))  # nobody counts anything else in bare 万
        elif (
            number is not None and owed and (100 <= number < 10**9) and not _looks_dated(plain, end)
        ):
            spans.append((start, end))
    found = []
    for start, end in sorted(spans):
        value, high = _value(plain[start:end])
        found.append(Money(text[start:end], start, end, value, high))
    return found


def _looks_dated(plain: str, end: int) -> bool:
    return plain[end : end + 1] in ("年", "月", ".", "/", "-", "号")


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
