"""A ticket from hand to hand: over to a colleague, assigned, taken back, queued anew, merged."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from router.conversations.models import Message
from router.db import new_id
from router.dispatch import silence
from router.dispatch.rules import USUAL
from router.errors import (
    BadRequest,
    ConflictOfInterest,
    Forbidden,
    HeldElsewhere,
    ImpossibleMove,
    NoRoom,
    TicketMovedOn,
)
from router.events import OfferAccepted, TicketClosed, TicketReturned
from router.names import name_indices
from router.tickets import callbacks
from router.tickets.models import Note, Ticket
from tests import factories
from tests.router.dispatch.conftest import Room

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
SILENCE = timedelta(minutes=USUAL.silence)


async def reasons(room: Room, ticket) -> list[tuple[str, str | None]]:
    return [(e.move, e.data.get("reason")) for e in await room.history(ticket)]


# To a colleague


async def test_a_colleague_is_asked_with_the_note_and_the_first_is_free(room):
    wang, li = await room.lawyer("王律师"), await room.lawyer("李律师")
    ticket = await room.owned_by(wang)
    await room.dispatch.hand_over(ticket.id, wang.id, li.id, "证据已看,等答辩状")
    assert await room.asked(ticket) == li.id and (await room.one(wang)).load == 0
    await room.dispatch.accept((await room.pending(ticket)).id, li.id)
    assert (await room.one(ticket)).owner == li.id and (await room.one(li)).load == 1
    async with room.db.read() as s:
        assert (await s.scalar(select(Note))).text == "转交:证据已看,等答辩状"


async def test_a_colleague_who_does_not_answer_leaves_it_to_the_queue_not_to_nobody(room):
    wang, li = await room.lawyer("王律师"), await room.lawyer("李律师")
    zhang = await room.lawyer("张律师")
    ticket = await room.owned_by(wang)
    await room.dispatch.hand_over(ticket.id, wang.id, li.id, "请接着办")
    await room.later(room.settings.OFFER_TTL)
    assert await room.asked(ticket) == zhang.id, "neither of the two is asked again at once"


async def test_a_citizens_two_matters_are_handed_over_together(room):
    wang, li = await room.lawyer("王律师"), await room.lawyer("李律师")
    first = await room.owned_by(wang)
    second = await room.owned_by(wang, conversation=first.conversation_id)
    await room.dispatch.hand_over(first.id, wang.id, li.id, "请接着办")
    assert await room.asked(first) == await room.asked(second) == li.id


@pytest.mark.parametrize("who", ["full", "off", "opponent", "self", "supervisor"])
async def test_nobody_is_handed_what_they_cannot_take(room, who):
    wang = await room.lawyer("王律师")
    other = {
        "full": lambda: room.lawyer("李律师", capacity=0),
        "off": lambda: room.lawyer("李律师", on_duty=False),
        "opponent": lambda: room.lawyer("李律师"),
        "supervisor": room.boss,
        "self": lambda: room.lawyer("李律师"),
    }
    li = await other[who]()
    to = wang.id if who == "self" else li.id
    if who == "opponent":
        await factories.client(room.db, "张三", firm_id=li.firm_id)
    ticket = await room.owned_by(wang, opponent_index=name_indices("张三")[0])
    with pytest.raises((NoRoom, ConflictOfInterest, BadRequest)):
        await room.dispatch.hand_over(ticket.id, wang.id, to, "请接着办")
    assert (await room.one(ticket)).owner == wang.id and (await room.one(wang)).load == 1


async def test_only_the_owner_hands_over_and_only_with_a_word(room):
    wang, li = await room.lawyer("王律师"), await room.lawyer("李律师")
    ticket = await room.owned_by(wang)
    with pytest.raises(BadRequest):
        await room.dispatch.hand_over(ticket.id, wang.id, li.id, "  ")
    with pytest.raises(TicketMovedOn):
        await room.dispatch.hand_over(ticket.id, li.id, wang.id, "给我")


# By the supervisor


@pytest.mark.parametrize("before", ["waiting", "offered", "owned"])
async def test_a_supervisor_assigns_from_wherever_it_is(room, before):
    boss, li = await room.boss(), await room.lawyer("李律师")
    wang = await room.lawyer("王律师", idle_since=room.clock.now() - MINUTE)
    if before == "owned":
        ticket = await room.owned_by(wang)
    else:
        ticket = await room.ticket(matter="debt")
    if before == "offered":
        await room.dispatch.drain()
    await room.dispatch.assign(ticket.id, li.id, boss.id)
    held = await room.one(ticket)
    assert (held.status, held.owner, held.offered_to) == ("accepted", li.id, None)
    assert ((await room.one(wang)).load, (await room.one(li)).load) == (0, 1)
    assert room.heard(OfferAccepted)[-1].lawyer_id == li.id
    await room.dispatch.give_back(ticket.id, li.id, "忙不过来")
    held = await room.one(ticket)
    assert (held.status, held.owner) in (("open", None), ("offered", None))


async def test_a_supervisor_cannot_assign_beyond_capacity_or_against_a_client(room):
    boss = await room.boss()
    full, free = await room.lawyer("满", capacity=0), await room.lawyer("空")
    await factories.client(room.db, "张三", lawyer_id=free.id)
    ticket = await room.ticket(opponent_index=name_indices("张三")[0])
    with pytest.raises(NoRoom):
        await room.dispatch.assign(ticket.id, full.id, boss.id)
    with pytest.raises(ConflictOfInterest):
        await room.dispatch.assign(ticket.id, free.id, boss.id)
    assert (await room.one(ticket)).status == "open"


async def test_one_citizen_is_not_assigned_to_a_second_lawyer(room):
    boss, wang, li = await room.boss(), await room.lawyer("王"), await room.lawyer("李")
    first = await room.owned_by(wang)
    second = await room.ticket(first.conversation_id)
    with pytest.raises(HeldElsewhere):
        await room.dispatch.assign(second.id, li.id, boss.id)
    await room.dispatch.assign(second.id, wang.id, boss.id)


@pytest.mark.parametrize("how", ["offered", "owned"])
async def test_what_is_taken_back_goes_to_somebody_else(room, how):
    boss, li = await room.boss(), await room.lawyer("李律师")
    wang = await room.lawyer("王律师", idle_since=room.clock.now() - MINUTE)
    ticket = await room.owned_by(wang) if how == "owned" else await room.ticket()
    await room.dispatch.drain()
    await room.dispatch.take_back(ticket.id, boss.id)
    assert await room.asked(ticket) == li.id and (await room.one(wang)).load == 0
    if how == "owned":
        assert ("returned", "supervisor") in await reasons(room, ticket)
        assert room.heard(TicketReturned), "the citizen is told"


async def test_queued_anew_a_ticket_is_asked_for_as_if_nobody_had_refused(room):
    boss, wang = await room.boss(), await room.lawyer("王律师")
    ticket = await room.ticket()
    offer = await room.dispatch.offer(ticket.id)
    await room.dispatch.decline(offer.id, wang.id, "暂时走不开")
    assert await room.asked(ticket) is None
    await room.dispatch.requeue(ticket.id, boss.id)
    assert await room.asked(ticket) == wang.id


async def test_what_mediation_cannot_do_is_put_into_the_lawyers_queue(room):
    boss, wang = await room.boss(), await room.lawyer()
    ticket = await room.ticket(status="recorded", delivery="queue")
    await room.dispatch.requeue(ticket.id, boss.id)
    assert await room.asked(ticket) == wang.id


@pytest.mark.parametrize("status", ["open", "offered"])
async def test_a_duplicate_ends_and_the_other_goes_on_as_urgent_as_the_more_urgent(room, status):
    boss, wang = await room.boss(), await room.lawyer("王律师")
    kept = await room.owned_by(wang)
    twin = await room.ticket(urgency=1)
    if status == "offered":
        await room.dispatch.drain()
    await room.dispatch.merge(twin.id, kept.id, boss.id)
    gone, on = await room.one(twin), await room.one(kept)
    assert (gone.status, gone.outcome, gone.merged_into) == ("closed", "merged", kept.id)
    assert (on.owner, on.urgency) == (wang.id, 1) and (await room.one(wang)).load == 1
    assert room.heard(TicketClosed)[-1].outcome == "merged"


async def test_who_was_to_be_called_is_still_to_be_called_after_a_merge(room):
    boss, kept, twin = await room.boss(), await room.ticket(), await room.ticket()
    await wants_a_call(room, twin, "138 1234 5678")
    await room.dispatch.merge(twin.id, kept.id, boss.id)
    kept = await room.one(kept)
    assert kept.call_back == {"number": "138 1234 5678"} and callbacks.waits(kept)


async def test_of_two_numbers_neither_is_lost_in_a_merge_and_a_done_one_does_not_come_back(room):
    boss, kept = await room.boss(), await room.ticket()
    await wants_a_call(room, kept, "138 1234 5678")
    for number, done in (("139 0000 0000", False), ("137 0000 0000", True)):
        twin = await room.ticket()
        await wants_a_call(room, twin, number)
        if done:
            async with room.db.write() as s:
                assert callbacks.done(s, await s.get(Ticket, twin.id), "wang", room.clock.now())
        await room.dispatch.merge(twin.id, kept.id, boss.id)
    assert (await room.one(kept)).call_back == {"number": "138 1234 5678"}
    async with room.db.read() as s:
        notes = [n.text for n in await s.scalars(select(Note).where(Note.ticket_id == kept.id))]
    assert notes == ["并入的工单也要回电：139 0000 0000"]


async def test_who_was_called_and_asks_again_in_a_duplicate_is_called_again(room):
    boss, kept, twin = await room.boss(), await room.ticket(), await room.ticket()
    await wants_a_call(room, kept, "138 1234 5678")
    async with room.db.write() as s:
        assert callbacks.done(s, await s.get(Ticket, kept.id), "wang", room.clock.now())
    await room.clock.advance(MINUTE)
    await wants_a_call(room, twin, "138 1234 5678")
    await room.dispatch.merge(twin.id, kept.id, boss.id)
    assert callbacks.waits(await room.one(kept))


async def wants_a_call(room, ticket, number):
    async with room.db.write() as s:
        row = await s.get(Ticket, ticket.id)
        callbacks.ask(s, row, {"number": number}, room.clock.now())


async def test_nothing_is_merged_into_what_is_closed_or_into_itself_or_away_from_its_owner(room):
    boss, wang = await room.boss(), await room.lawyer()
    owned, waiting = await room.owned_by(wang), await room.ticket()
    closed = await room.ticket(status="closed")
    for ticket, into in ((waiting, closed), (owned, waiting), (waiting, waiting)):
        with pytest.raises((ImpossibleMove, BadRequest)):
            await room.dispatch.merge(ticket.id, into.id, boss.id)


async def test_a_lawyer_does_none_of_what_supervisors_do(room):
    wang, ticket = await room.lawyer(), await room.ticket()
    does = room.dispatch
    for move in (
        does.assign(ticket.id, wang.id, wang.id),
        does.take_back(ticket.id, wang.id),
        does.requeue(ticket.id, wang.id),
        does.merge(ticket.id, (await room.ticket()).id, wang.id),
    ):
        with pytest.raises(Forbidden):
            await move


# Silence


async def say(room: Room, ticket, who: str, lawyer_id: str | None = None) -> None:
    async with room.db.write() as s:
        seq = len(list(await s.scalars(select(Message.id)))) + 1
        s.add(
            Message(
                id=new_id(), conversation_id=ticket.conversation_id, seq=seq, who=who,
                author=lawyer_id, created_at=room.clock.now(),
            )
        )  # fmt: skip
        if who == "lawyer":
            await silence.spoke(s, ticket.id, room.clock.now())


async def test_a_lawyer_without_a_word_loses_the_ticket_at_the_minute(room):
    wang, li = await room.lawyer("王律师"), await room.lawyer("李律师")
    ticket = await room.owned_by(wang)
    await room.later(SILENCE - SECOND)
    assert (await room.one(ticket)).owner == wang.id
    await room.later(SECOND)
    assert await room.asked(ticket) == li.id and (await room.one(wang)).load == 0
    assert ("returned", "silent") in await reasons(room, ticket)


async def test_each_word_to_the_citizen_counts_anew(room):
    wang, _ = await room.lawyer("王律师"), await room.lawyer("李律师")
    ticket = await room.owned_by(wang)
    for _ in range(3):
        await room.later(SILENCE - SECOND)
        await say(room, ticket, "lawyer", wang.id)
        await say(room, ticket, "citizen")
    assert (await room.one(ticket)).owner == wang.id
    await room.later(SILENCE)
    assert (await room.one(ticket)).owner is None


async def test_a_citizen_who_owes_the_answer_gets_time_but_not_for_ever(room):
    wang, _ = await room.lawyer("王律师"), await room.lawyer("李律师")
    ticket = await room.owned_by(wang)
    await say(room, ticket, "lawyer", wang.id)
    await room.later(SILENCE)
    assert (await room.one(ticket)).owner == wang.id
    await room.later(silence.PATIENCE * SILENCE - SECOND)
    assert (await room.one(ticket)).owner == wang.id
    await room.later(SECOND)
    assert (await room.one(ticket)).owner is None
