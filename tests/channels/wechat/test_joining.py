"""A case of the web or the telephone goes on in WeChat, for its own citizen and for nobody else."""

import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from router.audit import AuditEntry
from router.channels.base import Inbound
from router.channels.hotline import states, store
from router.channels.hotline.models import TextMessage
from router.channels.wechat import words
from router.channels.wechat.joining import Said, read
from router.conversations.models import HOTLINE, Conversation
from router.db import new_id
from tests import factories
from tests.channels.wechat.conftest import Citizen, Texts
from tests.channels.wechat.test_doors import OURS, named
from tests.channels.wechat.test_talk import said
from tests.fake_wechat import Platform
from tests.fakes import FakeClock
from tests.router.web.test_desk import sign_in

PHONE = "13800138000"


@pytest.fixture
def texter() -> Texts:
    return Texts()


@pytest.fixture
async def browser(citizen: Citizen, platform: Platform) -> httpx.AsyncClient:
    assert platform._http
    platform._http.headers["accept"] = "text/html"
    return platform._http


async def on_the_web(citizen: Citizen) -> Conversation:
    talk, _ = await citizen.parts.gateway.open("web", "990101", consent=True)
    await citizen.parts.gateway.accept(Inbound("web", talk.id, new_id(), "老板拖欠工资"))
    return talk


async def by_telephone(citizen: Citizen, number: str = PHONE) -> Conversation:
    """They have called; the call is over."""
    parts, now = citizen.parts, citizen.clock.now()
    talk, _ = await parts.gateway.open(HOTLINE, "990101", consent=True)
    async with parts.db.write() as s:
        call = store.open_call(s, "cti", "citizen", number, now, states.Call.ENDED)
        call.conversation_id = talk.id
    return talk


async def line_of(citizen: Citizen, talk: Conversation) -> str:
    code = await citizen.parts.gateway.doors.code(talk.id, talk.reference)
    return f"{talk.reference} {code}"


def code_in(texter: Texts) -> str:
    found = re.search(r"\d{6}", texter.sent[-1].text)
    assert found
    return found[0]


async def code_sent(citizen: Citizen, texter: Texts, how_many: int = 1) -> str:
    await citizen.comes_about(lambda: len(texter.sent) >= how_many)
    return code_in(texter)


async def with_lawyer(citizen: Citizen, talk: Conversation) -> tuple[str, str]:
    parts, clock = citizen.parts, citizen.clock
    lawyer = await factories.lawyer(parts.db, clock)
    ticket = await factories.ticket(parts.db, clock, talk.id, status="accepted", owner=lawyer.id)
    return ticket.id, lawyer.id


# --- the owner


async def test_the_line_that_the_page_shows_goes_on_with_its_case_and_the_lawyer_sees_both(
    citizen: Citizen, browser: httpx.AsyncClient
):
    opened = (await browser.post("/api/web/conversations", json={"consent": True})).json()
    where = f"/api/web/conversations/{opened['id']}/messages"
    body = {"id": "message-1", "seq": 1, "text": "从网页说的"}
    assert (await browser.post(where, json=body)).status_code == 202
    await citizen.says("在微信说过一句")
    await citizen.says("1")
    async with citizen.parts.db.read() as s:
        talk = await s.get_one(Conversation, opened["id"])
    ticket, lawyer = await with_lawyer(citizen, talk)

    page = await browser.post("/wechat-code", headers=OURS)
    line = " ".join(re.findall(r"<span>([\w-]{9,12})</span>", page.text))
    await citizen.says(line)
    assert f"接上了：编号 {talk.reference}" in citizen.sees[-1]

    await citizen.parts.gateway.lawyer_says(ticket, lawyer, "我是王律师。")
    await citizen.will_see("我是王律师。")
    await citizen.says("律师您好")
    async with citizen.parts.db.read() as s:
        lines = await citizen.parts.gateway.transcript(s, talk.id)
        [row] = await s.scalars(select(AuditEntry).where(AuditEntry.action == "join_case"))
    assert [one.text for one in lines if one.who == "citizen"] == ["从网页说的", "律师您好"]
    assert row.about == talk.id and row.who.startswith("wechat:")
    assert "接上这件事" in (await browser.get("/")).text  # who has the page is told

    await sign_in(browser, await named(citizen.parts, lawyer))
    case = f"/desk/tickets/{ticket}"
    assert "同一位当事人" in (await browser.get(case)).text
    assert "在微信说过一句" in (await browser.get(f"{case}/joined")).text
    assert "已送到 1 句" in (await browser.get(f"{case}/delivery")).text


