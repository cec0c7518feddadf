"""From the chat to the web page and back: the same talk, and nobody else gets in."""

from datetime import timedelta

import httpx
import pytest

from router.lawyers.models import Lawyer
from router.lawyers.service import hash_password
from router.parts import Parts
from tests.channels.wechat.conftest import Citizen
from tests.channels.wechat.test_delivery import tell, with_lawyer
from tests.fake_wechat import Platform
from tests.fakes import FakeClock
from tests.router.web.test_desk import sign_in


async def named(parts: Parts, lawyer_id: str) -> str:
    """Their login, now with the password that the tests know."""
    async with parts.db.write() as s:
        lawyer = await s.get(Lawyer, lawyer_id)
        assert lawyer
        lawyer.password_hash = hash_password("geheim")
        return lawyer.login


OURS = {"origin": "http://test"}


async def way_of(citizen: Citizen) -> str:
    await citizen.says("网页")
    return citizen.sees[-1].partition("http://test")[2].split()[0]


@pytest.fixture
async def browser(citizen: Citizen, platform: Platform) -> httpx.AsyncClient:
    assert platform._http
    platform._http.headers["accept"] = "text/html"
    return platform._http


async def test_the_link_opens_the_same_talk_once(citizen: Citizen, browser: httpx.AsyncClient):
    await citizen.agrees()
    await citizen.says("老板拖欠工资")
    way = await way_of(citizen)
    assert (await browser.get(way)).status_code == 200  # an app that looks at links takes nothing
    assert (await browser.post(way, headers=OURS)).status_code == 303
    assert "老板拖欠工资" in (await browser.get("/")).text
    browser.cookies.clear()
    assert (await browser.post(way, headers=OURS)).status_code == 410
    assert "老板拖欠工资" not in (await browser.get("/")).text


async def test_a_link_ends_after_half_an_hour_and_with_the_next_one(
    citizen: Citizen, browser: httpx.AsyncClient, clock: FakeClock
):
    await citizen.agrees()
    first, second = await way_of(citizen), await way_of(citizen)
    assert (await browser.post(first, headers=OURS)).status_code == 410
    await clock.leap(timedelta(minutes=31))
    assert (await browser.post(second, headers=OURS)).status_code == 410


async def test_a_made_up_link_and_another_sites_form_open_nothing(
    citizen: Citizen, browser: httpx.AsyncClient
):
    await citizen.agrees()
    way = await way_of(citizen)
    assert (await browser.post("/go/" + "a" * 43, headers=OURS)).status_code == 410
    assert (await browser.post(way, headers={"origin": "http://evil"})).status_code == 403
    assert (await browser.post(way, headers=OURS)).status_code == 303


async def test_before_a_talk_there_is_no_link(citizen: Citizen):
    await citizen.says("网页")
    assert "/go/" not in citizen.sees[-1]


async def test_what_is_written_on_the_page_goes_on_in_the_chat(
    citizen: Citizen, browser: httpx.AsyncClient, router: Parts
):
    await citizen.agrees()
    await browser.post(await way_of(citizen), headers=OURS)
    opened = await browser.post("/api/web/conversations", json={"consent": True})
    assert opened.status_code == 200
    body = {"id": "message-1", "seq": 1, "text": "从网页说的"}
    where = f"/api/web/conversations/{opened.json()['id']}/messages"
    assert (await browser.post(where, json=body)).status_code == 202
    await citizen.will_see("收到:从网页说的")


async def test_the_desk_tells_whether_a_lawyers_words_have_arrived(
    citizen: Citizen, browser: httpx.AsyncClient, router: Parts, clock: FakeClock
):
    await citizen.agrees()
    ticket, lawyer = await with_lawyer(citizen)
    await sign_in(browser, await named(router, lawyer))
    where = f"/desk/tickets/{ticket}/delivery"
    await router.gateway.lawyer_says(ticket, lawyer, "请带身份证来。")
    await citizen.will_see("请带身份证来")
    assert "已送到 1 句" in (await browser.get(where)).text
    await clock.leap(timedelta(hours=49))
    await tell(citizen, "通知。")
    await sign_in(browser, await named(router, lawyer))
    await router.gateway.lawyer_says(ticket, lawyer, "还在吗?")
    await clock.pass_by(2)
    told = (await browser.get(where)).text
    assert "超过 48 小时" in told and "还没有送到" in told
