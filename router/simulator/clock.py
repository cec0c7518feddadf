"""Time that jumps: an event loop whose waits take no time, and the Clock that reads it.

Timers of asyncio (`wait_for`, `sleep`) and of our Clock share one time, so that everything runs
as in the office, in the same order each time. No thread and no socket may take part.
"""

import asyncio
import math
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")
TICKS = 1_000_000  # a second; datetime knows nothing finer


class NothingToCome(RuntimeError):
    """Everybody waits for somebody else: without a timer left, time stands still for ever."""


class _Jump(selectors.SelectSelector):
    """Where asyncio would wait for its next timer, time moves on to it."""

    ticks = 0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise NothingToCome
        if timeout > 0:
            self.ticks += max(1, math.ceil(timeout * TICKS - 1e-3))
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.jump = _Jump()
        super().__init__(self.jump)

    def time(self) -> float:
        return self.jump.ticks / TICKS


class VirtualClock:
    """router.clock.Clock: `start` and what the running virtual loop has jumped since."""

    def __init__(self, start: datetime) -> None:
        self.start = start.astimezone(UTC)
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        self._jump = loop.jump

    def now(self) -> datetime:
        return self.start + timedelta(microseconds=self._jump.ticks)

    def monotonic(self) -> float:
        return self._jump.ticks / TICKS

    async def sleep(self, span: timedelta) -> None:
        await asyncio.sleep(max(span.total_seconds(), 0))

    async def until(self, moment: datetime) -> None:
        while self.now() < moment:
            await self.sleep(moment - self.now())


def run(main: Coroutine[Any, Any, T]) -> T:
    """Like asyncio.run, on a loop of its own whose time begins at 0."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
