"""Place names as written: 广东省佛山市南海, 安远县, 砀山. Not schools, streets or firms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.language.numbers import flat

NAMES = Path(__file__).with_name("places.txt")
LONGEST = 12

_SUFFIX = re.compile(
    r"(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|[一-龥]{0,12}?族自治[州县旗]|自治[州县旗]|地区|[省市县区盟旗州])$"
)
_ETHNIC = re.compile(
    r"(?:蒙古|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|柯尔克孜|"
    r"土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|塔吉克|怒|鄂温克|裕固|保安|门巴|鄂伦春|独龙|各|回|土)族.*$"
)
ABROAD = (
    "香港 澳门 台湾 美国 英国 日本 韩国 朝鲜 法国 德国 俄罗斯 加拿大 澳大利亚 澳洲 新西兰 "
    "新加坡 马来西亚 泰国 越南 "
    "缅甸 柬埔寨 老挝 菲律宾 印度 印尼 印度尼西亚 迪拜 意大利 西班牙 葡萄牙 荷兰 瑞士 瑞典 "
    "巴西 墨西哥 阿联酋 沙特 "
    "南非 埃及 尼日利亚 安哥拉 以色列 土耳其 乌克兰 哈萨克斯坦 蒙古国 塞班岛"
).split()
NICKNAMES = "帝都 魔都 羊城 蓉城 江城 东莞 中山 苏北 苏南 鲁西南 陕北 东北 珠三角 长三角".split()
# Common words first, places second: only their full form (日照市) or a place before them counts
_WORDS = frozenset(
    "日照 来宾 阿里 和平 新华 东方 平安 大方 合作 同心 安康 长安 中山 城关 朝阳 海东 河口 西区 "
    "东区 城区 郊区 矿区 "
    "开福 文山 开化 民和 民权 永和 安定 宁静 兴隆 富裕 友谊 向阳 前进 南山 北山 东山 西山 金山 "
    "宝山 山阳 大安 双台子 "
    "永定 平和 光明 高明 太平 太和 安平 安宁 开平 建设 鼓楼 钟楼 龙门 凤凰 望城 望都 通道 红旗 "
    "新城 古城 老城 桥东 "
    "桥西 路北 路南 江北 江南 江东 海港 港口 市中 市南 市北 普通 明光 公安 武功 双江 贡井 大足 "
    "大兴 明水 青年 开原 "
    "双桥 永年 天台 三门 兴国 保安 信义 监利 任县 应县 容县 通许 昌平 丰都 长寿 大新 大余 大同 "
    "大通 大祥 五家 滨海 "
    "沿河 长岛 永清 临时 任城 东城 西城 南城 北城 北海 中原 中卫 白银 广安 白云 黄石 三水 三明 "
    "三元 三山 三河 临高 交口 "
    "交城 米东 上街 上城 下城 下关 中方 中站 中宁 会同 合江 合山 合阳 名山 君山 宜君 宁安 宁化 "
    "安化 德化 双清 正安 "
    "正定 正阳 正宁 清新 清水 清流 清河 清镇 泉山 理县 汤原 新民 新安 新和 新兴 新河 新源 新郑 "
    "新星 共和 尼玛 措美 "
    "加查 洛隆 当雄 曲松 左贡 察雅 江达 工布 定结 定日 定安 定兴 定远 定南 扶余 博爱 修武 温县 "
    "孟州 道里 道外 平房 "
    "兴安 东风 西安区 爱民 阳明 复兴 丛台 竞秀 莲池 运河 广阳 安次 桃城 路桥 未央 雁塔 高新 "
    "经开 开发 裕华 井陉 矿务 "
    "海上 宜家 全南 宁都 长丰 长宁 徐汇 静安 普陀 金东 金平 金口 仁和 仁化 仁寿 义安 乐业 乐都 "
    "乐安 乐平 乐山区 富民 "
    "富平 富源 富川 福山 福安 天长 天全 天元 天心 天宁 天等 天水区 元宝 元氏 原平 原阳 平原 "
    "平顶 平山 平利 平川 平江 "
    "平度 平果 平桂 平桥 平罗 平舆 平谷 平遥 平邑 平鲁 平阳 平阴 平陆 平顺 "
    "平乡 平乐 平昌 平坝 平塘 平泉 平潭 平远 平武".split()
)
# 南京路, 北京大学, 中国银行深圳… carry a place's name without being one
_NOT_AFTER = re.compile(
    r"^(?:大学|路(?!过|上|边)|街|理工|师范|医科|人寿|现代|烤鸭|二手车|银行|牌|菜|话|时间|权|采光|巴巴|旺旺|云|"
    r"面馆|拉面)"
)
_STREET = re.compile(r"^[一-龥]{1,4}?(?:路|街|大道|巷)")
_BEFORE = re.compile(
    r"(?:在|从|到|去|来|回|是|于|住|自|往|家|[,，。;；、\s\[【(]|^|我们|老家|户籍|户口|坐标|人在|地点)$"
)
_AFTER = re.compile(
    r"^(?:的|人(?!民)|这边|这里|那边|本地|当地|打工|上班|工作|法院|公安|派出所|工地|工商|机场|买|做|[,，。;；、\s]|$|县城|市里|老家|交警|看守所)"
)
_BELOW = re.compile(
    r"(?:(?!小区|校区|社区|辖区)[一-龥]{1,4}?(?:新区|开发区|园区|区|县|市|镇|乡|街道|村(?!民|委|干部|支书|里|长)|林场|农场|机场|锚地)){1,3}"
)
_ALONE = re.compile(
    r"(?:(?<=在)|(?<=于)|(?<=从)|(?<=到)|(?<=是)|(?<=住))(?!我|他|她|本|这|那|同|某|小|全|一|农|个|别|外|其|每|该|哪|当|有)"
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
    full: set[str] = set(ABROAD)
    sure: set[str] = set(ABROAD) | set(NICKNAMES)
    unsure: set[str] = set()
    for line in NAMES.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        level, name = line.split(" ", 1)
        full.add(name)
        bare = _ETHNIC.sub("", _SUFFIX.sub("", name)) if len(name) > 2 else ""
        bare = _SUFFIX.sub("", name) if not bare else bare
        if len(bare) < 2 or bare == name:
            continue
        if level in "12" and bare not in _WORDS:
            sure.add(bare)
        else:
            unsure.add(bare)
    return frozenset(full), frozenset(sure), frozenset(unsure - sure)


def _longest(text: str, start: int, names: frozenset[str]) -> int:
    for size in range(min(LONGEST, len(text) - start), 1, -1):
        if text[start : start + size] in names:
            return start + size
    return 0


def _known(text: str, start: int, follows: bool) -> int:
    """Where a known name that starts here ends, 0 when there is none."""
    full, sure, unsure = _names()
    end = _longest(text, start, full)
    if end and text[start:end] not in ("城区", "郊区", "矿区", "市中区"):
        return end
    end = _longest(text, start, sure)
    if end:
        rest = text[end:]
        return 0 if _NOT_AFTER.match(rest) or (_STREET.match(rest) and not follows) else end
    end = _longest(text, start, unsure)
    if not end or _NOT_AFTER.match(text[end:]):
        return 0
    bare, before, rest = text[start:end], text[max(0, start - 2) : start], text[end:]
    if follows:
        return end
    alone = bare not in _WORDS and _BEFORE.search(before) and _AFTER.match(rest)
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
