"""What lawyers ask of the roster: nothing changes before a supervisor has said yes."""

import pytest

from router.errors import NotFound, ShiftMovedOn, ShiftsOverlap
from router.lawyers import changes, requests
from router.lawyers.models import ShiftRequest
from tests import factories
from tests.router.lawyers.conftest import at
from tests.router.lawyers.test_changes import change, whose


async def asks(db, shift, lawyer, what, other="") -> ShiftRequest:
    async with db.write() as s:
        return await requests.ask(s, shift.id, lawyer.id, what, other, at(20, day=1))


async def answers(db, asked, granted) -> None:
    async with db.write() as s:
        await requests.answer(s, asked.id, granted, "boss", at(20, day=1))


async def open_ones(db) -> list[tuple[str, str, str | None]]:
    async with db.read() as s:
        found = await requests.waiting(s, at(20, day=1))
        assert len(found) == await requests.count(s, at(20, day=1))
    return [(one.asker.name, one.request.what, one.colleague and one.colleague.name)
            for one in found]  # fmt: skip


async def test_leave_is_theirs_when_it_is_granted_and_not_before(db, two):
    wang, _, morning, _ = two
    asked = await asks(db, morning, wang, "leave")
    assert await whose(db, at(10), wang) and await open_ones(db) == [("王律师", "leave", None)]
    await answers(db, asked, True)
    assert not await whose(db, at(10), wang) and await open_ones(db) == []


async def test_what_is_refused_leaves_the_roster_as_it_was(db, two):
    wang, _, morning, _ = two
    asked = await asks(db, morning, wang, "leave")
    await answers(db, asked, False)
    assert await whose(db, at(10), wang) == [("王律师", "window", "fixed")]
    async with db.read() as s:
        assert (await requests.newest(s, [morning.id]))[morning.id].request.answer == "refused"
    with pytest.raises(ShiftMovedOn):
        await answers(db, asked, True)


async def test_a_shift_is_given_and_exchanged_on_request(db, two):
    wang, li, morning, afternoon = two
    await asks(db, morning, wang, "give", li.id)
    exchange = await asks(db, morning, wang, "exchange", afternoon.id)
    assert await open_ones(db) == [("王律师", "exchange", "李律师")], "the newer in place of it"
    await answers(db, exchange, True)
    assert await whose(db, at(10), wang, li) == [("李律师", "window", "fixed")]
    assert await whose(db, at(14), wang, li) == [("王律师", "web", "cloud")]


async def test_a_colleague_who_has_another_shift_by_then_stops_the_granting(db, two):
    wang, li, morning, _ = two
    asked = await asks(db, morning, wang, "give", li.id)
    await factories.shift(db, li.id, at(8), at(10))
    with pytest.raises(ShiftsOverlap):
        await answers(db, asked, True)
    assert await open_ones(db) == [("王律师", "give", "李律师")], "still to be answered"


async def test_only_ones_own_shift_not_yet_over_can_be_asked_about(db, clock, two):
    wang, li, morning, _ = two
    boss = await factories.lawyer(db, clock, "主管", role="supervisor")
    for who, what, other in (
        (li, "leave", ""), (wang, "give", wang.id), (wang, "give", boss.id),
        (wang, "exchange", morning.id), (wang, "exchange", "none"),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await asks(db, morning, who, what, other)
    await change(db, changes.leave, morning.id)
    with pytest.raises(ShiftMovedOn):
        await asks(db, morning, wang, "leave")


async def test_what_the_supervisor_changed_meanwhile_is_not_asked_any_more(db, two):
    wang, _, morning, _ = two
    await asks(db, morning, wang, "leave")
    await change(db, changes.leave, morning.id)
    assert await open_ones(db) == []


async def test_a_lawyer_takes_their_request_back(db, two):
    wang, li, morning, _ = two
    await asks(db, morning, wang, "leave")
    with pytest.raises(NotFound):
        async with db.write() as s:
            await requests.withdraw(s, morning.id, li.id, at(20, day=1))
    async with db.write() as s:
        await requests.withdraw(s, morning.id, wang.id, at(20, day=1))
    assert await open_ones(db) == []
