"""Many write at the same moment: stored together, each acknowledged, none spoilt by another."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError

from router.channels.wechat import words
from router.channels.wechat.models import Follower
from router.conversations.models import Conversation, Message
from router.gateway import turns
from router.parts import Parts
from tests.channels.wechat.conftest import Citizen
from tests.fake_wechat import Platform
from tests.fakes import FakeBot, FakeClock, until

Crowd = list[Citizen]


@pytest.fixture
async def crowd(citizen: Citizen, platform: Platform) -> Crowd:
    """Five who have agreed."""
    openids = [f"oTEST_crowd_{n}" for n in range(5)]
    people = [Citizen(platform, citizen.clock, citizen.parts, openid) for openid in openids]
    for one in people:
        await one.agrees()
    return people


async def say(people: Crowd, *texts: str) -> list[httpx.Response]:
    """All in the same moment, each once."""
    platform = people[0].platform
    fields = [
        platform.message(one.openid, "text", Content=text)
        for one, text in zip(people, texts, strict=True)
    ]
    for one in fields:
        platform._allow(one)
    answers = await asyncio.gather(*map(platform.posts, fields))
    for one, answer in zip(people, answers, strict=True):
        platform.shows(one.openid, answer)
    return answers


async def transcript(parts: Parts, openid: str) -> list[str]:
    """What this citizen said, in order."""
    async with parts.db.read() as s:
        found = await s.execute(
            select(Follower, Message)
            .join(Message, Message.conversation_id == Follower.conversation_id)
            .where(Message.who == "citizen")
            .order_by(Message.seq)
        )
        return [line.text for follower, line in found if follower.openid == openid]


@contextmanager
def statements(parts: Parts) -> Iterator[list[str]]:
    seen: list[str] = []

    def count(_c, _cursor, statement, *_more) -> None:
        seen.append(" ".join(statement.split()[:3]))

    engines = {parts.db.engine.sync_engine, parts.db._soon_engine.sync_engine}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", count)
    yield seen
    for engine in engines:
        event.remove(engine, "before_cursor_execute", count)


async def test_the_words_of_many_are_written_in_one_transaction(crowd: Crowd, bot: FakeBot):
    bot.hold()
    with statements(crowd[0].parts) as seen:
        answers = await say(crowd, *(f"我是{n}号" for n in range(5)))
    assert [one.content for one in answers] == [b"success"] * 5
    assert seen.count("INSERT INTO messages") == 1
    for n, one in enumerate(crowd):
        assert (await transcript(one.parts, one.openid))[-1] == f"我是{n}号"
    bot.release()
    for n, one in enumerate(crowd):
        await one.will_see(f"收到:我是{n}号")


async def test_two_messages_of_one_person_in_the_same_moment_stay_in_order(
    crowd: Crowd, bot: FakeBot
):
    await say([crowd[0], crowd[0], crowd[1], crowd[0]], "第一句", "第二句", "别人的", "第三句")
    await crowd[0].will_see("收到:第三句")
    assert (await transcript(crowd[0].parts, crowd[0].openid))[-3:] == [
        "第一句",
        "第二句",
        "第三句",
    ]
    assert [text for text in bot.texts if text.startswith("第")] == ["第一句", "第二句", "第三句"]


async def test_the_same_message_twice_in_one_moment_has_one_effect(crowd: Crowd, bot: FakeBot):
    one, platform = crowd[0], crowd[0].platform
    fields = platform.message(one.openid, "text", Content="只算一次")
    heard = await platform_message(one.parts, platform, fields)
    taken = await asyncio.gather(*(one.parts.wechat.crowd.take(heard) for _ in range(3)))
    assert [known and known.seen for known in taken] == [False, True, True]
    await one.will_see("收到:只算一次")
    assert bot.texts.count("只算一次") == 1


async def platform_message(parts: Parts, platform: Platform, fields: dict):
    from router.channels.wechat.messages import message

    return message(platform.official.name, fields, parts.clock.monotonic())


async def test_one_that_is_refused_spoils_no_other(crowd: Crowd):
    answers = await say(crowd, "一", "字" * 10_001, "二", "  ", "三")
    told = [
        one.platform.judged(one.openid, answer) for one, answer in zip(crowd, answers, strict=True)
    ]
    assert (told[1], told[3]) == (words.TOO_LONG, words.EMPTY)
    for n, text in ((0, "一"), (2, "二"), (4, "三")):
        assert (await transcript(crowd[n].parts, crowd[n].openid))[-1] == text


async def test_one_whose_row_the_database_refuses_spoils_no_other(crowd: Crowd):
    broken = crowd[1]
    async with broken.parts.db.write() as s:  # its next number is one that is taken
        found = await s.scalars(select(Follower))
        [talk] = [one.conversation_id for one in found if one.openid == broken.openid]
        theirs = update(Conversation).where(Conversation.id == talk)
        await s.execute(theirs.values(last_seq=1))
    answers = await say(crowd, "一", "二", "三", "四", "五")
    told = [
        one.platform.judged(one.openid, answer) for one, answer in zip(crowd, answers, strict=True)
    ]
    assert words.IN_TROUBLE in told[1]
    assert not any(words.IN_TROUBLE in told[n] for n in (0, 2, 3, 4))
    for n, text in ((0, "一"), (2, "三"), (3, "四"), (4, "五")):
        assert (await transcript(crowd[n].parts, crowd[n].openid))[-1] == text


async def test_a_refused_write_answers_nobody_with_success(crowd: Crowd, bot: FakeBot):
    full = [True]

    def refuse(_c, _cursor, statement, *_more) -> None:
        if full[0] and statement.startswith("INSERT INTO messages"):
            raise OperationalError(statement, None, Exception("disk full"))

    db = crowd[0].parts.db
    for engine in {db.engine, db._soon_engine}:
        event.listen(engine.sync_engine, "before_cursor_execute", refuse)
    before = list(bot.texts)
    for one, answer in zip(crowd, await say(crowd, *"甲乙丙丁戊"), strict=True):
        assert words.IN_TROUBLE in one.platform.judged(one.openid, answer)
        assert not set("甲乙丙丁戊") & set(await transcript(one.parts, one.openid))
    full[0] = False
    await say(crowd, *"甲乙丙丁戊")
    await until(lambda: len(bot.texts) == len(before) + 5)


async def test_what_was_acknowledged_is_answered_though_the_process_is_killed(
    crowd: Crowd, bot: FakeBot, processes, clock: FakeClock
):
    bot.hold()
    answers = await say(crowd, *(f"我是{n}号" for n in range(5)))
    assert [one.content for one in answers] == [b"success"] * 5
    await crowd[0].parts.wechat.carrier.stop()
    await crowd[0].parts.gateway.turns.halt()
    bot.release()
    await processes()
    await clock.advance(timedelta(seconds=10))
    for n, one in enumerate(crowd):
        await one.will_see(f"收到:我是{n}号")
        assert (await transcript(one.parts, one.openid)).count(f"我是{n}号") == 1


async def test_danger_waits_behind_no_crowd(crowd: Crowd, monkeypatch):
    """The others' words are still being written, the loop is late and the bot's turns wait."""
    parts, written = crowd[0].parts, asyncio.Event()
    store = parts.wechat.crowd._store

    async def slow(batch):
        await written.wait()
        return await store(batch)

    monkeypatch.setattr(parts.wechat.crowd, "_store", slow)
    monkeypatch.setattr(turns, "CROWD", 0)
    others = asyncio.ensure_future(say(crowd[1:], *(f"我是{n}号" for n in range(4))))
    [answer] = await say(crowd[:1], "他拿刀要砍我,救命")
    assert "110" in crowd[0].platform.judged(crowd[0].openid, answer)
    assert not others.done()
    written.set()
    assert len(await others) == 4


async def test_danger_behind_a_number_is_answered_at_once(crowd: Crowd, bot: FakeBot):
    one = crowd[0]
    buttons = [
        {"title": "有人要打我", "payload": "他拿刀要砍我,救命"},
        {"title": "欠薪", "payload": "欠薪"},
    ]
    bot.answer = lambda text: [{"text": "是哪一种?", "buttons": buttons}]
    await one.says("出事了")
    await one.will_see("回复 1 有人要打我")
    bot.hold()
    [answer] = await say([one], "1")
    assert "110" in one.platform.judged(one.openid, answer)
    bot.release()


async def test_in_a_crowd_answers_are_written_together_and_a_broken_one_spoils_none(
    crowd: Crowd, bot: FakeBot, monkeypatch
):
    monkeypatch.setattr(turns, "CROWD", 0)
    broken = crowd[1]
    bot.hold()
    await say(crowd, *(f"我是{n}号" for n in range(5)))
    async with broken.parts.db.write() as s:
        found = await s.scalars(select(Follower))
        [talk] = [one.conversation_id for one in found if one.openid == broken.openid]
        theirs = update(Conversation).where(Conversation.id == talk)
        await s.execute(theirs.values(last_seq=1))
    bot.release()
    for n in (0, 2, 3, 4):
        await crowd[n].will_see(f"收到:我是{n}号")
    assert not any("收到:我是1号" in text for text in broken.sees)
