"""Timers whose work goes on beside the timer loop: claimed for a while, dropped when it is done,
put off when it is not. A process that dies in the middle leaves a claim that runs out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, update

from router.bus import Bus
from router.clock import Clock
from router.db import Database
from router.dispatch import timers
from router.dispatch.models import Timer

log = logging.getLogger(__name__)
CLAIM = timedelta(seconds=60)
AT_ONCE = 8
Work = Callable[[Timer], Awaitable[timedelta | None]]  # when again; None: it is done


class Errands:
    def __init__(self, db: Database, clock: Clock, bus: Bus) -> None:
        self._db, self._clock, self._bus = db, clock, bus
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    def of(self, work: Work) -> Callable[[Timer], Awaitable[None]]:
        """For TimerLoop.also. `data["tried"]` counts from 0."""

        async def fire(timer: Timer) -> None:
            if until := await self._claimed(timer):
                task = asyncio.create_task(self._run(timer, until, work))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

        return fire

    async def done(self) -> None:
        """Until what has begun is through."""
        await asyncio.gather(*self._tasks)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _claimed(self, timer: Timer) -> datetime | None:
        until = self._clock.now() + CLAIM
        claim = update(Timer).where(Timer.id == timer.id, Timer.due_at == timer.due_at)
        async with self._db.write() as s:
            mine = await s.execute(claim.values(due_at=until))
        return until if mine.rowcount == 1 else None  # type: ignore[attr-defined]

    async def _run(self, timer: Timer, until: datetime, work: Work) -> None:
        claimed = Timer.id == timer.id, Timer.due_at == until  # else it was wound anew meanwhile
        try:
            async with self._slots:
                again = await work(timer)
            async with self._db.write() as s:
                if again is None:
                    await s.execute(delete(Timer).where(*claimed))
                else:
                    data = {**timer.data, "tried": int(timer.data.get("tried", 0)) + 1}
                    later = update(Timer).where(*claimed)
                    await s.execute(later.values(due_at=self._clock.now() + again, data=data))
        except Exception:  # the claim runs out, then it is done again
            log.exception("errand.failed", extra={"timer": timer.id})
        await self._bus.wake(timers.TOPIC)
