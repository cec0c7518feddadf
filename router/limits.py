"""How often somebody may do something. Counted in Redis; in this process while Redis is away."""

import logging
import time
from functools import lru_cache
from math import ceil

from limits import RateLimitItem, parse
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
        item = _parsed(rate)
        if self._shared:
            try:
                wait = await _hit(self._shared, item, what, who)
            except StorageError as error:
                log.warning("limits.redis_away", extra={"error": type(error).__name__})
            else:
                return _refuse_if(wait, what)
        _refuse_if(await _hit(self._here, item, what, who), what)

    async def check_here(self, what: str, who: str, rate: str) -> None:
        """The same, for what only spares this process: no way to Redis and back."""
        _refuse_if(await _hit(self._here, _parsed(rate), what, who), what)


_parsed = lru_cache(parse)


async def _hit(limiter: SlidingWindowCounterRateLimiter, item: RateLimitItem, *key: str) -> int:
    """0: it may. Else the whole seconds until one more may."""
    if await limiter.hit(item, *key):
        return 0
    stats = await limiter.get_window_stats(item, *key)
    return max(1, ceil(stats.reset_time - time.time()))


def _refuse_if(wait: int, what: str) -> None:
    if wait:
        raise TooFast(wait, what=what)


def _redis(url: str) -> Storage:
    return RedisStorage(
        f"async+{url}",
        wrap_exceptions=True,  # every fault of Redis becomes a StorageError
        implementation="redispy",
        key_prefix="jieyuan:limits",
        socket_timeout=1,
        socket_connect_timeout=1,
    )
