"""A lawyer on a shift stands at its post: whoever is on the hotline is asked for no chat."""

from datetime import timedelta

import pytest

from router.dispatch import outlook
from router.dispatch.duty import EARLY, follow_roster
from router.lawyers import changes
from router.tickets.urgency import Urgency
from tests import factories
from tests.router.dispatch.test_presence import sign_in

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


async def rostered(room, post, begin=timedelta(0), hours=4, **given):
    """Not yet there; the shift begins so long from now."""
    lawyer = await room.lawyer(on_duty=False, **given)
    await sign_in(room, lawyer, 48)
    begins = room.clock.now() + begin
    shift = await factories.shift(room.db, lawyer.id, begins, begins + hours * HOUR, post=post)
    return lawyer, shift


async def arrives(room, post="web", **given):
    ticket = await room.ticket(post=post, **given)
    await room.dispatch.drain()
    return ticket


async def roster(room, change, *about):
    async with room.db.write() as s:
        await change(s, *about, room.clock.now())
        await s.flush()
        await follow_roster(s, room.clock.now())
    await room.dispatch.timers.fire_due()


@pytest.mark.parametrize(("on", "other"), [("hotline", "web"), ("web", "hotline")])
async def test_on_a_shift_at_one_post_nobody_is_asked_for_another(room, on, other):
    wang, _ = await rostered(room, on)
    await room.dispatch.duty(wang.id, on=True)
    elsewhere, here = await arrives(room, other), await arrives(room, on)
    assert await room.asked(elsewhere) is None
    assert await room.asked(here) == wang.id


@pytest.mark.parametrize("post", ["window", "hotline", "kiosk", "web"])
async def test_every_post_has_its_own_people_and_danger_has_all_of_them(room, post):
    people = {}
    for one in ("window", "hotline", "kiosk", "web"):
        people[one], _ = await rostered(room, one, capacity=1)
        await room.dispatch.duty(people[one].id, on=True)
    first, second = await arrives(room, post), await arrives(room, post)
    assert await room.asked(first) == people[post].id and await room.asked(second) is None
    danger = await arrives(room, post, urgency=Urgency.DANGER)
    assert await room.asked(danger) in {who.id for name, who in people.items() if name != post}


async def test_the_next_block_at_another_post_changes_what_one_is_asked_for(room):
    wang, shift = await rostered(room, "hotline")
    await factories.shift(room.db, wang.id, shift.ends_at, shift.ends_at + HOUR, post="web")
    await room.dispatch.duty(wang.id, on=True)
    chat = await arrives(room)
    await room.later(4 * HOUR - SECOND)
    assert await room.asked(chat) is None
    await room.later(SECOND)
    assert await room.asked(chat) == wang.id, "at the minute, without a check-in"


async def test_who_comes_early_stands_at_the_post_already_and_leaves_with_the_shift(room):
    wang, _ = await rostered(room, "hotline", begin=EARLY)
    await room.dispatch.duty(wang.id, on=True)
    chat = await arrives(room)
    assert await room.asked(chat) is None
    await room.later(EARLY + 4 * HOUR - SECOND)
    assert (await room.one(wang)).on_duty
    await room.later(SECOND)
    assert not (await room.one(wang)).on_duty, "the shift's end, though they came before it"


async def test_a_volunteer_is_asked_for_all_until_their_own_shift_begins(room):
    wang, _ = await rostered(room, "hotline", begin=EARLY + HOUR)
    await room.dispatch.duty(wang.id, on=True)
    assert await room.asked(await arrives(room)) == wang.id
    await room.later(EARLY + HOUR)
    assert await room.asked(await arrives(room)) is None
    assert await room.asked(await arrives(room, "hotline")) == wang.id


async def test_who_is_put_at_another_post_in_the_middle_of_a_shift_is_asked_for_that(room):
    wang, shift = await rostered(room, "hotline")
    await room.dispatch.duty(wang.id, on=True)
    chat = await arrives(room)
    await roster(room, changes.repost, shift.id, "web", "fixed")
    assert await room.asked(chat) == wang.id


async def test_leave_in_the_middle_of_a_shift_is_the_end_of_duty_and_the_offer_goes_on(room):
    wang, shift = await rostered(room, "web")
    await room.dispatch.duty(wang.id, on=True)
    chat = await arrives(room)
    li = await room.lawyer("李律师")
    await roster(room, changes.leave, shift.id)
    assert not (await room.one(wang)).on_duty and await room.asked(chat) == li.id


async def test_a_running_shift_given_to_somebody_on_duty_is_theirs_until_its_end(room):
    _, shift = await rostered(room, "hotline", hours=1)
    li = await room.lawyer("李律师", on_duty=False)
    await sign_in(room, li, 48)
    await room.dispatch.duty(li.id, on=True)
    await roster(room, changes.give, shift.id, li.id)
    assert (await room.one(li)).post == "hotline"
    await room.later(HOUR)
    assert not (await room.one(li)).on_duty


async def test_a_change_far_ahead_disturbs_nobody_who_is_on_duty(room):
    wang, _ = await rostered(room, "web")
    later = room.clock.now() + timedelta(days=3)
    far = await factories.shift(room.db, wang.id, later, later + HOUR)
    await room.dispatch.duty(wang.id, on=True)
    before = await room.one(wang)
    await roster(room, changes.leave, far.id)
    after = await room.one(wang)
    assert (after.on_duty, after.post, after.duty_since) == (True, "web", before.duty_since)


async def test_with_nobody_at_the_post_the_citizen_hears_when_somebody_will_be(room):
    wang, _ = await rostered(room, "hotline")
    await room.dispatch.duty(wang.id, on=True)
    await rostered(room, "web", begin=3 * HOUR)
    chat = await arrives(room)
    async with room.db.read() as s:
        told = await outlook.of(s, await room.one(chat), room.clock.now())
    assert not told.on_duty and told.starts_at == room.clock.now() + 3 * HOUR
