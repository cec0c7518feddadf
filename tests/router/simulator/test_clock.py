"""Time jumps to whatever comes next, and nothing else decides the order."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from router.simulator.clock import NothingToCome, VirtualClock, run

START = datetime(2026, 3, 2, 1, tzinfo=UTC)


def test_a_day_passes_at_once_and_to_the_microsecond():
    async def day() -> datetime:
        clock = VirtualClock(START)
        for _ in range(24):
            await clock.sleep(timedelta(hours=1))
        return clock.now()

    assert run(day()) == START + timedelta(days=1)


def test_who_sleeps_shorter_wakes_first_whoever_lay_down_first():
    async def night() -> list[str]:
        clock, woken = VirtualClock(START), []

        async def sleeper(name: str, hours: float) -> None:
            await clock.sleep(timedelta(hours=hours))
            woken.append(name)

        await asyncio.gather(sleeper("late", 3), sleeper("early", 1), sleeper("middle", 2))
        return woken

    assert run(night()) == ["early", "middle", "late"]


def test_a_wait_with_a_limit_ends_in_virtual_time():
    async def wait() -> timedelta:
        clock = VirtualClock(START)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 900)
        return clock.now() - START

    assert run(wait()) == timedelta(minutes=15)


def test_a_world_in_which_all_wait_for_each_other_is_told_and_does_not_hang():
    async def stuck() -> None:
        await asyncio.Event().wait()

    with pytest.raises(NothingToCome):
        run(stuck())
