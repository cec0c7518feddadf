"""Who goes leaves nothing behind: what they have in hand comes back, whatever happens meanwhile."""

from router.conversations.models import BY_TELEPHONE
from router.dispatch import timers, work
from router.dispatch.models import Timer
from tests import factories
from tests.router.dispatch.conftest import Room
from tests.router.dispatch.test_presence import HOUR, SECOND, on_shift, sign_in


async def to_call(room: Room, lawyer):
    """In hand, by telephone: no silence gives it back."""
    talk = await factories.conversation(room.db, room.clock, channel=BY_TELEPHONE)
    return await room.owned_by(lawyer, conversation=talk.id)


async def test_who_goes_before_the_shift_ends_has_until_its_end_and_the_grace(room):
    wang = await on_shift(room, hours=1)
    ticket = await to_call(room, wang)
    await room.dispatch.duty(wang.id, on=False)
    li = await room.lawyer("李律师")
    await room.later(HOUR + room.settings.SHIFT_GRACE - SECOND)
    assert (await room.one(ticket)).owner == wang.id
    await room.later(SECOND)
    assert await room.asked(ticket) == li.id


async def test_who_has_no_shift_has_until_the_sign_in_ends_and_the_grace(room):
    wang, li = await room.lawyer("王律师"), await room.lawyer("李律师")
    await sign_in(room, wang, for_hours=2)
    ticket = await to_call(room, wang)
    await room.dispatch.duty(wang.id, on=False)
    await room.later(2 * HOUR + room.settings.SHIFT_GRACE - SECOND)
    assert (await room.one(ticket)).owner == wang.id
    await room.later(SECOND)
    assert await room.asked(ticket) == li.id


async def test_who_signs_out_everywhere_has_the_grace(room):
    wang, li = await room.lawyer("王律师"), await room.lawyer("李律师")
    ticket = await to_call(room, wang)
    await room.dispatch.signed_out(wang.id)
    await room.later(room.settings.SHIFT_GRACE)
    assert await room.asked(ticket) == li.id


async def test_a_database_cut_at_the_shifts_end_leaves_nothing_with_who_has_gone(room, monkeypatch):
    wang = await on_shift(room, hours=1)
    ticket = await to_call(room, wang)

    async def cut(lawyer_id: str) -> None:
        raise OSError("cut")

    with monkeypatch.context() as broken:
        broken.setattr(room.dispatch._duty, "_withdraw_all", cut)
        await room.later(HOUR)
    assert not (await room.one(wang)).on_duty
    await room.later(room.settings.SHIFT_GRACE)
    assert (await room.one(ticket)).owner is None


async def test_a_database_cut_half_way_through_what_they_had_leaves_the_rest_to_be_done(
    room, monkeypatch
):
    wang = await on_shift(room, hours=1)
    tickets = [await to_call(room, wang) for _ in range(2)]
    await room.later(HOUR)

    async def cut(*_):
        raise OSError("cut")

    with monkeypatch.context() as broken:
        broken.setattr(work, "locked", cut)
        await room.later(room.settings.SHIFT_GRACE)
    await room.later(SECOND)
    assert [(await room.one(ticket)).owner for ticket in tickets] == [None, None]
    async with room.db.read() as s:
        assert await s.get(Timer, timers.hand_in_id(wang.id)) is None


async def test_who_checks_in_while_the_timer_fires_keeps_what_they_have(room):
    wang = await on_shift(room, hours=1)
    ticket = await to_call(room, wang)
    await room.later(HOUR)
    await room.clock.advance(room.settings.SHIFT_GRACE)
    await room.dispatch.duty(wang.id, on=True)
    await room.dispatch._work.hand_in(wang.id)  # of a process that had read it as due
    assert (await room.one(ticket)).owner == wang.id
