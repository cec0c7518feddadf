"""The hotline: what carriers tell and what dispatch decides, one call at a time."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from router.channels.hotline import answers, recordings, rooms, states, store, words
from router.channels.hotline.desk import Desk
from router.channels.hotline.errands import Errands
from router.channels.hotline.errors import Replayed
from router.channels.hotline.ground import Ground
from router.channels.hotline.models import Call, CallTask, Leg
from router.channels.hotline.offered import Offered, telephoning
from router.channels.hotline.port import Carrier, Event, Script
from router.channels.hotline.scene import Scene
from router.channels.hotline.states import Cause, Kind, Role
from router.channels.hotline.tasks import TIMER, Tasks
from router.channels.hotline.voice import dialable
from router.conversations.models import HOTLINE
from router.dispatch.models import Timer
from router.errors import NotFound

log = logging.getLogger(__name__)
C, L = states.Call, states.Leg
EXPECTS = timedelta(seconds=14)  # a carrier hangs up at 15
EVERY = timedelta(minutes=1)  # the carrier's list and ours are compared
OLD = timedelta(seconds=90)  # younger legs are still being told of
AT_ONCE = 100


@dataclass(frozen=True)
class Next:
    """What a leg hears after what it was told of; the carrier's own request carries it."""

    call_id: str
    over: bool
    no: int = 0
    script: Script | None = None  # none: not known yet, ask again


