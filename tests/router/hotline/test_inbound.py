"""A citizen calls 12348: consent, the dialogue by voice, a person at any time."""

import pytest
from sqlalchemy import select

from router.channels.hotline import answers
from router.channels.hotline.models import Call
from router.conversations.models import Conversation
from tests.fakes import until
from tests.router.hotline.conftest import CITIZEN, POLICE, WANG


async def test_a_caller_is_asked_for_consent_and_then_what_happened(office):
    line = await office.talks()
    assert any("110" in said for said in line.heard)
    assert (await office.call()).consent is True


async def test_who_refuses_the_recording_is_served_all_the_same(office):
    line = await office.carrier.dials(CITIZEN)
    await line.hears("录音")
    await line.presses("2")
    await line.hears("请说说您遇到了什么事")
    assert (await office.call()).consent is False


async def test_what_is_said_goes_through_the_same_dialogue_and_is_answered_by_voice(office):
    office.bot.answer = lambda text: [{"text": f"您是说{text}。欠了多少钱？"}]
    line = await office.talks()
    await line.says("老板不给我发工资")
    await line.hears("欠了多少钱？")
    assert office.bot.texts == ["老板不给我发工资"]


async def test_the_dialogues_buttons_become_keys(office):
    buttons = [
        {"title": "和值班律师说", "payload": "找律师"},
        {"title": "申请援助", "payload": "申请"},
    ]
    office.bot.answer = lambda text: [{"text": "您想怎么办？", "buttons": buttons}]
    line = await office.talks()
    await line.says("老板不给我发工资")
    await line.hears("申请援助请按 2")
    await line.presses("2")
    await line.hears("申请援助请按 2")
    assert office.bot.texts == ["老板不给我发工资", "申请"]


async def at_consent(line):
    pass


async def at_the_talk(line):
    await line.presses("1")
    await line.hears("请说说您遇到了什么事")


async def misheard(line):
    await at_the_talk(line)
    await line.says("嗡嗡嗡", sure=0.1)
    await line.hears("没有听清")


async def asked_for_the_reference(line):
    await at_the_talk(line)
    await line.says("查进度")
    await line.hears("请按您编号的后 8 位")


async def asked_for_the_code(line):
    await asked_for_the_reference(line)
    await line.presses("22222222")
    await line.hears("请按 6 位查询码")


@pytest.mark.parametrize(
    "step", [at_consent, at_the_talk, misheard, asked_for_the_reference, asked_for_the_code]
)
async def test_zero_reaches_a_person_at_every_step(office, step):
    line = await office.carrier.dials(CITIZEN)
    await line.hears("录音")
    await step(line)
    await line.presses("0")
    await line.hears("正在为您找值班律师")
    await office.becomes("queued")


@pytest.mark.parametrize(
    ("said", "consent"), [("好的，可以", True), ("不好", False), ("我是来问离婚的", None)]
)
async def test_consent_may_be_spoken_and_only_a_plain_yes_is_one(office, said, consent):
    line = await office.carrier.dials(CITIZEN)
    await line.hears("录音")
    await line.says(said)
    await line.hears("请再说一遍" if consent is None else "请说说您遇到了什么事")
    assert (await office.call()).consent is consent


@pytest.mark.parametrize("said", ["同意", "嗯，行吧", "我同意你们录音。", "是的"])
def test_these_agree(said):
    assert answers.agrees(said)


@pytest.mark.parametrize("said", ["银行把我的卡冻结了", "我是工人", "好几个月没发工资", "嗯"])
def test_these_tell_their_trouble_or_nothing(said):
    assert not answers.agrees(said)


async def test_three_silences_reach_a_person(office):
    line = await office.talks()
    await line.is_silent()
    await line.hears("没有听到声音")
    await line.is_silent()
    await line.hears("没有听到声音")
    await line.is_silent()
    await line.hears("正在为您找值班律师")


async def test_three_misunderstandings_reach_a_person(office):
    line = await office.talks()
    for _ in range(2):
        await line.says("嗡嗡嗡", sure=0.1)
        await line.hears("没有听清")
    await line.says("嗡嗡嗡", sure=0.1)
    await line.hears("正在为您找值班律师")
    assert office.bot.texts == []


async def test_the_star_key_repeats_slowly_and_it_stays_slow(office):
    line = await office.talks()
    await line.presses("*")
    await line.hears("请说说您遇到了什么事")
    assert "请说说您遇到了什么事" in line.slowly[-1] and len(line.slowly) == 1
    await line.says("老板不给我发工资")
    await line.hears("收到")
    assert "收到" in line.slowly[-1]


async def test_who_was_misheard_twice_is_spoken_to_slowly(office):
    line = await office.talks()
    await line.says("嗡嗡嗡", sure=0.1)
    await line.hears("没有听清")
    assert line.slowly == []
    await line.is_silent()
    await line.hears("没有听到声音")
    assert line.slowly


async def test_danger_rings_110_at_once_and_brings_it_to_the_citizen(office):
    line = await office.talks()
    await line.says("他拿刀要砍我，救命")
    await line.hears("现在就为您接通 110")
    police = await office.carrier.rings(POLICE)
    await police.answers()
    await police.hears("可能正处在危险中")
    await office.carrier.together(line, police)
    assert (await office.becomes("connected")).police


async def test_who_waits_for_110_stays_there_where_their_words_cannot_be_stored(office):
    line = await office.talks()
    async with office.parts.db.write() as s:
        (await s.scalars(select(Conversation))).one().status = "closed"
    await line.says("他拿刀要砍我，救命")
    await line.hears("现在就为您接通 110")

    async def alarmed():
        return await office.tickets()

    await until(alarmed)  # a lawyer is called all the same
    police = await (await office.carrier.rings(POLICE)).answers()
    await office.carrier.together(line, police)
    assert not any("正在为您找值班律师" in said for said in line.heard)


async def test_danger_also_alarms_a_duty_lawyer(office):
    await office.lawyer()
    line = await office.talks()
    await line.says("他拿刀要砍我，救命")
    await office.carrier.rings(POLICE)
    lawyer = await office.carrier.rings(WANG)
    await lawyer.answers()
    assert "危险" in await lawyer.hears("12348 派单")


@pytest.mark.parametrize("port", ["twilio"])
async def test_a_carrier_that_cannot_reach_110_says_so(office):
    office.parts.settings.HOTLINE_POLICE = "110"
    line = await office.talks()
    await line.says("他拿刀要砍我，救命")
    await line.hears("用您的电话直接拨打 110")
    assert office.carrier.dialled() == []


async def test_without_the_assistant_a_caller_reaches_a_person(office):
    office.bot.mode = "dead"
    line = await office.talks()
    await line.says("老板不给我发工资")
    await line.hears("正在为您找值班律师")


async def test_the_callers_number_stands_nowhere_in_the_clear(office):
    await office.talks()
    async with office.parts.db.read() as s:
        sealed = await s.scalar(select(Call.caller_sealed))
    assert b"13800000001" not in sealed
    assert (await office.call()).caller == CITIZEN
