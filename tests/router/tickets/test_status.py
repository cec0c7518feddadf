"""A ticket's status is a table, and only one hand writes it."""

import asyncio

import pytest
from sqlalchemy import select

from router.errors import ImpossibleMove, TicketMovedOn
from router.tickets import service
from router.tickets.models import Note, TicketEvent
from router.tickets.status import FIRST, LIVE, NEXT, OUTCOMES, SPEAKER, STATUS_LABELS, Status
from tests import factories

S = Status


@pytest.fixture
async def ticket(db, clock):
    conversation = await factories.conversation(db, clock)
    return await factories.ticket(db, clock, conversation.id)


async def test_every_status_has_a_next_a_speaker_and_a_label():
    assert set(NEXT) == set(SPEAKER) == set(STATUS_LABELS) == set(Status)
    assert {after for row in NEXT.values() for after in row} | set(FIRST.values()) == set(Status)


async def test_a_lawyer_speaks_only_while_they_own_the_ticket():
    assert [s for s in Status if SPEAKER[s] == "lawyer"] == [S.ACCEPTED]
    assert S.ACCEPTED in LIVE and S.CLOSED not in LIVE and S.RECORDED not in LIVE


async def test_nothing_leaves_closed_and_everything_can_get_there():
    assert NEXT[S.CLOSED] == frozenset()
    assert all(S.CLOSED in NEXT[s] for s in Status if s != S.CLOSED)


async def test_outcomes_are_named_in_chinese():
    assert all(label and not label.isascii() for label in OUTCOMES.values())


@pytest.mark.parametrize("was", list(Status))
@pytest.mark.parametrize("to", list(Status))
async def test_only_the_moves_of_the_table_are_possible(db, clock, ticket, was, to):
    async with db.write() as s:
        row = await service.get(s, ticket.id)
        row.status = was.value
    try:
        async with db.write() as s:
            row = await service.get(s, ticket.id)
            await service.move(s, row, to, "tried", clock.now(), by="somebody")
    except ImpossibleMove:
        assert to not in NEXT[was]
    else:
        assert to in NEXT[was]
    async with db.read() as s:
        events = list(await s.scalars(select(TicketEvent)))
        assert [(e.was, e.now) for e in events] == ([(was, to)] if to in NEXT[was] else [])
        assert (await service.get(s, ticket.id)).status == (to if to in NEXT[was] else was)


async def test_a_move_whose_condition_no_longer_holds_changes_nothing(db, clock, ticket):
    async with db.write() as s:
        row = await service.get(s, ticket.id)
        await service.move(s, row, S.OFFERED, "offered", clock.now(), sets={"offered_to": "wang"})
    with pytest.raises(TicketMovedOn):
        async with db.write() as s:
            row = await service.get(s, ticket.id)
            await service.move(s, row, S.ACCEPTED, "accepted", clock.now(), offered_to="li")
    async with db.read() as s:
        assert (await service.get(s, ticket.id)).status == S.OFFERED
        assert len(list(await s.scalars(select(TicketEvent)))) == 1


async def test_of_two_who_read_the_same_ticket_one_moves_it(db, clock, ticket):
    both_have_read = asyncio.Barrier(2)

    async def take() -> None:
        async with db.read() as s:
            seen = await service.get(s, ticket.id)
        await both_have_read.wait()
        async with db.write() as s:
            await service.move(s, await s.merge(seen, load=False), S.OFFERED, "x", clock.now())

    results = await asyncio.gather(take(), take(), return_exceptions=True)
    assert sorted(type(r).__name__ for r in results) == ["NoneType", "TicketMovedOn"]


async def test_a_lawyers_free_words_are_encrypted(db, clock, ticket):
    async with db.write() as s:
        service.add_note(s, ticket.id, "wang", "身份证号 110101199001011234", clock.now())
    async with db.read() as s:
        note = await s.scalar(select(Note))
        assert note.text == "身份证号 110101199001011234"
        assert b"1101" not in note.text_sealed
