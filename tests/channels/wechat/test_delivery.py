"""What is brought to a follower after the moment has passed: budget, errors, a lawyer's words."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from router.channels.wechat.models import Follower, Parcel
from tests import factories
from tests.channels.wechat.conftest import Citizen
from tests.fake_wechat import FAULT, Platform
from tests.fakes import FakeBot, FakeClock, until


async def conversation_of(citizen: Citizen) -> str:
    async with citizen.parts.db.read() as s:
        [row] = await s.scalars(select(Follower))
    assert row.conversation_id
    return row.conversation_id


async def states(citizen: Citizen) -> list[str]:
    async with citizen.parts.db.read() as s:
        rows = await s.scalars(select(Parcel).order_by(Parcel.seq, Parcel.part))
        return [row.state for row in rows]


async def with_lawyer(citizen: Citizen) -> tuple[str, str]:
    """A duty lawyer owns the citizen's ticket: ticket, lawyer."""
    parts, clock = citizen.parts, citizen.clock
    lawyer = await factories.lawyer(parts.db, clock)
    ticket = await factories.ticket(
        parts.db, clock, await conversation_of(citizen), status="accepted", owner=lawyer.id
    )
    return ticket.id, lawyer.id


async def tell(citizen: Citizen, text: str, **extra: object) -> None:
    await citizen.parts.gateway.tell(await conversation_of(citizen), text, dict(extra))


async def test_a_lawyers_words_arrive_and_the_bot_is_silent(
    citizen: Citizen, platform: Platform, bot: FakeBot
):
    await citizen.agrees()
    ticket, lawyer = await with_lawyer(citizen)
    await citizen.parts.gateway.lawyer_says(ticket, lawyer, "您好,我是王律师。")
    await citizen.will_see("王律师")
    played = len(bot.turns)
    await citizen.says("您好")
    assert len(bot.turns) == played and "收到:您好" not in citizen.sees
    [(_, sent)] = platform.calls
    assert "aimsgcontext" not in sent  # no machine wrote it


async def test_news_are_merged_and_the_last_messages_kept_for_the_lawyer(
    citizen: Citizen, platform: Platform, clock: FakeClock
):
    await citizen.agrees()
    for n in range(3):
        await tell(citizen, f"通知{n}。")
        await citizen.will_see(f"通知{n}。")
    for n in (3, 4):
        await tell(citizen, f"通知{n}。")
        await clock.pass_by(3)
    assert len(platform.calls) == 3  # of five
    ticket, lawyer = await with_lawyer(citizen)
    await citizen.parts.gateway.lawyer_says(ticket, lawyer, "请带身份证来。")
    await citizen.will_see("请带身份证来")
    assert len(platform.calls) == 4
    assert [n for n in range(5) if f"通知{n}。" in "\n".join(citizen.sees)] == [0, 1, 2, 3, 4]


async def test_after_48_hours_it_waits_and_comes_with_the_next_contact(
    citizen: Citizen, platform: Platform, clock: FakeClock
):
    await citizen.agrees()
    await clock.leap(timedelta(hours=48, seconds=1))
    await tell(citizen, "您的申请已经受理。")
    await clock.pass_by(2)
    assert platform.calls == [] and "您的申请已经受理。" not in citizen.sees
    await citizen.says("在吗")
    assert citizen.sees[-1].startswith("您的申请已经受理。")
    assert "waiting" not in await states(citizen)


async def test_a_press_on_the_menu_brings_what_waits(
    citizen: Citizen, platform: Platform, clock: FakeClock
):
    await citizen.agrees()
    await clock.leap(timedelta(hours=50))
    await tell(citizen, "您的申请已经受理。")
    await platform.presses(citizen.openid, "查询进度")
    assert "您的申请已经受理。" in citizen.sees[-1]


@pytest.mark.parametrize("code", [-1, 40001, 42001, 45011])
async def test_a_passing_fault_delays_and_loses_nothing(
    citizen: Citizen, platform: Platform, code: int
):
    await citizen.agrees()
    platform.faults = [code]
    await tell(citizen, "您的申请已经受理。")
    await citizen.will_see("您的申请已经受理。")
    assert citizen.sees.count("您的申请已经受理。") == 1


@pytest.mark.parametrize("code", [45015, 45047, 48001])
async def test_what_only_a_contact_can_mend_waits_for_it(
    citizen: Citizen, platform: Platform, clock: FakeClock, code: int
):
    await citizen.agrees()
    platform.faults = [code]
    await tell(citizen, "您的申请已经受理。")
    await citizen.comes_about(lambda: platform.calls)
    await clock.pass_by(5)
    assert len(platform.calls) == 1  # not again and again
    await citizen.says("在吗")
    assert "您的申请已经受理。" in citizen.sees[-1]


async def test_who_blocked_the_account_is_not_tried_again(
    citizen: Citizen, platform: Platform, clock: FakeClock
):
    await citizen.agrees()
    platform.faults = [43004] * 9
    await tell(citizen, "您的申请已经受理。")
    await citizen.comes_about(lambda: platform.calls)
    await clock.pass_by(5)
    assert len(platform.calls) == 1
    assert (await states(citizen))[-1] == "undeliverable"


