"""What a leg's keys or words mean, by what it was asked for. Nothing here leaves the database."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from router.channels.hotline import standing, states, store, summary, voice, words
from router.channels.hotline.models import Leg
from router.channels.hotline.port import Event, Script
from router.channels.hotline.scene import Scene
from router.channels.hotline.sms.words import REFERENCE
from router.channels.hotline.states import Role
from router.gateway import emergency
from router.gateway.text import wants_person

C = states.Call
SURE = 0.35  # of the recogniser; below it is asked again
TRIES = 3  # then a person
YES, NO = ("同意", "好", "可以", "行", "是"), ("不", "别", "拒绝")
_AGREES = re.compile(r"(?:同意|可以|没问题|录音?|[好行是嗯啊哦呀吧的了你们我，。！\s])+")
# where 0 is no sign of a longer number, and what follows is not on its way to a person already
ZERO = {"consent", "talk", "standing_no", "standing_code", "text", "unfinished"}
TEXT_ME = ("发短信", "短信发", "发个短信", "发条短信", "发到我手机", "发我手机")
CALL_ME = ("回电", "打给我", "打我电话", "等不了")


async def answer(scene: Scene, leg: Leg, event: Event) -> None:
    """The script's purpose decides; an answer to a script that was replaced means nothing."""
    if event.script_no and event.script_no != leg.script_no:
        return
    script = Script.of(leg.script)
    heard = event.speech.strip()
    if leg.role == Role.CALLER and heard and emergency.find(heard):
        leg.heard = heard
        scene.task("say_in", leg, no=leg.script_no, quiet=True)
        await scene.danger(leg, await summary.for_police(scene))
        return
    if leg.role == Role.CALLER and event.keys.rstrip("#") == "0" and script.purpose in ZERO:
        if script.purpose == "unfinished":
            _let_go(scene)
        return await to_person(scene, leg)
    await PURPOSES[script.purpose](scene, leg, event, script)


# The citizen


async def _consent(scene: Scene, leg: Leg, event: Event, script: Script) -> None:
    said = event.speech
    no = event.keys == "2" or any(word in said for word in NO)
    yes = event.keys == "1" or agrees(said)
    if not no and not yes:
        return await _misheard(scene, leg, event, script)
    scene.call.consent = not no
    scene.call.misheard = 0
    if scene.call.consent:
        scene.task("record", leg, on=True)
    scene.ask(leg, "talk", words.FIRST)


def agrees(said: str) -> bool:
    """To the recording. Who tells their trouble at once ("银行…") has agreed to nothing."""
    return any(word in said for word in YES) and bool(_AGREES.fullmatch(said))


async def _talk(scene: Scene, leg: Leg, event: Event, script: Script) -> None:
    said, key = event.speech.strip(), event.keys
    if said and wants_person(said):
        return await to_person(scene, leg)
    if key == "*":
        return _slowly(scene, leg, script)
    if standing.wanted(said):
        return standing.begin(scene, leg)
    if scene.texts and any(word in said for word in TEXT_ME):
        await scene.text(REFERENCE)
        return scene.give(leg, replace(script, say=(words.TEXTED, *_question(script))))
    if key.isdigit() and 0 < int(key[0]) <= len(script.options):
        said = script.options[int(key[0]) - 1]
    elif key or not said or event.sure < SURE:
        return await _misheard(scene, leg, event, script)
    scene.call.misheard = 0
    leg.heard = said
    scene.task("say_in", leg, no=leg.script_no)


def _question(script: Script) -> tuple[str, ...]:
    """What was asked, without what was said of a misunderstanding."""
    leads = (words.AGAIN, words.SILENT, words.TEXTED)
    return tuple(one for one in script.say if one not in leads)


def _slowly(scene: Scene, leg: Leg, script: Script) -> None:
    scene.call.slow = True
    scene.give(leg, replace(script, slow=True))


async def _misheard(scene: Scene, leg: Leg, event: Event, script: Script) -> None:
    scene.call.misheard += 1
    if scene.call.misheard >= TRIES:
        return await to_person(scene, leg)
    if scene.call.misheard == TRIES - 1:
        scene.call.slow = True
    lead = words.AGAIN if event.speech or event.keys else words.SILENT
    scene.give(leg, replace(script, say=(lead, *_question(script))))


async def to_person(scene: Scene, leg: Leg) -> None:
    """A duty lawyer: the ticket is opened meanwhile, the place in the queue follows."""
    scene.call.misheard = 0
    await scene.move(C.QUEUED)
    scene.ask(leg, "queue", words.PERSON, seconds=3)
    scene.task("open_person", leg)


async def _queue(scene: Scene, leg: Leg, event: Event, script: Script) -> None:
    wants = event.keys == "1" or any(word in event.speech for word in CALL_ME)
    if wants and scene.call.caller:
        await scene.move(C.RECORDED)
        scene.task("call_back", leg, asked=True)
    elif wants:
        scene.task("wait", leg, lead="no_number")
    elif scene.texts and (event.keys == "2" or any(word in event.speech for word in TEXT_ME)):
        await scene.text(REFERENCE)
        scene.task("wait", leg, lead="texted")
    else:
        scene.task("wait", leg)


async def _text(scene: Scene, leg: Leg, event: Event, script: Script) -> None:
    """After the call-back was written down: the reference by short message, or not."""
    if event.keys == "2" or any(word in event.speech for word in (*YES, *TEXT_ME)):
        scene.call.texts = True
        return scene.dismiss(leg, words.TEXTED, words.GOODBYE)
    scene.dismiss(leg, words.GOODBYE)


