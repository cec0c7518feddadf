"""When WeChat reaches a citizen no more, their lawyer sees it and has a short message sent."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, update

from router.audit import AuditEntry
from router.channels.hotline.models import Call, TextMessage
from router.channels.hotline.port import CarrierError
from router.tickets.models import Ticket
from tests import factories
from tests.channels.wechat.conftest import Citizen, Texts
from tests.channels.wechat.test_delivery import with_lawyer
from tests.channels.wechat.test_doors import OURS, browser, named  # noqa: F401
from tests.channels.wechat.test_joining import PHONE, by_telephone
from tests.fakes import FakeClock
from tests.router.web.test_desk import sign_in

BUTTON = "发短信请当事人联系"


@pytest.fixture
def texter() -> Texts:
    return Texts()


class Desk:
    """The lawyer at the case's page."""

    def __init__(self, citizen: Citizen, client: httpx.AsyncClient, ticket: str, who: str) -> None:
        self.citizen, self.client, self.ticket, self.who = citizen, client, ticket, who

    async def sees(self) -> str:
        await sign_in(self.client, await named(self.citizen.parts, self.who))
        return (await self.client.get(f"/desk/tickets/{self.ticket}/texts")).text

    async def sends(self) -> int:
        await sign_in(self.client, await named(self.citizen.parts, self.who))
        where = f"/desk/tickets/{self.ticket}/text"
        return (await self.client.post(where, headers=OURS)).status_code

    async def settled(self) -> TextMessage:
        async def state() -> TextMessage | None:
            async with self.citizen.parts.db.read() as s:
                query = select(TextMessage).order_by(TextMessage.created_at.desc()).limit(1)
                row = await s.scalar(query)
            return row if row and row.state != "ordered" else None

        for _ in range(200):
            await self.citizen.clock.pass_by(1)
            if row := await state():
                return row
        raise AssertionError("still ordered")


async def leaves_number(citizen: Citizen, ticket: str) -> None:
    async with citizen.parts.db.write() as s:
        row = await s.get_one(Ticket, ticket)
        row.call_back, row.call_back_at = {"number": PHONE}, citizen.clock.now()


@pytest.fixture
async def desk(citizen: Citizen, browser) -> Desk:  # noqa: F811
    """Of a citizen who left a number, 49 hours after their last word."""
    await citizen.agrees()
    ticket, lawyer = await with_lawyer(citizen)
    await leaves_number(citizen, ticket)
    await citizen.clock.leap(timedelta(hours=49))
    return Desk(citizen, browser, ticket, lawyer)


async def test_after_48_hours_one_press_sends_a_message_without_name_or_case(
    desk: Desk, texter: Texts
):
    texter.open.clear()
    assert BUTTON in await desk.sees()
    assert await desk.sends() == 303
    assert "正在发" in await desk.sees()
    texter.open.set()
    await desk.settled()
    [sms] = texter.sent
    assert sms.to == PHONE and sms.template == "open" and set(sms.blanks) == {"reference"}
    assert sms.blanks["reference"] in sms.text and "微信公众号" in sms.text
    shown = await desk.sees()
    assert "请打开微信：已发出" in shown and PHONE not in shown
    async with desk.citizen.parts.db.read() as s:
        [row] = await s.scalars(select(AuditEntry).where(AuditEntry.action == "send_text"))
    assert (row.who, row.about) == (desk.who, desk.ticket)


async def test_two_a_day_and_not_a_second_one_while_the_first_is_on_its_way(
    desk: Desk, texter: Texts, clock: FakeClock
):
    texter.open.clear()
    assert [await desk.sends(), await desk.sends()] == [303, 409]
    texter.open.set()
    await desk.settled()
    assert await desk.sends() == 303
    await desk.settled()
    assert await desk.sends() == 409 and BUTTON not in await desk.sees()
    await clock.leap(timedelta(days=1, seconds=1))
    assert BUTTON in await desk.sees()
    assert len(texter.sent) == 2


