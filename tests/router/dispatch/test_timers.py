"""Timers are rows: they outlive the process that set them and fire once."""

import asyncio
from datetime import timedelta

from sqlalchemy import select

from router.cli.staff import renew
from router.clock import SystemClock
from router.db import new_id
from router.dispatch.look import NET
from router.dispatch.models import Timer
from router.dispatch.timers import AT_ONCE
from router.lawyers.models import Lawyer, StaffSession
from tests.fakes import until
from tests.router.dispatch.conftest import Room


async def timers(room: Room) -> list[Timer]:
    async with room.db.read() as s:
        return list(await s.scalars(select(Timer).order_by(Timer.due_at)))


async def test_an_offer_and_its_timer_are_written_together(room):
    await room.lawyer()
    offer = await room.dispatch.offer((await room.ticket()).id)
    assert [(t.kind, t.due_at) for t in await timers(room)] == [("offer_expires", offer.expires_at)]


async def test_a_waiting_ticket_always_has_a_timer(room):
    ticket = await room.ticket()
    await room.dispatch.drain()
    assert [(t.kind, t.data) for t in await timers(room)] == [("ask_again", {"ticket": ticket.id})]
    await room.later(room.settings.OFFER_PAUSE)
    (timer,) = await timers(room)
    assert timer.due_at == room.clock.now() + room.settings.OFFER_PAUSE


async def test_the_longer_a_ticket_has_waited_unasked_the_more_seldom_is_it_looked_at(room):
    pause = room.settings.OFFER_PAUSE
    await room.ticket()
    await room.dispatch.drain()
    looks = []
    for _ in range(7):
        (timer,) = await timers(room)
        looks.append(timer.due_at - room.clock.now())
        await room.later(looks[-1])
    assert looks == [pause, pause, 2 * pause, 4 * pause, NET, NET, NET]


async def test_who_let_a_ticket_pass_is_asked_again_after_the_pause_however_long_it_waits(room):
    wang = await room.lawyer("王律师")
    ticket = await room.ticket(created_at=room.clock.now() - 10 * NET)
    offer = await room.dispatch.offer(ticket.id)
    await room.dispatch.decline(offer.id, wang.id, "暂时走不开")
    await room.later(room.settings.OFFER_PAUSE)
    assert await room.asked(ticket) == wang.id


async def test_the_loop_lets_an_offer_expire(room):
    await room.lawyer("王律师")
    await room.lawyer("李律师")
    ticket = await room.ticket()
    await room.dispatch.start()
    try:
        first = await room.dispatch.offer(ticket.id)
        await room.clock.advance(room.settings.OFFER_TTL)

        async def with_another() -> bool:
            return await room.asked(ticket) not in (None, first.lawyer_id)

        await until(with_another)
    finally:
        await room.dispatch.stop()


async def test_a_timer_that_fell_due_while_nobody_ran_fires_at_the_next_start(room):
    await room.lawyer("王律师")
    await room.lawyer("李律师")
    ticket = await room.ticket()
    first = await room.dispatch.offer(ticket.id)  # this process dies here
    await room.clock.advance(timedelta(hours=8))
    again = room.another()
    await again.start()
    try:

        async def with_another() -> bool:
            return await room.asked(ticket) not in (None, first.lawyer_id)

        await until(with_another)
    finally:
        await again.stop()


async def test_a_ticket_opened_by_a_process_that_died_is_offered_at_the_next_start(room):
    from router.dispatch import timers as rows

    wang = await room.lawyer()
    ticket = await room.ticket()
    async with room.db.write() as s:  # what open_ticket writes with the ticket
        rows.ask_again(s, ticket.id, room.clock.now())
    again = room.another()
    await again.start()
    try:

        async def offered() -> bool:
            return await room.asked(ticket) == wang.id

        await until(offered)
    finally:
        await again.stop()


