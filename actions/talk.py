"""One turn of the talk: hear, screen, say one thing with at most one question. No rasa in here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from actions import answers, hearing, phrases
from actions.hearing import Heard, Taken
from actions.matters import by_name, matters
from actions.memory import Memory
from actions.router_client import ImpossibleFact, Router, RouterError

SHORT = 120  # characters of a message; what is longer goes under 详情
PERSON = "转人工"
LATER = "我再想想"
NONE_OF_THESE = "都不是"
MOST_BUTTONS = 4
DUTY = {"name": "duty_lawyer", "kind": "duty_lawyer", "button": "和值班律师说"}
MEANS = {"income_pc", "household_income", "household_size", "applicant_income", "homes", "hukou"}
APPLY = {"name": "legal_aid_application", "kind": "legal_aid_application", "button": "申请法律援助"}

_HUMAN = re.compile(
    r"^(?:我要|我想|请|帮我|给我|能不能|可以)?(?:转|找|接|要|换)?(?:一个|个|一下)?(?:人工|"
    r"真人|活人|值班律师)(?:客服|服务|接|来)?(?:吧|吗|啊|谈|说)?[。!！？?]*$"
)
_NOW = re.compile(
    r"救命|救我|正在|现在(?:就)?(?:在)?(?:打|砸|追)|又(?:来)?打|砸门|在门口|拿(?:着)?刀|"
    r"不想活|跳楼|自杀"
)
_LATER = re.compile(
    r"^(?:我)?(?:再)?(?:想想|考虑|商量|看看再说)|先这样|不用了|算了吧?$|先不|不需要|暂时不"
)
_ASKS = re.compile(r"吗|[?？]|能不能|可不可以|怎么|是不是|多少|为什么|呢$")
_SUICIDE = re.compile(r"不想活|自杀|轻生|跳楼|想死|活不下去|遗书|天台|一了百了")
_BYE = re.compile(r"再见|拜拜|拜|88|先这样|走了|下次|回头|不聊|挂了")
_ONLY_ASKS = re.compile(r"问|咨询|了解|打听|听听")
_KINDS = {"violence_or_threat": "violence_now", "suicide": "life", "crime_in_progress": "crime_now"}
_CHOICE_WORDS = [
    ("mediation", r"调解|说和|和解|先谈|坐下来"), ("legal_aid_application", r"申请|法律援助|援助"),
    ("duty_lawyer", r"值班律师|律师|人工|真人"), ("emergency_110", r"110|报警"),
]  # fmt: skip


@dataclass
class Reply:
    text: str
    buttons: list[phrases.Button] = field(default_factory=list)
    custom: dict[str, Any] | None = None


async def turn(heard: Heard, memory: Memory, router: Router) -> Reply:
    """Never silent: a router that fails is one honest sentence and the offer of a person."""
    try:
        return await Turn(heard, memory, router).take()
    except RouterError:
        return Reply(phrases.say("router_down"), [phrases.button(PERSON)])


class Turn:
    def __init__(self, heard: Heard, memory: Memory, router: Router) -> None:
        self.heard, self.memory, self.router = heard, memory, router
        self.text = heard.text = heard.text.strip()
        self.knew_label = memory.label is not None

    async def take(self) -> Reply:
        memory, text = self.memory, self.text
        if not re.search(r"[\w\u4e00-\u9fff]", text):
            return await self._again("我没看懂。")
        if memory.offered:
            chosen = self._chosen_offer()
            if chosen:
                return await self._open_ticket(chosen)
        if self._in_danger():
            return await self._safety()
        reply = await self._act()
        if reply:
            return reply
        if memory.choosing:
            reply = await self._choice()
            if reply:
                return reply
        first = hearing.wanted_first(memory, text)
        if first:
            hearing.put_first(memory, first, self.heard)
            return await self._proceed(f"好的，先办“{matters()[first].name}”。")
        taken = hearing.take(self.heard, memory)
        self._wishes()
        return await self._heard(taken)

    async def _heard(self, taken: Taken) -> Reply:
        memory = self.memory
        if taken.second:
            hearing.shelve(memory, taken.second, self.text)
            return self._which_first()
        if taken.for_other and not memory.offered and memory.asked:
            return await self._again(phrases.say("noted"))
        if memory.label is None:
            return self._ask_label()
        if memory.offered and _ASKS.search(self.text):
            memory.outcome = None  # a question about the decision: it is said once more
        elif memory.offered and not taken.learnt:
            return self._offer_again(phrases.say("noted"))
        lead = self._lead(taken)
        return await self._proceed(lead)

    # --- danger -----------------------------------------------------------------------------------

    def _in_danger(self) -> bool:
        memory, heard = self.memory, self.heard
        if memory.asked == "danger":
            return True
        flagged = (
            heard.danger
            or heard.spans.get("danger")
            or (heard.intent == "in_danger" and heard.confidence >= 0.85 and len(self.text) <= 60)
        )
        if not flagged:
            return False
        return (memory.facts.get("danger") is None and memory.safety is None) or (
            memory.facts.get("danger") == "none" and _NOW.search(self.text) is not None
        )

    async def _safety(self) -> Reply:
        memory, heard = self.memory, self.heard
        kinds = [*heard.danger, *(heard.spans.get("danger") or [])]
        if memory.asked != "danger":
            memory.safety = "asked"
            if kinds:
                memory.details["danger_signs"] = list(dict.fromkeys(kinds))
            memory.facts.pop("danger", None)
            if memory.label is None:
                memory.choosing = None  # what was said now counts, not what was offered before
            taken = hearing.take(heard, memory)
            if taken.second:
                hearing.shelve(memory, taken.second, self.text)
            lead = phrases.say(f"tell/{memory.label}") if taken.label_new else ""
            # to somebody in despair the name of a dispute is no answer
            return self._ask("danger", "" if "suicide" in kinds else lead)
        if _HUMAN.match(self.text) or heard.means("ask_human"):
            return await self._to_person()
        answer = answers.read("danger", self.text, heard.today)
        if kinds and answer is not answers.UNKNOWN and answer != "safe":
            answer = "now"  # the answer itself tells of danger
            memory.details["danger_signs"] = list(
                dict.fromkeys([*(memory.details.get("danger_signs") or []), *kinds])
            )
        if answer is None and memory.times_asked < 2:
            hearing.take(heard, memory)
            return self._ask("danger", phrases.say("noted"))
        lead = ""
        if answer == "safe":
            memory.facts["danger"], memory.safety, lead = "none", "safe", phrases.say("safe")
        elif answer == "now":
            signs = memory.details.get("danger_signs") or ["violence_or_threat"]
            kind = "suicide" if "suicide" in signs else signs[0]
            memory.facts["danger"], memory.safety = _KINDS.get(kind, "life"), "danger"
        elif _SUICIDE.search(memory.story + self.text):
            memory.facts["danger"], memory.safety = "life", "danger"  # silence is no comfort
        elif memory.safety != "asked" or memory.facts.get("violence", "none") != "none":
            memory.facts["danger"] = None  # not settled: a person looks at it
        memory.settle()
        hearing.take(heard, memory)
        if memory.label is None and answer != "now":
            return self._ask_label(lead)
        return await self._proceed(lead)

    # --- acts -------------------------------------------------------------------------------------

    async def _act(self) -> Reply | None:
        """What somebody does in any talk: asks for a person, asks why, greets, starts over."""
        heard, memory, text = self.heard, self.memory, self.text
        if _HUMAN.match(text) or (heard.means("ask_human") and len(text) <= 30):
            return await self._to_person()
        if len(text) > 30 or self._answers():
            return None
        means = heard.means
        if means("ask_why") and (memory.asked or memory.choosing):
            return await self._again(phrases.why(memory.asked or "matter"))
        for intent in ("ask_hours", "ask_hotline", "ask_fee", "ask_who"):
            if means(intent):
                return await self._again(phrases.say(intent.removeprefix("ask_")))
        if means("ask_status"):
            said = await self.router.status(heard.conversation, memory.reference)
            return await self._again(said) if memory.asked else Reply(said)
        if means("start_over"):
            if memory.reference:
                await self.router.new_case(heard.conversation)
            memory.forget()
            return self._ask("story", phrases.say("start_over"))
        if means("go_back"):
            return self._go_back()
        if means("abuse"):
            if memory.rude:
                return Reply(phrases.say("abuse_again"), [phrases.button(PERSON)])
            memory.rude = True
            return await self._again(phrases.say("abuse"))
        if means("impatience"):
            return await self._again(phrases.say("impatience"))
        if means("greet"):
            return await self._again(phrases.say("greet") if not memory.label else "我在。")
        if means("thanks"):
            return await self._again(phrases.say("thanks"))
        if means("goodbye") and _BYE.search(text) and not self._urgent():
            return Reply(phrases.say("goodbye"))
        if memory.offered and (_LATER.search(text) or means("nothing_more", "deny")):
            return Reply(phrases.say("chosen_none"))
        return None

    def _answers(self) -> bool:
        """Whether the words plainly answer the question on the table."""
        asked = self.memory.asked
        if not asked or asked not in answers.readable():
            return False
        found = answers.read(asked, self.text, self.heard.today, self.memory.facts)
        return found is not None and found is not answers.UNKNOWN

    def _wishes(self) -> None:
        memory, heard = self.memory, self.heard
        if memory.asked == "request" or memory.facts.get("violence") == "suffered":
            return
        if self.knew_label and heard.means("only_advice") and _ONLY_ASKS.search(self.text):
            memory.facts["request"] = "advice"
        elif heard.means("want_mediation") and len(self.text) <= 40:
            memory.facts["request"] = "mediation"
        elif heard.means("want_lawyer") and memory.facts.get("request") == "mediation":
            memory.facts["request"] = "representation"

    def _go_back(self) -> Reply:
        memory = self.memory
        back = memory.previous
        if back is None or not phrases.has_question(back):
            question = self._pending()
            said = phrases.say("nothing_to_go_back")
            return Reply(said + question.text, question.buttons) if question else Reply(said)
        memory.facts.pop(back, None)
        if back in ("household_size", "household_income"):
            memory.facts.pop("income_pc", None)
        memory.offered = memory.choosing = None
        return self._ask(back, phrases.say("back"))

    async def _to_person(self) -> Reply:
        memory = self.memory
        if memory.reference and memory.details.get("chosen") == DUTY["name"]:
            return Reply(await self.router.status(self.heard.conversation, memory.reference))
        if memory.label:
            hearing.settle_matter(memory)
        return await self._open_ticket(DUTY)

    # --- choosing ---------------------------------------------------------------------------------

    async def _choice(self) -> Reply | None:
        """A reply to a choice between labels, fine matters, or two troubles."""
        memory, text = self.memory, self.text
        choosing: dict[str, Any] = dict(memory.choosing or {})
        kind, options = choosing["kind"], choosing["options"]
        lost = answers.dont_know(text) or self.heard.means("dont_know", "nothing_more")
        if kind == "first":
            return await self._choice_of_first(choosing, lost)
        if kind == "label":
            label = by_name(text, options)
            own = self.heard.label()
            label = label or (own if own and own != "other" else None)
            taken = Taken()
            if label:
                memory.story = (memory.story + "，" + text).strip("，")
                hearing.choose_label(memory, label, taken)
                self.heard.ranking = [(label, 1.0)]
                again = hearing.take(self.heard, memory)
                again.label_new = True
                return await self._proceed(self._lead(again))
            memory.choosing = None
            if lost and options:
                hearing.choose_label(memory, options[0], taken)
                return await self._proceed("")
            return None
        matter = matters()[str(memory.label)]
        facts = matter.chosen(text)
        if facts is None and not lost and choosing.get("tries", 0) < 1:
            taken = hearing.take(self.heard, memory)
            if taken.second:
                return await self._heard(taken)
            if memory.choosing and not hearing.settle_matter(memory):
                memory.choosing = {**choosing, "tries": 1}
                return self._ask_matter(phrases.say("noted"), again=True)
            memory.choosing = None
            return await self._proceed(phrases.say("noted"))
        memory.choosing = None
        memory.details["matter_by"] = "answer" if facts else "default"
        for name, value in (facts or matter.facts).items():
            memory.facts.setdefault(name, value)
        taken = hearing.take(self.heard, memory)
        return await self._proceed(self._lead(taken))

    async def _choice_of_first(self, choosing: dict[str, Any], lost: bool) -> Reply:
        memory = self.memory
        first = hearing.wanted_first(memory, self.text)
        other = str((memory.shelf or {}).get("label"))
        if first or lost:
            hearing.put_first(memory, first or str(memory.label), self.heard)
            return await self._proceed(f"好的，先办“{matters()[str(memory.label)].name}”。")
        taken = hearing.take(self.heard, memory)
        if choosing.get("tries", 0) < 1 and (taken.for_other or not taken.learnt):
            memory.choosing = {**choosing, "tries": 1}
            return self._which_first()
        hearing.put_first(memory, other if taken.for_other else str(memory.label), self.heard)
        return await self._proceed(self._lead(taken))

    def _which_first(self) -> Reply:
        options = (self.memory.choosing or {})["options"]
        return Reply(
            phrases.say("which_first"), [phrases.button(matters()[o].name) for o in options]
        )

    def _ask_label(self, lead: str = "") -> Reply:
        memory = self.memory
        options = self.heard.likely()
        vague = len(self.text) <= 3 or not self.heard.ranking
        if memory.asked == "story" and memory.times_asked >= hearing.PATIENCE and options:
            vague = False
        if vague or len(options) < 2:
            tried = memory.times_asked if memory.asked == "story" else 0
            if tried >= hearing.PATIENCE:
                return Reply(
                    "您要是不好说，我给您转值班律师，真人听您说。", [phrases.button(PERSON)]
                )
            return self._ask("story", lead or ("" if tried else "您好，我在听。"), slim=tried > 0)
        memory.settle()
        memory.choosing = {"kind": "label", "options": options}
        return self._ask_options(lead, options)

    def _ask_options(self, lead: str, options: list[str]) -> Reply:
        names = [matters()[option].name for option in options]
        return Reply(
            lead + "您说的是哪一种？", [phrases.button(n) for n in [*names, NONE_OF_THESE]]
        )

    def _ask_matter(self, lead: str, again: bool = False) -> Reply:
        memory = self.memory
        matter = matters()[str(memory.label)]
        if not again:
            memory.settle()
            memory.choosing = {"kind": "matter", "options": [], "tries": 0}
        return Reply(lead + str(matter.question), [phrases.button(c.say) for c in matter.choices])

    # --- offers -----------------------------------------------------------------------------------

    def _chosen_offer(self) -> dict[str, str] | None:
        """The destination that the words choose; a question or a story chooses nothing."""
        offered, text = self.memory.offered or [], self.text
        for offer in offered:
            if text == offer["button"]:
                return offer
        if len(text) > 16 or _ASKS.search(text) or _LATER.search(text) or re.search(r"不|没", text):
            return None
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
        return offered[0] if self.heard.means("affirm") and len(text) <= 6 else None

    async def _open_ticket(self, offer: dict[str, str]) -> Reply:
        memory, heard = self.memory, self.heard
        answer = await self.router.ticket(
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

    def _offer_again(self, lead: str) -> Reply:
        if self._urgent():
            lead = phrases.say("not_safe")
        return Reply(lead + phrases.say("choose"), self._offer_buttons())

    def _offer_buttons(self) -> list[phrases.Button]:
        words = [offer["button"] for offer in (self.memory.offered or [])[:MOST_BUTTONS]]
        if not any(word.startswith("先这样") for word in words):
            words.append(LATER)
        return [phrases.button(word) for word in words]

    # --- screening --------------------------------------------------------------------------------

    async def _proceed(self, lead: str) -> Reply:
        """Asks the engine, and says its next question or its decision."""
        memory = self.memory
        if memory.label is None and "danger" not in memory.facts:
            return self._ask_label(lead)
        if memory.label and not hearing.settle_matter(memory) and not self._urgent():
            return self._ask_matter(lead)
        try:
            decision = await self._screen()
        except ImpossibleFact as error:
            memory.facts.pop(error.fact, None)
            if phrases.has_question(error.fact):
                return self._ask(error.fact, phrases.say("impossible"))
            decision = await self._screen()
        wanted = self._next(decision)
        if wanted == memory.asked and memory.times_asked > hearing.PATIENCE:
            memory.facts[hearing.STANDS_FOR.get(wanted, wanted)] = None  # never in a circle
            decision = await self._screen()
            wanted = self._next(decision)
        if memory.reference and not self._urgent():
            memory.settle()
            return Reply("记下了，接手的人能看到。")
        if wanted == "matter":
            return self._ask_label(lead)
        if wanted:
            if wanted == decision.get("ask_before_no"):
                memory.details["before_no"] = wanted
            return self._ask(wanted, lead)
        return self._decided(decision, lead)

    def _urgent(self) -> bool:
        return self.memory.facts.get("danger") not in (None, "none")

    async def _screen(self) -> dict[str, Any]:
        memory, heard = self.memory, self.heard
        # nobody knows of a status that would help: then there is none, as before it was asked
        none = memory.details.get("before_no")
        facts = {n: v for n, v in memory.facts.items() if v is not None or n != none}
        return await self.router.screen(
            conversation=heard.conversation,
            message_id=heard.message_id,
            facts=facts,
            label=memory.label,
            details=memory.details,
        )

    def _next(self, decision: dict[str, Any]) -> str | None:
        """The engine's question in the words of this talk; what was asked is never asked again."""
        # Before a "no" for the income: a status nobody asked about may still open the door.
        wanted = decision.get("next_question") or decision.get("ask_before_no")
        facts = self.memory.facts
        if wanted in ("income_pc", "household_income", "household_size"):
            for part in ("household_size", "household_income"):
                if part not in facts and "income_pc" not in facts:
                    return part
            return None
        if wanted == "criminal_stage" and self.memory.details.get("at_court"):
            return "trial_procedure" if wanted not in facts else None
        if wanted == "violence" and self.memory.label == "injury_tort":
            return "violence_by_kin" if wanted not in facts else None
        if wanted is None or wanted in facts or not phrases.has_question(wanted):
            return None
        return str(wanted)

    def _decided(self, decision: dict[str, Any], lead: str) -> Reply:
        memory = self.memory
        # asked, and nobody knows
        missing = decision.get("left_open") or decision.get("next_question")
        offered = [
            {"name": d["name"], "kind": d["kind"], "button": d.get("button") or d["label"]}
            for d in decision.get("destinations") or []
        ] or [DUTY, APPLY]
        if missing in MEANS:  # scope is met; what a household has is for the agency to verify
            offered.sort(key=lambda offer: offer["name"] != APPLY["name"])
        same = (
            memory.offered
            and memory.outcome == decision["outcome"]
            and ([o["name"] for o in memory.offered] == [o["name"] for o in offered])
        )
        memory.offered, memory.outcome = offered, str(decision["outcome"])
        memory.settle()
        if same:
            return self._offer_again(lead or phrases.say("noted"))
        summary = str(decision.get("summary") or "").strip()
        if missing:
            lead, summary = "", phrases.say("left_open")
        if len(lead) + len(summary) <= SHORT:
            summary = lead + summary
        text, rest = (summary, "") if len(summary) <= SHORT else (_cut(summary), summary)
        if len(text) + 8 <= SHORT:
            text += phrases.say("choose")
        custom = {
            "kind": "decision",
            **{
                name: decision.get(name)
                for name in ("outcome", "articles", "route", "warn", "basis")
            },
            "detail": rest,
            "destinations": offered,
        }
        return Reply(text, self._offer_buttons(), custom)

    # --- saying -----------------------------------------------------------------------------------

    def _lead(self, taken: Taken) -> str:
        memory = self.memory
        if taken.corrected:
            return hearing.shown(taken.corrected)
        if taken.label_new:
            return phrases.say(f"tell/{memory.label}")
        if taken.unknown:
            return phrases.say("unknown_fine")
        return phrases.say("noted") if taken.learnt and not taken.answered else ""

    def _ask(self, fact: str, lead: str = "", slim: bool = False) -> Reply:
        memory = self.memory
        if memory.choosing:
            memory.choosing = None
        memory.ask(fact)
        question = self._pending()
        assert question is not None
        return Reply(lead + question.text, question.buttons)

    def _pending(self) -> Reply | None:
        """The question on the table, to be put (again)."""
        memory = self.memory
        if memory.choosing:
            kind = memory.choosing["kind"]
            if kind == "first":
                return self._which_first()
            if kind == "label":
                return self._ask_options("", memory.choosing["options"])
            return self._ask_matter("", again=True)
        if not memory.asked:
            return None
        asked = memory.asked
        if asked == "household_income" and memory.facts.get("household_size") == 1:
            asked = "applicant_income"  # 全家 is one person
        text, buttons = phrases.question(asked, memory.times_asked)
        if memory.times_asked == 2 and asked not in ("story", "danger"):
            text += "（不清楚就说不知道）"
        return Reply(text, buttons)

    async def _again(self, lead: str) -> Reply:
        """An answer to a digression, then the question that was on the table."""
        memory = self.memory
        if memory.offered:
            return self._offer_again(lead)
        question = self._pending()
        if question:
            return Reply(lead + question.text, question.buttons)
        if memory.reference:
            return Reply(lead)
        if memory.label is None:
            return self._ask("story", lead)
        return await self._proceed(lead)


def _cut(text: str) -> str:
    """As many whole sentences as fit."""
    kept = ""
    for sentence in re.findall(r"[^。；;]*[。；;]?", text):
        if len(kept) + len(sentence) > SHORT - 1:
            break
        kept += sentence
    return kept or text[: SHORT - 1] + "…"
