"""Promises 1 and 2: one effect per message, in order, over any number of processes."""

import asyncio
from datetime import timedelta

import pytest

from tests.fakes import FakeBot, FakeClock, until
from tests.router.gateway.conftest import Citizen


async def test_a_message_is_answered(citizen: Citizen, bot: FakeBot):
    await citizen.says("老板拖欠工资")
    await citizen.hears("收到:老板拖欠工资")
    [line] = [line for line in await citizen.lines() if line.who == "citizen"]
    assert bot.turns == [(f"{citizen.id}-1", line.id, "老板拖欠工资")]
    assert bot.metadata == [{"message_id": line.id, "danger": []}]


async def test_an_answer_names_the_line_it_answers(citizen: Citizen):
    await citizen.says("老板拖欠工资")
    await citizen.hears("收到:老板拖欠工资")
    asked, answer = await citizen.lines()
    assert (asked.turn, answer.in_reply_to) == ("handled", asked.id)


async def test_a_message_that_arrives_three_times_is_played_once(citizen: Citizen, bot: FakeBot):
    accepted = [await citizen.says("三个月没发", key="web:same") for _ in range(3)]
    await citizen.hears("收到:三个月没发")
    assert [one.duplicate for one in accepted] == [False, True, True]
    assert len({one.seq for one in accepted}) == 1
    assert bot.texts == ["三个月没发"]


async def test_a_message_counts_as_accepted_when_it_is_on_the_disk_and_the_bot_thinks_meanwhile(
    citizen: Citizen, bot: FakeBot, monkeypatch: pytest.MonkeyPatch
):
    reached = asyncio.Event()
    monkeypatch.setattr(citizen.gateway.db, "on_disk", reached.wait)
    saying = [asyncio.create_task(citizen.says("欠薪", seq=1, key="same")) for _ in range(2)]
    await citizen.hears("收到:欠薪")
    assert not any(task.done() for task in saying), "neither the first nor its copy"
    reached.set()
    assert sorted(done.duplicate for done in await asyncio.gather(*saying)) == [False, True]


async def test_three_copies_at_the_same_moment_are_played_once(citizen: Citizen, bot: FakeBot):
    copies = await asyncio.gather(*(citizen.says("在吗", seq=1) for _ in range(3)))
    await citizen.hears("收到:在吗")
    assert sorted(one.duplicate for one in copies) == [False, True, True]
    assert bot.texts == ["在吗"]


async def test_messages_of_one_conversation_never_meet_in_the_bot(citizen: Citizen, bot: FakeBot):
    await asyncio.gather(*(citizen.says(f"第{n}句") for n in range(1, 9)))
    await citizen.hears(*(f"收到:第{n}句" for n in range(1, 9)))
    assert bot.most_at_once == 1


async def test_a_message_that_overtook_another_waits_for_it(citizen: Citizen, bot: FakeBot):
    await citizen.says("第二句", seq=2)
    await citizen.says("第一句", seq=1)
    await citizen.hears("收到:第一句", "收到:第二句")


async def test_a_message_whose_predecessor_never_comes_goes_on_after_a_while(
    citizen: Citizen, bot: FakeBot, clock: FakeClock
):
    await citizen.says("第五句", seq=5)
    await clock.advance(timedelta(seconds=2))
    assert bot.texts == []
    await clock.advance(timedelta(seconds=1))
    await citizen.hears("收到:第五句")
    await citizen.says("迟到的第四句", seq=4)
    await citizen.hears("收到:第五句", "收到:迟到的第四句")


async def test_a_message_that_comes_in_while_the_bot_thinks_is_not_lost(
    citizen: Citizen, bot: FakeBot
):
    bot.hold()
    await citizen.says("第一句")
    await until(lambda: bot.at_once)
    await citizen.says("第二句")
    bot.release()
    await citizen.hears("收到:第一句", "收到:第二句")


async def test_two_processes_share_a_conversation(citizen: Citizen, bot: FakeBot, process):
    other = await process()
    await asyncio.gather(
        *(citizen.says(f"第{n}句", via=other if n % 2 else None) for n in range(1, 9))
    )
    await citizen.hears(*(f"收到:第{n}句" for n in range(1, 9)))
    assert bot.most_at_once == 1


async def test_without_redis_a_process_still_finds_what_came_in_through_another(
    citizen: Citizen, bot: FakeBot, clock: FakeClock, process
):
    other = await process(apart=True)
    await citizen.says("第二句", seq=2)
    await citizen.says("第一句", seq=1, via=other)
    await clock.advance(timedelta(seconds=3))
    await citizen.hears("收到:第一句", "收到:第二句")


async def test_the_same_message_through_two_processes_is_played_once(
    citizen: Citizen, bot: FakeBot, process
):
    other = await process()
    copies = await asyncio.gather(
        citizen.says("在吗", seq=1), citizen.says("在吗", seq=1, via=other)
    )
    await citizen.hears("收到:在吗")
    assert sorted(one.duplicate for one in copies) == [False, True]
    assert bot.texts == ["在吗"]


async def test_a_long_turn_keeps_its_lease(
    citizen: Citizen, bot: FakeBot, clock: FakeClock, process, settings
):
    await process()  # would take over what looks abandoned
    bot.hold()
    await citizen.says("想很久的问题")
    await until(lambda: bot.at_once)
    for _ in range(17):
        await clock.advance(timedelta(seconds=1))
        await asyncio.sleep(0.02)
    assert bot.at_once[f"{citizen.id}-1"] == 1
    bot.release()
    await citizen.hears("收到:想很久的问题")
    assert len(bot.texts) == 1


async def test_words_buttons_and_card_of_one_utterance_are_one_line(citizen: Citizen, bot: FakeBot):
    """Rasa's REST channel cuts them in two; its tracker, asked after a crash, does not."""
    bot.answer = lambda text: [
        {"text": "可以申请。您看怎么办?", "buttons": [{"title": "找律师", "payload": "找律师"}]},
        {"custom": {"kind": "decision", "articles": [{"cite": "法律援助法#31"}]}},
    ]
    await citizen.says("老板拖欠工资")
    await citizen.hears("可以申请。您看怎么办?")
    _, decision = await citizen.lines()
    assert decision.extra["buttons"] == [{"title": "找律师", "say": "找律师"}]
    assert decision.extra["kind"] == "decision"


async def test_two_cards_stay_two_lines(citizen: Citizen, bot: FakeBot):
    bot.answer = lambda text: [{"custom": {"kind": "decision"}}, {"custom": {"kind": "ticket"}}]
    await citizen.says("老板拖欠工资")
    await citizen.hears("", "")
    assert [line.extra["kind"] for line in (await citizen.lines())[1:]] == ["decision", "ticket"]


async def test_the_next_case_is_another_sender_in_rasa(citizen: Citizen, bot: FakeBot):
    from sqlalchemy import update

    from router.conversations.models import Conversation

    await citizen.says("第一件事")
    await citizen.hears("收到:第一件事")
    async with citizen.gateway.db.write() as s:
        await s.execute(update(Conversation).values(case_no=2))
    await citizen.says("另一件事")
    await citizen.hears("收到:第一件事", "收到:另一件事")
    assert [sender for sender, _, _ in bot.turns] == [f"{citizen.id}-1", f"{citizen.id}-2"]
