"""A machine in a hall or in the street: its post, and nothing left of who was there before."""

import pytest
from sqlalchemy import select

from router.channels.web.session import COOKIE
from router.tickets.models import Ticket
from router.web import apply, render, staff

OURS = {"Origin": "http://test", "Accept": "text/html"}


@pytest.fixture
async def kiosk(client):
    """The browser after whoever set the machine up has been there."""
    answer = await client.post("/kiosk", data={"what": "on"}, headers=OURS)
    assert answer.headers["location"] == "/" and client.cookies[render.KIOSK]
    return client


async def begin(client, place="kiosk"):
    answer = await client.post("/api/web/conversations", json={"consent": True, "place": place})
    assert answer.status_code == 201
    return answer


async def test_a_browser_becomes_a_kiosk_and_an_ordinary_one_again(kiosk):
    start = (await kiosk.get("/")).text
    assert 'data-place="kiosk"' in start and "/kiosk/leave" not in start, "nothing to leave yet"
    await begin(kiosk)
    assert "/kiosk/leave" in (await kiosk.get("/")).text
    await kiosk.post("/kiosk", data={"what": "off"}, headers=OURS)
    start = (await kiosk.get("/")).text
    assert 'data-place="web"' in start and "kiosk.js" not in start


async def test_another_site_makes_no_kiosk_and_sends_nobody_away(client):
    evil = {**OURS, "Origin": "http://evil.example"}
    for path in ("/kiosk", "/kiosk/leave"):
        assert (await client.post(path, data={"what": "on"}, headers=evil)).status_code == 403


async def test_a_kiosks_session_ends_with_its_browser_and_a_phones_does_not(kiosk):
    assert "max-age" not in (await begin(kiosk)).headers["set-cookie"].lower()
    kiosk.cookies.delete(COOKIE)
    assert "max-age" in (await begin(kiosk, "web")).headers["set-cookie"].lower()


async def test_after_i_have_finished_the_next_person_finds_no_way_in(kiosk):
    reference = (await begin(kiosk)).json()["reference"]
    assert reference in (await kiosk.get("/")).text
    left = await kiosk.post("/kiosk/leave", headers=OURS)
    assert left.headers["location"] == "/"
    gone = left.headers.get_list("set-cookie")
    for name, path in ((COOKIE, "/"), (apply.COOKIE, "/apply"), (staff.COOKIE, "/")):
        assert any(one.startswith(f'{name}=""') and f"Path={path};" in one for one in gone)
    assert reference not in (await kiosk.get("/")).text


async def test_who_asks_for_a_lawyer_at_a_kiosk_is_for_the_kiosks_post(kiosk, parts):
    opened = (await begin(kiosk)).json()
    await parts.routing.open_ticket(opened["id"], "m-1", "duty_lawyer")
    async with parts.db.read() as s:
        assert (await s.scalar(select(Ticket))).post == "kiosk"
