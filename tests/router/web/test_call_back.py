"""A call-back on the pages: desk, board, and done."""

from datetime import timedelta

import pytest

from router.dispatch import silence
from router.dispatch.models import Timer
from router.tickets import callbacks
from router.tickets.models import Ticket
from tests import factories
from tests.router.web.test_desk import OURS, PAGE, SECRET, sign_in

NUMBER = "138 1234 5678"


@pytest.fixture
async def case(parts, clock):
    """A ticket in Wang's hand whose citizen wants to be called."""
    wang = await factories.lawyer(
        parts.db, clock, "王清和", login="wang", password_hash=SECRET, region="990101"
    )
    boss = await factories.lawyer(
        parts.db, clock, "周主管", login="boss", password_hash=SECRET, role="supervisor",
        on_duty=False,
    )  # fmt: skip
    talk = await factories.conversation(parts.db, clock)
    ticket = await factories.ticket(parts.db, clock, talk.id, matter="debt")
    async with parts.db.write() as s:
        told = {"number": NUMBER, "when": "下午"}
        callbacks.ask(s, await s.get(Ticket, ticket.id), told, clock.now())
    await parts.dispatch.assign(ticket.id, wang.id, boss.id)
    return ticket


async def page(client, path) -> str:
    answer = await client.get(path, headers=PAGE)
    assert answer.status_code == 200
    return answer.text


async def called(client, case):
    return await client.post(f"/desk/tickets/{case.id}/call-back", headers=OURS)


async def test_the_lawyer_sees_whom_to_call_and_says_when_it_is_done(client, parts, clock, case):
    await sign_in(client, "wang")
    assert "待回电" in await page(client, "/desk")
    shown = await page(client, f"/desk/tickets/{case.id}")
    assert 'href="tel:13812345678"' in shown and "下午" in shown and "对当事人说" in shown
    assert (await called(client, case)).status_code == 303
    shown = await page(client, f"/desk/tickets/{case.id}")
    assert "已经回电" in shown and "已经打过电话" not in shown
    assert "已回电" in await page(client, "/desk") and "待回电" not in await page(client, "/desk")


async def test_a_call_is_a_word_to_the_citizen(client, parts, clock, case):
    await sign_in(client, "wang")
    await clock.advance(timedelta(minutes=10))
    await called(client, case)
    async with parts.db.read() as s:
        timer = await s.get(Timer, silence.timer_id(case.id))
    assert timer.due_at == clock.now() + timedelta(minutes=int(timer.data["minutes"]))


async def test_the_board_says_who_waits_for_a_call_but_not_the_number(client, case):
    await sign_in(client, "boss")
    board = await page(client, "/board")
    assert "待回电" in board and "1234" not in board


async def test_after_a_merge_the_ticket_that_goes_on_shows_the_call(client, parts, clock, case):
    talk = await factories.conversation(parts.db, clock)
    twin = await factories.ticket(parts.db, clock, talk.id, matter="debt")
    async with parts.db.write() as s:
        told = {"number": "139 0000 1111"}
        callbacks.ask(s, await s.get(Ticket, twin.id), told, clock.now())
    await sign_in(client, "boss")
    await called(client, case)
    form = {"into": case.id}
    await client.post(f"/board/tickets/{twin.id}/merge", data=form, headers=OURS)
    assert 'href="tel:13900001111"' in await page(client, f"/desk/tickets/{case.id}")


async def test_nobody_else_says_that_it_is_done(client, parts, clock, case):
    await factories.lawyer(parts.db, clock, "李", login="li", password_hash=SECRET)
    await sign_in(client, "li")
    assert (await called(client, case)).status_code == 404
    async with parts.db.read() as s:
        assert callbacks.waits(await s.get(Ticket, case.id))
