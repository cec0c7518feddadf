"""The whole state from the log alone; who changed a table behind its back is found."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, text

from router.dispatch import rebuild
from router.tickets.models import Ticket, TicketEvent
from router.tickets.service import open_new
from tests import factories


async def opened(room, **given) -> Ticket:
    citizen = await factories.conversation(room.db, room.clock)
    ticket = Ticket(
        id=factories.new_id(), opened_by=factories.new_id(), conversation_id=citizen.id,
        destination="duty_lawyer", delivery="offer", urgency=4, region="990101", **given,
    )  # fmt: skip
    async with room.db.write() as s:
        open_new(s, ticket, room.clock.now())
    await room.clock.advance(timedelta(seconds=1))
    return ticket


async def differences(room) -> list[str]:
    async with room.db.read() as s:
        return (await rebuild.compare(s)).differences


@pytest.fixture
async def busy(room):
    """One ticket with its lawyer, one being asked for, one merged, one that waits."""
    wang, li = await room.lawyer("王律师", capacity=1), await room.lawyer("李律师", capacity=1)
    boss = await room.boss()
    owned, asked, double, waits = [await opened(room) for _ in range(4)]
    await room.dispatch.assign(owned.id, wang.id, boss.id)
    await room.dispatch.offer(asked.id)
    await room.dispatch.offer(waits.id)
    await room.dispatch.urge(waits.id, 1, {})
    await room.dispatch.merge(double.id, owned.id, boss.id)
    assert (await room.one(asked)).offered_to == li.id
    return owned, asked, double, waits


async def test_the_log_alone_comes_to_what_the_tables_say(room, busy):
    assert await differences(room) == []


@pytest.mark.parametrize(
    ("behind_its_back", "told"),
    [
        ("UPDATE tickets SET status = 'closed' WHERE status = 'open'", "status"),
        ("UPDATE tickets SET owner = offered_to WHERE owner IS NULL", "owner"),
        ("UPDATE tickets SET urgency = 0 WHERE urgency = 1", "urgency"),
        ("UPDATE tickets SET merged_into = NULL", "merged_into"),
        ("UPDATE offers SET status = 'expired' WHERE status = 'pending'", "派单"),
        ("UPDATE lawyers SET load = 0 WHERE load = 1", "律师"),
    ],
)
async def test_a_table_changed_behind_the_logs_back_is_named(room, busy, behind_its_back, told):
    async with room.db.write() as s:
        await s.execute(text(behind_its_back))
    assert any(told in sentence for sentence in await differences(room))


async def test_a_line_missing_from_the_log_is_named(room, busy):
    owned = busy[0]
    async with room.db.write() as s:
        await s.execute(delete(TicketEvent).where(TicketEvent.move == "assigned"))
    assert any(owned.id in sentence for sentence in await differences(room))
