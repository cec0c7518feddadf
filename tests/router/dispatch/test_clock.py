"""Somebody sets the clock an hour forward or back: nothing storms, nothing is stuck."""

from datetime import timedelta

import pytest

from tests.router.dispatch.conftest import Room

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


async def busy_room(room: Room):
    held = await room.owned_by(await room.lawyer("在谈律师", capacity=1))
    for n in range(3):
        await room.lawyer(f"{n}号律师", capacity=1)
    offered = [await room.ticket() for _ in range(3)]
    await room.dispatch.drain()
    return offered, held


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
async def test_no_offer_ends_by_the_jump_and_each_ends_after_its_own_time(room, jump):
    offered, held = await busy_room(room)
    asked = [await room.asked(t) for t in offered]
    room.clock.jump(jump)
    await room.dispatch.timers.fire_due()
    assert [await room.asked(t) for t in offered] == asked
    assert (await room.one(held)).owner is not None, "an hour's jump is no hour's silence"
    assert [len(await room.offers(t)) for t in offered] == [1, 1, 1]
    await room.later(room.settings.OFFER_TTL)
    ends = [{o.status for o in await room.offers(t)} for t in offered]
    assert ["expired" in each for each in ends] == [True] * 3


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
async def test_who_refused_just_now_is_asked_again_once_not_in_a_storm(room, jump):
    wang = await room.lawyer("王律师", capacity=1)
    ticket = await room.ticket()
    offer = await room.dispatch.offer(ticket.id)
    await room.dispatch.decline(offer.id, wang.id, "暂时走不开")
    room.clock.jump(jump)
    for _ in range(10):
        await room.later(SECOND)
        if pending := await room.pending(ticket):
            await room.dispatch.decline(pending.id, wang.id, "暂时走不开")
    assert len(await room.offers(ticket)) <= 2
    asked = []
    for _ in range(4):
        await room.later(room.settings.OFFER_PAUSE / 4)
        asked.append(await room.asked(ticket))
    assert wang.id in asked, "nor is it forgotten for an hour"
