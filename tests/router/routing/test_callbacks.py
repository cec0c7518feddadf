"""A citizen who wants to be called: the number is with the ticket, sealed, and told back once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from router.routing import service
from router.tickets import callbacks
from router.tickets.models import Ticket, TicketEvent
from tests import factories

NUMBER = "138 1234 5678"


async def ask(actions, citizen, number="13812345678", key="m1"):
    body = {"conversation": citizen.id, "message_id": key, "number": number}
    answer = await actions.post("/internal/callbacks", json=body)
    assert answer.status_code == 200
    return answer.json()


async def tickets(db) -> list[Ticket]:
    async with db.read() as s:
        return list(await s.scalars(select(Ticket)))


async def test_who_has_no_ticket_gets_one_with_the_number(db, clock, actions, citizen):
    told = await ask(actions, citizen)
    (ticket,) = await tickets(db)
    assert told["noted"] and told["reference"] == citizen.reference
    assert NUMBER in told["text"] and citizen.reference in told["text"]
    assert (ticket.destination, ticket.call_back) == ("duty_lawyer", {"number": NUMBER})
    assert ticket.call_back_at == clock.now() and callbacks.waits(ticket)


async def test_who_waits_already_is_called_about_that(db, routing, actions, citizen):
    await routing.open_ticket(citizen.id, "m1", "duty_lawyer")
    await ask(actions, citizen, key="m2")
    (ticket,) = await tickets(db)
    assert ticket.call_back == {"number": NUMBER}


async def test_the_number_is_in_no_plain_column_and_no_history(db, actions, citizen):
    await ask(actions, citizen)
    (ticket,) = await tickets(db)
    assert ticket.call_back_sealed and b"1234" not in ticket.call_back_sealed
    async with db.read() as s:
        told = [(e.move, e.data) for e in await s.scalars(select(TicketEvent))]
    assert ("call_back_asked", {}) in told and "1234" not in str(told)


async def test_a_number_written_again_counts_and_the_same_one_twice_is_one_wish(
    db, actions, citizen
):
    for number in ("13812345678", "138-1234-5678", "0551 6234 5678"):
        await ask(actions, citizen, number)
    (ticket,) = await tickets(db)
    assert ticket.call_back == {"number": "0551 6234 5678"}
    async with db.read() as s:
        moves = list(await s.scalars(select(TicketEvent.move)))
    assert moves.count("call_back_asked") == 2


@pytest.mark.parametrize("number", ["12", "62345678", "没有", "138123456789012"])
async def test_what_is_no_whole_number_is_asked_for_again(db, actions, citizen, number):
    told = await ask(actions, citizen, number)
    assert not told["noted"] and "区号" in told["text"] and await tickets(db) == []


async def test_with_nobody_there_the_citizen_hears_when_the_next_shift_begins(
    db, clock, actions, citizen
):
    wang = await factories.lawyer(db, clock, on_duty=False)
    begins = clock.now() + timedelta(hours=2)
    await factories.shift(db, wang.id, begins, begins + timedelta(hours=1))
    assert "下一班律师今天 11:00 上岗" in (await ask(actions, citizen))["text"]


async def test_asking_how_it_stands_names_the_call(routing, actions, citizen):
    await ask(actions, citizen)
    assert "等律师给您回电" in await routing.status(citizen.id)


async def test_who_asks_while_their_case_is_being_closed_is_called_about_a_new_one(
    db, routing, dispatch, actions, citizen, clock, monkeypatch
):
    before = await routing.open_ticket(citizen.id, "m1", "duty_lawyer")
    boss = await factories.lawyer(db, clock, role="supervisor", on_duty=False)
    await dispatch.close(before["ticket"], boss.id, "withdrawn")

    async def seen_before_it_was_closed(*_):
        return before["ticket"]

    monkeypatch.setattr(service, "_first_live", seen_before_it_was_closed)
    await ask(actions, citizen, key="m2")
    assert {t.status: callbacks.waits(t) for t in await tickets(db)} == {
        "closed": False, "open": True,
    }  # fmt: skip