async def test_a_platform_that_is_away_gets_it_later(
    citizen: Citizen, platform: Platform, clock: FakeClock
):
    await citizen.agrees()
    post = citizen.parts.wechat.posts["xian"]
    right = post.account
    post.account = right.model_copy(update={"api": "http://127.0.0.1:9"})
    await tell(citizen, "您的申请已经受理。")
    await clock.pass_by(2)
    assert platform.calls == []
    post.account = right
    await citizen.will_see("您的申请已经受理。")


async def test_a_process_killed_while_it_sends_loses_nothing(
    citizen: Citizen, platform: Platform, processes, clock: FakeClock
):
    await citizen.agrees()
    began, never = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        began.set()
        await never.wait()

    platform.before_send = hang
    await tell(citizen, "您的申请已经受理。")
    await citizen.comes_about(began.is_set)
    await citizen.parts.wechat.carrier.stop()
    await citizen.parts.gateway.turns.halt()
    platform.before_send = None
    never.set()
    await processes()
    await clock.leap(timedelta(seconds=61))  # the claim of the dead one
    await citizen.will_see("您的申请已经受理。")


async def test_news_that_come_while_one_is_on_its_way_neither_overtake_nor_repeat_it(
    citizen: Citizen, platform: Platform, processes, clock: FakeClock
):
    await citizen.agrees()
    await processes()  # a second one looks for work as well
    began, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        began.set()
        await go_on.wait()

    platform.before_send = slow
    await tell(citizen, "第一件。")
    await citizen.comes_about(began.is_set)
    await tell(citizen, "第二件。")
    await clock.pass_by(4)
    go_on.set()
    await citizen.will_see("第二件。")
    sent = [said["text"]["content"] for _, said in platform.calls]
    assert sent == ["第一件。", "第二件。"]


async def test_who_is_in_danger_reads_it_at_once_though_something_is_on_its_way_to_them(
    citizen: Citizen, platform: Platform
):
    await citizen.agrees()
    began, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        began.set()
        await go_on.wait()

    platform.before_send = slow
    await tell(citizen, "您的申请已经受理。")
    await citizen.comes_about(began.is_set)
    fields = platform.message(citizen.openid, "text", Content="他拿刀要砍我")
    answer = platform.judged(citizen.openid, await platform.posts(fields))
    assert "110" in answer and "您的申请" not in answer
    go_on.set()
    await citizen.will_see("您的申请已经受理。")


async def test_an_answer_that_the_platform_would_no_longer_read_is_sent_instead(
    citizen: Citizen, platform: Platform, monkeypatch: pytest.MonkeyPatch
):
    await citizen.agrees()
    monkeypatch.setattr("router.channels.wechat.reply.KEPT", -1.0)  # a storm kept it waiting
    await citizen.says("我被辞退了")
    assert "收到:我被辞退了" not in citizen.sees
    await citizen.will_see("收到:我被辞退了")
    assert len(platform.calls) == 1


async def test_a_long_answer_comes_whole_in_parts_of_a_message(citizen: Citizen, bot: FakeBot):
    long = "".join(f"第{n}句话说的是一件要紧的事。" for n in range(90))
    bot.answer = lambda text: [{"text": long}]
    await citizen.agrees()
    await citizen.will_see("第89句")
    assert all(len(text.encode()) <= 2048 for text in citizen.sees)
    assert long in "".join(citizen.sees)


# --- an account that may only answer


@pytest.fixture
def answers_only(official, monkeypatch: pytest.MonkeyPatch) -> None:
    official.customer_service = False
    monkeypatch.setattr("router.channels.wechat.reply.HOLD", timedelta(milliseconds=300))
    monkeypatch.setattr("router.channels.wechat.endpoints.PATIENCE", 0.5)


async def test_without_the_interface_a_slow_answer_comes_through_the_second_delivery(
    answers_only: None, citizen: Citizen, platform: Platform, bot: FakeBot
):
    platform.patience = 0.4
    await citizen.agrees()
    bot.hold()
    asking = asyncio.create_task(citizen.says("我被辞退了"))
    await asyncio.sleep(0.45)
    bot.release()
    await asking
    assert citizen.sees[-1] == "收到:我被辞退了"
    assert platform.calls == []


async def test_without_the_interface_an_answer_that_takes_longer_comes_with_the_next_words(
    answers_only: None, citizen: Citizen, platform: Platform, bot: FakeBot
):
    platform.patience = 0.4
    await citizen.agrees()
    bot.hold()
    await citizen.says("我被辞退了")
    assert "下一次发消息" in citizen.sees[-1] and "任意" not in citizen.sees[-1]
    bot.release()
    await until(lambda: "我被辞退了" in bot.texts)
    await citizen.says("还有工伤")
    shown = "\n".join(citizen.sees)
    assert shown.index("收到:我被辞退了") < shown.index("收到:还有工伤")
    assert FAULT not in citizen.sees and platform.calls == []
