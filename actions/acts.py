"""What somebody does in any talk: asks for a person, asks why, greets, starts over."""

from __future__ import annotations

import re

from actions import answers, hearing, phones, phrases
from actions.asking import ask, pending
from actions.exchange import PERSON, Reply, Turn
from actions.offering import DUTY, PUTS_OFF, offer_buttons, open_ticket
from actions.screening import again
from actions.settling import settle_matter

HUMAN = re.compile(
    r"^(?:我要|我想|请|帮我|给我|能不能|可以)?(?:转|找|接|要|换)?(?:一个|个|一下)?(?:人工|"
    r"真人|活人|值班律师)(?:客服|服务|接|来)?(?:吧|吗|啊|谈|说)?[。!！？?]*$"
)
_PERSON = re.compile(r"人工|真人|活人|客服")
_SOMEBODY = re.compile(  # 能不能找个人, 换个人跟我说; not 找个人调解
    r"(?:找|换|派|叫)(?:一)?个(?:真)?人(?:来|跟我|和我|给我|帮我|直接|听我)*(?:说说?|谈谈?|讲讲?|聊聊?|问问?|帮帮?忙?)?"
    r"(?:吧|吗|啊|呢|行不行|可以吗|好吗|嘛)?[。？?！!]*$"
)
_LOST_REFERENCE = re.compile(r"(?:编号|单号|登记号)[^。]{0,6}(?:忘|不记得|记不|丢|找不|没记|没存)")
_PRIVATE = re.compile(
    r"(?:保密|泄露出?去)[^。]{0,4}(?:吗|不|么|嘛)|(?:会不会|会|别|不要|可以不|能不)(?:跟|和|给)?(?:告诉|通知|说给|让)"
    r"[^。]{0,8}(?:爸|妈|家里|家人|老公|老婆|别人|对方|单位|公司|老板|学校|老师)"
)
_HOW_IT_STANDS = re.compile(  # 上回登记的那个事怎么样了
    r"(?:你们|这里|这儿|登记|法律援助|编号)[^。]{0,24}(?:怎么样了?|怎样了|什么情况|到哪一?步了?|进展|进度|"
    r"有(?:结果|消息|信)(?:了)?(?:没有?|吗)|批(?:了|下来)(?:没有?|吗))[啊呢呀。？?！!]*$"
)
_REFERENCE = re.compile(r"JY-?\w{4}-?\w{4}", re.IGNORECASE)
_FEE = re.compile(r"收|免费|要(?:给|花)?钱|花钱|多少|贵|价|骗")
_BYE = re.compile(r"再见|拜拜|拜|88|先这样|走了|下次|回头|不聊|挂了")
ASIDE = 10  # characters; who says more may have told something as well
_ONLY_ASKS = re.compile(r"问|咨询|了解|打听|听听")


