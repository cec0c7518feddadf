"""The hotline: what carriers tell and what dispatch decides, one call at a time."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from router.bus import Bus
from router.channels.hotline import answers, recordings, rooms, states, store, words
from router.channels.hotline.desk import Desk
from router.channels.hotline.errands import Errands
from router.channels.hotline.models import Call, CallTask, Leg
from router.channels.hotline.offered import Offered
from router.channels.hotline.organs import Directory
from router.channels.hotline.port import Carrier, Event, Script
from router.channels.hotline.scene import Scene
from router.channels.hotline.sms import errands as sms
from router.channels.hotline.sms.port import Texter
from router.channels.hotline.states import Cause, Kind, Role
from router.channels.hotline.tasks import TIMER, Tasks
from router.channels.hotline.voice import dialable
from router.clock import Clock
from router.conversations.models import HOTLINE
from router.db import Database
from router.destinations.registry import Destinations
from router.dispatch.models import Timer
from router.dispatch.service import Dispatch
from router.errors import NotFound
from router.gateway.service import Gateway
from router.limits import Limits
from router.routing.service import Routing
from router.settings import Settings
from router.speech import Transcriber

log = logging.getLogger(__name__)
C, L = states.Call, states.Leg
EXPECTS = timedelta(seconds=14)  # a carrier hangs up at 15
EVERY = timedelta(minutes=1)  # the carrier's list and ours are compared
OLD = timedelta(seconds=90)  # younger legs are still being told of
AT_ONCE = 100


@dataclass(frozen=True)
class Ground:
    """What the parts of the hotline share."""

    db: Database
    clock: Clock
    bus: Bus
    gateway: Gateway
    routing: Routing
    dispatch: Dispatch
    limits: Limits
    settings: Settings
    carriers: Mapping[str, Carrier]
    destinations: Destinations
    texter: Texter | None = None
    ears: Transcriber | None = None

    def carrier(self, call: Call) -> Carrier:
        return self.carriers[call.carrier]

    async def scene(self, s: AsyncSession, call_id: str) -> Scene:
        call, legs = await store.locked(s, call_id)
        number = self.settings.HOTLINE_POLICE
        reached = number if self.carrier(call).dials(number) else None
        texts = self.texter is not None and call.entry != "police" and sms.reaches(call.caller)
        return Scene(s, call, legs, self.clock.now(), reached, self.directory(call), texts)

    def directory(self, call: Call) -> Directory:
        own = self.settings
        ours = {"110", "12348", own.HOTLINE_NUMBER, own.HOTLINE_POLICE, own.HOTLINE_POLICE_LINE}
        return Directory(self.destinations, frozenset(ours), self.carrier(call).dials)


class Hotline:
    def __init__(self, ground: Ground) -> None:
        self._g = ground
        self._tasks = Tasks(ground.db, ground.clock, ground.bus)
        errands = Errands(ground, self.hear)
        self._tasks.doers, self._tasks.failed = errands.doers, errands.failed
        self.offered = Offered(ground, self.kick)
        self.desk = Desk(ground)
        self._background: set[asyncio.Task[None]] = set()
        ground.dispatch.timers.also[TIMER] = self._fire

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
        """A call comes in; the same one twice is the same leg. `police`: on 110's own line. The
        ids: where the carrier names call and leg itself."""
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
                leg.expected_until = now + EXPECTS if expects else None
                await store.note(s, call, f"incoming:{ref}", "incoming", now, leg.id)
                store.give(s, call, leg, _welcome(police), now)
        except IntegrityError:  # the same call at the same moment: the other one is in
            async with self._g.db.read() as s:
                if known := await store.leg_by_ref(s, ref):
                    return known
            raise
        self.kick(leg.call_id)
        return leg

    async def hear(self, event: Event, expects: bool = False) -> None:
        """`expects`: the carrier waits for what the leg hears next, see answer()."""
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            known = await s.get(Leg, event.leg_id)
            if known is None:
                raise NotFound(leg=event.leg_id)
            scene = await self._g.scene(s, known.call_id)
            leg = next(one for one in scene.legs if one.id == event.leg_id)
            if expects and L(leg.state) != L.ENDED:
                leg.expected_until = now + EXPECTS
            if not await store.seen(s, event.key):
                moved = await store.move_leg(s, scene.call, leg, event, now)
                await s.flush()
                await _react(scene, leg, event, moved)
        self.kick(known.call_id)

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

    async def answer(
        self, leg_id: str, after: int, at_most: timedelta
    ) -> tuple[int, Script | None]:
        """What the leg hears after its script of this number; the carrier carries it. None: that
        is not known yet, ask again."""
        async with self._g.bus.waiting_for(f"leg:{leg_id}") as waiter:
            end = self._g.clock.monotonic() + at_most.total_seconds()
            while True:
                async with self._g.db.write() as s:
                    leg = await s.get(Leg, leg_id)
                    if leg is None:
                        raise NotFound(leg=leg_id)
                    if leg.script_no > after:
                        leg.expected_until = None
                        await s.execute(_carried(leg))
                        return leg.script_no, Script.of(leg.script)
                    call_id = leg.call_id
                left = end - self._g.clock.monotonic()
                if left <= 0 or not await waiter.wait(timedelta(seconds=left)):
                    break
        self.kick(call_id)
        return after, None

    # --- what is to be done

    def kick(self, call_id: str) -> None:
        self._meanwhile(self._work(call_id))

    async def _work(self, call_id: str) -> None:
        await self._tasks.work(call_id)
        await self._tasks.keep_time(EVERY)

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
                .where(Leg.state != L.ENDED.value, Leg.created_at <= before)
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


def _carried(leg: Leg) -> Any:
    """The answer to the carrier's request did it."""
    return (
        update(CallTask)
        .where(CallTask.leg_id == leg.id, CallTask.verb == "run", CallTask.done_at.is_(None))
        .values(done_at=func.coalesce(CallTask.done_at, CallTask.due_at))
    )


async def _react(scene: Scene, leg: Leg, event: Event, moved: bool) -> None:
    match event.kind:
        case Kind.HEARD if L(leg.state) != L.ENDED:
            await answers.answer(scene, leg, event)
        case Kind.ANSWERED if moved:
            scene.task("run", leg, no=leg.script_no)
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