class Hotline:
    def __init__(self, ground: Ground) -> None:
        self._g = ground
        self._tasks = Tasks(ground.db, ground.clock, ground.bus)
        self.offered = Offered(ground, self.kick)
        errands = Errands(ground, self.hear, self.offered.accepted)
        self._tasks.doers, self._tasks.failed = errands.doers, errands.failed
        self.desk = Desk(ground)
        self._background: set[asyncio.Task[None]] = set()
        self._kicked: set[str] = set()  # calls whose work is about to begin
        ground.dispatch.timers.also[TIMER] = self._fire
        ground.dispatch.telephoning.append(telephoning)

    async def start(self) -> None:
        try:
            await self._tasks.keep_time(EVERY)
        except IntegrityError:
            pass  # another process started in this moment

    async def stop(self) -> None:
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)

    def carrier(self, name: str) -> Carrier:
        return self._g.carriers[name]

    # --- in

    async def incoming(
        self,
        carrier: str,
        ref: str,
        number: str,
        *,
        police: bool = False,
        expects: bool = False,
        leg_id: str | None = None,
        call_id: str | None = None,
    ) -> Leg:
        """A call comes in; the same one twice is the same leg. `police`: on 110's own line.
        `expects`: the answer to the carrier's request carries its first script. The ids: where the
        carrier names call and leg itself."""
        async with self._g.db.read() as s:
            if known := await store.leg_by_ref(s, ref):
                return known
        conversation, _ = await self._g.gateway.open(HOTLINE, None, consent=True)
        now = self._g.clock.now()
        try:
            async with self._g.db.write() as s:
                entry, role = ("police", Role.OPERATOR) if police else ("citizen", Role.CALLER)
                caller = "" if police else dialable(number)
                call = store.open_call(s, carrier, entry, caller, now, C.WITH_BOT, call_id)
                call.conversation_id = conversation.id
                await s.flush()
                leg = store.open_leg(s, call, role, dialable(number), now, leg_id, ref=ref)
                leg.state, leg.answered_at = L.ANSWERED.value, now
                await store.note(s, call, f"incoming:{ref}", "incoming", now, leg.id)
                store.give(s, call, leg, _welcome(police), now)
                if expects:
                    await _carried(s, leg)
        except IntegrityError:  # the same call at the same moment: the other one is in
            async with self._g.db.read() as s:
                if known := await store.leg_by_ref(s, ref):
                    return known
            raise
        self.kick(leg.call_id)
        return leg

    async def hear(self, event: Event, expects: bool = False, ref: str | None = None) -> Next:
        """`expects`: the carrier waits for what the leg hears next, see answer(). `ref`: its own id
        of the leg. Raises Replayed for what was answered long ago."""
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            known = await s.get(Leg, event.leg_id)
            if known is None:
                raise NotFound(leg=event.leg_id)
            scene = await self._g.scene(s, known.call_id)
            leg = next(one for one in scene.legs if one.id == event.leg_id)
            if expects and _stale(leg, event):
                raise Replayed(leg=leg.id, script=event.script_no)
            leg.ref = leg.ref or ref
            over = L(leg.state) == L.ENDED
            if expects and not over:
                leg.expected_until = now + EXPECTS
            if not await store.seen(s, event.key):
                moved = await store.move_leg(s, scene.call, leg, event, now)
                await s.flush()
                await _react(scene, leg, event, moved)
            found = Next(known.call_id, over)
            if expects and not over and leg.script_no > event.script_no:
                await _carried(s, leg)
                found = Next(known.call_id, False, leg.script_no, Script.of(leg.script))
        self.kick(known.call_id)
        return found

    async def recorded(self, leg_id: str, ref: str, there: bool) -> None:
        """The carrier has a recording for us, or has none where one was ordered."""
        async with self._g.db.write() as s:
            leg = await s.get(Leg, leg_id)
            if leg is None:
                raise NotFound(leg=leg_id)
            call, key = await s.get_one(Call, leg.call_id), f"recording:{ref}"
            if await store.seen(s, key):
                return
            now = self._g.clock.now()
            kind = "recording_ready" if there else "recording_absent"
            await store.note(s, call, key, kind, now, leg_id)
            if there:
                store.task(s, call, "keep", now, leg, ref=ref)
            else:
                log.error("hotline.recording_absent", extra={"call": call.id})
        self.kick(leg.call_id)

    async def answer(self, leg_id: str, after: int, at_most: timedelta) -> Next:
        """What the leg hears after its script of this number; the carrier carries it."""
        asked = select(Leg.call_id, Leg.state, Leg.script_no).where(Leg.id == leg_id)
        async with self._g.bus.waiting_for(f"leg:{leg_id}") as waiter:
            end = self._g.clock.monotonic() + at_most.total_seconds()
            while True:
                async with self._g.db.look() as c:
                    row = (await c.execute(asked)).one_or_none()
                if row is None:
                    raise NotFound(leg=leg_id)
                if row.state == L.ENDED:
                    return Next(row.call_id, True)
                if row.script_no > after:
                    return await self._carry(leg_id)
                left = end - self._g.clock.monotonic()
                if left <= 0 or not await waiter.wait(timedelta(seconds=left)):
                    break
        self.kick(row.call_id)
        return Next(row.call_id, False)

    async def _carry(self, leg_id: str) -> Next:
        async with self._g.db.write() as s:
            leg = await s.get_one(Leg, leg_id)
            await _carried(s, leg)
            return Next(leg.call_id, False, leg.script_no, Script.of(leg.script))

    # --- what is to be done

    def kick(self, call_id: str) -> None:
        if call_id not in self._kicked:
            self._kicked.add(call_id)
            self._meanwhile(self._work(call_id))

    async def _work(self, call_id: str) -> None:
        self._kicked.discard(call_id)  # from here on a new one is looked for anew
        await self._tasks.work(call_id)

    def _meanwhile(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _fire(self, timer: Timer) -> None:
        """The room's timer: what is due, and what the carrier knows otherwise."""
        await self._tasks.keep_time(EVERY)
        for call_id in await self._tasks.due():
            self.kick(call_id)
        self._meanwhile(self.reconcile())
        async with self._g.db.write() as s:
            await recordings.prune(s, self._g.clock.now())

    async def reconcile(self) -> None:
        """Legs that the carrier knows no more have ended, whatever got lost on the way."""
        before = self._g.clock.now() - OLD
        async with self._g.db.read() as s:
            found = await s.execute(
                select(Leg, Call)
                .join(Call, Call.id == Leg.call_id)
                .where(Leg.ended_at.is_(None), Leg.created_at <= before)
                .order_by(func.random())
                .limit(AT_ONCE)
            )
            old = [(store.line(call, leg), self._g.carrier(call)) for leg, call in found]
        for line, carrier in old:
            try:
                cause = await carrier.ended(line) if line.ref else Cause.FAILED
            except Exception as error:  # the carrier is away: in a minute again
                log.warning("hotline.reconcile", extra={"error": type(error).__name__})
                continue
            if cause:
                await self.hear(Event(f"reconciled:{line.leg_id}", line.leg_id, Kind.ENDED, cause))


def _welcome(police: bool) -> Script:
    if police:
        return Script((words.INCIDENT,), keys=20, seconds=15, speech=False, purpose="incident")
    return Script((*words.GREETING, words.CONSENT), purpose="consent")


async def _carried(s: AsyncSession, leg: Leg) -> None:
    """The answer to the carrier's request does it."""
    leg.expected_until = None
    ours = [t for t in s.new if isinstance(t, CallTask) and (t.leg_id, t.verb) == (leg.id, "run")]
    for task in ours:  # of this very move: nobody else has seen it
        s.expunge(task)
    if not ours:
        owed = CallTask.leg_id == leg.id, CallTask.verb == "run", CallTask.done_at.is_(None)
        await s.execute(update(CallTask).where(*owed).values(done_at=CallTask.due_at))


def _stale(leg: Leg, event: Event) -> bool:
    """Of a leg that was rung and has ended, or of a script before the last."""
    if event.kind == Kind.ANSWERED:
        return L(leg.state) == L.ENDED
    return event.script_no < leg.script_no - 1


async def _react(scene: Scene, leg: Leg, event: Event, moved: bool) -> None:
    match event.kind:
        case Kind.HEARD if L(leg.state) != L.ENDED:
            await answers.answer(scene, leg, event)
        case Kind.ANSWERED if moved:
            scene.task("run", leg, no=leg.script_no)
            await rooms.alone(scene, leg)
        case Kind.STAR if event.script_no not in (0, leg.script_no):
            pass  # it has another script already
        case Kind.STAR if moved and leg.role == Role.LAWYER:
            await answers.menu(scene, leg)
        case Kind.STAR if moved:
            scene.join(leg)
        case Kind.JOINED | Kind.LEFT | Kind.HELD | Kind.UNHELD if moved:
            await scene.look_round()
        case Kind.ENDED if moved:
            await rooms.lost(scene, leg)