@pytest.mark.parametrize(
    "named_by", ["{reference} {phone}", "编号{reference}，手机号{phone}", "接上 {phone}"]
)
async def test_a_caller_goes_on_with_the_code_sent_to_the_telephone_that_the_case_has(
    citizen: Citizen, texter: Texts, named_by: str
):
    talk = await by_telephone(citizen)
    await citizen.says(named_by.format(reference=talk.reference, phone=PHONE))
    assert citizen.sees[-1] == words.JOIN_ASKED
    code = await code_sent(citizen, texter)
    assert texter.sent[-1].to.endswith(PHONE) and talk.reference not in texter.sent[-1].text
    await citizen.says(code)
    assert "接上了" in citizen.sees[-1]
    await citizen.says("还有一件事")
    async with citizen.parts.db.read() as s:
        lines = await citizen.parts.gateway.transcript(s, talk.id)
        [row] = await s.scalars(select(TextMessage))
    assert "还有一件事" in [one.text for one in lines]
    assert row.state == "sent" and not row.number  # and nowhere the code
    assert code not in await said(citizen.parts)


async def test_a_number_left_to_be_called_back_proves_a_case_of_the_web(
    citizen: Citizen, texter: Texts
):
    talk = await on_the_web(citizen)
    ticket = await factories.ticket(citizen.parts.db, citizen.clock, talk.id)
    async with citizen.parts.db.write() as s:
        kept = await s.get(type(ticket), ticket.id)
        assert kept
        kept.call_back, kept.call_back_at = {"number": PHONE}, citizen.clock.now()
    await citizen.says(f"{talk.reference} {PHONE}")
    await citizen.says(await code_sent(citizen, texter))
    assert "接上了" in citizen.sees[-1]


async def test_what_was_said_before_joining_is_said_in_the_case(citizen: Citizen):
    talk = await on_the_web(citizen)
    await citizen.says("我来接着说")
    await citizen.says(await line_of(citizen, talk))
    async with citizen.parts.db.read() as s:
        lines = await citizen.parts.gateway.transcript(s, talk.id)
    assert "我来接着说" in [one.text for one in lines]


async def test_a_copy_of_the_line_is_answered_alike_and_joins_once(
    citizen: Citizen, platform: Platform, processes
):
    _, other = await processes()
    talk = await on_the_web(citizen)
    fields = platform.message(citizen.openid, "text", Content=await line_of(citizen, talk))
    answers = [await platform.posts(fields, to=to) for to in (None, other, None)]
    told = {platform.judged(citizen.openid, answer) for answer in answers}
    assert len(told) == 1 and "接上了" in told.pop()


async def test_a_process_killed_before_it_sent_the_code_loses_none(
    citizen: Citizen, texter: Texts, processes, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
):
    async def dies(*given: object) -> None:
        """Between the claim and the carrier."""

    monkeypatch.setattr(citizen.parts.texts, "_send", dies)
    talk = await by_telephone(citizen)
    await citizen.says(f"{talk.reference} {PHONE}")
    await clock.pass_by(2)
    assert texter.sent == []
    await citizen.parts.dispatch.timers.stop()
    await processes()
    await clock.leap(timedelta(seconds=61))
    await citizen.says(await code_sent(citizen, texter))
    assert "接上了" in citizen.sees[-1]


# --- what is said


async def test_who_speaks_of_a_number_or_of_money_speaks_to_the_assistant(citizen: Citizen):
    await citizen.agrees()
    for text in ("我的编号是JY-2222-2222，律师什么时候打电话？", "300000", "13800138000"):
        await citizen.says(text)
        assert citizen.sees[-1] == f"收到:{text}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("jy-7kq2-9xmd k3m9-q2wx", Said("JY-7KQ2-9XMD", code="K3M9Q2WX")),
        ("ＪＹ７ＫＱ２９ＸＭＤ Ｋ３Ｍ９Ｑ２ＷＸ", Said("JY-7KQ2-9XMD", code="K3M9Q2WX")),
        ("受理编号：JY-7KQ2-9XMD 手机 +86 138-0013-8000", Said("JY-7KQ2-9XMD", number=PHONE)),
        ("JY—7KQ2—9XMD", Said("JY-7KQ2-9XMD")),
        ("验证码 012345", Said(code="012345")),
        ("接上", Said()),
        ("JY-7KQ2-9XMD 一直没人联系我", None),
        ("JY-0OI1-9XMD K3M9-Q2WX", None),
        ("1234567", None),
        ("13800138000", None),
    ],
)
def test_what_a_message_names_is_read_as_people_write_it(text: str, found: Said | None):
    assert read(text) == found
