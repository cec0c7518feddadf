"""How letters reach people: once, on record, and never silently twice."""

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from router.dispatch.models import Timer
from router.sending import service
from router.sending.errors import AlreadySent, NoLetter, NotOwed, OnTheWay
from router.sending.models import Sending
from router.web.letters import to_look_at
from tests.crash import killed_at_the_commit, no_commit
from tests.fake_agency import FakeAgency, news
from tests.router.applications.test_agencies import SECRET, killed_at, later, peer, run
from tests.router.applications.test_pages import (  # noqa: F401
    begin,
    browser,
    fill,
    reviewer,
    send,
)

TO = {"name": "张三", "phone": "13900000000", "address": "清河县示例街1号"}


@pytest.fixture
async def institution(institution):
    """Its timers fire when the test says so."""
    await institution.parts.dispatch.timers.stop()
    return institution


@pytest.fixture
async def carrier(institution, clock):
    """Listening, and named in the operator's file."""
    fake = FakeAgency("courier", SECRET, lambda: clock.now().timestamp())
    async with fake.running() as url:
        institution.parts.sendings.courier = peer("post", url, "courier", days=5)
        yield fake


async def the(institution, sending_id) -> Sending:
    async with institution.db.read() as s:
        return await s.get_one(Sending, sending_id)


async def by_courier(institution) -> str:
    it = await institution.refused()
    return await institution.parts.sendings.send(it.id, institution.boss.id, "courier", TO)


async def test_a_link_opens_once_for_its_owner_and_for_nobody_else(
    institution, app, client, reviewer, clock  # noqa: F811
):  # fmt: skip
    await begin(institution, client)
    await fill(client)
    await send(client)
    where = await first_case(reviewer)
    await reviewer.post(f"{where}/refuse", data={"words": "超过标准", "cites": "LAL 34"})
    await reviewer.post(f"{where}/letters", data={"way": "link"})
    await run(institution, 2)
    async with institution.db.read() as s:
        (row,) = (await s.scalars(select(Sending))).all()
    link = f"/apply/letter/{row.id}"
    async with browser(app) as stranger:
        assert (await stranger.get(link)).headers["location"] == "/apply"
    assert link in (await client.get("/apply/status")).text
    opened = await client.get(link)
    assert opened.content[:5] == b"%PDF-"
    assert (await client.get(link)).status_code == 410
    row = await the(institution, row.id)
    assert row.state == "opened" and row.ended_at == clock.now()
    assert "已打开" in (await reviewer.get(where)).text
    assert opened.content == (await client.get("/apply/pdf/letter")).content


@pytest.mark.parametrize(("days", "state"), [(6.99, "opened"), (7.01, "expired")])
async def test_a_link_holds_seven_days(institution, days, state):
    it = await institution.refused()
    sendings = institution.parts.sendings
    link = await sendings.send(it.id, institution.boss.id, "link", {})
    await institution.wait(days)
    try:
        await sendings.open(link, it)
    except service.LinkSpent:
        pass
    assert (await the(institution, link)).state == state


async def test_the_applicant_is_told_once_however_often_the_timer_fires(institution, clock):
    it = await institution.refused()
    link = await institution.parts.sendings.send(it.id, institution.boss.id, "link", {})
    timer = Timer(id="-", kind=service.TELL, data={"sending": link})
    await institution.parts.sendings._tell(timer)  # and then the process died
    await run(institution, 2)
    said = [line for line in await institution.told(it) if f"/apply/letter/{link}" in line]
    assert len(said) == 1 and "编号和查询码" in said[0]


async def test_nothing_is_sent_twice_by_the_same_way_or_without_a_letter(institution):
    sendings, boss = institution.parts.sendings, institution.boss.id
    with pytest.raises(NoLetter):
        await sendings.send((await institution.submitted()).id, boss, "link", {})
    it = await institution.refused()
    with pytest.raises(NotOwed):
        await sendings.send(it.id, boss, "courier", TO)  # no carrier is connected
    await sendings.send(it.id, boss, "link", {})
    with pytest.raises(AlreadySent):
        await sendings.send(it.id, boss, "link", {})
    pick_up = await sendings.send(it.id, boss, "pickup", {})
    await sendings.signed_for(pick_up, boss, "张三本人")
    row = await the(institution, pick_up)
    assert (row.state, row.to, row.ended_by) == ("signed", {"name": "张三本人"}, boss)


async def test_a_parcels_way_is_in_the_case_and_silence_warns_the_staff(
    institution, carrier, client, clock
):
    sending = await by_courier(institution)
    await run(institution, 2)
    row = await the(institution, sending)
    assert row.state == "posted" and row.waybill and carrier.calls[0]["to"] == TO
    await tell(client, clock, row.waybill, "collected")
    assert (await the(institution, sending)).state == "moving"
    await later(institution, timedelta(days=5) - timedelta(minutes=1))
    await run(institution)
    assert (await the(institution, sending)).lost_at is None
    await later(institution, timedelta(minutes=2))
    await run(institution)
    assert (await the(institution, sending)).lost_at
    assert await looked_at(institution) == [row.application_id]
    await tell(client, clock, row.waybill, "delivered")
    late = clock.now() - timedelta(days=1)
    await tell(client, clock, row.waybill, "moving", late.isoformat())
    assert (await the(institution, sending)).state == "delivered"
    assert await looked_at(institution) == []


