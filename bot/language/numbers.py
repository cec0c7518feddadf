"""Chinese and Arabic numerals as people type them: 三万五, 2万5, 两千三, 1.5万, 32,000, 百八十."""

from __future__ import annotations

import re
import unicodedata

# Traditional characters that sums, dates, people and places are written with
SIMPLE = str.maketrans(
    "兩萬億塊錢個圓貳參戰離聯陸禮號歲點幾來發給還沒對後這說時間內週鐘舊頭從過開關裡裏親爺媽婦孫兒殘聾啞癱軍屬隊農騙"
    "廣東慶遼寧陝貴雲臺灣蘇龍濟長馬鄭瀋陽蘭錫紹興溫鎮連門澳島縣區鄉漢爾濱齊魯黃贛滬閩粵瓊張莊義烏經學",
    "两万亿块钱个圆贰参战离联陆礼号岁点几来发给还没对后这说时间内周钟旧头从过开关里里亲爷妈妇孙儿残聋哑瘫军属队农骗"
    "广东庆辽宁陕贵云台湾苏龙济长马郑沈阳兰锡绍兴温镇连门澳岛县区乡汉尔滨齐鲁黄赣沪闽粤琼张庄义乌经学",
)
DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0, "两": 2, "俩": 2, "仨": 3, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5,
    "陆": 6, "柒": 7, "捌": 8, "玖": 9,
}  # fmt: skip
UNITS = {
    "十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "k": 1000,
    "万": 10_000, "w": 10_000, "亿": 100_000_000,
}  # fmt: skip
HAN = "".join(DIGITS) + "十拾廿卅百佰千仟万亿"
# Whole runs of digits only: parts of them would make a long one cost exponential time
ARABIC = r"(?<!\d)(?:\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.\d{1,4})?(?!\d)"
# one number: digits, Chinese numerals, or both mixed (1万6, 3万5千)
NUMBER = rf"(?:{ARABIC}|[{HAN}])(?:{ARABIC}|[{HAN}]|(?<=\d)[kw](?![a-z])){{0,16}}"

_PART = re.compile(rf"({ARABIC})|([{''.join(DIGITS)}])|([{''.join(UNITS)}])")
_SPELLED = re.compile(r"[零〇一二三四五六七八九]{2,}")
_ABOUT = re.compile(r"([一二两三四五六七八九])([二两三四五六七八九])(?=[十百千万亿])")


def flat(text: str) -> str:
    """Full-width and Traditional forms made plain, length kept: positions fit the original."""
    plain = (unicodedata.normalize("NFKC", c) for c in text)
    narrow = "".join(p if len(p) == 1 else c for p, c in zip(plain, text))  # noqa: B905
    return narrow.lower().translate(SIMPLE)


def ends(words: str) -> tuple[float | None, float | None]:
    """Both ends of 三四百 and 十七八万; of any other number itself and None."""
    about = _ABOUT.search(words)
    if about and DIGITS[about[2]] - DIGITS[about[1]] in (1, 2):
        return parse(words), parse(words[: about.start(1)] + words[about.end(1) :])
    return parse(words), None


def parse(words: str) -> float | None:
    """The number that `words` stands for, None when there is none. 三万五 is 35,000."""
    words = flat(words).replace(" ", "").replace("廿", "二十").replace("卅", "三十")
    about = _ABOUT.search(words)
    if about and DIGITS[about[2]] - DIGITS[about[1]] in (1, 2):  # 七八千: what is certain is 七千
        words = words[: about.start(2)] + words[about.end(2) :]
    if _SPELLED.fullmatch(words):  # 二零一七, 三五
        return float("".join(str(DIGITS[c]) for c in words))
    whole = 0.0  # finished groups of ten thousand
    group = 0.0  # the group being read
    current: float | None = None  # a digit that waits for its unit
    unit, after_zero = 0, False
    for arabic, digit, size in _PART.findall(words):
        if arabic:
            current = float(arabic.replace(",", ""))
        elif digit:
            current = float(DIGITS[digit])
            after_zero = after_zero or current == 0
        elif UNITS[size] >= 10_000:
            number = group + (current or 0)
            if UNITS[size] > unit >= 10_000:  # 一万亿 multiplies, 一亿三万 adds
                whole = (whole + number) * UNITS[size]
            else:
                whole += (number or 1) * UNITS[size]
            group, current, unit, after_zero = 0.0, None, UNITS[size], False
        else:
            group += (1 if current is None else current) * UNITS[size]
            current, unit, after_zero = None, UNITS[size], False
    if current is None:
        return whole + group if unit else None
    if unit >= 100 and not after_zero and 0 < current < 10:
        current *= unit // 10  # 三万五, 两千三, 一百五
    return whole + group + current
