"""The access token: fetched by one process, shared by all, renewed before it ends, never logged.

Redis keeps it with a life of its own, so nobody's clock matters. Without Redis each process has
one, which the stable interface allows: it answers everybody with the same.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta

from cryptography.exceptions import InvalidTag
from redis.asyncio import Redis
from redis.exceptions import RedisError

from router import crypto
from router.clock import Clock

log = logging.getLogger(__name__)
EARLY = 300.0  # seconds before its end: the platform has the next one ready since then
LEASE_MS = 15_000  # longer than a fetch may take
LOOK = timedelta(milliseconds=50)
PATIENCE = 20.0  # seconds for somebody else's fetch

Fetch = Callable[[], Awaitable[tuple[str, int]]]  # the token, and its life in seconds


class Tokens:
    def __init__(self, account: str, redis: Redis | None, clock: Clock, fetch: Fetch) -> None:
        self._redis, self._clock, self._fetch = redis, clock, fetch
        self._name = f"wechat token {account}"
        self._key = f"jieyuan:wechat:{account}:token"
        self._lease = f"jieyuan:wechat:{account}:lease"
        self._mine: tuple[str, float] | None = None  # until, monotonic
        self._one = asyncio.Lock()
        self._bad: set[str] = set()  # refused by the platform before their time

    async def get(self) -> str:
        """Raises what `fetch` raises."""
        async with self._one:
            if self._mine and self._mine[1] > self._clock.monotonic():
                return self._mine[0]
            try:
                token, life = await self._shared() if self._redis else await self._fetched()
            except (RedisError, OSError) as error:
                log.warning("wechat.token_alone", extra={"error": type(error).__name__})
                token, life = await self._fetched()
            self._mine = token, self._clock.monotonic() + life
            return token

    async def refused(self, token: str) -> None:
        """The platform does not take it: the next get() brings another."""
        async with self._one:
            self._bad.add(token)
            if self._mine and self._mine[0] == token:
                self._mine = None

    async def _fetched(self) -> tuple[str, float]:
        token, life = await self._fetch()
        self._bad.discard(token)  # it says so itself: still the one
        return token, max(life - EARLY, life / 2)

    async def _shared(self) -> tuple[str, float]:
        redis, end = self._redis, self._clock.monotonic() + PATIENCE
        assert redis
        while not (kept := await self._kept(redis)):
            mine = secrets.token_hex(8)
            if await redis.set(self._lease, mine, nx=True, px=LEASE_MS):
                return await self._renew(redis, mine)
            if self._clock.monotonic() > end:
                return await self._fetched()
            await asyncio.sleep(LOOK.total_seconds())
        return kept

    async def _kept(self, redis: Redis) -> tuple[str, float] | None:
        sealed, left = await redis.get(self._key), await redis.pttl(self._key)
        token = self._opened(_bytes(sealed)) if sealed and left > 0 else ""
        return (token, left / 1000) if token and token not in self._bad else None

    def _opened(self, sealed: bytes) -> str:
        """Empty: of another installation, or of a data key that is gone."""
        try:
            return crypto.current().open(sealed, self._name)
        except (KeyError, ValueError, InvalidTag):
            log.warning("wechat.token_unreadable")
            return ""

    async def _renew(self, redis: Redis, mine: str) -> tuple[str, float]:
        try:
            if kept := await self._kept(redis):  # the one before us has just brought it
                return kept
            token, life = await self._fetched()
            sealed = crypto.current().seal(token, self._name)
            await redis.set(self._key, sealed, px=int(life * 1000))
            return token, life
        finally:
            if await redis.get(self._lease) in (mine, mine.encode()):
                await redis.delete(self._lease)


def _bytes(value: bytes | str) -> bytes:
    assert isinstance(value, bytes)  # our client decodes nothing
    return value
