"""Events have no id: sender, moment, event and key are what one is told by."""

import asyncio
from typing import Any

import pytest

from tests.channels.wechat.conftest import Citizen
from tests.channels.wechat.test_talk import said
from tests.fake_wechat import Platform


async def three_times(platform: Platform, fields: dict[str, Any], other: Any) -> list[str]:
    """Together to two processes, and once more when all is done; what each answered."""
    once = await asyncio.gather(
        platform.posts(fields), platform.posts(fields, to=other), platform.posts(fields)
    )
    answers = [*once, await platform.posts(fields, to=other)]
    return [platform.judged(fields["FromUserName"], answer) for answer in answers]


@pytest.mark.parametrize(
    ("change", "effects"),
    [
        ({}, 1),
        ({"EventKey": "转人工"}, 2),
        ({"CreateTime": 1}, 2),
        ({"FromUserName": "oTEST_fake_openid_0000000002"}, 2),
    ],
    ids=["the same", "another entry of the menu", "a second later", "another follower"],
)
async def test_the_copies_of_one_event_have_one_effect_and_another_event_its_own(
    citizen: Citizen, platform: Platform, processes: Any, change: dict[str, Any], effects: int
):
    other_follower = change.get("FromUserName")
    if other_follower:
        await Citizen(platform, citizen.clock, citizen.parts, other_follower).agrees()
    await citizen.agrees()
    _, other = await processes()
    before = len(await said(citizen.parts))
    first = platform.event(citizen.openid, "CLICK", EventKey="我要咨询")
    await three_times(platform, first, other)
    assert len(await said(citizen.parts)) == before + 1
    moment = first["CreateTime"] + change.get("CreateTime", 0)
    second = first | change | {"CreateTime": moment}
    answers = await three_times(platform, second, other)
    assert len(await said(citizen.parts)) == before + effects
    assert answers[-1] == f"收到:{second['EventKey']}"  # the copy has the first one's words
