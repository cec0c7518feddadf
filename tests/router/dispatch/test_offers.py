"""From a waiting ticket to the lawyer who owns it, one lawyer asked at a time."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from router.dispatch.models import Timer
from router.errors import BadRequest, NotFound, OfferGone, TicketMovedOn
from router.events import NobodyThere, OfferAccepted, OfferMade, TicketClosed, TicketReturned
from router.tickets.models import Note
from tests.router.dispatch.conftest import Room

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


async def two_lawyers(room: Room):
    """Wang has been idle longer."""
    wang = await room.lawyer("王律师", idle_since=room.clock.now() - 2 * MINUTE)
    li = await room.lawyer("李律师", idle_since=room.clock.now() - MINUTE)
    return wang, li


async def test_the_longest_idle_lawyer_is_asked_first(room):
    wang, _ = await two_lawyers(room)
    ticket = await room.ticket()
    offer = await room.dispatch.offer(ticket.id)
    assert offer.lawyer_id == wang.id == await room.asked(ticket)
    assert offer.expires_at - offer.created_at == room.settings.OFFER_TTL
    assert (await room.one(wang)).load == 1
    assert room.heard(OfferMade)[0].lawyer_id == wang.id


async def test_offering_twice_asks_only_one(room):
    await two_lawyers(room)
    ticket = await room.ticket()
    await room.dispatch.offer(ticket.id)
    assert await room.dispatch.offer(ticket.id) is None
    assert len(await room.offers(ticket)) == 1


async def test_a_declined_offer_goes_to_the_next_lawyer(room):
    wang, li = await two_lawyers(room)
    ticket = await room.ticket()
    offer = await room.dispatch.offer(ticket.id)
    await room.dispatch.decline(offer.id, wang.id, "正在开庭")
    assert await room.asked(ticket) == li.id
    assert (await room.one(wang)).load == 0
    async with room.db.read() as s:
        assert (await s.scalar(select(Note))).text == "未接:正在开庭"


async def test_an_unanswered_offer_goes_to_the_next_lawyer(room):
    wang, li = await two_lawyers(room)
    ticket = await room.ticket()
    await room.dispatch.offer(ticket.id)
    await room.later(room.settings.OFFER_TTL - SECOND)
    assert await room.asked(ticket) == wang.id
    await room.later(SECOND)
    assert await room.asked(ticket) == li.id
    assert [o.status for o in await room.offers(ticket)] == ["expired", "pending"]


async def test_an_accepted_ticket_is_the_lawyers_and_its_timer_is_gone(room):
    wang, _ = await two_lawyers(room)
    ticket = await room.ticket()
    offer = await room.dispatch.offer(ticket.id)
    await room.dispatch.accept(offer.id, wang.id)
    await room.later(10 * room.settings.OFFER_TTL)
    held = await room.one(ticket)
    assert (held.status, held.owner, held.offered_to) == ("accepted", wang.id, None)
    assert (await room.one(wang)).load == 1
    assert [e.lawyer_id for e in room.heard(OfferAccepted)] == [wang.id]
    async with room.db.read() as s:
        assert [t.kind for t in await s.scalars(select(Timer))] == ["silence"]


async def test_a_second_click_on_accept_does_no_harm(room):
    wang, _ = await two_lawyers(room)
    offer = await room.dispatch.offer((await room.ticket()).id)
    await room.dispatch.accept(offer.id, wang.id)
    await room.dispatch.accept(offer.id, wang.id)
    assert len(room.heard(OfferAccepted)) == 1 and (await room.one(wang)).load == 1


async def test_nobody_answers_anothers_offer(room):
    _, li = await two_lawyers(room)
    offer = await room.dispatch.offer((await room.ticket()).id)
    with pytest.raises(NotFound):
        await room.dispatch.accept(offer.id, li.id)
    with pytest.raises(NotFound):
        await room.dispatch.decline(offer.id, li.id, None)


async def test_an_expired_offer_can_no_longer_be_accepted(room):
    wang, li = await two_lawyers(room)
    ticket = await room.ticket()
    offer = await room.dispatch.offer(ticket.id)
    await room.later(room.settings.OFFER_TTL)
    with pytest.raises(OfferGone):
        await room.dispatch.accept(offer.id, wang.id)
    with pytest.raises(OfferGone):
        await room.dispatch.decline(offer.id, wang.id, None)
    assert await room.asked(ticket) == li.id


async def test_two_clicks_in_two_processes_make_one_owner(room):
    wang, _ = await two_lawyers(room)
    ticket = await room.ticket()
    offer = await room.dispatch.offer(ticket.id)
    others = [room.another() for _ in range(3)]
    await asyncio.gather(*(d.accept(offer.id, wang.id) for d in [room.dispatch, *others]))
    moves = [e.move for e in await room.history(ticket)]
    assert moves.count("accepted") == 1 and (await room.one(wang)).load == 1


async def test_accepting_while_the_offer_expires_has_one_end(room):
    wang, li = await two_lawyers(room)
    for _ in range(5):
        ticket = await room.ticket()
        offer = await room.dispatch.offer(ticket.id)
        first, second = room.dispatch, room.another()
        asked = offer.lawyer_id
        results = await asyncio.gather(
            first.accept(offer.id, asked), second.expire(offer.id), return_exceptions=True
        )
        now = await room.one(ticket)
        if isinstance(results[0], OfferGone):
            assert now.status in ("open", "offered") and now.owner is None
        else:
            assert results[0] and (now.status, now.owner) == ("accepted", asked)
            await room.dispatch.close(ticket.id, asked, "answered")
            continue
        await room.dispatch.drain()
        pending = await room.pending(ticket)
        await room.dispatch.accept(pending.id, pending.lawyer_id)
        await room.dispatch.close(ticket.id, pending.lawyer_id, "answered")
    assert (await room.one(wang)).load == (await room.one(li)).load == 0


async def test_many_processes_never_fill_a_lawyer_beyond_capacity(room):
    wang = await room.lawyer(capacity=2)
    tickets = [await room.ticket() for _ in range(6)]
    offices = [room.dispatch, room.another(), room.another()]
    await asyncio.gather(*(d.drain() for d in offices))
    asked = [t for t in tickets if await room.asked(t)]
    assert len(asked) == 2 and (await room.one(wang)).load == 2


async def test_the_urgent_go_first_then_the_oldest(room):
    old = await room.ticket()
    await room.clock.advance(SECOND)
    young = await room.ticket()
    await room.clock.advance(SECOND)
    danger = await room.ticket(urgency=0)
    await room.lawyer(capacity=1)
    for expected in (danger, old, young):
        await room.dispatch.drain()
        offer = await room.pending(expected)
        assert offer, "the wrong one was offered"
        await room.dispatch.accept(offer.id, offer.lawyer_id)
        await room.dispatch.close(expected.id, offer.lawyer_id, "answered")


async def test_the_place_in_the_queue_counts_the_urgent_before_the_old(room):
    old = await room.ticket()
    await room.clock.advance(SECOND)
    danger = await room.ticket(urgency=0)
    async with room.db.read() as s:
        assert await room.dispatch.position(s, danger.id) == 1
        assert await room.dispatch.position(s, old.id) == 2


async def test_a_lawyer_who_is_free_again_gets_who_waits(room):
    wang = await room.lawyer(capacity=1)
    first, waiting = await room.ticket(), await room.ticket()
    await room.dispatch.drain()
    offer = await room.pending(first) or await room.pending(waiting)
    other = waiting if offer.ticket_id == first.id else first
    await room.dispatch.accept(offer.id, wang.id)
    assert await room.asked(other) is None
    await room.dispatch.close(offer.ticket_id, wang.id, "guided", "已告知去仲裁委")
    assert await room.asked(other) == wang.id
    assert room.heard(TicketClosed)[0].outcome == "guided"


async def test_with_nobody_on_duty_the_ticket_waits_on_an_alarm(room):
    await room.lawyer(on_duty=False)
    ticket = await room.ticket()
    await room.dispatch.drain()
    waits = await room.one(ticket)
    assert waits.status == "open" and waits.alarmed_at == room.clock.now()
    assert room.heard(NobodyThere) == []  # whoever opened the ticket has told the citizen


async def test_who_comes_on_duty_gets_who_waits(room):
    wang = await room.lawyer(on_duty=False)
    ticket = await room.ticket()
    await room.dispatch.drain()
    await room.dispatch.duty(wang.id, on=True)
    assert await room.asked(ticket) == wang.id


async def test_when_all_have_said_no_the_ticket_rests_and_is_not_asked_in_a_hot_loop(room):
    wang, li = await two_lawyers(room)
    ticket = await room.ticket()
    await room.dispatch.drain()
    for _ in range(2):
        offer = await room.pending(ticket)
        await room.dispatch.decline(offer.id, offer.lawyer_id, None)
    await room.dispatch.drain()
    assert await room.asked(ticket) is None and len(await room.offers(ticket)) == 2
    assert (await room.one(ticket)).alarmed_at is not None
    assert len(room.heard(NobodyThere)) == 1
    await room.later(room.settings.OFFER_PAUSE - SECOND)
    assert await room.asked(ticket) is None
    await room.later(SECOND)
    assert await room.asked(ticket) in (wang.id, li.id)
    assert len(room.heard(NobodyThere)) == 1, "the citizen is not told twice"


async def test_a_lawyer_back_on_duty_is_asked_again_at_once(room):
    wang = await room.lawyer()
    ticket = await room.ticket()
    offer = await room.dispatch.offer(ticket.id)
    await room.dispatch.decline(offer.id, wang.id, None)
    await room.clock.advance(SECOND)
    await room.dispatch.duty(wang.id, on=False)
    assert await room.asked(ticket) is None
    await room.dispatch.duty(wang.id, on=True)
    assert await room.asked(ticket) == wang.id


async def test_a_newcomer_is_asked_before_those_who_said_no(room):
    await two_lawyers(room)
    ticket = await room.ticket()
    await room.dispatch.drain()
    for _ in range(2):
        offer = await room.pending(ticket)
        await room.dispatch.decline(offer.id, offer.lawyer_id, None)
    await room.clock.advance(room.settings.OFFER_PAUSE)
    zhang = await room.lawyer("张律师", on_duty=False)
    await room.dispatch.duty(zhang.id, on=True)
    assert await room.asked(ticket) == zhang.id


async def test_going_off_duty_hands_the_unanswered_offers_on(room):
    wang, li = await two_lawyers(room)
    ticket = await room.ticket()
    offer = await room.dispatch.offer(ticket.id)
    await room.dispatch.duty(wang.id, on=False)
    assert await room.asked(ticket) == li.id
    assert (await room.one(wang)).load == 0
    with pytest.raises(OfferGone):
        await room.dispatch.accept(offer.id, wang.id)


async def test_a_lawyer_gives_a_ticket_back_and_the_next_one_is_asked(room):
    wang, li = await two_lawyers(room)
    ticket = await room.ticket()
    offer = await room.dispatch.offer(ticket.id)
    await room.dispatch.accept(offer.id, wang.id)
    await room.dispatch.give_back(ticket.id, wang.id, "对方是我所顾问单位")
    assert await room.asked(ticket) == li.id
    assert (await room.one(ticket)).owner is None and (await room.one(wang)).load == 0
    assert room.heard(TicketReturned)[0].lawyer_id == wang.id
    assert all("顾问" not in str(e.data) for e in await room.history(ticket)), "free words: notes"


async def test_only_its_owner_closes_or_gives_back_a_ticket(room):
    wang, li = await two_lawyers(room)
    ticket = await room.ticket()
    offer = await room.dispatch.offer(ticket.id)
    await room.dispatch.accept(offer.id, wang.id)
    for someone in (li.id, "nobody"):
        with pytest.raises(TicketMovedOn):
            await room.dispatch.close(ticket.id, someone, "answered")
        with pytest.raises(TicketMovedOn):
            await room.dispatch.give_back(ticket.id, someone, None)
    await room.dispatch.close(ticket.id, wang.id, "answered")
    with pytest.raises(TicketMovedOn):
        await room.dispatch.close(ticket.id, wang.id, "answered")
    assert (await room.one(wang)).load == 0


async def test_an_outcome_outside_the_table_is_refused(room):
    with pytest.raises(BadRequest):
        await room.dispatch.close("any", "anybody", "won")


@pytest.mark.parametrize("status", ["open", "recorded", "offered"])
async def test_a_supervisor_closes_what_nobody_owns(room, status):
    boss = await room.lawyer("主管", role="supervisor", on_duty=False)
    wang = await room.lawyer()
    ticket = await room.ticket(status="recorded" if status == "recorded" else "open")
    if status == "offered":
        await room.dispatch.drain()
    await room.dispatch.close(ticket.id, boss.id, "referred_mediation", "双方已签调解协议")
    closed = await room.one(ticket)
    assert (closed.status, closed.outcome) == ("closed", "referred_mediation")
    assert closed.offered_to is None
    assert room.heard(TicketClosed)[0].lawyer_id is None, "it was no lawyer who closed it"
    assert (await room.one(wang)).load == 0 and await room.pending(ticket) is None


async def test_a_supervisor_is_never_offered_a_ticket(room):
    await room.lawyer("主管", role="supervisor", on_duty=True)
    ticket = await room.ticket()
    await room.dispatch.drain()
    assert await room.asked(ticket) is None


async def test_a_matter_goes_to_a_lawyer_of_the_field_and_danger_to_anybody(room):
    labour = await room.lawyer("劳动法律师", fields=["labour_pay"])
    family = await room.lawyer(
        "家事律师", fields=["marriage"], idle_since=room.clock.now() - MINUTE
    )
    wages = await room.ticket(matter="labour_pay")
    await room.dispatch.drain()
    assert await room.asked(wages) == labour.id
    danger = await room.ticket(matter="labour_pay", urgency=0)
    await room.dispatch.drain()
    assert await room.asked(danger) == family.id


async def test_where_nobody_on_duty_takes_the_field_anybody_is_asked(room):
    family = await room.lawyer(fields=["marriage"])
    ticket = await room.ticket(matter="maritime")
    await room.dispatch.drain()
    assert await room.asked(ticket) == family.id


async def test_a_citizen_with_two_troubles_meets_one_lawyer(room):
    wang, _ = await two_lawyers(room)
    first = await room.ticket()
    await room.dispatch.drain()
    second = await room.ticket(first.conversation_id)
    await room.dispatch.drain()
    assert await room.asked(first) == await room.asked(second) == wang.id
    for ticket in (first, second):
        await room.dispatch.accept((await room.pending(ticket)).id, wang.id)
    await room.dispatch.close(first.id, wang.id, "answered")
    assert (await room.one(second)).owner == wang.id


async def test_two_troubles_offered_at_once_by_two_processes_go_to_one_lawyer(room):
    await two_lawyers(room)
    for _ in range(5):
        first = await room.ticket()
        second = await room.ticket(first.conversation_id)
        other = room.another()
        await asyncio.gather(room.dispatch.offer(first.id), other.offer(second.id))
        asked = {await room.asked(first), await room.asked(second)} - {None}
        assert len(asked) == 1
        for ticket in (first, second):
            if offer := await room.pending(ticket):
                await room.dispatch.accept(offer.id, offer.lawyer_id)
                await room.dispatch.close(ticket.id, offer.lawyer_id, "answered")
        boss = await room.lawyer("主管", role="supervisor", on_duty=False)
        for ticket in (first, second):
            if (await room.one(ticket)).status != "closed":
                await room.dispatch.close(ticket.id, boss.id, "withdrawn")


async def test_what_becomes_dangerous_goes_to_the_front(room):
    old = await room.ticket()
    await room.clock.advance(SECOND)
    ticket = await room.ticket()
    await room.dispatch.urge(ticket.id, 0, {"danger": ["suicide"]})
    async with room.db.read() as s:
        assert await room.dispatch.position(s, ticket.id) == 1
        assert await room.dispatch.position(s, old.id) == 2


async def test_an_event_that_nobody_can_hear_stops_no_dispatch(room):
    async def deaf(event):
        raise RuntimeError("gateway is away")

    wang = await room.lawyer()
    room.dispatch.events.table[OfferMade] = [deaf]
    ticket = await room.ticket()
    await room.dispatch.drain()
    assert await room.asked(ticket) == wang.id
