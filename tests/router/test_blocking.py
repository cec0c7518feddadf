"""Two who lock the same rows on PostgreSQL do so in one order, and neither stops the other.
Collected where TEST_DATABASE_URL names one."""

import asyncio

import pytest
from sqlalchemy import select, text

from router.destinations.labels import LABELS
from router.dispatch.duty import renew
from router.lawyers import entries, importing
from router.lawyers.models import Lawyer
from router.tickets.models import Ticket
from tests import factories
from tests.router.dispatch.conftest import Room

WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.fixture
async def room(db, clock, settings):
    opened = Room(db, clock, settings)
    yield opened
    await opened.close()


async def waits(room) -> bool:
    """Each time in a new transaction: one alone would see the same figure for ever."""
    async with room.db.read() as s:
        return bool(await s.scalar(WAITING))


async def beside(room, kind, first, second, work):
    """`work` while somebody else locks the first row and, when `work` waits for it, the second."""

    async def lock(s, key):
        await s.execute(select(kind.id).where(kind.id == key).with_for_update(key_share=True))

    async with room.db.write() as s:
        await lock(s, first)
        task = asyncio.create_task(work)
        while not await waits(room):
            assert not task.done(), await task
        await lock(s, second)
    return await task


@pytest.mark.parametrize("before", ["owned", "offered"])
async def test_a_supervisor_assigns_while_a_look_reserves_the_same_two(room, before):
    boss = await room.boss()
    li = await room.lawyer("李律师", id="a", on_duty=before == "owned")
    wang = await room.lawyer("王律师", id="b")
    if before == "owned":
        ticket = await room.owned_by(wang)
    else:
        ticket = await room.ticket()
        await room.dispatch.drain()
        await room.dispatch.duty(li.id, on=True)
    await beside(room, Lawyer, "a", "b", room.dispatch.assign(ticket.id, "a", boss.id))
    assert (await room.one(ticket)).owner == "a"


async def test_a_supervisor_merges_while_a_look_takes_tickets_of_the_same_two_citizens(room, clock):
    boss = await room.boss()
    one, other = [await factories.conversation(room.db, clock) for _ in range(2)]
    for key, talk in (("1", one), ("2", other), ("5", other), ("9", one)):
        await room.ticket(talk.id, id=key)
    await beside(room, Ticket, "1", "2", room.dispatch.merge("9", "2", boss.id))
    async with room.db.read() as s:
        assert (await s.get_one(Ticket, "9")).merged_into == "2"


@pytest.mark.parametrize("on_duty", [True, False])
async def test_a_roster_comes_in_while_a_look_reserves_lawyers_of_it(room, clock, on_duty):
    """`on_duty`: the first one's row says nothing new."""
    await room.lawyer("李律师", id="a", login="li")
    await room.lawyer("王律师", id="b", login="wang")
    li = "" if on_duty else "李知远,li\n"
    table = entries.read([("表.csv", f"姓名,登录名\n王清和,wang\n{li}".encode())], LABELS, "990101")

    async def take_in():
        async with room.db.write() as s:
            await importing.put(s, table, clock.now())
            await renew(s, clock.now())

    await beside(room, Lawyer, "a", "b", take_in())
    async with room.db.read() as s:
        assert (await s.get_one(Lawyer, "b")).name == "王清和"
