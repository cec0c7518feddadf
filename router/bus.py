"""Wakes waiting tasks by topic: in this process at once, in other processes through Redis.

A wake-up carries nothing: who wakes looks into the database. Losing one costs a delay, never a
message, so the bus may be emptied, restarted or absent.
"""

import asyncio
import logging
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
CHANNEL = "jieyuan:wake"
GATHER = 0.005  # seconds; a publication costs as much as a statement


class Bus:
    def __init__(self, redis: Redis | None) -> None:
        self.redis = redis
        self._name = uuid.uuid4().hex  # of this process, which has no need to hear itself
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._listener: asyncio.Task[None] | None = None
        self._to_publish: dict[str, None] = {}  # topics, each once
        self._publishing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if self.redis:
            self._listener = asyncio.create_task(self._listen(self.redis))

    async def stop(self) -> None:
        if self._publishing:
            await self._publishing
        if self._listener:
            self._listener.cancel()
            with suppress(asyncio.CancelledError):
                await self._listener

    async def wake(self, topic: str) -> None:
        """Wakes everybody who waits for the topic, e.g. "conversation:<id>", here and elsewhere."""
        self._wake_here(topic)
        if self.redis:
            self._to_publish[topic] = None
            if self._publishing is None or self._publishing.done():
                self._publishing = asyncio.create_task(self._publish(self.redis))

    async def _publish(self, redis: Redis) -> None:
        """Nobody waits for it: who wakes here goes first, topics of one moment go together."""
        while self._to_publish:
            await asyncio.sleep(GATHER)
            topics, self._to_publish = self._to_publish, {}
            try:
                await redis.publish(CHANNEL, " ".join([self._name, *topics]))
            except (RedisError, OSError) as error:
                log.warning("bus.publish_failed", extra={"error": type(error).__name__})

    @asynccontextmanager
    async def waiting_for(self, *topics: str) -> AsyncIterator["Waiter"]:
        """Register first, look second, wait third: then no wake-up falls in between."""
        flag = asyncio.Event()
        for topic in topics:
            self._waiting[topic].add(flag)
        try:
            yield Waiter(flag)
        finally:
            for topic in topics:
                self._waiting[topic].discard(flag)
                if not self._waiting[topic]:
                    del self._waiting[topic]

    def _wake_here(self, topic: str) -> None:
        kind = topic.partition(":")[0] + ":*"  # who waits for "conversation:*" hears of each
        for one in {topic, kind}:
            for flag in self._waiting.get(one, ()):
                flag.set()

    async def _listen(self, redis: Redis) -> None:
        while True:
            try:
                async with redis.pubsub() as pubsub:
                    await pubsub.subscribe(CHANNEL)
                    async for item in pubsub.listen():
                        if item["type"] == "message":
                            data = item["data"]
                            text = data.decode() if isinstance(data, bytes) else data
                            name, *topics = text.split(" ")
                            if name != self._name:
                                for topic in topics:
                                    self._wake_here(topic)
            except (RedisError, OSError) as error:
                log.warning("bus.listen_failed", extra={"error": type(error).__name__})
                await asyncio.sleep(1)


class Waiter:
    def __init__(self, flag: asyncio.Event) -> None:
        self._flag = flag

    async def wait(self, at_most: timedelta) -> bool:
        """True if woken, False if the time ran out. Ready to wait again afterwards."""
        try:
            async with asyncio.timeout(at_most.total_seconds()):
                await self._flag.wait()
        except TimeoutError:
            return False
        self._flag.clear()
        return True
