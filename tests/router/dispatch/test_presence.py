"""Who is there: by roster, check-in and answering; not by an open page."""

import asyncio
from datetime import timedelta

from router.db import new_id
from router.dispatch import timers
from router.dispatch.duty import renew
from router.dispatch.models import Timer
from router.lawyers.models import StaffSession
from tests import factories
from tests.router.dispatch.conftest import Room

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


async def sign_in(room: Room, lawyer, for_hours: float = 12) -> None:
    ends = room.clock.now() + for_hours * HOUR
    async with room.db.write() as s:
        s.add(StaffSession(token_hash=new_id(), lawyer_id=lawyer.id, expires_at=ends))


async def on_shift(room: Room, hours: float, **given):
    now = room.clock.now()
    lawyer = await room.lawyer(on_duty=False, **given)
    await sign_in(room, lawyer, 48)
    await factories.shift(room.db, lawyer.id, now, now + hours * HOUR)
    await room.dispatch.duty(lawyer.id, on=True)
    return lawyer


async def test_a_shift_ends_at_its_end_though_the_sign_in_goes_on(room):
    wang = await on_shift(room, hours=4)
    await room.later(4 * HOUR - SECOND)
    assert (await room.one(wang)).on_duty
    await room.later(SECOND)
    assert not (await room.one(wang)).on_duty


async def test_who_has_the_next_block_as_well_stays_on(room):
    wang = await on_shift(room, hours=4)
    now = room.clock.now()
    await factories.shift(room.db, wang.id, now + 4 * HOUR, now + 8 * HOUR)
    await room.later(4 * HOUR)
    assert (await room.one(wang)).on_duty
    await room.later(4 * HOUR)
    assert not (await room.one(wang)).on_duty


async def test_at_the_end_of_a_shift_an_unanswered_offer_goes_on_at_once(room):
    wang = await on_shift(room, hours=1)
    await room.clock.advance(HOUR - SECOND)
    ticket = await room.ticket()
    await room.dispatch.drain()
    assert await room.asked(ticket) == wang.id
    li = await room.lawyer("李律师")
    await room.later(SECOND)
    assert await room.asked(ticket) == li.id


async def test_what_is_in_hand_may_be_finished_within_the_grace_and_then_goes_on(room):
    wang = await on_shift(room, hours=1)
    await room.later(HOUR - MINUTE)
    ticket = await room.owned_by(wang)
    li = await room.lawyer("李律师")
    await room.later(MINUTE)
    assert (await room.one(ticket)).owner == wang.id and not (await room.one(wang)).on_duty
    grace = room.settings.SHIFT_GRACE
    async with room.db.write() as s:  # so that it is not their silence
        from router.dispatch import silence

        await silence.ends(s, ticket.id)
    await room.later(grace - SECOND)
    assert (await room.one(ticket)).owner == wang.id
    await room.later(SECOND)
    assert await room.asked(ticket) == li.id
    assert "shift_over" in [e.data.get("reason") for e in await room.history(ticket)]
    async with room.db.read() as s:  # nobody comes back to somebody who has gone
        assert not await s.get(Timer, timers.serve_id(wang.id))


async def test_who_checks_in_again_within_the_grace_keeps_it(room):
    wang = await on_shift(room, hours=1)
    await room.later(HOUR - MINUTE)
    ticket = await room.owned_by(wang)
    await room.later(MINUTE)
    await room.dispatch.duty(wang.id, on=True)
    async with room.db.write() as s:
        from router.dispatch import silence

        await silence.ends(s, ticket.id)
    await room.later(room.settings.SHIFT_GRACE)
    assert (await room.one(ticket)).owner == wang.id


async def test_two_unanswered_offers_in_a_row_are_a_lawyer_who_is_not_there(room):
    wang = await room.lawyer("王律师", capacity=1)
    await room.ticket()
    await room.dispatch.drain()
    await room.later(room.settings.OFFER_TTL)
    once = await room.one(wang)
    assert (once.on_duty, once.missed) == (True, 1)
    await room.later(room.settings.OFFER_PAUSE)
    await room.later(room.settings.OFFER_TTL)
    twice = await room.one(wang)
    assert (twice.on_duty, twice.missed) == (False, 2)
    await room.dispatch.duty(wang.id, on=True)
    assert (await room.one(wang)).missed == 0


async def test_an_answer_in_between_counts_even_if_it_is_a_no(room):
    wang = await room.lawyer("王律师", capacity=1)
    for answers in (False, True, False):
        ticket = await room.ticket()
        offer = await room.dispatch.offer(ticket.id)
        if answers:
            await room.dispatch.decline(offer.id, wang.id, "暂时走不开")
        else:
            await room.later(room.settings.OFFER_TTL)
        boss = await room.boss()
        await room.dispatch.close(ticket.id, boss.id, "withdrawn")
    assert (await room.one(wang)).on_duty


async def test_signing_out_in_one_browser_leaves_the_other_on_duty(room):
    wang = await room.lawyer(on_duty=False)
    await sign_in(room, wang)  # the second browser; the first one's is gone already
    await room.dispatch.duty(wang.id, on=True)
    await room.dispatch.signed_out(wang.id)
    assert (await room.one(wang)).on_duty


async def test_signing_out_in_the_last_browser_is_the_end_of_duty(room):
    wang, li = await room.lawyer("王律师"), await room.lawyer("李律师", on_duty=False)
    ticket = await room.ticket()
    await room.dispatch.drain()
    await room.dispatch.duty(li.id, on=True)
    await room.dispatch.signed_out(wang.id)
    assert not (await room.one(wang)).on_duty and await room.asked(ticket) == li.id


async def test_a_lawyer_on_duty_who_learns_a_field_is_asked_for_it(room):
    family = await room.lawyer(fields=["marriage"])
    await room.lawyer("忙律师", fields=["labour_pay"], capacity=0)
    ticket = await room.ticket(matter="labour_pay")
    await room.dispatch.drain()
    assert await room.asked(ticket) is None
    async with room.db.write() as s:
        (await s.get(type(family), family.id)).fields = ["marriage", "labour_pay"]
    async with room.db.write() as s:
        await renew(s, room.clock.now())
    await room.clock.advance(timers.RESUME)
    await room.dispatch.timers.fire_due()
    assert await room.asked(ticket) == family.id


async def test_a_nights_arrivals_are_asked_for_as_soon_as_the_first_lawyer_is_there(room):
    tickets = []
    for _ in range(30):
        tickets.append(await room.ticket())
        await room.dispatch.drain()
        await room.clock.advance(10 * MINUTE)
    wang = await room.lawyer(on_duty=False, capacity=30)
    await room.dispatch.duty(wang.id, on=True)
    assert {await room.asked(t) for t in tickets} == {wang.id}


async def test_who_comes_while_the_ticket_is_in_use_is_asked_all_the_same(room):
    ticket = await room.ticket()
    await room.dispatch.drain()
    wang = await room.lawyer(on_duty=False)
    async with room.db.write() as s:
        await s.get_one(type(ticket), ticket.id, with_for_update=True)
        comes = asyncio.create_task(room.dispatch.duty(wang.id, on=True))
        await asyncio.sleep(0.3)
    await comes
    assert await room.asked(ticket) == wang.id
