"""Who may see and do what on the desk, without a browser."""

import time
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from router.audit import AuditEntry
from router.dispatch.models import Offer
from router.lawyers.models import Lawyer
from router.lawyers.service import hash_password
from router.parts import Parts
from router.tickets.models import Ticket
from tests import factories
from tests.fakes import FakeClock

SECRET = hash_password("geheim")
PAGE = {"Accept": "text/html"}
OURS = {"Origin": "http://test", **PAGE}


@pytest.fixture
async def wang(parts: Parts, clock: FakeClock) -> Lawyer:
    return await factories.lawyer(
        parts.db, clock, "王清和", login="wang", password_hash=SECRET, region="990101"
    )


@pytest.fixture
async def offered(parts: Parts, clock: FakeClock, wang: Lawyer) -> Ticket:
    """A ticket that is being offered to Wang."""
    conversation = await factories.conversation(parts.db, clock)
    ticket = await factories.ticket(parts.db, clock, conversation.id, matter="labour_pay")
    assert await parts.dispatch.offer(ticket.id)
    return ticket


async def sign_in(client: httpx.AsyncClient, login: str, password: str = "geheim") -> Any:
    form = {"login": login, "password": password}
    return await client.post("/desk/login", data=form, headers=OURS)


async def accept(client: httpx.AsyncClient, parts: Parts, ticket: Ticket) -> httpx.Response:
    async with parts.db.read() as s:
        offer_id = await s.scalar(select(Offer.id).where(Offer.ticket_id == ticket.id))
    return await client.post(f"/desk/offers/{offer_id}/accept", headers=OURS)


async def trail(parts: Parts) -> list[tuple[str, str, str]]:
    async with parts.db.read() as s:
        rows = await s.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(row.who, row.action, row.about) for row in rows]


