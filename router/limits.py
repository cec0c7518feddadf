"""How often somebody may do something. Counted in Redis; in this process while Redis is away."""

import logging

from limits import parse
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError

from router.errors import TooFast

log = logging.getLogger(__name__)


class Limits:
    def __init__(self, redis_url: str | None) -> None:
        self._here = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._shared = SlidingWindowCounterRateLimiter(_redis(redis_url)) if redis_url else None

    async def check(self, what: str, who: str, rate: str) -> None:
        """Counts one go; raises TooFast over `rate` (notation of the limits library)."""
        if self._shared:
            try:
                allowed = await self._shared.hit(parse(rate), what, who)
            except StorageError as error:
                log.warning("limits.redis_away", extra={"error": type(error).__name__})
            else:
                return _refuse_unless(allowed, what)
        _refuse_unless(await self._here.hit(parse(rate), what, who), what)


def _refuse_unless(allowed: bool, what: str) -> None:
    if not allowed:
        raise TooFast(what=what)


def _redis(url: str) -> Storage:
    return RedisStorage(
        f"async+{url}",
        wrap_exceptions=True,  # every fault of Redis becomes a StorageError
        implementation="redispy",
        key_prefix="jieyuan:limits",
        socket_timeout=1,
        socket_connect_timeout=1,
    )
