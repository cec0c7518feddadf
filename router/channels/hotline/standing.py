"""办到哪一步 by telephone: the reference and its code by keys, the answer read out."""

import re
from functools import partial
from typing import TYPE_CHECKING

from router.channels.hotline import states, voice
from router.channels.hotline.models import Call, CallTask, Leg, number_indices
from router.channels.hotline.port import Event, Script
from router.channels.hotline.scene import Scene
from router.codes import DIGITS
from router.errors import RouterError
from router.gateway.standing import LENGTH, Standing, match

if TYPE_CHECKING:
    from router.channels.hotline.ground import Ground
    from router.channels.hotline.tasks import Doer

L = states.Leg
NUMBER = (
    "请按您编号的后 8 位。字母按它所在的数字键，例如字母 A 按 2。按完请按井号键。"
    "找人工请按 0 和井号键。"
)
CODE = "请按 6 位查询码，按完请按井号键。"
AFTER = "还有别的事，请接着说。找人工请按 0。"
_WANTED = re.compile(r"查(?:一下|查)?进度|查编号|按编号查|用编号查|凭编号")


def wanted(said: str) -> bool:
    """By a reference that they have; of this call itself the dialogue tells."""
    return bool(_WANTED.search(said))


def begin(scene: Scene, leg: Leg) -> None:
    scene.ask(leg, "standing_no", NUMBER, keys=LENGTH, seconds=30, speech=False)


async def number(scene: Scene, leg: Leg, event: Event, script: Script) -> None:
    keys = event.keys.rstrip("#")
    if not keys:
        return scene.ask(leg, "talk", AFTER)
    scene.ask(leg, "standing_code", CODE, keys=DIGITS, seconds=20, speech=False, options=(keys,))


async def code(scene: Scene, leg: Leg, event: Event, script: Script) -> None:
    """The code is compared here and kept nowhere."""
    [reference] = script.options
    found = await match(scene.s, reference, event.keys.rstrip("#"))
    scene.task("standing", leg, no=leg.script_no, reference=reference, found=found)


def doers(ground: "Ground") -> "dict[str, Doer]":
    return {"standing": partial(_tell, ground)}


async def _tell(ground: "Ground", task: CallTask) -> None:
    standing = Standing(ground.db, ground.clock, ground.limits, ground.routing)
    async with ground.db.read() as s:
        call = await s.get_one(Call, task.call_id)
        who = number_indices(call.caller or f"call:{call.id}")[0]
    try:
        said = await standing.tell(task.args["found"], str(task.args["reference"]), who)
    except RouterError as refused:
        said = refused.sentence
    async with ground.db.write() as s:
        scene = await ground.scene(s, task.call_id)
        leg = next(one for one in scene.legs if one.id == task.leg_id)
        if leg.script_no == task.args["no"] and L(leg.state) != L.ENDED:
            scene.ask(leg, "talk", *map(voice.spoken, said.split("\n")), AFTER)
    await ground.bus.wake(f"leg:{task.leg_id}")