async def test_who_is_not_signed_in_is_sent_to_the_sign_in(client, parts):
    answer = await client.get("/desk", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/login")
    assert (await client.get("/desk/events")).status_code == 401
    assert (await client.post("/desk/duty", data={"on": "yes"}, headers=OURS)).status_code == 401


async def test_the_staff_cookie_is_out_of_reach_of_scripts(client, wang):
    answer = await sign_in(client, "wang")
    cookie = answer.headers["set-cookie"].lower()
    assert answer.status_code == 303
    assert "httponly" in cookie and "samesite=lax" in cookie


async def test_a_wrong_password_and_an_unknown_name_are_told_alike(client, wang):
    wrong, unknown = await sign_in(client, "wang", "falsch"), await sign_in(client, "niemand")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace("wang", "niemand") == unknown.text


@pytest.fixture
def minutes(monkeypatch) -> Any:
    """The limits' clock, which stands still: `minutes(n)` lets so many pass."""
    moment = [1_800_000_000.0]
    monkeypatch.setattr(time, "time", lambda: moment[0])

    def later(n: float) -> None:
        moment[0] += 60 * n

    return later


async def test_guessing_passwords_is_slowed_down_even_with_the_right_one(client, wang, minutes):
    for _ in range(10):
        assert (await sign_in(client, "wang", "falsch")).status_code == 401
    assert (await sign_in(client, "wang")).status_code == 429
    minutes(2)
    assert (await sign_in(client, "wang")).status_code == 303


async def test_before_accepting_a_lawyer_sees_matter_and_urgency_but_no_talk(
    client, parts, wang, offered
):
    await parts.gateway.tell(offered.conversation_id, "一句只给承办律师看的话")
    await sign_in(client, "wang")
    page = (await client.get(f"/desk/tickets/{offered.id}", headers=PAGE)).text
    assert "劳动报酬" in page and "普通" in page
    assert "一句只给承办律师看的话" not in page
    for stream in ("events", "lines"):
        answer = await client.get(f"/desk/tickets/{offered.id}/{stream}")
        assert answer.status_code == 404
    say = await client.post(f"/desk/tickets/{offered.id}/say", data={"text": "您好"}, headers=OURS)
    assert say.status_code == 404


async def test_every_look_at_a_case_leaves_a_trace(client, parts, wang, offered):
    await sign_in(client, "wang")
    await client.get("/desk", headers=PAGE)
    assert await trail(parts) == [(wang.id, "read_offer", offered.id)]
    await accept(client, parts, offered)
    await client.get(f"/desk/tickets/{offered.id}", headers=PAGE)
    await client.get(f"/desk/tickets/{offered.id}/lines")
    assert (await trail(parts))[1:] == [
        (wang.id, "read_case", offered.id),
        (wang.id, "follow_case", offered.id),
    ]


async def test_a_case_of_somebody_else_does_not_exist(client, parts, clock, wang, offered):
    await factories.lawyer(parts.db, clock, "李", login="li", password_hash=SECRET)
    await sign_in(client, "li")
    for path in ("", "/events", "/lines"):
        answer = await client.get(f"/desk/tickets/{offered.id}{path}", headers=PAGE)
        assert answer.status_code == 404
    for action, form in (
        ("say", {"text": "您好"}), ("notes", {"text": "笔记"}),
        ("return", {"reason": "无"}), ("close", {"outcome": "answered"}),
    ):  # fmt: skip
        url = f"/desk/tickets/{offered.id}/{action}"
        assert (await client.post(url, data=form, headers=OURS)).status_code == 404
    assert await trail(parts) == []


async def test_a_supervisor_reads_but_does_not_speak(client, parts, clock, wang, offered):
    await factories.lawyer(
        parts.db,
        clock,
        "主管",
        login="zhuguan",
        password_hash=SECRET,
        role="supervisor",
        on_duty=False,
    )
    await sign_in(client, "wang")
    await accept(client, parts, offered)
    await client.post("/desk/logout", headers=OURS)
    assert (await sign_in(client, "zhuguan")).headers["location"] == "/board"
    page = await client.get(f"/desk/tickets/{offered.id}", headers=PAGE)
    assert page.status_code == 200 and "对当事人说" not in page.text
    url = f"/desk/tickets/{offered.id}/say"
    assert (await client.post(url, data={"text": "您好"}, headers=OURS)).status_code == 404


async def test_the_same_line_sent_twice_is_said_once(client, parts, wang, offered):
    await sign_in(client, "wang")
    await accept(client, parts, offered)
    url = f"/desk/tickets/{offered.id}/say"
    for _ in range(2):
        sent = await client.post(url, data={"text": "您好", "key": "one"}, headers=OURS)
        assert sent.status_code == 303  # a plain form; with htmx 204
    lines = (await client.get(f"/desk/tickets/{offered.id}/lines")).text
    assert lines.count("您好") == 1


async def test_after_the_citizen_has_ended_the_talk_the_lawyer_is_told_so_and_can_still_close(
    client, parts, wang, offered
):
    await sign_in(client, "wang")
    await accept(client, parts, offered)
    url = f"/desk/tickets/{offered.id}"
    await parts.gateway.close(offered.conversation_id)
    for how in (OURS, {**OURS, "HX-Request": "true"}):
        late = await client.post(f"{url}/say", data={"text": "还有一句"}, headers=how)
        assert late.status_code == 409
        assert "当事人已经结束了这次对话" in late.text and "data-sentence" in late.text
    assert "还有一句" not in (await client.get(f"{url}/lines")).text
    note = await client.post(f"{url}/notes", data={"text": "当事人已离开"}, headers=OURS)
    closed = await client.post(f"{url}/close", data={"outcome": "answered"}, headers=OURS)
    assert (note.status_code, closed.status_code) == (303, 303)


async def test_an_outcome_must_be_one_of_the_list(client, parts, wang, offered):
    await sign_in(client, "wang")
    await accept(client, parts, offered)
    url = f"/desk/tickets/{offered.id}/close"
    assert (await client.post(url, data={}, headers=OURS)).status_code == 422
    wrong = await client.post(url, data={"outcome": "erfunden"}, headers=OURS)
    assert wrong.status_code == 422 and "erfunden" not in wrong.text
    right = await client.post(url, data={"outcome": "answered"}, headers=OURS)
    assert right.headers["location"] == "/desk?done=closed"


async def test_an_offer_that_ran_out_is_refused_in_plain_words(client, parts, wang, offered):
    await sign_in(client, "wang")
    async with parts.db.read() as s:
        offer_id = await s.scalar(select(Offer.id).where(Offer.ticket_id == offered.id))
    await parts.dispatch.expire(offer_id)
    answer = await accept(client, parts, offered)
    assert answer.status_code == 409
    assert "超时" in answer.text and "回到工作台" in answer.text


async def test_a_stream_ends_when_its_reader_has_signed_out(client, parts, wang):
    from router.web import live, staff

    await sign_in(client, "wang")

    request = SimpleNamespace(cookies=dict(client.cookies))
    await staff.still_signed_in(request, parts)
    await client.post("/desk/logout", headers=OURS)
    with pytest.raises(live.Gone):
        await staff.still_signed_in(request, parts)


async def test_htmx_gets_the_sentence_of_an_error_too(client, parts, wang, offered):
    await sign_in(client, "wang")
    await accept(client, parts, offered)
    url = f"/desk/tickets/{offered.id}/say"
    answer = await client.post(url, data={"text": "   "}, headers={**OURS, "HX-Request": "true"})
    assert answer.status_code == 422
    assert "data-sentence" in answer.text


async def test_a_switch_pressed_before_the_scripts_are_there_works_as_a_plain_form(client, wang):
    await sign_in(client, "wang")
    for on, shown in (("no", "未值班"), ("yes", "值班中")):
        answer = await client.post("/desk/duty", data={"on": on}, headers=OURS)
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
        assert shown in (await client.get("/desk", headers=PAGE)).text


async def test_a_switch_pressed_with_the_scripts_gets_its_piece_of_the_page(client, wang):
    await sign_in(client, "wang")
    answer = await client.post(
        "/desk/duty", data={"on": "no"}, headers={**OURS, "HX-Request": "true"}
    )
    assert answer.status_code == 200
    assert "未值班" in answer.text and "<html" not in answer.text


async def test_who_leaves_is_off_duty_and_the_offer_goes_on(client, parts, clock, offered, wang):
    li = await factories.lawyer(parts.db, clock, "李知远")
    await sign_in(client, "wang")
    assert (await client.post("/desk/logout", headers=OURS)).status_code == 303
    async with parts.db.read() as s:
        assert not (await s.get(Lawyer, wang.id)).on_duty
        assert (await s.get(Ticket, offered.id)).offered_to == li.id


async def test_leaving_twice_is_no_error(client, wang):
    await sign_in(client, "wang")
    token = client.cookies["jy_staff"]
    await client.post("/desk/logout", headers=OURS)
    client.cookies.set("jy_staff", token)
    assert (await client.post("/desk/logout", headers=OURS)).status_code == 303


async def test_too_many_sign_ins_are_told_to_wait_in_words_for_staff(client, wang, minutes):
    for _ in range(10):
        assert (await sign_in(client, "wang", "wrong")).status_code == 401
    answer = await sign_in(client, "wang", "wrong")
    assert answer.status_code == 429
    assert "过一分钟" in answer.text and "110" not in answer.text
    assert 1 <= int(answer.headers["retry-after"]) <= 60


async def test_only_who_may_read_a_case_is_told_what_would_change_it(client, parts, offered):
    page = f"/desk/tickets/{offered.id}/changes"
    assert (await client.get(page, headers=PAGE)).status_code == 303
    await sign_in(client, "wang")
    assert (await client.get(page, headers=PAGE)).status_code == 404
    await accept(client, parts, offered)
    answer = await client.get(page, headers=PAGE)
    assert answer.status_code == 200 and "没有哪一项单独的事实" in answer.text
