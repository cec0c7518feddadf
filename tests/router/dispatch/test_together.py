"""Tickets that come while others are being looked at are looked at together, in one transaction."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update

from router.dispatch.models import Timer
from router.lawyers.models import Lawyer
from router.tickets.models import Ticket
from router.tickets.urgency import Urgency

SECOND = timedelta(seconds=1)


async def at_once(room, tickets: list[Ticket]) -> list[object]:
    looks = (room.dispatch.offer(ticket.id) for ticket in tickets)
    return await asyncio.gather(*looks, return_exceptions=True)


async def idle(room, name: str, seconds: int, **given) -> Lawyer:
    return await room.lawyer(name, idle_since=room.clock.now() - seconds * SECOND, **given)


async def test_together_the_most_urgent_still_gets_who_is_longest_idle(room):
    names = ["王律师", "李律师", "张律师"]
    lawyers = [await idle(room, name, 30 - n, capacity=1) for n, name in enumerate(names)]
    urgencies = (Urgency.ORDINARY, Urgency.SPECIAL, Urgency.DEADLINE)
    tickets = [await room.ticket(urgency=urgency) for urgency in urgencies]
    await at_once(room, tickets)
    asked = [await room.asked(ticket) for ticket in reversed(tickets)]
    assert asked == [lawyer.id for lawyer in lawyers]


async def test_a_lawyer_is_given_as_many_as_they_have_room_for_and_the_rest_waits(room):
    wang = await room.lawyer(capacity=2)
    tickets = []
    for _ in range(20):
        tickets.append(await room.ticket())
        await room.clock.advance(timedelta(milliseconds=1))
    offers = await at_once(room, tickets)
    assert [offer is not None for offer in offers] == [True] * 2 + [False] * 18
    assert (await room.one(wang)).load == 2
    async with room.db.read() as s:
        asking = select(func.count()).where(Timer.kind == "ask_again")
        assert await s.scalar(asking) == 18, "none for who is asked about, one for each other"
    for ticket in tickets[2:]:
        assert (await room.one(ticket)).alarmed_at


async def test_two_troubles_of_a_citizen_that_come_together_go_to_one_lawyer(room):
    wang = await idle(room, "王律师", 10, capacity=2)
    await idle(room, "李律师", 20, languages=["粤语"], capacity=1)
    await idle(room, "张律师", 5, capacity=3)
    first = await room.ticket()
    second = await room.ticket(first.conversation_id, language="粤语")
    others = [await room.ticket() for _ in range(2)]
    await at_once(room, [first, second, *others])
    asked = {await room.asked(first), await room.asked(second)} - {None}
    assert len(asked) == 1
    assert (await room.one(wang)).load <= 2


async def test_many_together_cost_hardly_more_statements_than_one(room):
    for name in range(12):
        await room.lawyer(f"律师{name}", capacity=1)
    said: list[str] = []
    engine = room.db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    await room.dispatch.offer((await room.ticket()).id)
    tickets = [await room.ticket() for _ in range(10)]
    said.clear()
    await room.dispatch.offer(tickets[0].id)
    alone = len(said)
    said.clear()
    offers = await at_once(room, tickets[1:])
    assert all(offers)
    assert len(said) <= 2 * alone, "nine in one look, or in two"


async def test_one_that_cannot_be_looked_at_holds_up_none_that_came_with_it(room, monkeypatch):
    from router.dispatch import conflicts

    await room.lawyer(capacity=5)
    tickets = [await room.ticket() for _ in range(4)]
    excluded = conflicts.excluded

    async def breaks(s, ticket, now):
        if ticket.id == tickets[2].id:
            raise RuntimeError("a row of nonsense")
        return await excluded(s, ticket, now)

    monkeypatch.setattr(conflicts, "excluded", breaks)
    offers = await at_once(room, tickets)
    assert isinstance(offers.pop(2), RuntimeError)
    assert all(offer.lawyer_id for offer in offers)
    monkeypatch.undo()
    assert await room.dispatch.offer(tickets[2].id), "and is not lost"


async def test_an_opening_that_says_more_than_is_so_holds_up_nobody(room):
    wang, li = (
        await idle(room, "王律师", 20, capacity=1),
        await idle(room, "李律师", 10, capacity=1),
    )
    async with room.db.write() as s:
        await s.execute(update(Lawyer).where(Lawyer.id == wang.id).values(load=1))
    offer = await room.dispatch.offer((await room.ticket()).id)
    assert offer.lawyer_id == li.id


async def test_who_stops_waiting_for_the_answer_stops_no_look(room):
    await room.lawyer()
    ticket = await room.ticket()
    asking = asyncio.create_task(room.dispatch.offer(ticket.id))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await room.dispatch.stop()
    assert await room.pending(ticket)
