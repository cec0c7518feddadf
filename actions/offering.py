"""The places on offer after a decision: choosing one, opening its ticket."""

from __future__ import annotations

import re

from actions import phrases
from actions.exchange import Reply, Turn
from actions.matters import matters

LATER = "我再想想"
MOST_BUTTONS = 4
DUTY = {"name": "duty_lawyer", "kind": "duty_lawyer", "button": "和值班律师说"}
APPLY = {"name": "legal_aid_application", "kind": "legal_aid_application", "button": "申请法律援助"}

PUTS_OFF = re.compile(
    r"^(?:我)?(?:再)?(?:想想|考虑|商量|看看再说)|先这样|不用了|算了吧?$|先不|不需要|暂时不"
)
ASKS = re.compile(
    r"吗|[?？]|能不能|可不可以|能.{0,6}不能$|怎么|是不是|会不会|要不要|行不行|多少|为什么|呢$|找谁|该谁|哪[里儿个家]|什么时候|多久"
)
_SWINDLED = re.compile(r"骗|转账|转过去|转钱|汇款|打钱|验证码|安全账户")
_REPORTED = re.compile(
    r"(?:公安|警察|派出所|法院|他们?|她们?|对方|人家|村里|物业|公司|老板)[^，。]{0,3}(?:说|要|让|叫|只)"
)
_CHOICE_WORDS = [
    ("mediation", r"调解|说和|和解|先谈|坐下来"),
    ("legal_aid_application", r"申请|法律援助|援助"),
    ("duty_lawyer", r"值班律师|律师|人工|真人"),
    ("emergency_110", r"110|报警"),
]


def chosen_offer(turn: Turn) -> dict[str, str] | None:
    """The destination that the words choose; a question or a story chooses nothing."""
    offered, text = turn.memory.offered or [], turn.text
    for offer in offered:
        if text == offer["button"]:
            return offer
    if len(text) > 16 or ASKS.search(text) or PUTS_OFF.search(text) or re.search(r"不|没", text):
        return None
    if _REPORTED.search(text):
        return None  # 公安说要调解 tells what others want
    for kind, words in _CHOICE_WORDS:
        if re.search(words, text):
            found = next((o for o in offered if o["kind"] == kind), None)
            if found:
                return found
    for offer in offered:
        if len(text) >= 3 and (text in offer["button"] or offer["button"] in text):
            return offer
    place = re.fullmatch(r"(?:选|就)?第?([一二三四1234])(?:个|项)?(?:吧)?", text)
    if place:
        at = "一二三四".find(place[1]) if place[1] in "一二三四" else int(place[1]) - 1
        return offered[at] if at < len(offered) else None
    yes = turn.heard.means("affirm") and len(text) <= 6
    return offered[0] if yes and len(offered) == 1 else None


async def open_ticket(turn: Turn, offer: dict[str, str]) -> Reply:
    memory, heard = turn.memory, turn.heard
    spoken = memory.details.get("language")
    answer = await turn.router.ticket(
        **({"language": spoken} if spoken else {}),
        conversation=heard.conversation,
        message_id=heard.message_id,
        destination=offer["name"],
        note=matters()[memory.label].name if memory.label else None,
    )
    memory.reference = str(answer["reference"])
    memory.details["chosen"] = offer["name"]
    memory.offered = memory.choosing = None
    memory.settle()
    return Reply(str(answer["text"]))


def at_once(turn: Turn) -> str:
    """What to do at once: of money on its way to a swindler, or of life and limb."""
    fraud = turn.memory.facts.get("role") == "victim" and _SWINDLED.search(turn.memory.story)
    crime = turn.memory.facts.get("danger") == "crime_now"
    return phrases.say("stop_payment") if fraud and crime else phrases.say("not_safe")


def offer_again(turn: Turn, lead: str) -> Reply:
    if turn.urgent():
        lead = at_once(turn)
    elif lead == phrases.say("noted"):  # who tells more is not asked the same again
        return Reply(phrases.say("noted_more"), offer_buttons(turn))
    return Reply(lead + phrases.say("choose"), offer_buttons(turn))


def offer_buttons(turn: Turn) -> list[phrases.Button]:
    words = [offer["button"] for offer in (turn.memory.offered or [])[:MOST_BUTTONS]]
    if not any(word.startswith("先这样") for word in words):
        words.append(LATER)
    return [phrases.button(word) for word in words]
