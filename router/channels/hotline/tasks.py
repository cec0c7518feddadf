"""What a move has decided, done: rows written with the move, claimed, done in order for each leg.

A process that dies leaves them; the room's timer finds them. Each of them may be done twice: the
carrier, the gateway and the dispatch know every one by its key.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy import Update, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

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
OWED = {"open_person", "call_back"}  # never given up: they would be the end of somebody's call
IN_ORDER = {  # one after the other for each leg
    **dict.fromkeys(("call_out", "run", "hold", "hang_up"), "line"),
    **dict.fromkeys(("open_person", "wait", "call_back", "text_after"), "queue"),
}

_OF_CALL = CallTask.call_id == bindparam("call_id"), CallTask.done_at.is_(None)
_DUE = select(CallTask.due_at).where(*_OF_CALL)
_OPEN = select(CallTask).where(*_OF_CALL).order_by(CallTask.id)

Doer = Callable[[CallTask], Awaitable[None]]


class Later(Exception):
    """Not now: try again after so long; it was no failure."""

    def __init__(self, span: timedelta) -> None:
        super().__init__(span)
        self.span = span


class Taken(Exception):
    """Another process has it now."""


async def hold(s: AsyncSession, task: CallTask, now: datetime) -> None:
    """Its doer is still at it, and what it writes with this counts. Raises Taken."""
    due = now + CLAIM
    still = update(CallTask).where(
        CallTask.id == task.id, CallTask.done_at.is_(None), CallTask.due_at == task.due_at
    )
    if (await s.execute(still.values(due_at=due))).rowcount != 1:  # type: ignore[attr-defined]
        raise Taken(task.id)
    task.due_at = due


def not_after(due: datetime) -> Update:
    """The room's timer, so that what falls due is done; what is due now its own process does."""
    return update(Timer).where(Timer.id == TIMER, Timer.due_at > due).values(due_at=due)


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
        now, due = self._clock.now(), {"call_id": call_id}
        async with self._db.look() as c:  # mostly there is nothing: asked cheaply
            if all(at > now for at in (await c.execute(_DUE, due)).scalars()):
                return False
        async with self._db.read() as s:
            open_ones = list(await s.scalars(_OPEN, due))
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
        until = self._clock.now() + CLAIM
        mine = (
            update(CallTask)
            .where(
                CallTask.id == task.id, CallTask.done_at.is_(None), CallTask.due_at == task.due_at
            )
            .values(due_at=until, tries=CallTask.tries + 1)
        )
        async with self._db.core(soon=True) as c:  # lost with the power it is done twice
            won = (await c.execute(mine)).rowcount == 1
        task.due_at = until  # see hold()
        return won

    async def _do(self, task: CallTask) -> bool:
        """True: it is over, done or never to be."""
        try:
            await self.doers[task.verb](task)
        except Taken:
            return False
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
            if task.tries >= GIVE_UP_AFTER and task.verb not in OWED:
                await self._fail(task, type(error).__name__)
                return True
            soon = timedelta(seconds=2 ** min(task.tries, GIVE_UP_AFTER))
            await self._put_off(task, min(soon, LONGEST))
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
        async with self._db.core(soon=True) as c:
            await c.execute(ended.values(done_at=self._clock.now(), fault=fault))

    async def _put_off(self, task: CallTask, span: timedelta) -> None:
        due = self._clock.now() + span
        later = update(CallTask).where(CallTask.id == task.id, CallTask.done_at.is_(None))
        async with self._db.core(soon=True) as c:
            await c.execute(later.values(due_at=due))
            await c.execute(not_after(due))
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
