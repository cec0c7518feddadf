"""Who wants to be telephoned is asked for the number once, and it reaches the router."""

import pytest

from actions.memory import Memory
from tests.actions.desk import Desk, decided, told, wage_case, wants

NUMBER = "13812345678"


def numbers(desk: Desk) -> list[str]:
    return [post["number"] for post in desk.posts("callbacks")]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (f"请律师回电 {NUMBER}", NUMBER),
        (f"请律师回电,我的电话是{NUMBER}", NUMBER),
        ("麻烦给我回个电话，138 1234 5678", "138 1234 5678"),
        ("能不能打电话给我？座机 0551-62345678", "0551-62345678"),
        (f"你们打这个号码吧{NUMBER}", NUMBER),
        (f"+86{NUMBER} 有空回个电话", NUMBER),
    ],
)
async def test_a_number_with_the_wish_to_be_called_is_noted(text: str, number: str) -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    reply = await told(desk, memory, text)
    assert numbers(desk) == [number] and reply.text == "记下了。"
    assert memory.reference == "JY-1" and desk.posts("tickets") == []


@pytest.mark.parametrize("text", ["请律师回电", "让律师给我打个电话", "能给我回个电话吗"])
async def test_without_a_number_it_is_asked_for_and_then_taken(text: str) -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    reply = await told(desk, memory, text)
    assert "电话号码" in reply.text and not desk.asked
    await told(desk, memory, f"我的手机号是{NUMBER}", message_id="m2")
    assert numbers(desk) == [NUMBER]


async def test_on_offer_it_is_no_choice_of_the_lawyer_in_the_chat() -> None:
    desk, memory, _ = await decided()
    await told(desk, memory, f"请律师回电{NUMBER}", message_id="m2")
    assert numbers(desk) == [NUMBER] and desk.posts("tickets") == []


async def test_who_waits_may_write_the_bare_number() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    await told(desk, memory, "转人工")
    await told(desk, memory, NUMBER, message_id="m2")
    assert numbers(desk) == [NUMBER]


@pytest.mark.parametrize(
    "text",
    [
        "骗子天天给我打电话", "有个号码13812345678给我打电话说我中奖了", "他不给我回电话",
        "老板让我打电话给他", "我打了12345的电话", "转账给他了，他的手机号是13812345678",
        "他天天半夜，给我打电话",
    ],
)  # fmt: skip
async def test_calls_of_others_are_told_not_wished_for(text: str) -> None:
    desk = Desk(wants("lawyer"))
    memory = await wage_case(desk)
    await told(desk, memory, text, message_id="m2")
    assert desk.posts("callbacks") == [] and "call_back_asked" not in memory.details


async def test_in_danger_nobody_is_asked_for_a_number_first() -> None:
    desk, memory = Desk(wants("lawyer")), Memory()
    reply = await told(
        desk, memory, "他在砸门,请给我回电话", "domestic_violence", danger=["violence_or_threat"]
    )
    assert "您现在安全吗？" in reply.text
