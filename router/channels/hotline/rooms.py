"""What follows when somebody comes, goes or drops: the room's state, the loss table, the end."""

from router.channels.hotline import states, voice, words
from router.channels.hotline.losses import Do, Row, row_for
from router.channels.hotline.models import Leg
from router.channels.hotline.port import Script
from router.channels.hotline.scene import Scene
from router.channels.hotline.states import Cause, Role
from router.channels.hotline.store import live, talking

C, L = states.Call, states.Leg


async def lost(scene: Scene, leg: Leg) -> None:
    """A leg has ended, by itself or because we hung it up."""
    if leg.role == Role.LAWYER and not leg.took:
        scene.task("decline", leg, how=_how(leg))
    elif C(scene.call.state) != C.ENDED:
        await _lost(scene, leg)
    if leg.lawyer_id:
        scene.task("free", leg)  # who waits may ring now
    await scene.look_round()
    await close(scene)
    if scene.call.texts and C(scene.call.state) == C.ENDED:
        scene.task("text_after", leg)  # after the call-back that this leg's end may have ordered


async def _lost(scene: Scene, leg: Leg) -> None:
    """As the table says."""
    left = frozenset(Role(one.role) for one in _engaged(scene))
    reached = leg.answered_at is not None
    row = row_for(
        Role(leg.role), left, abrupt=not reached or leg.cause == Cause.FAILED, tries=leg.tries,
        reached=reached, owed=_owed(scene, leg),
    )  # fmt: skip
    await DO[row.do](scene, leg, row)


async def alone(scene: Scene, lawyer: Leg) -> None:
    """A lawyer who has it is on the line, and who stood for the citizen has hung up meanwhile."""
    if not lawyer.took or L(lawyer.state) not in states.ON_THE_LINE:
        return
    gone = [leg for leg in scene.legs if leg.role == Role.CALLER]
    gone = gone or [leg for leg in scene.legs if leg.role == Role.OPERATOR]
    here = [leg for leg in live(scene.legs) if leg.role != Role.LAWYER or leg.took]
    if gone and here == [lawyer]:
        await _lost(scene, gone[-1])


def _how(leg: Leg) -> str:
    return "expired" if leg.cause in (Cause.NO_ANSWER, Cause.NORMAL, Cause.CANCELED) else "declined"


def _owed(scene: Scene, leg: Leg) -> bool:
    """A citizen who hung up just as the lawyer came: they are rung, once."""
    call = scene.call
    if leg.role != Role.CALLER or not leg.answered_at or not call.caller:
        return False
    return C(call.state) == C.RECORDED or (not call.served and leg.tries == 1)


def _engaged(scene: Scene) -> list[Leg]:
    """Who is on the line about it; a lawyer who still hears what it is about is not."""
    return [leg for leg in talking(scene.legs) if leg.role != Role.LAWYER or leg.took]


async def close(scene: Scene) -> None:
    """With nobody on the line the call is over. A lawyer who is still being rung may take it: then
    the citizen is called back."""
    if not _engaged(scene):
        for leg in live(scene.legs, Role.POLICE, Role.OPERATOR, Role.ORGAN):
            scene.task("hang_up", leg)
    if live(scene.legs) or C(scene.call.state) == C.ENDED:
        return
    scene.call.outcome = _outcome(scene)
    await scene.move(C.ENDED)


def _outcome(scene: Scene) -> str:
    call = scene.call
    if call.served:
        return "served"
    if call.police:
        return "police"
    if C(call.state) == C.RECORDED:
        return "call_back"
    if call.entry == "call_back" or any(
        leg.role == Role.CALLER and leg.tries > 1 for leg in scene.legs
    ):
        return "unreached"
    return "abandoned" if call.caller else "withheld"


async def _stay(scene: Scene, leg: Leg, row: Row) -> None:
    scene.tell(row.say, _engaged(scene))


async def _again(scene: Scene, leg: Leg, row: Row) -> None:
    scene.tell(row.say, _engaged(scene))
    script = Script.of(leg.script)
    scene.ring(
        Role(leg.role), leg.number, Script(script.say, "join", menu=script.menu),
        tries=leg.tries + 1, lawyer_id=leg.lawyer_id, offer_id=leg.offer_id, took=leg.took,
    )  # fmt: skip


async def _ask(scene: Scene, leg: Leg, row: Row) -> None:
    caller = scene.caller
    assert caller
    scene.ask(caller, "unfinished", row.say, words.FINISHED, seconds=15, options=(leg.role,))


async def _queue(scene: Scene, leg: Leg, row: Row) -> None:
    if leg.role == Role.LAWYER:
        scene.task("give_back", leg)
    if C(scene.call.state) != C.OFFERED:
        await scene.move(C.QUEUED)
    for one in _engaged(scene):
        if one.role == Role.CALLER and not talking(scene.legs, Role.OPERATOR):
            scene.ask(one, "queue", row.say, seconds=3)
        else:
            scene.tell(row.say, [one])
    scene.task("open_person", scene.waiting)


async def _bot(scene: Scene, leg: Leg, row: Row) -> None:
    await scene.move(C.WITH_BOT)
    if caller := scene.caller:
        scene.ask(caller, "talk", row.say, words.FIRST)


async def _wrap_up(scene: Scene, leg: Leg, row: Row) -> None:
    for one in _engaged(scene):
        if one.role == Role.LAWYER:
            scene.ask(one, "wrap_up", row.say, words.wrap_up(), seconds=20, speech=False)
        else:
            scene.dismiss(one, row.say)


async def _ring_back(scene: Scene, leg: Leg, row: Row) -> None:
    scene.tell(row.say, _engaged(scene))
    await scene.call_back()


async def _call_back(scene: Scene, leg: Leg, row: Row) -> None:
    call = scene.call
    if not call.served and not call.police and C(call.state) != C.RECORDED and call.caller:
        scene.task("call_back", leg)
    await _end(scene, leg, row)


async def _hand_on(scene: Scene, leg: Leg, row: Row) -> None:
    number = voice.by_digits(scene.call.caller)
    said = row.say + (words.POLICE_LOST.format(number=number) if number else "")
    scene.tell(said, _engaged(scene))
    if scene.call.caller and not scene.call.served:
        scene.task("call_back", leg)


async def _end(scene: Scene, leg: Leg, row: Row) -> None:
    for one in live(scene.legs):
        if one.role == Role.LAWYER and (not one.took or one.state in (L.CREATED, L.RINGING)):
            continue  # who takes it now calls the citizen back
        scene.dismiss(one, *([row.say] if row.say else []))


DO = {
    Do.STAY: _stay,
    Do.AGAIN: _again,
    Do.ASK: _ask,
    Do.QUEUE: _queue,
    Do.BOT: _bot,
    Do.WRAP_UP: _wrap_up,
    Do.RING_BACK: _ring_back,
    Do.CALL_BACK: _call_back,
    Do.HAND_ON: _hand_on,
    Do.END: _end,
}