@pytest.mark.parametrize("case", ["writes", "no number", "fixed line", "another lawyer", "no SMS"])
async def test_there_is_no_button_where_it_leads_nowhere(desk: Desk, case: str):
    citizen = desk.citizen
    if case == "writes":
        await citizen.says("我在")
    elif case == "another lawyer":
        desk.who = (await factories.lawyer(citizen.parts.db, citizen.clock)).id
    elif case == "no SMS":
        citizen.parts.texts.texter = None
    else:
        number = {} if case == "no number" else {"number": "010-66554433"}
        async with citizen.parts.db.write() as s:
            row = await s.get_one(Ticket, desk.ticket)
            row.call_back = number
    assert BUTTON not in await desk.sees()
    assert await desk.sends() in (404, 409)
    async with citizen.parts.db.read() as s:
        assert list(await s.scalars(select(TextMessage))) == []


@pytest.mark.parametrize(
    ("faults", "state", "word"),
    [
        ([CarrierError("isv.BLACK_KEY_CONTROL_LIMIT")], "failed", "没有发成"),
        ([CarrierError("Throttling", wait=2.0)], "sent", "已发出"),
        ([CarrierError("timeout", unknown=True)], "sent", "已发出"),
    ],
    ids=["never", "later", "unknown"],
)
async def test_the_desk_tells_what_became_of_it(
    desk: Desk, texter: Texts, faults: list[CarrierError], state: str, word: str
):
    texter.faults = faults
    await desk.sends()
    assert (await desk.settled()).state == state
    assert word in await desk.sees()


async def test_a_caller_without_wechat_is_asked_to_call(
    citizen: Citizen,
    browser,  # noqa: F811
    texter: Texts,
):
    talk = await by_telephone(citizen)
    lawyer = await factories.lawyer(citizen.parts.db, citizen.clock)
    ticket = await factories.ticket(
        citizen.parts.db, citizen.clock, talk.id, status="accepted", owner=lawyer.id
    )
    desk = Desk(citizen, browser, ticket.id, lawyer.id)
    assert await desk.sends() == 303
    await desk.settled()
    [sms] = texter.sent
    assert sms.template == "call_us" and "12348" in sms.text and "微信" not in sms.text


async def test_short_messages_of_calls_are_shown_with_the_case(
    citizen: Citizen,
    browser,  # noqa: F811
):
    talk = await by_telephone(citizen)
    lawyer = await factories.lawyer(citizen.parts.db, citizen.clock)
    ticket = await factories.ticket(
        citizen.parts.db, citizen.clock, talk.id, status="accepted", owner=lawyer.id
    )
    async with citizen.parts.db.write() as s:
        call = await s.scalar(select(Call.id))
        now = citizen.clock.now()
        s.add(TextMessage(id="t1", key="t1", call_id=call, template="reference", state="ordered", created_at=now))  # fmt: skip  # noqa: E501
    desk = Desk(citizen, browser, ticket.id, lawyer.id)
    assert "告知编号：正在发" in await desk.sees()
    async with citizen.parts.db.write() as s:
        await s.execute(update(TextMessage).values(state="delivered"))
    assert "告知编号：已送到手机" in await desk.sees()


async def test_short_messages_of_a_second_call_that_joined_the_case_are_shown_and_no_other_callers(
    citizen: Citizen,
    browser,  # noqa: F811
):
    talk, again, other = [await by_telephone(citizen) for _ in range(3)]
    lawyer = await factories.lawyer(citizen.parts.db, citizen.clock)
    ticket = await factories.ticket(
        citizen.parts.db, citizen.clock, talk.id, status="accepted", owner=lawyer.id
    )
    now = citizen.clock.now()
    async with citizen.parts.db.write() as s:
        calls = {
            one: await s.scalar(select(Call).where(Call.conversation_id == one.id))
            for one in (again, other)
        }
        calls[again].ticket_id = ticket.id
        for one, template in ((again, "call_back"), (other, "papers")):
            s.add(
                TextMessage(
                    id=template, key=template, call_id=calls[one].id, template=template,
                    state="sent", created_at=now,
                )
            )  # fmt: skip
    shown = await Desk(citizen, browser, ticket.id, lawyer.id).sees()
    assert "告知回电：已发出" in shown and "要带的材料" not in shown
