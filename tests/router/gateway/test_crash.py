"""Promise 7: a process may die at any point; what was accepted is answered, and only once."""

import asyncio

from router.gateway.lease import Lease
from router.gateway.service import Gateway
from router.gateway.turns import Turns
from tests.fakes import FakeBot, FakeClock, FakeRouting, until
from tests.router.gateway.conftest import Citizen

LEASE = 8  # seconds; the search for abandoned turns comes every 4


async def dies(gateway: Gateway) -> None:
    """As by SIGKILL: nothing is given back, nothing is written."""
    await gateway.turns.halt()
    for task in list(gateway.intake._background):
        task.cancel()


async def hangs(*_: object, **__: object) -> None:
    await asyncio.Event().wait()


async def fails(*_: object) -> None:
    raise OSError("disk full")


async def heard_once(citizen: Citizen, bot: FakeBot, text: str) -> None:
    await citizen.hears(f"收到:{text}")
    assert bot.texts == [text]


async def test_killed_before_the_worker_began(citizen: Citizen, bot, clock, process, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Turns, "wake", lambda *_: None)
        await citizen.says("工资没发")
    await dies(citizen.gateway)
    await process()
    await clock.pass_by(LEASE + 4)
    await heard_once(citizen, bot, "工资没发")


async def test_killed_before_the_bot_got_it(citizen: Citizen, bot, clock, process):
    bot.hold("before")
    await citizen.says("工资没发")
    await until(lambda: bot.at_once)
    await dies(citizen.gateway)
    bot.release()
    await process()
    await clock.pass_by(LEASE + 4)
    await heard_once(citizen, bot, "工资没发")


async def test_killed_after_the_bot_played_it(citizen: Citizen, bot, clock, process):
    bot.hold("after")
    await citizen.says("工资没发")
    await until(lambda: bot.turns)
    await dies(citizen.gateway)
    bot.release()
    await process()
    await clock.pass_by(LEASE + 4)
    await heard_once(citizen, bot, "工资没发")
    assert bot.asked, "the bot's memory was asked before anything was sent again"


async def test_killed_between_the_answer_and_our_commit(
    citizen: Citizen, bot, clock, process, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(Lease, "finish", hangs)
        await citizen.says("工资没发")
        await until(lambda: bot.turns)
        await asyncio.sleep(0.05)
        assert await citizen.reads("bot") == []
        await dies(citizen.gateway)
    await process()
    await clock.pass_by(LEASE + 4)
    await heard_once(citizen, bot, "工资没发")


async def test_the_database_fails_in_the_middle_of_our_commit(
    citizen: Citizen, bot, clock, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(Lease, "_say", fails)
        await citizen.says("工资没发")
        await until(lambda: bot.turns)
        await until(lambda: not citizen.gateway.turns._workers)
    await clock.pass_by(2 * LEASE)
    await heard_once(citizen, bot, "工资没发")


async def test_killed_after_our_commit_nothing_is_repeated(citizen: Citizen, bot, clock, process):
    await citizen.says("工资没发")
    await citizen.hears("收到:工资没发")
    await dies(citizen.gateway)
    await process()
    await clock.pass_by(2 * LEASE)
    await heard_once(citizen, bot, "工资没发")


async def test_the_lines_behind_the_one_that_was_cut_off_follow_in_order(
    citizen: Citizen, bot, clock, process
):
    bot.hold("after")
    await citizen.says("第一句")
    await until(lambda: bot.turns)
    await citizen.says("第二句")
    await citizen.says("第三句")
    await dies(citizen.gateway)
    bot.release()
    await process()
    await clock.pass_by(LEASE + 4)
    await citizen.hears("收到:第一句", "收到:第二句", "收到:第三句")
    assert bot.texts == ["第一句", "第二句", "第三句"]


async def test_a_turn_that_began_a_new_case_is_found_under_the_old_one(
    citizen: Citizen, bot, clock, process
):
    from sqlalchemy import update

    from router.conversations.models import Conversation

    bot.hold("after")
    await citizen.says("我还有另一件事")
    await until(lambda: bot.turns)
    async with citizen.gateway.db.write() as s:
        await s.execute(update(Conversation).values(case_no=2))  # the bot's action asked for it
    await dies(citizen.gateway)
    bot.release()
    await process()
    await clock.pass_by(LEASE + 4)
    await heard_once(citizen, bot, "我还有另一件事")


async def test_another_process_takes_nothing_before_the_lease_has_run_out(
    citizen: Citizen, bot, clock: FakeClock, process
):
    bot.hold("before")
    await citizen.says("工资没发")
    await until(lambda: bot.at_once)
    await dies(citizen.gateway)
    await process()
    await clock.pass_by(5)
    assert bot.at_once[f"{citizen.id}-1"] == 0
    await clock.pass_by(7)
    await until(lambda: bot.at_once[f"{citizen.id}-1"])


async def test_a_process_that_stops_in_order_hands_its_turns_over_at_once(
    citizen: Citizen, bot, clock, process
):
    bot.hold("after")
    await citizen.says("工资没发")
    await until(lambda: bot.turns)
    await citizen.gateway.stop()
    bot.release()
    await process()
    await heard_once(citizen, bot, "工资没发")


async def test_a_process_that_lost_its_lease_while_it_stood_still_says_nothing(
    citizen: Citizen, bot, clock, process, monkeypatch
):
    monkeypatch.setattr(citizen.gateway.turns, "_set_lease_end", hangs)
    bot.hold("after")
    await citizen.says("工资没发")
    await until(lambda: bot.turns)
    other = await process()
    await clock.pass_by(2 * LEASE)
    await citizen.hears("收到:工资没发")  # by the other, out of the bot's memory
    bot.release()
    await until(lambda: not citizen.gateway.turns._workers and not other.turns._workers)
    await heard_once(citizen, bot, "工资没发")


async def test_killed_between_danger_and_alarm_somebody_is_still_alarmed(
    citizen: Citizen, bot, clock, process, routing: FakeRouting, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(Turns, "wake", lambda *_: None)
        patch.setattr(FakeRouting, "alarm", hangs)
        await citizen.says("他正拿刀砍门,救命")
        await dies(citizen.gateway)
    assert not routing.alarms
    await process()
    await clock.pass_by(LEASE + 4)
    await until(lambda: routing.alarms)


async def test_killed_again_and_again(citizen: Citizen, bot, clock, process):
    bot.hold("before")
    await citizen.says("工资没发")
    gateway = citizen.gateway
    for _ in range(3):
        await until(lambda: bot.at_once[f"{citizen.id}-1"])
        await dies(gateway)
        gateway = await process()
        await clock.pass_by(LEASE + 4)
    bot.release()
    await heard_once(citizen, bot, "工资没发")
