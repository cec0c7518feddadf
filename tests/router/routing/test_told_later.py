"""What is told while a ticket waits, is under way or is just being closed."""

import pytest
from sqlalchemy import select

from router.dispatch.models import Offer
from router.names import name_indices
from router.tickets.models import Ticket
from router.tickets.urgency import Urgency
from tests import factories


async def the_ticket(db) -> Ticket:
    async with db.read() as s:
        return (await s.scalars(select(Ticket))).one()


async def test_what_is_told_later_makes_the_waiting_ticket_urgent(db, routing, citizen):
    await routing.open_ticket(citizen.id, "m1", "duty_lawyer")
    facts = {"matter": "wages", "lawyer": False, "income_pc": 800, "age": 17}
    await routing.screen(citizen.id, "m2", facts, "labour_pay", {"language": "粤语"})
    await routing.open_ticket(citizen.id, "m3", "duty_lawyer")
    ticket = await the_ticket(db)
    assert (ticket.matter, ticket.urgency) == ("labour_pay", Urgency.SPECIAL)
    assert ticket.language == "粤语"


@pytest.mark.parametrize("matter", [None, "labour_pay"])
async def test_who_acts_for_the_party_that_is_named_later_is_not_asked(
    db, clock, routing, dispatch, citizen, matter
):
    facts = {"matter": "wages", "lawyer": False, "income_pc": 800}
    if matter:
        await routing.screen(citizen.id, "m0", facts, matter)
    await routing.open_ticket(citizen.id, "m1", "duty_lawyer")
    wang = await factories.lawyer(db, clock, on_duty=False)
    await factories.client(db, "张三", firm_id=wang.firm_id)
    await routing.screen(citizen.id, "m2", facts, "labour_pay", {"opponent": "张三"})
    await routing.open_ticket(citizen.id, "m3", "duty_lawyer")
    await dispatch.duty(wang.id, on=True)
    ticket = await the_ticket(db)
    assert ticket.offered_to is None and ticket.opponent_index == name_indices("张三")[0]


async def test_danger_told_while_the_lawyer_closes_the_case_alarms_another(
    db, clock, routing, dispatch, citizen, monkeypatch
):
    wang = await factories.lawyer(db, clock, capacity=1)
    before = await routing.open_ticket(citizen.id, "m1", "duty_lawyer")
    async with db.read() as s:
        offer = (await s.scalars(select(Offer))).one()
    await dispatch.accept(offer.id, wang.id)
    urge = dispatch.urge

    async def close_first(ticket_id, *told):
        await dispatch.close(ticket_id, wang.id, "answered")
        await urge(ticket_id, *told)

    monkeypatch.setattr(dispatch, "urge", close_first)
    alarmed = await routing.alarm(citizen.id, "m2", ["suicide"])
    assert (alarmed["status"], alarmed["ticket"] != before["ticket"]) == ("offered", True)