async def test_in_many_processes_an_offer_expires_once(room):
    await room.lawyer("王律师")
    await room.lawyer("李律师")
    ticket = await room.ticket()
    await room.dispatch.offer(ticket.id)
    await room.clock.advance(room.settings.OFFER_TTL)
    offices = [room.dispatch, room.another(), room.another()]
    await asyncio.gather(*(d.timers.fire_due() for d in offices))
    assert [e.move for e in await room.history(ticket)].count("expired") == 1
    assert [o.status for o in await room.offers(ticket)] == ["expired", "pending"]


async def test_a_timer_that_cannot_fire_holds_up_no_other(room):
    await room.lawyer("王律师")
    await room.lawyer("李律师")
    ticket = await room.ticket()
    first = await room.dispatch.offer(ticket.id)
    async with room.db.write() as s:
        due = room.clock.now() - timedelta(hours=1)
        s.add(Timer(id="broken", due_at=due, kind="offer_expires", data={}))
    await room.later(room.settings.OFFER_TTL)
    assert await room.asked(ticket) not in (None, first.lawyer_id)


async def test_any_number_of_timers_that_cannot_fire_hold_up_no_other(room):
    await room.lawyer()
    ticket = await room.ticket()
    await room.dispatch.offer(ticket.id)
    async with room.db.write() as s:
        due = room.clock.now()
        for n in range(2 * AT_ONCE):
            s.add(Timer(id=f"broken {n}", due_at=due, kind="of a room that is closed", data={}))
    await room.later(room.settings.OFFER_TTL)
    assert [offer.status for offer in await room.offers(ticket)] == ["expired"]


async def test_a_timer_of_a_closed_ticket_is_cleared_away(room):
    from router.dispatch import timers as rows

    ticket = await room.ticket(status="closed")
    async with room.db.write() as s:
        rows.ask_again(s, ticket.id, room.clock.now())
    await room.dispatch.timers.fire_due()
    assert await timers(room) == []


async def sign_in(room: Room, lawyer: Lawyer, for_hours: float) -> None:
    ends = room.clock.now() + timedelta(hours=for_hours)
    async with room.db.write() as s:
        s.add(StaffSession(token_hash=new_id(), lawyer_id=lawyer.id, expires_at=ends))


async def test_who_has_run_out_of_their_sign_in_is_off_duty_and_the_offer_goes_on(room):
    wang, li = await room.lawyer("王律师", on_duty=False), await room.lawyer("李律师")
    await sign_in(room, wang, for_hours=12)
    await room.dispatch.duty(wang.id, on=True)
    await room.dispatch.duty(li.id, on=False)
    await room.later(timedelta(hours=12) - timedelta(seconds=1))
    ticket = await room.ticket()
    await room.dispatch.drain()
    assert (await room.one(wang)).on_duty and await room.asked(ticket) == wang.id
    await room.dispatch.duty(li.id, on=True)
    await room.later(timedelta(seconds=1))
    assert not (await room.one(wang)).on_duty
    assert await room.asked(ticket) == li.id


async def test_who_has_signed_in_anew_stays_on_duty_until_that_ends(room):
    wang = await room.lawyer(on_duty=False)
    await sign_in(room, wang, for_hours=12)
    await room.dispatch.duty(wang.id, on=True)
    await room.later(timedelta(hours=11))
    await sign_in(room, wang, for_hours=12)
    await room.later(timedelta(hours=1))
    assert (await room.one(wang)).on_duty
    await room.later(timedelta(hours=11))
    assert not (await room.one(wang)).on_duty
    assert await timers(room) == []


async def test_who_has_gone_off_duty_themselves_has_no_timer(room):
    wang = await room.lawyer(on_duty=False)
    await sign_in(room, wang, for_hours=12)
    for on in (True, True, False):
        await room.dispatch.duty(wang.id, on=on)
    assert await timers(room) == []


async def test_who_got_a_new_password_is_off_duty_with_their_old_sign_in(room):
    wang = await room.lawyer(on_duty=False)
    await sign_in(room, wang, for_hours=10**5)
    await room.dispatch.duty(wang.id, on=True)
    assert await renew(room.settings, wang.login)
    await room.later(SystemClock().now() - room.clock.now())
    assert not (await room.one(wang)).on_duty
