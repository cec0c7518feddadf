"""The bot is slow, silent or dead: the citizen is told, offered a person, and nothing is lost."""

from tests.fakes import FakeBot, FakeClock, FakeRouting, until
from tests.router.gateway.conftest import Citizen


async def kinds(citizen: Citizen) -> list[str]:
    return [line.extra["kind"] for line in await citizen.lines() if line.who == "system"]


async def test_a_slow_bot_is_excused_once_and_its_answer_still_comes(
    citizen: Citizen, bot: FakeBot, clock: FakeClock
):
    bot.hold()
    await citizen.says("老板拖欠工资")
    await until(lambda: bot.at_once)
    await clock.pass_by(3)
    assert await kinds(citizen) == []
    await clock.pass_by(1)
    told = await citizen.is_told("slow")
    assert told.extra["buttons"] == [{"title": "转人工", "say": "转人工"}]
    await clock.pass_by(6)
    bot.release()
    await citizen.hears("收到:老板拖欠工资")
    assert await kinds(citizen) == ["slow"]


async def test_who_asks_a_slow_bot_for_a_person_gets_one_without_waiting_for_it_to_fail(
    citizen: Citizen, bot: FakeBot, routing: FakeRouting, clock: FakeClock
):
    bot.hold()
    await citizen.says("转人工")
    await until(lambda: bot.at_once)
    await clock.pass_by(4)
    await citizen.is_told("ticket")
    assert await kinds(citizen) == ["ticket"]
    bot.release()
    await citizen.says("在吗")
    await citizen.hears("收到:在吗")


async def test_a_dead_bot_is_reported_once_and_the_conversation_goes_on_when_it_is_back(
    citizen: Citizen, bot: FakeBot, clock: FakeClock
):
    bot.mode = "dead"
    await citizen.says("第一句")
    told = await citizen.is_told("trouble")
    assert "12348" in told.text and told.extra["buttons"][0]["say"] == "转人工"
    await citizen.says("第二句")
    await clock.pass_by(60)
    assert await kinds(citizen) == ["trouble"]
    bot.mode = "well"
    await clock.pass_by(1)
    await citizen.hears("收到:第一句", "收到:第二句")
    assert bot.texts == ["第一句", "第二句"]


async def test_the_next_trouble_is_told_again(citizen: Citizen, bot: FakeBot, clock: FakeClock):
    for n in (1, 2):
        bot.mode = "dead"
        await citizen.says(f"第{n}句")
        await until_kinds(citizen, ["trouble"] * n)
        bot.mode = "well"
        await clock.pass_by(1)
        await citizen.hears(*(f"收到:第{m}句" for m in range(1, n + 1)))


async def test_an_action_that_crashed_is_tried_again_and_answered(
    citizen: Citizen, bot: FakeBot, clock: FakeClock
):
    bot.mode = "silent"  # Rasa says [] and 200
    await citizen.says("老板拖欠工资")
    await citizen.is_told("trouble")
    bot.mode = "well"
    await clock.pass_by(1)
    await citizen.hears("收到:老板拖欠工资")


async def test_a_line_that_breaks_the_bot_every_time_does_not_block_those_behind_it(
    citizen: Citizen, bot: FakeBot, clock: FakeClock
):
    bot.answer = lambda text: [] if text == "坏句子" else [{"text": f"收到:{text}"}]
    await citizen.says("坏句子")
    await citizen.says("好句子")
    await clock.pass_by(130)
    await citizen.hears("收到:好句子")
    assert (await kinds(citizen)).count("trouble") == 2  # that it does not work; that we gave up


async def test_a_bot_that_answers_nonsense_is_in_trouble(
    citizen: Citizen, bot: FakeBot, clock: FakeClock
):
    bot.answer = lambda text: [{"buttons": "?"}]
    await citizen.says("老板拖欠工资")
    await citizen.is_told("trouble")
    bot.answer = lambda text: [{"text": "好的"}]
    await clock.pass_by(1)
    await citizen.hears("好的")


async def test_a_bot_that_never_answers_is_given_up_for_that_turn_and_asked_again(
    citizen: Citizen, bot: FakeBot, clock: FakeClock
):
    bot.hold("after")
    await citizen.says("老板拖欠工资")
    await until(lambda: bot.turns)
    await clock.pass_by(20)
    assert await kinds(citizen) == ["slow", "trouble"]
    bot.release()
    await clock.pass_by(2)
    await citizen.hears("收到:老板拖欠工资")
    assert bot.texts == ["老板拖欠工资"], "it had played it; its memory was asked"


async def test_a_person_is_called_although_the_bot_is_dead(
    citizen: Citizen, bot: FakeBot, routing: FakeRouting
):
    bot.mode = "dead"
    await citizen.says("老板拖欠工资")
    await citizen.is_told("trouble")
    await citizen.says("转人工")
    told = await citizen.is_told("ticket")
    assert told.text == "正在为您找值班律师。"
    [ticket] = routing.tickets.values()
    assert (ticket["conversation"], ticket["destination"]) == (citizen.id, "duty_lawyer")
    lines = [line for line in await citizen.lines() if line.who == "citizen"]
    assert [line.turn for line in lines] == ["waiting", "handled"]


async def test_a_person_is_called_while_the_bot_is_slow(
    citizen: Citizen, bot: FakeBot, clock: FakeClock, routing: FakeRouting
):
    bot.hold()
    await citizen.says("老板拖欠工资")
    await until(lambda: bot.at_once)
    await clock.pass_by(4)
    await citizen.is_told("slow")
    await citizen.says("我要找律师")
    await citizen.is_told("ticket")
    bot.release()
    await citizen.hears("收到:老板拖欠工资")
    assert bot.texts == ["老板拖欠工资"]
    assert len(routing.tickets) == 1


async def test_a_person_is_asked_of_the_bot_while_it_is_well(
    citizen: Citizen, routing: FakeRouting
):
    await citizen.says("转人工")
    await citizen.hears("收到:转人工")
    assert not routing.tickets


async def test_without_any_person_the_citizen_gets_a_number_to_call(
    citizen: Citizen, bot: FakeBot, monkeypatch
):
    async def fails(*_: object, **__: object) -> None:
        raise RuntimeError("no table")

    monkeypatch.setattr(FakeRouting, "open_ticket", fails)
    bot.mode = "dead"
    await citizen.says("转人工")
    await until_kinds(citizen, ["trouble", "trouble"])
    assert "12348" in (await citizen.reads("system"))[-1]


async def test_a_trouble_survives_the_process_that_saw_it(
    citizen: Citizen, bot: FakeBot, clock: FakeClock, process
):
    bot.mode = "dead"
    await citizen.says("老板拖欠工资")
    await citizen.is_told("trouble")
    await citizen.gateway.turns.halt()
    await process()
    await clock.pass_by(20)
    assert await kinds(citizen) == ["trouble"]
    bot.mode = "well"
    await clock.pass_by(2)
    await citizen.hears("收到:老板拖欠工资")


async def until_kinds(citizen: Citizen, expected: list[str]) -> None:
    async def told() -> bool:
        return await kinds(citizen) == expected

    await until(told)
