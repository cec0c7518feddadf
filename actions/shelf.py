"""Two troubles: one in hand, the other put aside with all that was told of it."""

from __future__ import annotations

import re
from dataclasses import replace

from actions.heard import Heard, Taken
from actions.matters import by_name, told_of
from actions.memory import Memory
from actions.merging import merge
from bot.language import spans as grammar

# What belongs to the person and stays when the talk turns to their other trouble.
PERSONAL = {
    "region",
    "apply_date",
    "party",
    "nationality",
    "age",
    "disability",
    "mental_capacity",
    "groups",
    "docs",
    "hukou",
    "income_pc",
    "household_income",
    "household_size",
    "applicant_income",
    "homes",
    "temporary_hardship",
    "source",
}
_EACH = re.compile(r"(?:第一|第二|第三|一|另一|再一|还有一)(?:个|件)(?:事|呢|就)?(?:是|，|,)")
SECOND = re.compile(
    r"第二(?:个|件)|另外|还有(?:一|个|一个)?(?:件|桩|事|问题)|还想问|再问|顺便(?:再)?问|另一(?:个|"
    r"件)"
)
_SEVERAL = re.compile(r"(?:两|俩|二|三|几|好几|2|3)(?:个|件|桩|样)?(?:事|问题|麻烦)")
_AND = re.compile(r"(?:还有|另|再(?:有|就是|一)|然后)")
BARE = 8  # characters; what is shorter, before the first mark, tells nothing yet
_FIRST = re.compile(r"先(?:说|办|讲|问|弄|解决|处理)|第一(?:个|件)|第二(?:个|件)|还是(?:说|先)")


def apart(text: str, sounds_like: str | None) -> list[tuple[str, str]]:
    """The troubles that one message tells one after the other: label and words of each."""
    marks = sorted({m.start() for words in (_EACH, SECOND) for m in words.finditer(text)} | {0})
    pieces = [text[a:b] for a, b in zip(marks, [*marks[1:], len(text)], strict=True)]
    troubles: list[tuple[str, str]] = []
    for piece in pieces:
        label = told_of(piece)
        if not troubles and label is None and not _announces(piece, pieces):
            label = sounds_like  # as the whole message does
        if label is None and troubles and _EACH.match(piece):
            label = "other"  # counted as one more, whatever it is: none of the one before it
        if label and all(label != other for other, _ in troubles):
            troubles.append((label, piece))
        elif troubles:
            troubles[-1] = (troubles[-1][0], troubles[-1][1] + piece)
    return troubles


def _announces(piece: str, pieces: list[str]) -> bool:
    """问两件事: what comes before the first of several troubles is none itself."""
    return len(pieces) > 2 and (len(piece) < BARE or _SEVERAL.search(piece) is not None)


def begins_another(text: str, story: str) -> bool:
    """第二个…, or 还有… of somebody who announced several troubles."""
    return SECOND.search(text) is not None or (
        _SEVERAL.search(story) is not None and _AND.match(text) is not None
    )


def shelve(memory: Memory, others: list[tuple[str, str]]) -> None:
    (label, text), *more = others
    memory.shelf = {
        "label": label,
        "told": [text],
        "facts": {},
        "details": {},
        "story": text,
        "pending": [text],
    }
    memory.details |= {"other_matter": label, "other_told": [words for _, words in others]}
    if more:
        memory.details["more_matters"] = [other for other, _ in more]
    memory.offered = memory.outcome = None  # what was decided waits for the choice
    memory.choosing = {"kind": "first", "options": [memory.label, label], "tries": 0}


def wanted_first(memory: Memory, text: str) -> str | None:
    """Which of the two troubles the words put first."""
    if not memory.shelf or not memory.label:
        return None
    options = [memory.label, memory.shelf["label"]]
    explicit = _FIRST.search(text) is not None or (
        memory.choosing is not None and memory.choosing.get("kind") == "first"
    )
    if not explicit or len(text) > 30:
        return None
    if re.search(r"第一", text):
        return options[0]
    if re.search(r"第二", text):
        return options[1]
    told = by_name(text, options)
    if told:
        return told
    told = " ".join(memory.shelf["told"])
    ours, theirs = _shared(text, memory.story, told), _shared(text, told, memory.story)
    if ours == theirs:  # 先说墙的: one character has to do
        words = set(re.sub(r"先|说|办|讲|问|弄|解决|处理|的|吧|那|个|事|还是", "", text))
        ours = len(words & (set(memory.story) - set(told)))
        theirs = len(words & (set(told) - set(memory.story)))
    return None if ours == theirs or not _FIRST.search(text) else options[0 if ours > theirs else 1]


def put_first(memory: Memory, label: str, heard: Heard) -> None:
    """Changes the trouble in hand for the one on the shelf, if that is the one wanted."""
    memory.choosing = None
    if not memory.shelf or label == memory.label:
        return
    shelf = memory.shelf
    bound = {n: v for n, v in memory.facts.items() if n not in PERSONAL}
    personal = {n: v for n, v in memory.facts.items() if n in PERSONAL}
    own = {n: v for n, v in memory.details.items() if not n.startswith("other_")}
    memory.shelf = {
        "label": memory.label,
        "told": list(own.get("told") or [memory.story]),
        "facts": bound,
        "details": own,
        "story": memory.story,
    }
    memory.label, memory.story = shelf["label"], shelf["story"]
    memory.facts = {**personal, **shelf["facts"]}
    memory.details = {
        **shelf["details"],
        "told": shelf["told"],
        "other_matter": memory.shelf["label"],
        "other_told": memory.shelf["told"],
    }
    memory.offered = memory.outcome = None
    memory.settle()
    for text in shelf.get("pending", []):  # told while the other trouble was in hand
        late = replace(heard, text=text, spans=grammar.read(text).as_dict())
        merge(late, memory, text, None, Taken())


def of_the_other(text: str, memory: Memory) -> bool:
    shelf = memory.shelf or {}
    if len(text) < 5 or _FIRST.search(text):
        return False
    told = " ".join(shelf["told"])
    return _shared(text, told, memory.story) > _shared(text, memory.story, told)


def _shared(text: str, ours: str, theirs: str) -> int:
    """How many pairs of characters the text has from one story and not from the other."""
    pairs = _pairs(ours) - _pairs(theirs)
    return len(_pairs(text) & pairs)


def _pairs(text: str) -> set[str]:
    return {
        text[i : i + 2]
        for i in range(len(text) - 1)
        if re.fullmatch(r"[\u4e00-\u9fff]{2}", text[i : i + 2])
    }
