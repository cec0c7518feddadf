"""Short messages to who is on no call: which number is theirs, and letters with their link."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from router.applications.models import Application
from router.channels.hotline.models import Call, TextMessage, number_indices
from router.channels.hotline.port import CarrierError
from router.channels.hotline.sms.cases import number_of
from router.conversations.models import Conversation
from router.db import new_id
from router.dispatch.models import Timer
from router.sending import service
from router.web import letters
from tests import factories
from tests.router.applications.conftest import Institution
from tests.router.applications.test_agencies import run
from tests.router.mediation.test_sides import Texter

MINE, HERS, FIXED = "+8613800000001", "+8613800000002", "+865311234567"


async def called(parts, clock, talk, number: str, minutes: int = 0, **given: Any) -> None:
    at = clock.now() + timedelta(minutes=minutes)
    row = Call(
        **{"id": new_id(), "carrier": "cti", "entry": "citizen", "state": "ended",
           "conversation_id": talk.id, "caller_index": number_indices(number)[0],
           "created_at": at} | given
    )  # fmt: skip
    row.caller = number
    async with parts.db.write() as s:
        s.add(row)


@pytest.mark.parametrize(
    ("entry", "number", "reached"),
    [("citizen", HERS, HERS), ("citizen", FIXED, MINE), ("police", HERS, MINE)],
)
async def test_a_second_call_merged_into_the_open_case_leaves_its_number_there(
    parts, clock, entry, number, reached
):
    talk = await factories.conversation(parts.db, clock, channel="hotline")
    ticket = await factories.ticket(parts.db, clock, talk.id)
    await called(parts, clock, talk, MINE)
    other = await factories.conversation(parts.db, clock, channel="hotline")
    await called(parts, clock, other, number, 5, entry=entry, ticket_id=ticket.id)
    async with parts.db.read() as s:
        assert await number_of(s, talk.id) == reached
        assert await number_of(s, (await factories.conversation(parts.db, clock)).id) == ""


@pytest.fixture
async def institution(parts, clock) -> Institution:
    """Its timers fire when the test says so."""
    await parts.dispatch.timers.stop()
    desk = Institution(parts, clock)
    desk.boss = await factories.lawyer(parts.db, clock, "李主管", role="supervisor", on_duty=False)
    return desk


@pytest.fixture
def texter(parts) -> Iterator[Texter]:
    played = parts.texts.texter = Texter()
    yield played
    parts.texts.texter = None


async def by_phone(institution, clock, wants: bool = True) -> Application:
    """Refused; whoever applies has called before, and at last once more."""
    it = await institution.refused()
    async with institution.db.read() as s:
        talk = await s.get_one(Conversation, it.conversation_id)
    await called(institution.parts, clock, talk, MINE, 0, texts=not wants)
    await called(institution.parts, clock, talk, MINE, 5, texts=wants)
    return it


async def sent(institution, it, way: str = "link") -> str:
    sendings, boss = institution.parts.sendings, institution.boss.id
    sending = await sendings.send(it.id, boss, way, {})
    await settled(institution)
    return sending


async def settled(institution) -> None:
    """Messages are sent beside the timers' loop."""
    for _ in range(2):
        await run(institution, 2)
        await asyncio.gather(*institution.parts.texts._tasks)


async def test_who_came_by_phone_and_wanted_messages_has_the_letters_link_on_their_mobile(
    institution, clock, texter
):
    it = await by_phone(institution, clock)
    sending = await sent(institution, it)
    [sms] = texter.sent
    assert (sms.to, sms.template, sms.blanks["reference"]) == (MINE, "letter", it.reference)
    assert f"/apply/letter/{sending}，" in sms.text and "查询码" in sms.text
    assert not [one for one in ("张三", "不予", "工资", "劳动") if one in sms.text]
    again = Timer(id="-", kind=service.TELL, data={"sending": sending})
    await institution.parts.sendings._tell(again)  # the process had died before it was done
    await settled(institution)
    assert len(texter.sent) == 1
    async with institution.db.read() as s:
        [row] = await s.scalars(select(TextMessage))
        shown = (await letters.shown(institution.parts, s, it))["rows"]
    assert (row.state, row.number_sealed) == ("sent", None) and row.sent_at
    assert shown[0]["text"] == "已发出"


@pytest.mark.parametrize(
    ("way", "links", "says"),
    [("pickup", True, "请带身份证件到法律援助机构领取"), ("link", False, "凭申请编号和查询码阅读")],
)
async def test_where_no_link_may_stand_the_message_says_how_to_have_the_letter(
    institution, clock, texter, way, links, says
):
    texter.links = links
    await sent(institution, await by_phone(institution, clock), way)
    [sms] = texter.sent
    assert sms.template == "letter_waits" and says in sms.text and "http" not in sms.text


async def test_who_wanted_none_in_their_newest_call_or_never_called_is_sent_none(
    institution, clock, texter
):
    await sent(institution, await by_phone(institution, clock, wants=False))
    await sent(institution, await institution.refused())
    async with institution.db.read() as s:
        assert texter.sent == [] and not list(await s.scalars(select(TextMessage)))


async def test_a_message_that_no_carrier_takes_is_seen_at_the_letter(institution, clock, texter):
    texter.refuses = [CarrierError("isv.MOBILE_NUMBER_ILLEGAL")]
    it = await by_phone(institution, clock)
    await sent(institution, it)
    async with institution.db.read() as s:
        [row] = (await letters.shown(institution.parts, s, it))["rows"]
    assert row["text"] == "没有发成" and row["state"] == "sent", (
        "the link is in the talk all the same"
    )
