"""kill -9 of each part in turn: what was accepted is answered, once, and offers go on."""

import asyncio
import os

import pytest
from redis.asyncio import Redis

TROUBLE = "老板拖欠我三个月工资一直不给,我在工地上干活"


def answers_to(citizen, seq: int) -> list[dict]:
    """The bot's lines between the citizen's line `seq` and their next one."""
    lines = [line for line in citizen.transcript if line["seq"] > seq]
    found = []
    for line in sorted(lines, key=lambda line: line["seq"]):
        if line["who"] == "citizen":
            break
        if line["who"] == "bot":
            found.append(line)
    return found


async def quiet(citizen, seconds: float = 3) -> None:
    """Reads on for a while: a second answer would come now."""
    async with asyncio.timeout(seconds + 10):
        for _ in range(int(seconds)):
            await citizen.read(wait=1)


@pytest.mark.parametrize("part", ["rasa", "actions", "router"])
async def test_a_message_accepted_while_a_part_is_killed_is_answered_once(system, citizen, part):
    await citizen.say(TROUBLE)
    accepted = await citizen.send("没有请律师")
    system.kill(part)
    await system.ready_again()
    await citizen.hear(lambda line: line["who"] == "bot" and line["seq"] > accepted["seq"])
    await quiet(citizen)
    assert len(answers_to(citizen, accepted["seq"])) == 1
    assert (await citizen.state())["intake"]["facts"]["lawyer"] is False


@pytest.mark.parametrize("part", ["rasa", "actions"])
async def test_a_message_sent_while_a_part_is_dead_gets_the_truth_then_an_answer(
    system, citizen, part
):
    await citizen.say(TROUBLE)
    system.kill(part)
    accepted = await citizen.send("没有请律师")
    await citizen.hear(lambda line: line["who"] == "bot" and line["seq"] > accepted["seq"], 90)
    await quiet(citizen)
    assert len(answers_to(citizen, accepted["seq"])) == 1
    facts = (await citizen.state())["intake"]["facts"]
    assert facts["matter"] == "wages"
    assert facts["lawyer"] is False


async def test_with_the_bus_killed_or_emptied_the_conversation_goes_on(system, citizen):
    await citizen.say(TROUBLE)
    if url := os.environ.get("TEST_REDIS_URL"):  # Debian's server is not ours to kill
        async with Redis.from_url(url) as redis:
            await redis.flushdb()
            await redis.client_kill_filter(_type="pubsub")
    else:
        system.kill("valkey")
    assert (await citizen.say("没有请律师"))["text"]
    await system.ready_again()
    assert (await citizen.say("不知道"))["text"]


async def test_danger_words_bring_110_at_once_with_rasa_dead(system, citizen):
    system.kill("rasa")
    await citizen.send("他正拿着刀砸我家的门")
    first = await citizen.hear(lambda line: line["who"] != "citizen")
    assert first["who"] == "system"
    assert "110" in first["text"]
    await system.ready_again()


async def offered_to_one_of(lawyers, at_most: float = 60):
    """Who is offered a ticket now, and the offer."""
    async with asyncio.timeout(at_most):
        while True:
            for one in lawyers:
                if offer := await one.offered():
                    return one, offer
            await asyncio.sleep(0.2)


@pytest.mark.parametrize("part", ["router", "rasa", "actions", "bus"])
async def test_an_offer_times_out_although_a_part_was_killed_under_it(
    system, citizen, lawyers, part
):
    await citizen.send("转人工")
    first, offer = await offered_to_one_of(lawyers)
    if part != "bus":
        system.kill(part)
    elif "TEST_REDIS_URL" not in os.environ:
        system.kill("valkey")
    await system.ready_again()
    others = [one for one in lawyers if one is not first]
    second, next_offer = await offered_to_one_of(others)
    assert next_offer != offer
    case = await second.accept(next_offer)
    assert (await citizen.state())["speaker"] == "lawyer"
    await second.close(case, "answered")
    await citizen.read()
    assert (await citizen.state())["speaker"] == "bot"
