import asyncio
import sys
from typing import Any

from arq import create_pool
from arq.connections import ArqRedis, RedisSettings

from bench.carriers.done import URL, done

_loop = asyncio.new_event_loop()
_pool: ArqRedis | None = None


async def job(_context: Any, number: int, sent: float, seconds: float) -> None:
    await asyncio.to_thread(done, number, sent, seconds)


class WorkerSettings:
    functions = (job,)
    redis_settings = RedisSettings.from_dsn(URL)


def send(number: int, sent: float, seconds: float) -> None:
    global _pool
    if _pool is None:
        _pool = _loop.run_until_complete(create_pool(WorkerSettings.redis_settings))
    _loop.run_until_complete(_pool.enqueue_job("job", number, sent, seconds))


WORKER = [
    sys.executable, "-c", "from arq.cli import cli; cli()", "bench.carriers.on_arq.WorkerSettings",
]  # fmt: skip
