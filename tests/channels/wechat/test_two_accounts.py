"""A city's and a county's account in one router: nothing of the one is ever the other's."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from router.channels.wechat import menu
from router.channels.wechat.models import Follower
from router.cli.wechat import menu_of
from router.conversations.models import Conversation
from router.settings import Settings
from tests.channels.wechat.conftest import Citizen, write_account
from tests.channels.wechat.test_leaving import rows
from tests.fake_wechat import FAULT, Official, Platform
from tests.fakes import FakeBot, FakeClock

CITY = Official(
    name="city",
    app_id="wxcity0000000001",
    original_id="gh_city00000001",
    token="cityToken12348",
    aes_key="A" * 42 + "E",
    secret="city-secret",
)


@pytest.fixture
async def city_platform(settings: Settings, clock: FakeClock) -> AsyncIterator[Platform]:
    one = Platform(CITY, now=lambda: clock.now().timestamp())
    async with one.running() as url:
        write_account(settings.STATE_DIR, CITY, url, region="990100", label="示例市法律援助中心")
        yield one


@pytest.fixture
async def both(
    city_platform: Platform, processes: Any, platform: Platform, clock: FakeClock
) -> tuple[Citizen, Citizen]:
    """One openid, at the county's account and at the city's."""
    parts, client = await processes()
    for one in (platform, city_platform):
        one.reaches(client)
    return Citizen(platform, clock, parts), Citizen(city_platform, clock, parts)


async def test_the_same_openid_at_both_is_two_people_each_in_their_accounts_region(
    both: tuple[Citizen, Citizen],
):
    county, city = both
    for one, words in ((county, "县里的事"), (city, "市里的事")):
        await one.agrees()
        await one.says(words)
        assert one.sees[-1] == f"收到:{words}" and FAULT not in one.sees
    assert "市里的事" not in str(county.sees) and "县里的事" not in str(city.sees)
    assert "示例县法律援助中心" in county.sees[0] and "示例市法律援助中心" in city.sees[0]
    talks = {one.id: one.region for one in await rows(county, Conversation)}
    found = {one.account: talks[one.conversation_id] for one in await rows(county, Follower)}
    assert found == {"xian": "990101", "city": "990100"}


async def test_the_same_message_id_at_both_is_two_messages(both: tuple[Citizen, Citizen]):
    answers = []
    for one in both:
        await one.agrees()
        fields = one.platform.message(one.openid, "text", Content="同一个编号") | {"MsgId": "7"}
        answers.append(one.platform.judged(one.openid, await one.platform.posts(fields)))
    assert answers == ["收到:同一个编号"] * 2


async def test_what_one_accounts_keys_signed_the_other_refuses(both: tuple[Citizen, Citizen]):
    for one, other in (both, both[::-1]):
        theirs = one.platform.message(one.openid, "text", Content="你好")
        named = theirs | {"ToUserName": other.platform.official.original_id}
        for fields in (theirs, named):
            body, query = one.platform.sealed(fields)
            where = f"/wechat/{other.platform.official.name}"
            answer = await one.platform._http.post(where, params=query, content=body)
            assert answer.status_code == 403
        answer = await other.platform.posts(theirs)  # the right keys, another's name within
        assert answer.status_code == 403
    assert await rows(both[0], Follower) == []


async def test_a_late_answer_goes_out_with_the_token_of_the_account_that_was_asked(
    both: tuple[Citizen, Citizen], bot: FakeBot
):
    for one in both:
        await one.agrees()
    bot.hold()
    for one in both:
        await one.says(f"在{one.platform.official.name}问")
    bot.release()
    for one in both:
        name = one.platform.official.name
        await one.will_see(f"收到:在{name}问")
        [(_, sent)] = one.platform.calls
        assert sent["errcode"] == 0 and name in sent["text"]["content"]
    assert not set(both[0].platform.tokens) & set(both[1].platform.tokens)


async def test_each_has_its_own_menu_with_its_regions_standards(both: tuple[Citizen, Citizen]):
    for one, region in zip(both, ("990101", "990100"), strict=True):
        wechat, name = one.parts.wechat, one.platform.official.name
        body = menu.published(menu_of(wechat.accounts[name]), "https://test")
        await wechat.posts[name].call("/cgi-bin/menu/create", body)
        assert f"/law/{region}" in str(one.platform.menu)
    assert both[0].platform.menu != both[1].platform.menu
