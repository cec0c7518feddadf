"""SQLite's log brought to the disk beside the work, not in its way.

A commit with `synchronous=NORMAL` is seen by everybody and outlives its process; for a power cut
the log must be on the disk too. Disks take 0.2 to 30 ms for that, and one trip serves all commits
before it. https://www.sqlite.org/pragma.html#pragma_synchronous
"""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)
SOON = 0.02  # seconds


class Disk:
    """Of one database file, in one event loop."""

    def __init__(self, database: str | Path) -> None:
        self._log = f"{database}-wal"
        self._planned: asyncio.TimerHandle | None = None
        self._next: asyncio.Task[None] | None = None
        self._one_at_a_time = asyncio.Lock()

    def soon(self) -> None:
        """A trip for what was committed so far, with what else is committed in these moments."""
        if self._planned is None and not self._waits():
            self._planned = asyncio.get_running_loop().call_later(SOON, self._leave)

    async def wait(self) -> None:
        """Until it is on the disk. Raises OSError when the disk cannot take it."""
        await asyncio.shield(self._leave())

    async def rest(self) -> None:
        """Before the end: no trip is left half-way."""
        if self._planned or self._next or self._one_at_a_time.locked():
            with suppress(OSError):
                await self.wait()

    def _leave(self) -> asyncio.Task[None]:
        """The next trip. One under way may have left without what was committed last."""
        if self._planned:
            self._planned.cancel()
            self._planned = None
        if self._next is None or self._next.done():
            self._next = asyncio.create_task(self._trip())
            self._next.add_done_callback(_note)
        return self._next

    def _waits(self) -> bool:
        """A trip that takes with it whatever is committed until it leaves."""
        return self._next is not None and not self._next.done()

    async def _trip(self) -> None:
        async with self._one_at_a_time:
            self._next = None
            await asyncio.get_running_loop().run_in_executor(None, sync, self._log)


def _note(trip: asyncio.Task[None]) -> None:
    if not trip.cancelled() and (error := trip.exception()):
        log.error("disk.sync_failed", extra={"error": type(error).__name__})


def sync(file: str) -> None:
    try:
        opened = os.open(file, os.O_RDWR)
    except FileNotFoundError:  # SQLite has put it into the database and taken it away
        return
    try:
        getattr(os, "fdatasync", os.fsync)(opened)
    finally:
        os.close(opened)