async def test_news_of_a_parcel_is_taken_from_its_carrier_alone(
    institution, carrier, client, clock
):
    sending = await by_courier(institution)
    await run(institution)
    waybill = (await the(institution, sending)).waybill
    for secret, minutes, status in ((SECRET, 6, 401), ("other", 0, 401), (SECRET, 4, 200)):
        seconds = (clock.now() - timedelta(minutes=minutes)).timestamp()
        body, head = news(secret, seconds, waybill, "moving", clock.now().isoformat())
        got = await client.post("/api/courier", content=body, headers=head)
        assert got.status_code == status


async def test_a_crash_after_calling_the_carrier_is_a_perhaps_for_a_person(
    institution, carrier, clock, reviewer  # noqa: F811
):  # fmt: skip
    carrier.slow = asyncio.Event()
    sending = await by_courier(institution)
    await killed_at(institution, carrier)
    await later(institution, timedelta(seconds=61))
    await run(institution, 2)
    row = await the(institution, sending)
    assert row.state == "perhaps" and len(carrier.calls) == 1
    where = f"/desk/applications/{row.application_id}"
    assert "可能已经寄出" in (await reviewer.get(where)).text
    assert "文书送达要人看的" in (await reviewer.get("/desk/applications")).text
    assert "1 件申请的文书</a>可能没有送到" in (await reviewer.get("/board")).text
    await reviewer.post(f"{where}/letters/{sending}/posted", data={"text": "SF123"})
    row = await the(institution, sending)
    assert (row.state, row.waybill) == ("posted", "SF123")


@pytest.mark.parametrize(
    ("status", "forged", "state", "calls"),
    [(200, False, "posted", 1), (500, False, "perhaps", 1), (200, True, "perhaps", 1),
     (422, False, "refused", 1)],
)  # fmt: skip
async def test_a_carrier_that_gives_no_sure_answer_is_not_asked_again(
    institution, carrier, clock, status, forged, state, calls
):
    carrier.status, carrier.forged = status, forged
    sending = await by_courier(institution)
    await run(institution, 2)
    await later(institution, timedelta(hours=2))
    await run(institution, 2)
    assert (await the(institution, sending)).state == state and len(carrier.calls) == calls


async def test_a_carrier_that_cannot_be_reached_is_asked_until_it_can(institution, carrier, clock):
    there, sendings = institution.parts.sendings.courier, institution.parts.sendings
    sendings.courier = peer("post", "http://127.0.0.1:9/", "courier")
    sending = await by_courier(institution)
    await run(institution)
    assert (await the(institution, sending)).state == "asked"
    sendings.courier = there
    await later(institution, timedelta(seconds=10))
    await run(institution)
    assert (await the(institution, sending)).state == "posted" and len(carrier.calls) == 1


LETTERS = {"link": {}, "pickup": {}, "courier": TO}


@pytest.mark.parametrize("way", LETTERS)
async def test_killed_at_any_step_a_letter_is_neither_lost_nor_sent_twice(
    institution, carrier, way
):
    it, sendings = await institution.refused(), institution.parts.sendings
    boss = institution.boss.id
    with killed_at_the_commit():
        await sendings.send(it.id, boss, way, LETTERS[way])
    await run(institution, 2)
    async with institution.db.read() as s:
        assert list(await s.scalars(select(Sending))) == []
    assert carrier.calls == [] and not [x for x in await institution.told(it) if "《" in x]
    sending = await sendings.send(it.id, boss, way, LETTERS[way])
    with no_commit():
        await run(institution, 2)
    await later(institution, timedelta(seconds=61))
    await run(institution, 3)
    assert len(carrier.calls) == (way == "courier")
    told = [line for line in await institution.told(it) if "《不予法律援助决定书》" in line]
    assert len(told) == 1
    if way == "courier":
        return
    end = {
        "link": lambda: sendings.open(sending, it),
        "pickup": lambda: sendings.signed_for(sending, boss, "张三本人"),
    }[way]
    was = (await the(institution, sending)).state
    with killed_at_the_commit():
        await end()
    assert (await the(institution, sending)).state == was, "whoever saw nothing may open it again"
    await end()
    with pytest.raises((service.LinkSpent, OnTheWay)):
        await end()


async def looked_at(institution) -> list[str]:
    async with institution.db.read() as s:
        return [one.id for one in await to_look_at(s)]


async def tell(client, clock, waybill: str, state: str, at: str = "") -> None:
    body, head = news(
        SECRET, clock.now().timestamp(), waybill, state, at or clock.now().isoformat()
    )
    told = await client.post("/api/courier", content=body, headers=head)
    assert told.status_code == 200, json.loads(told.content)


async def first_case(web) -> str:
    import re

    listed = await web.get("/desk/applications")
    return re.search(r"/desk/applications/(\w{32})", listed.text)[0]
