"""Looks after a bot that refused connections, and tells the waiting turns when it is back."""

import asyncio
from datetime import timedelta

from router.bus import Bus
from router.clock import Clock
from router.gateway.bot_client import Bot

BACK = "bot:back"  # topic
EVERY = timedelta(seconds=1)


class BotWatch:
    def __init__(self, bot: Bot, clock: Clock, bus: Bus) -> None:
        self._bot, self._clock, self._bus = bot, clock, bus
        self._down = asyncio.Event()
        self.returns = 0  # how often it came back; a turn compares before and after

    def report_down(self) -> None:
        self._down.set()

    async def run(self) -> None:
        while True:
            await self._down.wait()
            await self._clock.sleep(EVERY)
            if await self._bot.alive():
                self._down.clear()
                self.returns += 1
                await self._bus.wake(BACK)
