"""What a move has decided, done: rows written with the move, claimed, done in order for each leg.

A process that dies leaves them; the room's timer finds them. Each of them may be done twice: the
carrier, the gateway and the dispatch know every one by its key.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import select, update

from router.bus import Bus
from router.channels.hotline.models import CallTask
from router.channels.hotline.port import CarrierError
from router.clock import Clock
from router.db import Database
from router.dispatch import timers
from router.dispatch.models import Timer
from router.errors import RouterError

log = logging.getLogger(__name__)
TIMER = "hotline"
CLAIM = timedelta(seconds=30)  # a task in hand belongs to one process so long
LONGEST = timedelta(seconds=30)
GIVE_UP_AFTER = 8  # tries: about two minutes
IN_ORDER = {  # one after the other for each leg
    **dict.fromkeys(("call_out", "run", "hold", "hang_up"), "line"),
    **dict.fromkeys(("open_person", "wait", "call_back", "text_after"), "queue"),
}

Doer = Callable[[CallTask], Awaitable[None]]


class Later(Exception):
    """Not now: try again after so long; it was no failure."""

    def __init__(self, span: timedelta) -> None:
        super().__init__(span)
        self.span = span


class Tasks:
    def __init__(self, db: Database, clock: Clock, bus: Bus) -> None:
        self._db, self._clock, self._bus = db, clock, bus
        self.doers: dict[str, Doer] = {}
        self.failed: Callable[[CallTask, str], Awaitable[None]] | None = None

    async def work(self, call_id: str) -> None:
        """Everything of the call that is due now."""
        while await self._round(call_id):
            pass

    async def _round(self, call_id: str) -> bool:
        now = self._clock.now()
        async with self._db.read() as s:
            rows = await s.scalars(
                select(CallTask)
                .where(CallTask.call_id == call_id, CallTask.done_at.is_(None))
                .order_by(CallTask.id)
            )
            open_ones = list(rows)
        busy: set[tuple[str | None, str]] = set()  # what has something before it
        did = False
        for task in open_ones:
            kind = IN_ORDER.get(task.verb)
            if task.due_at > now or (kind and (task.leg_id, kind) in busy):
                done = False
            else:
                done = await self._claim(task) and await self._do(task)
            did = did or done
            if kind and not done:
                busy.add((task.leg_id, kind))
        return did

    async def _claim(self, task: CallTask) -> bool:
        mine = (
            update(CallTask)
            .where(
                CallTask.id == task.id, CallTask.done_at.is_(None), CallTask.due_at == task.due_at
            )
            .values(due_at=self._clock.now() + CLAIM, tries=CallTask.tries + 1)
        )
        async with self._db.write() as s:
            return (await s.execute(mine)).rowcount == 1  # type: ignore[attr-defined, no-any-return]

    async def _do(self, task: CallTask) -> bool:
        """True: it is over, done or never to be."""
        try:
            await self.doers[task.verb](task)
        except Later as early:
            await self._put_off(task, early.span)
            return False
        except CarrierError as error:
            if error.gone:
                await self._done(task, error.code)
                return True
            again = error.wait is not None or error.unknown
            if again and task.tries < GIVE_UP_AFTER:
                await self._put_off(task, timedelta(seconds=error.wait or 2**task.tries))
                return False
            await self._fail(task, error.code)
            return True
        except RouterError as error:  # e.g. the offer has gone meanwhile: known, and no fault
            await self._fail(task, error.code)
            return True
        except Exception as error:
            log.exception("hotline.task_failed", extra={"verb": task.verb, "call": task.call_id})
            if task.tries >= GIVE_UP_AFTER:
                await self._fail(task, type(error).__name__)
                return True
            await self._put_off(task, min(timedelta(seconds=2**task.tries), LONGEST))
            return False
        await self._done(task)
        return True

    async def _fail(self, task: CallTask, why: str) -> None:
        log.warning("hotline.task_given_up", extra={"verb": task.verb, "because": why})
        await self._done(task, why)
        if self.failed:
            await self.failed(task, why)

    async def _done(self, task: CallTask, fault: str | None = None) -> None:
        ended = update(CallTask).where(CallTask.id == task.id, CallTask.done_at.is_(None))
        async with self._db.write() as s:
            await s.execute(ended.values(done_at=self._clock.now(), fault=fault))

    async def _put_off(self, task: CallTask, span: timedelta) -> None:
        later = update(CallTask).where(CallTask.id == task.id, CallTask.done_at.is_(None))
        async with self._db.write() as s:
            await s.execute(later.values(due_at=self._clock.now() + span))
        await self._bus.wake(timers.TOPIC)

    # --- what falls due later, and what a dead process left

    async def due(self) -> list[str]:
        """Calls with something to do now."""
        async with self._db.read() as s:
            found = await s.scalars(
                select(CallTask.call_id)
                .where(CallTask.done_at.is_(None), CallTask.due_at <= self._clock.now())
                .distinct()
                .limit(200)
            )
            return list(found)

    async def keep_time(self, every: timedelta) -> None:
        """One timer for the whole room: at the next task, at the latest after `every`."""
        async with self._db.write() as s:
            first = await s.scalar(
                select(CallTask.due_at)
                .where(CallTask.done_at.is_(None))
                .order_by(CallTask.due_at)
                .limit(1)
            )
            now = self._clock.now()
            soonest = max(first, now + timers.RETRY) if first else now + every
            due = min(soonest, now + every)
            if not await timers.put_off(s, TIMER, due):
                s.add(Timer(id=TIMER, due_at=due, kind=TIMER, data={}))
