"""Each rule sees its own kind of harm: tables that are broken by hand."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, update

from router.db import Database
from router.dispatch.models import Offer, Timer
from router.lawyers.models import Lawyer
from router.simulator import invariants
from router.tickets.models import Ticket, TicketEvent
from tests.router.dispatch.conftest import Room, room  # noqa: F401

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


async def found(db: Database) -> set[str]:
    async with db.read() as s:
        return {one.what for one in await invariants.check(s, NOW)}


async def spoil(db: Database, *statements) -> set[str]:
    async with db.write() as s:
        for statement in statements:
            await s.execute(statement)
    return await found(db)


@pytest.fixture
async def asked(room: Room) -> Ticket:  # noqa: F811
    """A ticket that is being offered."""
    await room.lawyer()
    ticket = await room.ticket(urgency=4)
    await room.dispatch.offer(ticket.id)
    assert await found(room.db) == set()
    return ticket


async def test_an_offer_without_its_timer_would_never_end(room, asked):  # noqa: F811
    assert await spoil(room.db, delete(Timer)) == {"派单中的工单没有派单或没有计时"}


async def test_a_load_that_no_work_stands_for_blocks_a_lawyer(room, asked):  # noqa: F811
    assert await spoil(room.db, update(Lawyer).values(load=2)) == {"律师手上的件数不对"}


async def test_more_than_the_capacity_is_seen(room, asked):  # noqa: F811
    assert await spoil(room.db, update(Lawyer).values(capacity=0)) == {"超过律师的上限"}


async def test_a_waiting_ticket_that_nobody_will_look_at_is_seen(room):  # noqa: F811
    await room.ticket(urgency=4)
    assert await found(room.db) == {"等待的工单没有人会再看"}


async def test_an_owned_ticket_without_an_accepted_offer_is_seen(room, asked):  # noqa: F811
    offer = await room.pending(asked)
    await room.dispatch.accept(offer.id, offer.lawyer_id)
    assert await found(room.db) == set()
    assert "已接的工单没有主人" in await spoil(room.db, update(Offer).values(status="expired"))


async def test_two_offers_of_one_ticket_are_seen(room, asked):  # noqa: F811
    offer = await room.pending(asked)
    twin = Offer(
        id="twin", ticket_id=asked.id, lawyer_id=offer.lawyer_id, status="pending",
        created_at=NOW, expires_at=NOW,
    )  # fmt: skip
    async with room.db.write() as s:
        s.add(twin)
    assert "一件工单有两个派单" in await found(room.db)


async def test_somebody_older_and_alike_was_passed_over(room):  # noqa: F811
    lawyer = await room.lawyer()
    earlier = room.clock.now() - timedelta(minutes=1)
    old = await room.ticket(urgency=4, created_at=earlier)
    new = await room.ticket(urgency=4, created_at=room.clock.now())
    more_urgent = await room.ticket(urgency=0, created_at=room.clock.now())

    async def over(ticket: Ticket) -> list[str]:
        async with room.db.read() as s:
            rows = await invariants.passed_over(s, ticket.id, lawyer.id, room.clock.now())
            return [row.which for row in rows]

    assert await over(new) in ([old.id], [more_urgent.id])
    assert await over(old) == [more_urgent.id]
    assert await over(more_urgent) == []


async def test_a_state_that_its_history_does_not_give_is_seen(room):  # noqa: F811
    await room.lawyer()
    ticket = await room.ticket(urgency=4)  # the factory writes no history
    opened = {"ticket_id": ticket.id, "at": NOW, "data": {}}
    async with room.db.write() as s:
        s.add(TicketEvent(move="opened", was=None, now="open", **opened))
    await room.dispatch.offer(ticket.id)
    async with room.db.read() as s:
        assert await invariants.rebuilt(s, NOW) == []
    async with room.db.write() as s:
        await s.execute(update(Ticket).values(offered_to=None))
    async with room.db.read() as s:
        broken = await invariants.rebuilt(s, NOW)
        assert any(ticket.id in one.which for one in broken)
    async with room.db.write() as s:
        await s.execute(delete(TicketEvent).where(TicketEvent.move == "opened"))
    async with room.db.read() as s:
        broken = await invariants.rebuilt(s, NOW)
        assert any(ticket.id in one.which for one in broken)