async def act(turn: Turn) -> Reply | None:
    """What somebody does in any talk: asks for a person, asks why, greets, starts over."""
    heard, memory, text = turn.heard, turn.memory, turn.text
    if HUMAN.match(text) or _SOMEBODY.search(text) or _wants_person(turn):
        return await to_person(turn)
    if len(text) > 30 or answers_the_question(turn):
        return None
    means = heard.means
    about = "matter" if memory.choosing else memory.asked or memory.previous
    if means("ask_why") and about:
        return await again(turn, phrases.why(about))
    if _PRIVATE.search(text):
        return await answered(turn, phrases.say("private"))
    for intent in ("ask_hours", "ask_fee", "ask_who"):
        if means(intent) and (intent != "ask_fee" or _FEE.search(text)):
            return await answered(turn, phrases.say(intent.removeprefix("ask_")))
    if means("ask_hotline"):
        return await answered(turn, phones.named(text) or phrases.say("hotline"))
    reference = _REFERENCE.search(text)
    if _LOST_REFERENCE.search(text):
        return Reply(phrases.say("status_lost"), [phrases.button(PERSON)])
    if means("ask_status") or reference or _HOW_IT_STANDS.search(text):
        if not (reference or memory.reference or memory.label or memory.offered):
            return Reply(phrases.say("status_which"), [phrases.button(PERSON)])
        wanted = reference[0].upper() if reference else memory.reference
        said = await turn.router.status(heard.conversation, wanted)
        return await again(turn, said) if memory.asked else Reply(said)
    if means("start_over"):
        if memory.reference:
            await turn.router.new_case(heard.conversation)
        memory.forget()
        return ask(turn, "story", phrases.say("start_over"))
    if means("go_back"):
        return go_back(turn)
    if means("abuse"):
        if memory.rude:
            return Reply(phrases.say("abuse_again"), [phrases.button(PERSON)])
        memory.rude = True
        return await again(turn, phrases.say("abuse"))
    if means("impatience"):
        return await again(turn, phrases.say("impatience"))
    if means("greet"):
        return await again(turn, phrases.say("greet") if not memory.label else "我在。")
    if means("thanks"):
        return await answered(turn, phrases.say("thanks"))
    if means("goodbye") and _BYE.search(text) and not turn.urgent():
        return Reply(phrases.say("goodbye"))
    if memory.offered and not memory.choosing:
        if PUTS_OFF.search(text) or means("nothing_more", "deny"):
            return Reply(phrases.say("chosen_none"))
        if means("affirm") and len(text) <= 6:  # yes to which of them?
            return Reply(phrases.say("which_place"), offer_buttons(turn))
    nothing = not (memory.label or memory.asked or memory.choosing or memory.reference)
    if nothing and means("affirm", "deny", "nothing_more", "dont_know"):
        return Reply(phrases.say("listening"))
    return None


async def answered(turn: Turn, said: str) -> Reply:
    """Who only wanted to know this is asked nothing."""
    memory = turn.memory
    if memory.label and len(turn.text) > ASIDE:
        hearing.take(turn.heard, memory)  # 要不要花钱请律师 家里没钱 asks and tells
    if memory.label or memory.asked or memory.choosing:
        return await again(turn, said)
    return Reply(said + phrases.say("listening"))


def _wants_person(turn: Turn) -> bool:
    """没找律师 sounds like it, and answers the question."""
    if not turn.heard.means("ask_human") or len(turn.text) > 30:
        return False
    return bool(_PERSON.search(turn.text)) or not answers_the_question(turn)


def names_reference(text: str) -> bool:
    return _REFERENCE.search(text) is not None


def answers_the_question(turn: Turn) -> bool:
    """Whether the words plainly answer the question on the table."""
    asked = turn.memory.asked
    if not asked or asked not in answers.readable():
        return False
    found = answers.read(asked, turn.text, turn.heard.today, turn.memory.facts)
    return found is not None and found is not answers.UNKNOWN


def wishes(turn: Turn) -> None:
    memory, heard = turn.memory, turn.heard
    if memory.asked == "request" or memory.facts.get("violence") == "suffered":
        return
    if turn.knew_label and heard.means("only_advice") and _ONLY_ASKS.search(turn.text):
        memory.facts["request"] = "advice"
    elif heard.means("want_mediation") and len(turn.text) <= 40:
        memory.facts["request"] = "mediation"
    elif heard.means("want_lawyer") and memory.facts.get("request") == "mediation":
        memory.facts["request"] = "representation"


def go_back(turn: Turn) -> Reply:
    memory = turn.memory
    back = memory.previous
    if back is None or not phrases.has_question(back):
        question = pending(turn)
        said = phrases.say("nothing_to_go_back")
        return Reply(said + question.text, question.buttons) if question else Reply(said)
    memory.facts.pop(back, None)
    if back in ("household_size", "household_income"):
        memory.facts.pop("income_pc", None)
    memory.offered = memory.choosing = None
    return ask(turn, back, phrases.say("back"))


async def to_person(turn: Turn) -> Reply:
    memory = turn.memory
    if memory.reference and memory.details.get("chosen") == DUTY["name"]:
        return Reply(await turn.router.status(turn.heard.conversation, memory.reference))
    if memory.label:
        settle_matter(memory)
    return await open_ticket(turn, DUTY)
