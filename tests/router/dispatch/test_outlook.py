"""What a waiting citizen is told: their place, a real figure or none, and who comes when."""

from datetime import timedelta

import pytest

from router.dispatch import outlook
from router.dispatch.outlook import FEW, LEAVE, UNKNOWN, Outlook
from tests import factories
from tests.router.dispatch.conftest import Room

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def look(room: Room, ticket) -> Outlook | None:
    async with room.db.read() as s:
        return await outlook.of(s, await s.get(type(ticket), ticket.id), room.clock.now())


async def ended(room: Room, lawyer, how_many: int, ago: timedelta = MINUTE) -> None:
    now = room.clock.now()
    for _ in range(how_many):
        await room.ticket(
            status="closed", outcome="answered", owner=lawyer.id, closed_at=now - ago,
            accepted_at=now - ago - MINUTE,
        )  # fmt: skip


@pytest.mark.parametrize(("talks", "minutes"), [(FEW - 1, None), (FEW, 15), (12, 5), (60, 5)])
async def test_the_wait_is_told_from_the_last_hours_talks_and_not_from_too_few(
    room, talks, minutes
):
    wang = await room.lawyer(capacity=0)
    await ended(room, wang, talks)
    ticket = await room.ticket()
    await room.dispatch.drain()
    told = await look(room, ticket)
    assert (told.position, told.on_duty, told.minutes) == (1, True, minutes)
    said = outlook.words(told, room.clock.now())
    assert (f"{minutes} 分钟" in said) if minutes else (said == UNKNOWN)


async def test_talks_of_another_queue_or_before_the_last_hour_say_nothing(room):
    wang = await room.lawyer(capacity=0)
    await ended(room, wang, 20, ago=HOUR)
    ticket = await room.ticket(destination="legal_aid_application")
    await ended(room, wang, 20)
    await room.dispatch.drain()
    assert (await look(room, ticket)).minutes is None


async def test_the_farther_back_the_longer(room):
    wang = await room.lawyer(capacity=0)
    await ended(room, wang, 12)
    for _ in range(4):
        last = await room.ticket()
        await room.clock.advance(timedelta(seconds=1))
    assert (await look(room, last)).minutes == 20


async def test_with_nobody_there_the_next_shift_is_named_and_a_message_offered(room):
    wang = await room.lawyer(on_duty=False)
    starts = room.clock.now() + 24 * HOUR
    await factories.shift(room.db, wang.id, starts, starts + HOUR)
    told = await look(room, await room.ticket())
    assert (told.on_duty, told.starts_at, told.minutes) == (False, starts, None)
    said = outlook.words(told, room.clock.now())
    assert said.startswith("下一班律师明天 09:00 上岗。") and "回电" in said


async def test_without_a_roster_nothing_is_promised(room):
    told = await look(room, await room.ticket())
    assert outlook.words(told, room.clock.now()) == UNKNOWN + LEAVE


async def test_who_is_being_asked_for_or_served_has_no_place(room):
    await room.lawyer()
    ticket = await room.ticket()
    await room.dispatch.drain()
    assert await look(room, ticket) is None
