"""Promise 6: 110 in the very first answer, whatever the bot does, and a person alarmed."""

import pytest

from tests.fakes import FakeBot, FakeRouting, until
from tests.router.gateway.conftest import Citizen


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("我老公正在打我,救命", "110"),
        ("我不想活了,药已经买好了", "12356"),
        ("有人拿刀在砍人,快来", "120"),
    ],
)
@pytest.mark.parametrize("mode", ["well", "dead", "silent", "error"])
async def test_danger_is_answered_before_anything_else(
    citizen: Citizen, bot: FakeBot, said: str, number: str, mode: str
):
    bot.mode = mode
    await citizen.says(said)
    _, first = (await citizen.lines())[:2]  # it is there at once: the same transaction
    assert first.who == "system" and first.extra["kind"] == "emergency"
    assert "110" in first.text and number in first.text


async def test_the_bot_is_told_what_the_danger_is(citizen: Citizen, bot: FakeBot):
    await citizen.says("我老公正在打我,救命")
    await citizen.is_served()
    assert bot.metadata[0]["danger"] == ["violence_or_threat"]


async def test_a_person_is_alarmed_once_per_message(
    citizen: Citizen, routing: FakeRouting, monkeypatch
):
    rung = []
    alarm = routing.alarm

    async def counted(conversation_id: str, key: str, danger: list[str]) -> None:
        rung.append(key)
        await alarm(conversation_id, key, danger)

    monkeypatch.setattr(routing, "alarm", counted)
    await citizen.says("我老公正在打我,救命", seq=1)
    await citizen.says("我老公正在打我,救命", seq=1)
    await citizen.is_served()
    assert set(rung) == set(routing.alarms) and len(routing.alarms) == 1
    assert list(routing.alarms.values()) == [["violence_or_threat"]]


async def test_a_broken_alarm_keeps_nobody_from_being_answered(citizen: Citizen, monkeypatch):
    async def fails(*_: object) -> None:
        raise RuntimeError("no table")

    monkeypatch.setattr(FakeRouting, "alarm", fails)
    await citizen.says("我老公正在打我,救命")
    await citizen.hears("收到:我老公正在打我,救命")


async def test_danger_at_the_end_of_a_very_long_message_is_heard(
    citizen: Citizen, routing: FakeRouting
):
    await citizen.says("工资的事说来话长。" * 1000 + "他现在拿刀砍门,救命")
    assert (await citizen.lines())[1].extra["kind"] == "emergency"
    await until(lambda: routing.alarms)


async def test_an_ordinary_trouble_brings_no_110(citizen: Citizen, routing: FakeRouting):
    await citizen.says("老板拖欠三个月工资")
    await citizen.hears("收到:老板拖欠三个月工资")
    assert await citizen.reads("system") == [] and not routing.alarms
