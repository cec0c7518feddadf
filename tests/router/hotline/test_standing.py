"""办到哪一步 by telephone: reference and code by keys, the same answer as on the page."""

import pytest

from router import codes
from router.gateway.standing import keyed


@pytest.fixture
async def talk(office):
    told, _ = await office.parts.gateway.open("web", None, consent=True)
    await office.parts.routing.open_ticket(told.id, "m-1", "duty_lawyer")
    return told


async def asks(office, reference_keys, code):
    citizen = await office.talks("+8613700000007")
    await citizen.says("我想查一下进度")
    await citizen.hears("请按您编号的后 8 位")
    await citizen.presses(reference_keys)
    await citizen.hears("请按 6 位查询码")
    await citizen.presses(code)
    return citizen


async def test_a_caller_hears_where_it_stands_with_the_reference_by_digits(office, talk):
    citizen = await asks(office, keyed(talk.reference), codes.standing_code(talk.reference))
    said = await citizen.hears("您的编号 J Y")
    assert talk.reference not in said and "值班律师" in " ".join(citizen.heard)
    await citizen.hears("还有别的事，请接着说")


async def test_an_unknown_reference_and_a_wrong_code_sound_alike_and_the_talk_goes_on(office, talk):
    code = f"{(int(codes.standing_code(talk.reference)) + 1) % 1_000_000:06d}"
    citizen = await asks(office, keyed(talk.reference), code)
    wrong = await citizen.hears("没有查到")
    await citizen.says("查进度")
    await citizen.presses("22222222")
    await citizen.presses(code)
    assert await citizen.hears("没有查到") == wrong
    await citizen.says("查进度")
    await citizen.presses("#")
    await citizen.hears("还有别的事，请接着说")
