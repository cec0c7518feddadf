"""One token for all processes, fetched once in its life, whatever the clocks say."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from router import crypto
from router.channels.wechat.post import PlatformRefused, Text
from router.channels.wechat.token import Tokens
from tests.channels.wechat.conftest import Citizen
from tests.fake_wechat import Platform
from tests.fakes import FakeClock, until
from tests.router.test_bus import url  # noqa: F401


class Desk:
    """Where tokens come from; counts."""

    def __init__(self) -> None:
        self.fetched, self.life = 0, 7200

    async def fetch(self) -> tuple[str, int]:
        self.fetched += 1
        mine = f"token-{self.fetched}"
        await asyncio.sleep(0.05)
        return mine, self.life


async def _answers(redis: Redis) -> bool:
    try:
        return bool(await redis.ping())
    except (RedisError, OSError):
        return False


@pytest.fixture
async def redis(url) -> AsyncIterator[Redis]:  # noqa: F811
    crypto.use(crypto.Keyring([os.urandom(32)]))
    one = Redis.from_url(url)
    await until(lambda: _answers(one))
    await one.flushall()
    yield one
    await one.aclose()


async def test_ten_processes_fetch_once(redis: Redis, clock: FakeClock):
    desk = Desk()
    all_of_them = [Tokens("xian", redis, clock, desk.fetch) for _ in range(10)]
    assert set(await asyncio.gather(*(one.get() for one in all_of_them))) == {"token-1"}
    assert desk.fetched == 1


async def test_who_looked_just_before_the_token_came_fetches_none(
    redis: Redis,
    clock: FakeClock,
    url: str,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
):
    desk, later = Desk(), Redis.from_url(url)
    take = later.set
    first = Tokens("xian", redis, clock, desk.fetch)

    async def only_now(*key: Any, **how: Any) -> Any:
        await first.get()
        return await take(*key, **how)

    monkeypatch.setattr(later, "set", only_now)
    assert await Tokens("xian", later, clock, desk.fetch).get() == "token-1"
    assert desk.fetched == 1
    await later.aclose()


async def test_a_token_under_a_key_that_is_gone_is_fetched_anew(redis: Redis, clock: FakeClock):
    desk = Desk()
    await Tokens("xian", redis, clock, desk.fetch).get()
    crypto.use(crypto.Keyring([os.urandom(32)]))
    assert await Tokens("xian", redis, clock, desk.fetch).get() == "token-2"


async def test_a_refused_token_is_renewed_once_for_all(redis: Redis, clock: FakeClock):
    desk = Desk()
    all_of_them = [Tokens("xian", redis, clock, desk.fetch) for _ in range(5)]
    await asyncio.gather(*(one.get() for one in all_of_them))

    async def refused(one: Tokens) -> str:
        await one.refused("token-1")
        return await one.get()

    assert set(await asyncio.gather(*(refused(one) for one in all_of_them))) == {"token-2"}
    assert desk.fetched == 2


async def test_a_clock_that_jumps_fetches_nothing_and_an_end_that_nears_does(
    redis: Redis, clock: FakeClock
):
    desk = Desk()
    one = Tokens("xian", redis, clock, desk.fetch)
    await one.get()
    for span in (timedelta(days=3), timedelta(days=-9)):
        clock.jump(span)
        assert await one.get() == "token-1"
    await redis.flushall()  # its life in Redis is over
    await clock.advance(timedelta(seconds=6899))
    assert await one.get() == "token-1"
    await clock.advance(timedelta(seconds=2))
    assert await one.get() == "token-2"


async def test_the_token_lies_sealed_in_redis(redis: Redis, clock: FakeClock):
    await Tokens("xian", redis, clock, Desk().fetch).get()
    stored = [await redis.get(key) for key in await redis.keys("jieyuan:wechat:*")]
    assert stored and all(b"token-1" not in value for value in stored)


async def test_a_process_that_died_with_the_lease_holds_nobody_up(
    redis: Redis, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
):
    await redis.set("jieyuan:wechat:xian:lease", "of a dead one", px=200)
    desk = Desk()
    assert await Tokens("xian", redis, clock, desk.fetch).get() == "token-1"


async def test_without_redis_a_process_has_its_own(clock: FakeClock):
    desk = Desk()
    away = Redis(port=1)
    one = Tokens("xian", away, clock, desk.fetch)
    assert await asyncio.gather(one.get(), one.get()) == ["token-1", "token-1"]
    await away.aclose()


async def test_a_token_that_ended_early_is_renewed_and_the_message_goes_out_once(
    citizen: Citizen, platform: Platform, caplog: pytest.LogCaptureFixture
):
    await citizen.agrees()
    post = citizen.parts.wechat.posts["xian"]
    await post.send(Text(citizen.openid, "一", by_bot=False))
    platform.rotate()
    await post.send(Text(citizen.openid, "二", by_bot=False))
    assert [text for text in citizen.sees if text in "一二"] == ["一", "二"]
    assert platform.fetched == 2 and "token-" not in caplog.text


async def test_a_wrong_secret_is_told_and_not_tried_without_end(
    citizen: Citizen, platform: Platform
):
    await citizen.agrees()
    platform.official.secret = "changed since"
    with pytest.raises(PlatformRefused) as refused:
        await citizen.parts.wechat.posts["xian"].send(Text(citizen.openid, "一", by_bot=False))
    assert refused.value.code == 40125 and platform.fetched == 1
