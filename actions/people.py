"""How many people live together."""

from __future__ import annotations

import re

from actions import figures

_COUNT = r"([\d一二两三四五六七八九十俩仨]+)"
_HOUSE = re.compile(
    rf"(?:一家|全家|家里|我们家|家中|总共|一共)?(?:一共|总共|就|有|共|是|还有|，|"
    rf",)*{_COUNT}\s*(?:口|个人口)"
)
_PEOPLE = re.compile(rf"{_COUNT}\s*(?:个)?(?:多)?人(?!次|民)")
_PAIR = re.compile(
    r"我们俩|咱俩|[娘爷母父婆祖][儿子女孙]?俩|两口子|小两口|夫妻(?:两|二)人|相依为命|"
    r"二人世界"
)
_EARNER = re.compile(  # who earns is no count of heads
    r"(?:就|只有|靠|全靠|光靠)*(?:他|她|我|老公|老婆|丈夫|妻子|儿子|女儿)一个人(?:在)?(?:挣|赚|上班|养|干活|打工|有收入|有工作)"
)
_ELSEWHERE = re.compile(r"公司|厂里|工友|船上|班组|群里|我们村|工地|同事")
_ALONE = re.compile(
    r"就我(?:一个|自己|一人)?(?:人)?(?:$|[，,。])|只有我(?:一个|自己|$)|我(?:一个人|"
    r"自己一个|自己(?:过|住|一人))|一个人(?:过|住|生活)|"
    r"^(?:就)?(?:我)?(?:自己|一个人|一个|单身|独居)[。啊呢]*$|单身一人|独居|光棍"
)
_KIN = re.compile(
    rf"{_COUNT}?\s*(?:个)?(老公|丈夫|老婆|妻子|媳妇|爱人|孩子|娃|小孩|儿子|女儿|闺女|"
    rf"爸爸?|妈妈?|父亲|母亲|"
    r"爷爷|奶奶|公公|婆婆|外公|外婆|哥哥?|姐姐?|弟弟?|妹妹?|孙子|孙女|老人|父母|爸妈|爹|娘)"
)


def head_count(text: str, expected: bool = False) -> int | None:
    """How many people live together. `expected`: that was the question."""
    text = _EARNER.sub("", figures.plain(text))
    match = _HOUSE.search(text)
    if match:
        return _whole(match[1])
    if _ELSEWHERE.search(text):
        return None
    if _ALONE.search(text):
        return 1
    if re.match(r"就我(?:和|跟|同|带着?)", text):
        return _kin_and_me(text)
    if re.search(r"(?:家里|一起|生活|过日子).{0,4}(?:就)?" + _COUNT + r"\s*个?人", text):
        return _whole(_PEOPLE.search(text)[1])  # type: ignore[index]
    if not expected:
        return None
    if _PAIR.search(text):
        return 2
    match = _PEOPLE.search(text)
    if match:
        return _whole(match[1])
    if re.fullmatch(rf"(?:有|就|是)?{_COUNT}\s*(?:个|口)?(?:吧|啊|呢|左右)?[。.]?", text):
        return _whole(re.search(_COUNT, text)[1])  # type: ignore[index]
    together = re.search(
        rf"[跟和、][^，。]*[妈爸娘爹娃婆子女儿公孙哥弟姐妹]{_COUNT}个[。吧啊嘛]*$", text
    )
    return _whole(together[1]) if together else _kin_and_me(text)


def _kin_and_me(text: str) -> int | None:
    """就我和我妈: two; 我老婆和两个孩子: four."""
    kin = _KIN.findall(text)
    if not kin or "我" not in text:
        return None
    heads = 1
    for count, who in kin:
        each = _whole(count) if count else None
        heads += each or (2 if who in ("父母", "爸妈") else 1)
    return heads


def _whole(words: str) -> int | None:
    number = figures.value(words)
    return int(number) if number and number == int(number) and number <= 50 else None
