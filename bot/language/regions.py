"""Place names as written: 广东省佛山市南海, 安远县, 砀山. Not schools, streets or firms."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.language.numbers import flat

NAMES = Path(__file__).with_name("places.txt")
WORDS = Path(__file__).with_name("place_words.txt")
LONGEST = 12

_SUFFIX = re.compile(
    r"(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|自治[州县旗]|地区|新区|林区|[省市县区盟旗])$"
)
_PEOPLES = (
    "蒙古|维吾尔|布依|朝鲜|土家|哈尼|哈萨克|傈僳|拉祜|东乡|纳西|景颇|柯尔克孜|达斡尔|仫佬|布朗|撒拉|"
    "毛南|仡佬|锡伯|塔吉克|鄂温克|裕固|保安|门巴|鄂伦春|独龙"
)
# 黔东南苗族侗族自治州 is said 黔东南 or 黔东南州
_ETHNIC = re.compile(
    rf"(?:(?:{_PEOPLES})(?:族.*)?|[藏苗彝壮满侗瑶白傣黎佤畲水土羌怒各回]族.*)自治(?P<kind>[州县旗])$"
)
# 南京路, 北京大学, 中国银行深圳… carry a place's name without being one
_NOT_AFTER = re.compile(
    r"^(?:(?:(?![上读念考的人])[一-龥]){0,4}大学(?!城)|交大|财大|理工|师范|医科|路(?!过|上|边)|街|大道|人寿|现代|大众|二手车|银行|牌|菜|话|时间|权|采光|巴巴|旺旺|云|"
    r"航空|啤酒|白药|茅台|二锅头|酒家|布鞋|火锅|面馆|拉面|刀削面|热干面|米粉|米线|大米|小吃|小笼|炒饭|大盘鸡|扒鸡|烧鸡|烤鸭|"
    r"板鸭|盐水鸭|火腿|龙井|月饼|"
    r"小面|肉夹馍|麻花|粉丝|置|点|玉(?![门林]))"  # 拆迁安置, 医保定点, 和田玉
)
_NAMED = re.compile(r"(?:叫|名叫|名字是|姓名|被告|原告)[一-龥]$")  # 老板叫张江苏
_STREET = re.compile(r"^[一-龥]{1,4}?(?:路|街|大道|巷)")
_BEFORE = re.compile(
    r"(?:在|从|到|去|来|回|是|于|住|自|往|家|[,，。;；、\s\[【(]|^|我们|老家|户籍|户口|坐标|人在|地点)$"
)
_AFTER = re.compile(
    r"^(?:的|人(?!民)|这边|这里|那边|本地|当地|打工|上班|工作|法院|公安|派出所|工地|工商|机场|买|做|[,，。;；、\s]|$|县城|市里|老家|交警|看守所)"
)
_PARTS_OF_TOWNS = ("城区", "郊区", "矿区", "市中区", "老城区", "新城区", "城中区")
_BELOW = re.compile(
    r"(?:(?!小区|校区|社区|辖区)(?:(?![去到在了从的是和跟这那])[一-龥]){1,4}?(?:新区|开发区|园区|区|县|市|镇|乡|街道|村(?!民|委|干部|支书|里|长)|林场|农场|机场|锚地)){1,3}"
)
_ALONE = re.compile(
    r"(?:(?<=在)|(?<=于)|(?<=从)|(?<=到)|(?<=是)|(?<=住))(?!我|他|她|本|这|那|同|某|小|全|一|农|个|别|外|娘|老|其|每|该|哪|当|有|和|跟|了)"
    r"[一-龥]{2,3}(?:县|镇|乡|街道|村(?!民|委|干部|支书|里|长|里))"
)


@dataclass(frozen=True)
class Region:
    literal: str
    start: int
    end: int


@lru_cache(maxsize=1)
def _names() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Full names; bare names that stand alone; bare names that need a place or 在 before them."""
    told = words()
    full = set(told["abroad"])
    sure = {*told["abroad"], *told["nickname"]}
    unsure: set[str] = set()
    for line in NAMES.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        level, name = line.split(" ", 1)
        (unsure if len(name) == 2 else full).add(name)  # 和县, 单县: 我和县里的人说
        ethnic = _ETHNIC.search(name)
        bare = name[: ethnic.start()] if ethnic else _SUFFIX.sub("", name)
        if len(bare) < 2 or bare == name:
            continue
        if ethnic:
            full.add(bare + ethnic["kind"])
        known = level in "12" or name.endswith("市")
        (sure if known and bare not in told["word"] | told["name"] else unsure).add(bare)
    return frozenset(full), frozenset(sure), frozenset(unsure - sure)


@lru_cache(maxsize=1)
def words() -> dict[str, set[str]]:
    """word, name, abroad, nickname: what place_words.txt says of names."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for line in WORDS.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            kind, *names = line.split()
            kinds[kind].update(names)
    return kinds


def _longest(text: str, start: int, names: frozenset[str]) -> int:
    for size in range(min(LONGEST, len(text) - start), 1, -1):
        if text[start : start + size] in names:
            return start + size
    return 0


def _known(text: str, start: int, follows: bool) -> int:
    """Where a known name that starts here ends, 0 when there is none."""
    full, sure, unsure = _names()
    before = text[max(0, start - 4) : start]
    if _NAMED.search(before):
        return 0
    end = _longest(text, start, full)
    if end and (follows or text[start:end] not in _PARTS_OF_TOWNS):
        return end
    end = _longest(text, start, sure)
    if end:
        rest = text[end:]
        named = _NOT_AFTER.match(rest) or (_STREET.match(rest) and not follows)
        return 0 if named or before.endswith("老") else end
    end = _longest(text, start, unsure)
    if not end or _NOT_AFTER.match(text[end:]):
        return 0
    if follows:
        return end
    alone = (
        text[start:end] not in words()["word"]
        and _BEFORE.search(before[-2:])
        and _AFTER.match(text[end:])
    )
    return end if alone else 0


def find(text: str) -> list[Region]:
    plain = flat(text)
    found: list[Region] = []
    at = 0
    while at < len(plain):
        end = _known(plain, at, follows=False)
        if not end:
            alone = _ALONE.match(plain, at)
            if alone:
                found.append(Region(text[at : alone.end()], at, alone.end()))
                at = alone.end()
            else:
                at += 1
            continue
        while follow := _known(plain, end, follows=True):  # 江苏 + 东台
            if plain[follow : follow + 1] in ("镇", "乡", "村", "街"):
                break  # 凤城镇 is a town, not the city of 凤城
            end = follow
        if plain[end : end + 1] in ("省", "市", "县", "区") and plain[end : end + 2] not in (
            "市场",
            "区别",
        ):
            end += 1
        below = _BELOW.match(plain, end)
        if below:
            end = below.end()
        found.append(Region(text[at:end], at, end))
        at = end
    return found
