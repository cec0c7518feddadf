"""The gateway by itself: a scripted bot, a routing that only remembers, any number of processes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from router.bus import Bus
from router.channels.base import Accepted, Inbound
from router.conversations.models import Message
from router.db import Database
from router.gateway.service import Gateway
from router.settings import Settings
from tests.fakes import FakeBot, FakeClock, FakeRouting, until


@dataclass
class Citizen:
    """Sends to one conversation, through whichever process a test names."""

    gateway: Gateway
    id: str

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)

    async def says(
        self, text: str, seq: int | None = None, via: Gateway | None = None, key: str | None = None
    ) -> Accepted:
        seq = next(self._numbers) if seq is None else seq
        inbound = Inbound("web", self.id, key or f"web:{self.id}:{seq}", text, client_seq=seq)
        return await (via or self.gateway).accept(inbound)

    async def lines(self) -> list[Message]:
        """After the greeting."""
        async with self.gateway.db.read() as s:
            return await self.gateway.transcript(s, self.id, after=2)

    async def reads(self, who: str | None = None) -> list[str]:
        return [line.text for line in await self.lines() if who in (None, line.who)]

    async def hears(self, *texts: str) -> None:
        """Waits until the bot has said exactly this, in this order."""

        async def heard() -> bool:
            return await self.reads("bot") == list(texts)

        await until(heard)

    async def is_told(self, kind: str) -> Message:
        """Waits for a line of the system of this kind."""

        async def told() -> Message | None:
            kinds = {line.extra.get("kind"): line for line in await self.lines()}
            return kinds.get(kind)

        return await until(told)

    async def is_served(self) -> None:
        """Waits until nothing of the citizen's waits."""

        async def served() -> bool:
            return not any(line.turn == "waiting" for line in await self.lines())

        await until(served)


@pytest.fixture
def routing() -> FakeRouting:
    return FakeRouting()


@pytest.fixture
async def process(
    tables: None, settings: Settings, clock: FakeClock, bot: FakeBot, routing: FakeRouting, db: Any
) -> AsyncIterator[Callable[[], Gateway]]:
    """Makes router processes on one database; one bus joins them, as Redis would, or not."""
    made: list[Gateway] = []
    joined = Bus(None)

    async def another(apart: bool = False) -> Gateway:
        bus = Bus(None) if apart else joined
        gateway = Gateway(Database(settings.database_url), clock, bus, bot, routing, settings)
        await gateway.start()
        made.append(gateway)
        return gateway

    yield another
    for gateway in made:
        await gateway.turns.halt()
        await gateway.db.close()
    await asyncio.sleep(0.05)  # SQLite's threads of what was cut off come to their end


@pytest.fixture
async def gateway(process: Any) -> Gateway:
    return await process()


@pytest.fixture
async def citizen(gateway: Gateway) -> Citizen:
    conversation, _ = await gateway.open("web", None, consent=True)
    return Citizen(gateway, conversation.id)
