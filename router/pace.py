"""How late this process's event loop is. What can wait lets the citizens' requests go first."""

import asyncio
import time

EVERY = 0.02  # seconds between two looks
LATE = 0.04  # seconds
LONGEST = 0.5  # seconds that work is put off: under any storm the backlog still gets shorter


class Pace:
    def __init__(self) -> None:
        self.late = 0.0  # seconds, at the last look

    async def run(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(EVERY)
            self.late = time.monotonic() - began - EVERY

    async def rest(self) -> None:
        """While the loop is late."""
        end = time.monotonic() + LONGEST
        while self.late > LATE and time.monotonic() < end:  # noqa: ASYNC110 - no event tells it
            await asyncio.sleep(EVERY)
