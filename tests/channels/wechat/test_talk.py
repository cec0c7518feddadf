"""A citizen writes to the account: consent first, danger before that, one effect, in order."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from router.conversations.models import Message
from router.parts import Parts
from tests.channels.wechat.conftest import Citizen
from tests.fake_wechat import FAULT, Platform
from tests.fakes import FakeBot, FakeClock, until


async def said(parts: Parts, who: str = "citizen") -> list[str]:
    async with parts.db.read() as s:
        rows = await s.scalars(select(Message).where(Message.who == who).order_by(Message.seq))
        return [row.text for row in rows]


async def test_the_first_words_wait_for_consent_and_are_then_answered(citizen: Citizen):
    await citizen.says("老板拖欠工资")
    assert "回复 1 同意" in citizen.sees[0]
    assert await said(citizen.parts) == []
    await citizen.says("1")
    await citizen.will_see("收到:老板拖欠工资")
    assert await said(citizen.parts) == ["老板拖欠工资"]
    assert sum("编号是 JY-" in text for text in citizen.sees) == 1


async def test_who_does_not_agree_leaves_nothing(citizen: Citizen):
    await citizen.says("老板拖欠工资")
    await citizen.says("2")
    assert "没有保存" in citizen.sees[-1]
    await citizen.says("1")  # to nothing
    assert await said(citizen.parts) == []


async def test_danger_is_answered_at_once_even_before_consent(citizen: Citizen, bot: FakeBot):
    bot.hold()
    await citizen.says("他拿刀要砍我,救命")
    assert "110" in citizen.sees[0] and len(citizen.sees) == 1
    assert "同意" in citizen.sees[0]
    bot.release()
    await citizen.will_see("收到:他拿刀要砍我,救命")


async def test_a_ready_answer_comes_in_the_reply_and_costs_nothing(
    citizen: Citizen, platform: Platform
):
    await citizen.agrees()
    await citizen.says("我被辞退了")
    assert citizen.sees[-1] == "收到:我被辞退了"
    assert platform.calls == []


async def test_a_late_answer_comes_as_a_customer_service_message(
    citizen: Citizen, platform: Platform, bot: FakeBot
):
    await citizen.agrees()
    bot.hold()
    await citizen.says("我被辞退了")
    assert "收到:我被辞退了" not in citizen.sees
    bot.release()
    await citizen.will_see("收到:我被辞退了")
    [(_, sent)] = platform.calls
    assert sent["aimsgcontext"] == {"is_ai_msg": 1}


@pytest.mark.parametrize("seconds", [1, 15, 30])
async def test_an_answer_that_takes_so_long_comes_once_and_the_citizen_is_told_meanwhile(
    citizen: Citizen, platform: Platform, bot: FakeBot, clock: FakeClock, seconds: int
):
    await citizen.agrees()
    bot.hold()
    began = len(citizen.sees)
    fields = platform.message(citizen.openid, "text", Content="我被辞退了")
    platform.shows(citizen.openid, await platform.posts(fields))
    await clock.pass_by(seconds)
    for _ in range(2):  # the platform's other two
        platform.shows(citizen.openid, await platform.posts(fields))
    assert not any("收到:我被辞退了" in text for text in citizen.sees)
    assert (len(citizen.sees) > began) == (seconds > 4)
    bot.release()
    await citizen.will_see("收到:我被辞退了")
    await clock.pass_by(30)
    assert "\n".join(citizen.sees).count("收到:我被辞退了") == 1
    assert FAULT not in citizen.sees and (await said(citizen.parts)).count("我被辞退了") == 1


async def test_three_copies_at_once_to_two_processes_have_one_effect(
    citizen: Citizen, platform: Platform, processes
):
    await citizen.agrees()
    _, other = await processes()
    fields = platform.message(citizen.openid, "text", Content="只算一次")
    answers = await asyncio.gather(
        platform.posts(fields), platform.posts(fields, to=other), platform.posts(fields)
    )
    assert all(answer.status_code == 200 for answer in answers)
    await platform.posts(fields, to=other)
    assert (await said(citizen.parts)).count("只算一次") == 1


async def test_a_copy_at_another_process_takes_no_answer_along_that_the_platform_would_not_show(
    citizen: Citizen, platform: Platform, bot: FakeBot, processes
):
    await citizen.agrees()
    _, other = await processes()
    bot.hold()
    fields = platform.message(citizen.openid, "text", Content="我被辞退了")
    first = platform.judged(citizen.openid, await platform.posts(fields))
    copy = asyncio.create_task(platform.posts(fields, to=other))
    bot.release()
    assert [first, platform.judged(citizen.openid, await copy)] == ["", ""]
    await citizen.will_see("收到:我被辞退了")
    assert len(platform.calls) == 1


async def test_three_copies_of_the_yes_open_one_case(
    citizen: Citizen, platform: Platform, processes
):
    _, other = await processes()
    await citizen.says("老板拖欠工资")
    fields = platform.message(citizen.openid, "text", Content="1")
    await asyncio.gather(*(platform.posts(fields, to=to) for to in (None, other, None)))
    await platform.posts(fields, to=other)
    assert await said(citizen.parts) == ["老板拖欠工资"]


async def test_a_copy_is_answered_with_the_same_words(citizen: Citizen, platform: Platform):
    await citizen.agrees()
    fields = platform.message(citizen.openid, "text", Content="我被辞退了")
    first, second = [await platform.posts(fields) for _ in range(2)]
    told = [platform.judged(citizen.openid, answer) for answer in (first, second)]
    assert told == ["收到:我被辞退了"] * 2


async def test_message_ids_of_two_people_may_be_the_same(citizen: Citizen, platform: Platform):
    await citizen.agrees()
    other = Citizen(platform, citizen.clock, citizen.parts, "oTEST_fake_openid_0000000002")
    await other.agrees()
    for one in (citizen, other):
        fields = platform.message(one.openid, "text", Content=f"我是{one.openid[-1]}")
        await platform.posts(fields | {"MsgId": "77"})
    assert {"我是1", "我是2"} <= set(await said(citizen.parts))


async def test_a_second_message_while_the_first_is_at_work_is_neither_lost_nor_first(
    citizen: Citizen, bot: FakeBot
):
    await citizen.agrees()
    bot.hold()
    await citizen.says("第一句")
    await citizen.says("第二句")
    bot.release()
    await citizen.will_see("收到:第二句")
    shown = "\n".join(citizen.sees)
    assert shown.index("收到:第一句") < shown.index("收到:第二句")


async def test_the_answer_goes_on_though_the_process_that_took_the_words_is_gone(
    citizen: Citizen, platform: Platform, bot: FakeBot, processes, clock: FakeClock
):
    await citizen.agrees()
    bot.hold()
    await citizen.says("我被辞退了")
    await citizen.parts.wechat.carrier.stop()
    await citizen.parts.gateway.turns.halt()
    bot.release()
    await processes()
    await clock.advance(timedelta(seconds=10))
    await citizen.will_see("收到:我被辞退了")


async def test_numbers_stand_for_the_buttons_that_were_shown_last(citizen: Citizen, bot: FakeBot):
    buttons = [{"title": "欠工资", "payload": "欠工资"}, {"title": "工伤", "payload": "工伤"}]
    bot.answer = lambda text: [{"text": "您说的是哪一种?", "buttons": buttons}]
    await citizen.agrees()
    await citizen.says("工作的事")
    assert "回复 1 欠工资\n回复 2 工伤" in citizen.sees[-1]
    bot.answer = lambda text: [{"text": f"收到:{text}。几口人?"}]
    await citizen.says("选2")
    assert citizen.sees[-1] == "收到:工伤。几口人?"
    await citizen.says("2")
    assert citizen.sees[-1] == "收到:2。几口人?"


async def test_what_has_no_words_gets_an_answer(citizen: Citizen, platform: Platform):
    await citizen.agrees()
    for kind, fields, told in (
        ("voice", {"MediaId": "m1", "Format": "amr", "Recognition": ""}, "打字"),
        ("image", {"PicUrl": "http://x/", "MediaId": "m2"}, "打字"),
        ("video", {"MediaId": "m3", "ThumbMediaId": "m4"}, "打字"),
        ("hologram", {}, "打字"),
        ("location", {"Location_X": "1", "Location_Y": "2", "Label": "示例县"}, "示例县"),
        ("link", {"Title": "标题", "Url": "http://x/"}, "标题"),
    ):
        await platform.delivers(platform.message(citizen.openid, kind, **fields))
        assert told in citizen.sees[-1], kind


async def test_every_event_is_answered_and_none_shows_a_fault(citizen: Citizen, platform: Platform):
    for name in (
        "SCAN LOCATION VIEW view_miniprogram scancode_push pic_weixin location_select "
        "TEMPLATESENDJOBFINISH MASSSENDJOBFINISH subscribe_msg_popup_event kf_create_session "
        "user_authorization_revoke something_new"
    ).split():
        more = {"List": {"SubscribeStatusString": "accept"}, "EventKey": "x"}
        [answer] = await platform.delivers(platform.event(citizen.openid, name, **more))
        assert answer.status_code == 200, name
    assert FAULT not in citizen.sees


async def test_who_follows_is_welcomed_and_told_of_110(citizen: Citizen, platform: Platform):
    await platform.delivers(platform.event(citizen.openid, "subscribe", EventKey="qrscene_12"))
    assert "示例县法律援助中心" in citizen.sees[0] and "110" in citizen.sees[0]


async def test_who_leaves_is_forgotten_and_the_case_stays(citizen: Citizen, platform: Platform):
    from router.channels.wechat.models import Follower

    await citizen.agrees()
    await platform.delivers(platform.event(citizen.openid, "unsubscribe"))
    async with citizen.parts.db.read() as s:
        [row] = await s.scalars(select(Follower))
    assert row.openid == "" and row.person_index is None and row.left_at
    assert await said(citizen.parts) == ["你好"]


async def test_to_take_a_message_in_costs_few_statements_and_a_copy_nearly_none(
    citizen: Citizen, platform: Platform, bot: FakeBot
):
    await citizen.agrees()
    await citizen.parts.wechat.carrier.stop()
    await citizen.parts.gateway.turns.halt()
    bot.hold()
    statements: list[str] = []

    def count(conn, cursor, statement, *rest: object) -> None:
        if not statement.startswith("SELECT pg_"):  # what the log on disk is asked, once a batch
            statements.append(statement)

    db = citizen.parts.db
    for engine in {db.engine, db._soon_engine}:
        event.listen(engine.sync_engine, "before_cursor_execute", count)
    fields = platform.message(citizen.openid, "text", Content="我被辞退了")
    assert (await platform.posts(fields)).content == b"success"
    assert len(statements) <= 6, statements
    assert len([one for one in statements if one.startswith(("INSERT", "UPDATE"))]) == 3
    statements.clear()
    await platform.posts(fields)
    assert statements == []
    bot.release()


async def test_a_database_that_is_away_is_told_and_danger_is_answered_all_the_same(
    citizen: Citizen, monkeypatch
):
    async def away(*args: object) -> None:
        raise OSError("disk")

    await citizen.agrees()
    monkeypatch.setattr(citizen.parts.gateway, "accept", away)
    await citizen.says("他拿刀要砍我,救命")
    assert "110" in citizen.sees[-1] and "没有存下来" in citizen.sees[-1]
    assert await until(lambda: FAULT not in citizen.sees)
