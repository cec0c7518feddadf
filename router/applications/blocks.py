"""The form, one block of questions at a time: what is asked of whom, and what is a good answer."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from router.destinations.labels import LABELS
from router.eligibility.facts import GROUPS
from router.tickets import callbacks

Form = Mapping[str, Any]
MOST_CHARS = 4000
WHO: Final = {
    "self": "我自己",
    "guardian": "我的孩子、老人等，他（她）未成年，或者不能完全辨认自己的行为",
    "agent": "一位能自己作主的成年人，他（她）委托我代为申请",
    "detained": "我的亲属，他（她）被羁押或者正在服刑",
}
ID_KINDS: Final = {"resident": "居民身份证", "permit": "港澳台居民证件", "other": "护照或其他证件"}
KIN: Final = {
    "parent": "父亲或母亲",
    "child": "子女",
    "spouse": "配偶",
    "sibling": "兄弟姐妹",
    "grandparent": "祖父母、外祖父母",
    "guardian": "其他监护人",
    "other": "其他近亲属",
    "none": "没有亲属关系",
}
CAPACITY: Final = {
    "child": "不满 8 周岁",
    "minor": "8 到 17 周岁",
    "limited": "成年，不能完全辨认自己的行为",
    "none": "成年，不能辨认自己的行为",
    "full": "成年，能辨认自己的行为",
}
WANTED: Final = {
    "litigation": "打官司时请律师代理",
    "arbitration": "劳动仲裁时请人代理",
    "defence": "刑事辩护或者刑事代理",
    "document": "代写法律文书",
    "unsure": "不清楚，请机构帮我定",
}


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    kind: str = "text"  # text | area | choice | many | money | count | phone
    needed: bool = True
    choices: Mapping[str, str] | None = None
    hint: str = ""
    auto: str = "off"  # the browser's autocomplete
    when: Callable[[Form], bool] = lambda form: True
    check: Callable[[str, Form], str] = lambda value, form: ""  # what is wrong, in Chinese


@dataclass(frozen=True)
class Block:
    name: str
    title: str
    fields: tuple[Field, ...]
    lead: str = ""
    when: Callable[[Form], bool] = lambda form: True


def for_another(form: Form) -> bool:
    return form.get("who") in ("guardian", "agent", "detained")


def asks_means(form: Form) -> bool:
    return bool(form.get("means", True))


def born(number: str) -> date | None:
    """The birthday in a resident identity number; None: it is none (GB 11643 checksum)."""
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", number):
        return None
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], weights, strict=True))
    if "10X98765432"[total % 11] != number[17]:
        return None
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def _identity(kind: str) -> Callable[[str, Form], str]:
    def check(value: str, form: Form) -> str:
        if form.get(kind) == "resident" and born(value.upper()) is None:
            return "身份证号不对，请对照证件再看一遍。"
        return ""

    return check


def _capacity(value: str, form: Form) -> str:
    """LAL 40(1) knows no statutory agent of who is able: such a person gives a mandate."""
    if value != "full":
        return ""
    return "能辨认自己行为的成年人自己申请，或者委托您：请回到第 1 步，选“他（她）委托我代为申请”。"


def _kin(value: str, form: Form) -> str:
    if value == "none" and form.get("who") != "agent":
        return "只有监护人、近亲属可以代为申请（法律援助法第40条）。"
    return ""


def _phone(value: str, form: Form) -> str:
    return "" if callbacks.dialled(value) else "电话号码不对，请再看一遍。"


BLOCKS: Final = (
    Block(
        "who",
        "为谁申请",
        (Field("who", "为谁申请法律援助", "choice", choices=WHO),),
        "未成年人、不能完全辨认自己行为的人，监护人可以代为申请；"
        "被羁押的人，监护人、近亲属可以代为申请（法律援助法第40条）。"
        "其他成年人自己申请，也可以写委托书请人代办。",
    ),
    Block(
        "person",
        "需要援助的人",
        (
            Field("name", "姓名", hint="和证件上的一样", auto="name"),
            Field("id_kind", "证件种类", "choice", choices=ID_KINDS),
            Field("id_number", "证件号码", check=_identity("id_kind")),
            Field("phone", "联系电话", "phone", auto="tel", check=_phone,
                  when=lambda form: not for_another(form)),
            Field("address", "现在的住址", auto="street-address",
                  when=lambda form: form.get("who") != "detained"),
            Field("place_held", "羁押或服刑的地方",
                  when=lambda form: form.get("who") == "detained"),
            Field("organ", "办案机关", when=lambda form: form.get("who") == "detained",
                  hint="例如某某公安局、检察院、法院；不知道就写“不知道”"),
            Field("capacity", "年龄和辨认能力", "choice", choices=CAPACITY, check=_capacity,
                  when=lambda form: form.get("who") == "guardian"),
            Field("groups", "属于哪些群体（没有就不选）", "many", needed=False, choices=GROUPS),
        ),
    ),
    Block(
        "agent",
        "代为申请的人",
        (
            Field("agent_name", "您的姓名", auto="name"),
            Field("agent_id", "您的身份证件号码"),
            Field("kinship", "您是他（她）的", "choice", choices=KIN, check=_kin),
            Field("agent_phone", "您的电话", "phone", auto="tel", check=_phone),
        ),
        when=for_another,
    ),
    Block(
        "case",
        "事情和请求",
        (
            Field("matter", "是什么事", "choice", choices=LABELS),
            Field("opponent", "对方是谁", needed=False,
                  hint="人名或者单位全称；指派律师前要查对有没有利害冲突"),
            Field("amount", "牵涉多少钱（元）", "money", needed=False),
            Field("happened_at", "事情发生在哪里，或者由哪家法院、仲裁机构处理"),
            Field("story", "事情经过", "area",
                  hint="已经放进您在对话里说过的话，请改成您想提交的样子"),
            Field("wanted", "需要什么援助", "choice", choices=WANTED),
        ),
    ),
    Block(
        "means",
        "经济困难状况",
        (
            Field("household_size", "家里共同生活几口人", "count"),
            Field("household_income", "全家一个月的收入（元）", "money"),
            Field("household_members", "家人是谁，靠什么生活", "area", needed=False),
            Field("property", "房子、车、存款等", "area", needed=False),
            Field("burden", "看病、上学等大的支出", "area", needed=False),
        ),
        "如实填写就可以，不用开任何证明。机构需要时自己核查（法律援助法第41条）。",
        when=asks_means,
    ),
)  # fmt: skip


def blocks_of(form: Form) -> list[Block]:
    return [block for block in BLOCKS if block.when(form)]


def read(block: Block, given: Mapping[str, Any], form: Form) -> tuple[dict[str, Any], dict]:  # type: ignore[type-arg]
    """The block's answers as kept, and what is wrong by field, in Chinese. `given`: text, or a list
    for `many`. Wrong answers are kept too: nobody types twice."""
    answers: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for field in block.fields:
        value = _clean(field, given.get(field.name))
        answers[field.name] = value
    seen = {**form, **answers}
    for field in block.fields:
        if not field.when(seen):
            answers[field.name] = [] if field.kind == "many" else ""
        elif fault := _fault(field, answers[field.name], seen):
            wrong[field.name] = fault
    return answers, wrong


def missing(form: Form) -> list[str]:
    """Blocks that are not done yet, in order."""
    return [block.name for block in blocks_of(form) if read(block, form, form)[1]]


def _clean(field: Field, value: Any) -> Any:
    if field.kind == "many":
        chosen = value if isinstance(value, list) else [value] if value else []
        return [one for one in chosen if one in (field.choices or {})]
    text = str(value or "").replace("\r\n", "\n").strip()[:MOST_CHARS]
    if field.kind in ("money", "count"):
        text = unicodedata.normalize("NFKC", text)  # ３ is a 3
        text = text.replace(",", "").removesuffix("元")
    return text.upper() if field.name in ("id_number", "agent_id") else text


def _fault(field: Field, value: Any, form: Form) -> str:
    if field.kind == "many":
        return ""
    if not value:
        return f"请填写“{field.label}”。" if field.needed else ""
    if field.kind == "choice" and value not in (field.choices or {}):
        return "请从列出的里面选一个。"
    if field.kind == "money" and not re.fullmatch(r"\d{1,9}(\.\d{1,2})?", value):
        return "请只写数字，例如 59000。"
    if field.kind == "count" and not (value.isdecimal() and 1 <= int(value) <= 50):
        return "请写 1 到 50 之间的数字。"
    return field.check(value, form)


def shown(form: Form) -> list[tuple[str, list[tuple[str, str]]]]:
    """The whole form in words: title and rows of each block; answers that are not given are —."""
    return [
        (
            block.title,
            [(f.label, _words(f, form.get(f.name))) for f in block.fields if f.when(form)],
        )
        for block in blocks_of(form)
    ]


def _words(field: Field, value: Any) -> str:
    if field.kind == "many":
        return "、".join((field.choices or {}).get(one, one) for one in value or ()) or "—"
    text = str(value or "")
    return (field.choices or {}).get(text, text) or "—"
