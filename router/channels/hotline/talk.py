"""The same dialogue as on the page, by voice: a line in, what was answered as a script."""

from datetime import timedelta

from sqlalchemy import select

from router.channels.base import Inbound
from router.channels.hotline import answers, states, voice, words
from router.channels.hotline.ground import Ground
from router.channels.hotline.models import Call, CallTask, Leg
from router.channels.hotline.scene import Scene
from router.conversations.models import HOTLINE, Message
from router.gateway.lines import topic
from router.tickets.models import Ticket
from router.tickets.status import LIVE

C, L = states.Call, states.Leg
OTHERWISE_SAID = {"slow", "accepted", "queued", "returned", "closed", "consent", "notice", "ticket"}
AT_MOST = timedelta(seconds=20)  # then a person


class Talk:
    def __init__(self, ground: Ground) -> None:
        self._g = ground

    async def say_in(self, task: CallTask) -> None:
        async with self._g.db.read() as s:
            call, leg = await s.get_one(Call, task.call_id), await s.get_one(Leg, task.leg_id)
        if not leg.heard or call.conversation_id is None:
            return
        key = f"{HOTLINE}:{leg.id}:{task.args['no']}"
        said = await self._g.gateway.accept(Inbound(HOTLINE, call.conversation_id, key, leg.heard))
        if task.args.get("quiet"):
            return
        lines = await self._answer(call.conversation_id, said.seq)
        async with self._g.db.write() as s:
            scene = await self._g.scene(s, call.id)
            now = next(one for one in scene.legs if one.id == leg.id)
            if now.script_no == task.args["no"] and L(now.state) != L.ENDED:
                await _go_on(scene, now, lines)
        await self._g.bus.wake(f"leg:{leg.id}")

    async def _answer(self, conversation_id: str, seq: int) -> list[Message]:
        """What was said after that line, once nobody thinks about it any more."""
        async with self._g.bus.waiting_for(topic(conversation_id)) as waiter:
            end = self._g.clock.monotonic() + AT_MOST.total_seconds()
            while True:
                async with self._g.db.read() as s:  # in this order: an answer may come in between
                    _, thinking = await self._g.gateway.state(s, conversation_id)
                    lines = await self._g.gateway.transcript(s, conversation_id, seq)
                left = end - self._g.clock.monotonic()
                if not thinking or left <= 0:
                    return lines
                await waiter.wait(timedelta(seconds=min(left, 2)))


async def _go_on(scene: Scene, leg: Leg, lines: list[Message]) -> None:
    """The answer and its keys; or the queue, where the dialogue has called a lawyer."""
    kinds = {line.extra.get("kind") for line in lines}
    spoken = [line for line in lines if line.extra.get("kind") not in OTHERWISE_SAID]
    said = voice.sentences([line.text for line in spoken if line.who in ("bot", "system")])
    waits = await scene.s.scalar(
        select(Ticket.id).where(
            Ticket.conversation_id == scene.call.conversation_id,
            Ticket.status.in_([status.value for status in LIVE]),
        )
    )
    if waits:
        scene.call.ticket_id = waits
        await scene.move(C.QUEUED)
        said = said or [words.PERSON]
        return scene.ask(leg, "queue", *said, seconds=3)
    if "trouble" in kinds or not said:
        return await answers.to_person(scene, leg)
    choices = voice.keys([line.extra for line in lines])
    keys = [words.KEY.format(title=title, n=n) for n, (title, _) in enumerate(choices, 1)]
    if keys:
        said.append("，".join(keys) + "。")
    scene.ask(leg, "talk", *said, options=tuple(say for _, say in choices))
