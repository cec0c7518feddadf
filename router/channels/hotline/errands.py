"""How each task is done: at the carrier, or in the rooms below."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from router.channels.hotline import (
    answers,
    callbacks,
    recordings,
    seats,
    standing,
    states,
    store,
    tasks,
    words,
)
from router.channels.hotline.ground import Ground
from router.channels.hotline.models import Call, CallTask, Leg, number_indices
from router.channels.hotline.port import CarrierError, Event, Script
from router.channels.hotline.sms import errands as sms
from router.channels.hotline.states import Cause, Kind, Role
from router.channels.hotline.talk import Talk
from router.channels.hotline.tasks import Doer, Later
from router.dispatch import outlook
from router.events import OfferAccepted
from router.tickets.models import Ticket
from router.tickets.status import DECLINES, LIVE
from router.tickets.urgency import Urgency

C, L = states.Call, states.Leg
TO_ONE_NUMBER = "12/hour"  # a lawyer's telephone rings oftener than a stranger's ever should
Hear = Callable[[Event], Awaitable[object]]
Hears = Callable[[OfferAccepted], Awaitable[object]]


class Errands:
    def __init__(self, ground: Ground, hear: Hear, accepted: Hears) -> None:
        self._g, self._hear, self._accepted = ground, hear, accepted
        self.doers: dict[str, Doer] = {
            "run": self._run,
            "call_out": self._call_out,
            "hang_up": self._hang_up,
            "hold": self._hold,
            "record": self._record,
            "keep": partial(recordings.keep, ground),
            "write_out": partial(recordings.write_out, ground),
            "check": self._check,
            "say_in": Talk(ground).say_in,
            "open_person": self._open_person,
            "wait": self._wait,
            "call_back": self._call_back,
            "accept": self._accept,
            "decline": self._decline,
            "pass": self._pass,
            "free": self._free,
            "give_back": self._give_back,
            "close": self._close,
            "text": partial(sms.send, ground),
            "text_after": partial(sms.after, ground),
            **standing.doers(ground),
        }

    async def _of(self, task: CallTask) -> tuple[Call, Leg]:
        assert task.leg_id
        async with self._g.db.read() as s:
            return await s.get_one(Call, task.call_id), await s.get_one(Leg, task.leg_id)

    async def failed(self, task: CallTask, why: str) -> None:
        """What cannot be done must not leave anybody waiting."""
        if task.verb in ("call_out", "run") and task.leg_id:
            key = f"failed:{task.id}"
            await self._hear(Event(key, task.leg_id, Kind.ENDED, Cause.FAILED, data={"why": why}))
        if task.verb == "text":
            await sms.failed(self._g, str(task.args["message"]), why)
        if task.verb == "keep":
            await recordings.give_up(self._g, task)
        if task.verb in ("accept", "say_in") and task.leg_id:
            async with self._g.db.write() as s:
                scene = await self._g.scene(s, task.call_id)
                leg = next(one for one in scene.legs if one.id == task.leg_id)
                if task.verb == "accept" and not leg.took:
                    scene.dismiss(leg, words.TAKEN)
                elif task.args.get("quiet"):  # in danger: what it hears leads to 110
                    scene.task("open_person", leg)
                elif task.verb == "say_in" and task.args["no"] == leg.script_no:
                    await answers.to_person(scene, leg)

    # --- at the carrier

    async def _run(self, task: CallTask) -> None:
        call, leg = await self._of(task)
        if L(leg.state) not in states.ON_THE_LINE or leg.script_no != task.args["no"]:
            return
        now = self._g.clock.now()
        if leg.expected_until and leg.expected_until > now:  # the answer to its request carries it
            await self._g.bus.wake(f"leg:{leg.id}")
            raise Later(leg.expected_until - now)
        async with self._g.db.read() as s:  # carried between the claim and our look at the leg
            if (await s.get_one(CallTask, task.id)).done_at:
                return
        script = Script.of(leg.script)
        await self._g.carrier(call).run(store.line(call, leg), script, leg.script_no)

    async def _call_out(self, task: CallTask) -> None:
        call, leg = await self._of(task)
        if leg.ref or L(leg.state) == L.ENDED:
            return
        ours = {self._g.settings.HOTLINE_POLICE} | self._g.directory(call).numbers()
        async with self._g.db.read() as s:
            if not await seats.may_call(s, call, leg, ours):
                raise CarrierError("not_on_the_list")
        await self._g.limits.check("hotline-out", "all", self._g.settings.CALL_OUT_RATE)
        if leg.role in (Role.CALLER, Role.OPERATOR):
            await self._g.limits.check("hotline-out", number_indices(leg.number)[0], TO_ONE_NUMBER)
        ring_s = int(task.args["ring_s"])
        line = store.line(call, leg)
        ref = await self._g.carrier(call).call_out(line, leg.number, ring_s, task.tries > 0)
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            row = await s.get_one(Leg, leg.id)
            row.ref = row.ref or ref
            due = now + timedelta(seconds=ring_s + 15)
            store.task(s, call, "check", now, row, due=due)
            await s.execute(tasks.not_after(due))
            if L(row.state) == L.ENDED:
                store.task(s, call, "hang_up", now, row)

    async def _hang_up(self, task: CallTask) -> None:
        call, leg = await self._of(task)
        if L(leg.state) == L.ENDED and not leg.ref:
            return
        if leg.ref is None:  # it was never called: no carrier will tell of its end
            await self._hear(Event(f"uncalled:{leg.id}", leg.id, Kind.ENDED, Cause.CANCELED))
            return
        await self._g.carrier(call).hang_up(store.line(call, leg))

    async def _hold(self, task: CallTask) -> None:
        call, leg = await self._of(task)
        await self._g.carrier(call).hold(store.line(call, leg), bool(task.args["on"]))

    async def _record(self, task: CallTask) -> None:
        call, leg = await self._of(task)
        if call.consent:
            await self._g.carrier(call).record(store.line(call, leg), bool(task.args["on"]))

    async def _check(self, task: CallTask) -> None:
        """Nobody may be waited for for ever: it should have been answered by now."""
        call, leg = await self._of(task)
        if L(leg.state) not in (L.CREATED, L.RINGING):
            return
        cause = await self._g.carrier(call).ended(store.line(call, leg))
        if cause is None:
            await self._g.carrier(call).hang_up(store.line(call, leg))
            raise Later(timedelta(seconds=10))
        await self._hear(Event(f"checked:{leg.id}", leg.id, Kind.ENDED, cause))

    # --- in the rooms below

    async def _open_person(self, task: CallTask) -> None:
        async with self._g.db.read() as s:
            call = await s.get_one(Call, task.call_id)
        if call.conversation_id is None or C(call.state) == C.ENDED:
            return
        from_110 = call.entry == "police"
        note = f"110 转来，警情编号 {call.incident or '未报'}" if from_110 else None
        urgency = Urgency.DEADLINE if from_110 else None
        async with self._g.db.read() as s:  # what was closed is not opened again by asking anew
            closed = await callbacks.closed(s, call)
        key = f"call:{call.id}" + (f":{closed}" if closed else "")
        told = await self._g.routing.open_ticket(
            call.conversation_id, key, "duty_lawyer", note, urgency
        )
        async with self._g.db.write() as s:
            row = await s.get_one(Call, call.id)
            row.ticket_id = str(told["ticket"])

    async def _wait(self, task: CallTask) -> None:
        """The place in the queue, honestly; a key leads to a call-back."""
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            scene = await self._g.scene(s, task.call_id)
            leg = next(one for one in scene.legs if one.id == task.leg_id)
            if C(scene.call.state) not in (C.QUEUED, C.OFFERED):
                return
            if leg.script.get("purpose") != "queue" or L(leg.state) == L.ENDED:
                return
            ticket = await s.get(Ticket, scene.call.ticket_id) if scene.call.ticket_id else None
            if ticket and ticket.status not in LIVE:
                await scene.move(C.WITH_BOT)
                return scene.ask(leg, "talk", words.FIRST)
            waits = await outlook.of(s, ticket, now) if ticket else None
            offered = words.TEXT_KEY if scene.texts and not scene.call.texts else ""
            said = [_place(waits, offered)] if waits else [words.RINGING]
            if task.args.get("lead") == "texted":
                said = [words.TEXTED, *said]
            if task.args.get("lead") == "no_number":
                reference = await callbacks.reference(s, scene.call)
                said = [words.NO_NUMBER.format(reference=reference)]
            scene.ask(leg, "queue", *said, seconds=20)

    async def _call_back(self, task: CallTask) -> None:
        asked = bool(task.args.get("asked"))
        told = await callbacks.open_one(self._g, task.call_id, asked)
        if not asked:
            return
        async with self._g.db.write() as s:
            scene = await self._g.scene(s, task.call_id)
            leg = next(one for one in scene.legs if one.id == task.leg_id)
            if leg.script.get("purpose") != "queue":
                return  # a lawyer has come meanwhile
            if scene.texts and not scene.call.texts:
                return scene.ask(leg, "text", words.CALL_BACK_TEXT.format(reference=told))
            scene.dismiss(leg, words.CALL_BACK.format(reference=told))

    async def _accept(self, task: CallTask) -> None:
        _, leg = await self._of(task)
        assert leg.offer_id and leg.lawyer_id
        ticket = await self._g.dispatch.accept(leg.offer_id, leg.lawyer_id)
        _, leg_now = await self._of(task)
        if not leg_now.took:  # who accepted it before us died before it told of it
            await self._accepted(OfferAccepted(ticket.id, ticket.conversation_id, leg.lawyer_id))

    async def _decline(self, task: CallTask) -> None:
        _, leg = await self._of(task)
        if leg.took or not leg.offer_id or not leg.lawyer_id:
            return
        if task.args["how"] == "expired":
            await self._g.dispatch.expire(leg.offer_id)
        else:
            await self._g.dispatch.decline(leg.offer_id, leg.lawyer_id, DECLINES["away"])

    async def _pass(self, task: CallTask) -> None:
        offer, lawyer = str(task.args["offer"]), str(task.args["lawyer"])
        await self._g.dispatch.decline(offer, lawyer, DECLINES["talking"])

    async def _free(self, task: CallTask) -> None:
        _, leg = await self._of(task)
        assert leg.lawyer_id
        await self._g.dispatch.off_telephone(leg.lawyer_id)

    async def _give_back(self, task: CallTask) -> None:
        call, leg = await self._of(task)
        if call.ticket_id and leg.lawyer_id:
            await self._g.dispatch.give_back(call.ticket_id, leg.lawyer_id, "电话断线")

    async def _close(self, task: CallTask) -> None:
        call, leg = await self._of(task)
        if call.ticket_id and leg.lawyer_id:
            outcome = str(task.args["outcome"])
            await self._g.dispatch.close(call.ticket_id, leg.lawyer_id, outcome)


def _place(waits: outlook.Outlook, text: str) -> str:
    if not waits.on_duty:
        wait = words.NOBODY
    elif waits.minutes is None:
        wait = words.NOT_KNOWN
    else:
        wait = words.ABOUT.format(minutes=waits.minutes)
    return words.QUEUED.format(position=waits.position, wait=wait, text=text)
