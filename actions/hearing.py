"""Taking a message in: which trouble it is about, what it answers, adds and corrects."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace
from typing import Any

from actions import answers, details, sums, volunteered
from actions.matters import by_name, matters, named_in
from actions.memory import Memory
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
STANDS_FOR = {"trial_procedure": "criminal_stage", "violence_by_kin": "violence"}
PATIENCE = 3  # the same question so often, then it counts as not known

_SECOND = re.compile(
    r"第二(?:个|件)|另外|还有(?:一|个|件|个事|件事)|还想问|再问|顺便(?:再)?问|另一(?:个|"
    r"件)"
)
_FIRST = re.compile(r"先(?:说|办|讲|问|弄|解决|处理)|第一(?:个|件)|第二(?:个|件)|还是(?:说|先)")
_BETTER = re.compile(
    r"^(?:哦|啊|呃)?(?:不是|不对|错了|说错|更正|改一?下|准确)|说错了|记错了|准确(?:地)?说|"
    r"应该是|搞错"
)
_MEANT = re.compile(
    r"[，,。；;\s]*(?:哦|啊|呃)?(?:不是|不对|错了|说错了?|更正(?:一下)?|记错了?|"
    r"搞错了?)[的了啊，,。\s]*(?:是|应该是)?"
)
SURE, SURE_OF_FEW, AHEAD = 0.55, 0.85, 0.3  # of a label: alone, of a short text, over the next


@dataclass
class Heard:
    """One message as Rasa understood it."""

    text: str
    intent: str
    confidence: float
    ranking: list[tuple[str, float]]
    spans: dict[str, Any]
    danger: list[str]
    conversation: str
    message_id: str
    today: dt.date

    def means(self, *intents: str) -> bool:
        return self.intent in intents and self.confidence >= 0.5

    def label(self) -> str | None:
        """The matter this message clearly tells of."""
        for label, matter in matters().items():
            if self.text == matter.name:  # a button
                return label
        if not self.ranking:
            return None
        (top, chance), *others = self.ranking
        if top in ("procedure", "other") and len(self.text) <= 8:
            return None  # 没请律师 is no matter
        named = named_in(self.text)
        enough = SURE if len(self.text) >= 8 else SURE_OF_FEW  # few words say little
        ahead = chance - (others[0][1] if others else 0) >= AHEAD and len(self.text) >= 8
        if chance >= enough or ahead or (named == [top] and chance >= 0.3):
            return top
        return named[0] if len(named) == 1 else None

    def likely(self) -> list[str]:
        """Two or three labels worth asking about."""
        named = named_in(self.text)
        ranked = [label for label, chance in self.ranking if chance >= 0.08 and label != "other"]
        return list(dict.fromkeys([*named, *ranked]))[:3]


@dataclass
class Taken:
    """What a message did."""

    label_new: bool = False
    answered: bool = False
    unknown: bool = False
    learnt: bool = False
    second: str | None = None  # another trouble, of this label
    for_other: bool = False  # told of the trouble on the shelf
    corrected: dict[str, Any] = field(default_factory=dict)


def take(heard: Heard, memory: Memory) -> Taken:
    """Merges the message into the memory."""
    taken = Taken()
    text = heard.text
    if memory.shelf and _of_the_other(text, memory):
        memory.shelf["told"] = [*memory.shelf["told"], text][:12]
        memory.shelf["pending"] = [*memory.shelf.get("pending", []), text][:12]
        memory.details["other_told"] = memory.shelf["told"]
        taken.for_other = taken.learnt = True
        return taken
    before_facts, before_details = dict(memory.facts), dict(memory.details)
    meant = _MEANT.split(text)[-1] if _BETTER.search(text) else text
    answer = _answer(memory, meant or text, heard)
    _label(heard, memory, taken, answered=answer is not None)
    if taken.second:
        return taken
    _merge(heard, memory, meant or text, answer, taken)
    if (
        _BETTER.search(text)
        and not taken.answered
        and memory.previous
        and not _changed(memory.facts, before_facts)
    ):
        again = answers.read(memory.previous, meant, heard.today, memory.facts)
        if again is not None and again is not answers.UNKNOWN:
            memory.facts[memory.previous] = again
    if memory.label and not memory.choosing:
        settle_matter(memory)
    changes = _changed(memory.facts, before_facts) | _changed(memory.details, before_details)
    taken.learnt = bool(changes)
    if _BETTER.search(text):
        taken.corrected = {
            name: value
            for name, value in changes.items()
            if name in _SHOWN and (before_facts.get(name) or before_details.get(name)) is not None
        }
    return taken


def _answer(memory: Memory, text: str, heard: Heard) -> Any:
    asked = memory.asked
    if asked is None or asked not in answers.readable() or asked == "danger":
        return None
    found = answers.read(asked, text, heard.today, memory.facts)
    if found is None and (heard.means("dont_know", "nothing_more") and len(text) <= 12):
        return answers.UNKNOWN
    return found


def _label(heard: Heard, memory: Memory, taken: Taken, answered: bool) -> None:
    text, label = heard.text, heard.label()
    if memory.label is None:
        if (
            label is None
            and volunteered.suffered(text)
            and volunteered.names_kin(memory.story + text)
        ):
            label = "domestic_violence"
        told = label not in ("other", "procedure") or len(text) > 12
        if label and told and not memory.choosing:
            _begin(memory, label, text, taken)
            memory.details["label_chance"] = dict(heard.ranking).get(label, 0.0)
            second = heard.ranking[1] if len(heard.ranking) > 1 else ("other", 0.0)
            if second[1] >= 0.2 and second[0] not in ("other", "procedure"):
                memory.details["secondary"] = second[0]
        elif len(text) > 1:
            memory.story = (memory.story + "，" + text).strip("，")[:500]
        return
    if label in (None, memory.label, "other", "procedure"):
        return
    chance = dict(heard.ranking).get(str(label), 0.0)
    if _SECOND.search(text) and len(text) >= 8 and memory.shelf is None:
        taken.second = label
    elif (
        label == "domestic_violence"
        and memory.label in ("marriage", "support_custody")
        and volunteered.suffered(text)
    ):
        memory.details["secondary"], memory.label = memory.label, label
    elif not answered and (
        (_BETTER.search(text) and chance >= 0.7 and len(text) >= 5)
        or (
            memory.details.get("label_chance", 1.0) < 0.7
            and chance >= 0.6
            and named_in(text) == [label]
        )
    ):
        memory.details["label_chance"] = chance
        for name in ("matter", "request", "role"):
            memory.facts.pop(name, None)
        memory.details.pop("matter_by", None)
        _begin(memory, str(label), text, taken)
    elif chance >= 0.75 and len(text) >= 12 and not answered:
        memory.details.setdefault("secondary", label)


def _begin(memory: Memory, label: str, text: str, taken: Taken) -> None:
    memory.label, taken.label_new = label, True
    if memory.asked == "story":
        memory.settle()


def choose_label(memory: Memory, label: str, taken: Taken) -> None:
    """The citizen has said which kind of trouble it is; what was told before counts again."""
    _begin(memory, label, memory.story, taken)
    memory.choosing = None


def _merge(heard: Heard, memory: Memory, text: str, answer: Any, taken: Taken) -> None:
    asked = memory.asked
    whole = heard.text
    if len(whole) > 1 and memory.label:
        if whole not in memory.story:
            memory.story = (memory.story + "，" + whole).strip("，")[-500:]
        if not answers.dont_know(whole):
            memory.details |= details.told(memory.details, whole)
    source = memory.story if taken.label_new else whole
    spans = _as_corrected(heard.spans, whole)
    extra = volunteered.read(source, memory.label, memory.details, spans, heard.today)
    extra |= volunteered.read(text, memory.label, memory.details, spans, heard.today)
    amount, record = sums.take(
        text if not taken.label_new else source,
        memory.label,
        memory.facts,
        memory.details,
        asked,
        corrects=_BETTER.search(whole) is not None,
    )
    corrects_months = "months" in record and _BETTER.search(whole) is not None
    if asked in ("household_income", "applicant_income") and not corrects_months:
        amount = record = {}  # an income is not what is at stake
    memory.details |= details.read(source, memory.label, memory.details, spans) | record
    if memory.details.get("at_court"):
        _defendant(memory)
    if memory.details.get("for_whom") and (years := volunteered.speaker_age(whole)):
        memory.details["applicant_age"] = years
    if answer is answers.UNKNOWN and asked not in extra:
        memory.facts[STANDS_FOR.get(str(asked), str(asked))] = None
        taken.answered = taken.unknown = True
    elif answer is not None and answer is not answers.UNKNOWN:
        _accept(memory, str(asked), answer)
        taken.answered = True
    elif asked in extra:
        taken.answered = True
    for name, value in {**extra, **amount}.items():
        if name == asked and answer is not None and answer is not answers.UNKNOWN:
            continue
        _tell(memory, name, value)
    _reckon(memory, whole)
    if (
        asked
        and asked not in ("story", "danger")
        and not taken.answered
        and (memory.times_asked >= PATIENCE)
    ):
        if asked in answers.readable():
            memory.facts[STANDS_FOR.get(asked, asked)] = None
        taken.unknown = taken.answered = True


def _as_corrected(spans: dict[str, Any], text: str) -> dict[str, Any]:
    """零八年…… 不对 一八年: what was taken back is no time and no sum of the case."""
    taken_back = _MEANT.split(text)
    if len(taken_back) < 2 or not taken_back[-1]:
        return spans
    kept = {n: [w for w in spans.get(n) or [] if w in taken_back[-1]] for n in ("time", "money")}
    return {**spans, **{n: words or spans.get(n) or [] for n, words in kept.items()}}


def _accept(memory: Memory, asked: str, answer: Any) -> None:
    """The answer to the question that was put."""
    if asked in ("criminal_stage", "trial_procedure"):
        if answer == "trial":
            memory.details["at_court"] = "是"
            _defendant(memory)
            return
        asked = "criminal_stage"
        if answer in ("trial_ordinary", "trial_simplified", "fast_track"):
            _defendant(memory)
    if asked == "violence_by_kin":
        asked = "violence"
    if asked in ("region", "agency_at", "forum_at"):
        memory.details["region"] = answer
        if asked == "region":
            memory.facts["region"] = None
            return
    if asked == "role" and memory.label != "criminal" and answer in ("suspect", "defendant"):
        memory.label = "criminal"
    memory.facts[asked] = _tidy(answer)


def _defendant(memory: Memory) -> None:
    if memory.facts.get("role") == "suspect":
        memory.facts["role"] = "defendant"


def _tell(memory: Memory, name: str, value: Any) -> None:
    """A fact told unasked: lists grow, a later word on anything else wins."""
    if name in ("groups", "docs"):
        value = sorted({*(memory.facts.get(name) or []), *value})
    if name == "violence" and value == "none" and memory.facts.get(name) == "suffered":
        return  # 没打孩子 does not take back what was told
    if name == "request" and value == "mediation" and memory.facts.get("violence") == "suffered":
        return
    if name == "accident_date" and memory.facts.get(name):
        return
    memory.facts[name] = _tidy(value)


def _tidy(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value == int(value) else value


_STRANGERS = re.compile(
    r"邻居|隔壁|楼上|同事|同学|老板|路人|陌生|幼儿园|学校|老师|医院|商场|超市|司机|"
    r"保安|城管|网友|物业|狗"
)


def _reckon(memory: Memory, text: str) -> None:
    """What follows from what was told, by arithmetic and by the meaning of words."""
    facts = memory.facts
    if (
        memory.label == "injury_tort"
        and _STRANGERS.search(memory.story)
        and (
            facts.get("violence") in (None, "suffered") and not volunteered.names_kin(memory.story)
        )
    ):
        facts["violence"] = "none"  # the word means violence in the family
    own = facts.get("applicant_income")
    alone = facts.get("household_size") == 1 or re.search(
        r"我(?:和|跟|带着?)(?:一个|两个|俩)?(?:孩子|娃|小孩|儿子|女儿)", text
    )
    if alone and own is not None and "household_income" not in facts:
        facts["household_income"] = own
    size, income = facts.get("household_size"), facts.get("household_income")
    if ("household_size" in facts and size is None) or (
        "household_income" in facts and income is None
    ):
        facts["income_pc"] = None
    elif "income_pc" in facts and facts["income_pc"] is None:
        del facts["income_pc"]


# --- two troubles ---------------------------------------------------------------------------------


def shelve(memory: Memory, label: str, text: str) -> None:
    memory.shelf = {
        "label": label,
        "told": [text],
        "facts": {},
        "details": {},
        "story": text,
        "pending": [text],
    }
    memory.details |= {"other_matter": label, "other_told": [text]}
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
    ours = _shared(text, memory.story, " ".join(memory.shelf["told"]))
    theirs = _shared(text, " ".join(memory.shelf["told"]), memory.story)
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
        _merge(late, memory, text, None, Taken())


def _of_the_other(text: str, memory: Memory) -> bool:
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


# --- corrections ----------------------------------------------------------------------------------

_SHOWN = {
    "amount": "{}元",
    "months": "{}个月",
    "wage": "每月{}元",
    "household_size": "{}口人",
    "household_income": "全家每月{}元",
    "applicant_income": "每月{}元",
    "age": "{}岁",
    "lawyer": "{}",
    "employment_end": "{}",
    "accident_date": "{}",
    "opponent_relation": "",
}


def shown(corrected: dict[str, Any]) -> str:
    """好的，改成两个月。 names the first thing that changed."""
    for name, value in corrected.items():
        words = {True: "已经请了律师", False: "还没请律师"}.get(value) if name == "lawyer" else None
        number = int(value) if isinstance(value, float) and value == int(value) else value
        said = words or _SHOWN[name].format(number)
        if said:
            return f"好的，改成{said}。"
    return "好的，改过来了。"


def _changed(now: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    quiet = {"told", "amount_from", "money", "time", "questions"}
    return {n: v for n, v in now.items() if n not in quiet and before.get(n, quiet) != v}


def settle_matter(memory: Memory) -> bool:
    """Fills the fine matter in from the words; False: it has to be asked.

    An answer stands; words stand until words of higher rank come; what was assumed gives way.
    """
    if memory.label is None:
        return False
    matter, by = matters()[memory.label], str(memory.details.get("matter_by", ""))
    if by == "answer":
        return True
    best = int(by.split()[1]) if by.startswith("hint") else len(matter.hints)
    place = next((n for n, h in enumerate(matter.hints[:best]) if h.fits(memory.story)), None)
    if place is None:
        if by:
            return True
        if "matter" in memory.facts or matter.question:
            return "matter" in memory.facts
        _assume(memory, {}, matter.facts, "default")
        return True
    hint = matter.hints[place]
    stale = {} if not by else matter.facts if by == "default" else matter.hints[best].facts
    _assume(memory, stale, hint.facts, f"hint {place}")
    if hint.label:
        memory.label = hint.label
        if memory.details.get("secondary") == hint.label:
            del memory.details["secondary"]
        memory.details["matter_by"] = "answer"
    return True


def _assume(memory: Memory, stale: dict[str, Any], facts: dict[str, Any], by: str) -> None:
    for name, value in stale.items():
        if memory.facts.get(name) == value:
            del memory.facts[name]
    for name, value in facts.items():
        if name != "request" or not memory.facts.get("request"):
            memory.facts[name] = value
    memory.details["matter_by"] = by