async def _unfinished(scene: Scene, leg: Leg, event: Event, script: Script) -> None:
    """The lawyer or 110 has hung up: key 1 brings them back, 0 another lawyer."""
    gone = next((one for one in reversed(scene.legs) if one.role == script.options[0]), None)
    if event.keys != "1" or gone is None:
        return scene.dismiss(leg, words.GOODBYE)
    kept = Script((), "join", menu=gone.role == Role.LAWYER)
    scene.ring(
        Role(gone.role), gone.number, kept, tries=2,
        lawyer_id=gone.lawyer_id, offer_id=gone.offer_id, took=gone.took,
    )  # fmt: skip
    scene.join(leg, words.RINGING)


def _let_go(scene: Scene) -> None:
    """The lawyer who has hung up no longer has the case: else nobody would be rung."""
    theirs = [leg for leg in scene.legs if leg.role == Role.LAWYER and leg.took]
    if theirs:
        scene.task("give_back", theirs[-1])


# The lawyer


async def _whisper(scene: Scene, leg: Leg, event: Event, script: Script) -> None:
    if event.keys == "1":
        scene.ask(leg, "taken", words.RINGING, seconds=15, speech=False)
        scene.task("accept", leg)
    elif event.keys == "2":
        scene.dismiss(leg, words.NEXT_LAWYER)
        scene.task("decline", leg, how="declined")
    else:
        scene.dismiss(leg, words.NEXT_LAWYER)
        scene.task("decline", leg, how="expired")


async def _taken(scene: Scene, leg: Leg, event: Event, script: Script) -> None:
    """Between "1" and the room: the acceptance tells what follows."""
    scene.ask(leg, "taken", words.RINGING, seconds=15, speech=False)


async def menu(scene: Scene, leg: Leg) -> None:
    """The lawyer has pressed the star key in the room."""
    organ = words.ORGAN_KEY if await scene.organs() else ""
    scene.ask(leg, "menu", words.MENU.format(organ=organ), speech=False)


async def _organ(scene: Scene, leg: Leg, event: Event, script: Script) -> None:
    """Which one of the organs; anything else leads back."""
    key = event.keys[:1]
    named = script.options[int(key) - 1] if key in _counted(script) else ""
    chosen = next((one for one in await scene.organs() if one.name == named), None)
    if chosen is None:
        return scene.join(leg)
    scene.call_organ(chosen, await summary.for_organ(scene))
    scene.join(leg, words.ORGAN_CALLED.format(label=chosen.label))


def _counted(script: Script) -> tuple[str, ...]:
    return tuple(str(n) for n in range(1, len(script.options) + 1))


async def _menu(scene: Scene, leg: Leg, event: Event, script: Script) -> None:
    caller = scene.caller
    if event.keys == "2":
        reached = await scene.call_police(await summary.for_police(scene))
        return scene.join(leg, words.CALLING_110 if reached else words.CANNOT_DIAL_110)
    if event.keys == "3" and (near := await scene.organs()):
        keys = [words.KEY.format(title=one.label, n=n) for n, one in enumerate(near, 1)]
        said = words.ORGANS.format(keys="，".join(keys))
        names = tuple(one.name for one in near)
        return scene.ask(leg, "organ", said, seconds=15, speech=False, options=names)
    if event.keys == "4" and caller:
        held = states.Leg(caller.state) == states.Leg.HELD
        scene.task("hold", caller, on=not held)
    scene.join(leg)


async def _wrap_up(scene: Scene, leg: Leg, event: Event, script: Script) -> None:
    key = event.keys[:1]
    if key.isdigit() and 0 < int(key) <= len(words.OUTCOME_KEYS):
        scene.task("close", leg, outcome=words.OUTCOME_KEYS[int(key) - 1])
        scene.dismiss(leg, words.WRAPPED)
    else:
        scene.dismiss(leg, words.GOODBYE)


# 110's own line


async def _incident(scene: Scene, leg: Leg, event: Event, script: Script) -> None:
    scene.call.incident = event.keys.rstrip("#")
    scene.ask(leg, "citizen", words.CITIZEN, keys=20, seconds=15, speech=False)


async def _citizen(scene: Scene, leg: Leg, event: Event, script: Script) -> None:
    number = voice.dialable(event.keys.rstrip("#"))
    if number:
        from_110(scene, number)
    await scene.move(C.QUEUED)
    scene.join(leg, words.OPERATOR_WAITS)
    scene.task("open_person", leg)


def from_110(scene: Scene, number: str) -> None:
    """The citizen whom 110 passes on, called into the room."""
    store.name_caller(scene.call, number)
    scene.ring(Role.CALLER, number, Script((words.FOR_CITIZEN_OF_110,), "join"))


async def _goodbye(scene: Scene, leg: Leg, event: Event, script: Script) -> None:
    scene.dismiss(leg, words.GOODBYE)


Purpose = Callable[[Scene, Leg, Event, Script], Awaitable[None]]
PURPOSES: dict[str, Purpose] = {
    "consent": _consent,
    "talk": _talk,
    "queue": _queue,
    "text": _text,
    "unfinished": _unfinished,
    "whisper": _whisper,
    "taken": _taken,
    "menu": _menu,
    "organ": _organ,
    "wrap_up": _wrap_up,
    "incident": _incident,
    "citizen": _citizen,
    "standing_no": standing.number,
    "standing_code": standing.code,
    "goodbye": _goodbye,
    "": _goodbye,
}
