"""Leave, shifts given to a colleague and exchanged, and plans put in."""

from datetime import timedelta

import pytest

from router.errors import NotFound, ShiftMovedOn, ShiftsOverlap
from router.lawyers import changes
from router.lawyers.hours import Span
from router.lawyers.pattern import Planned
from router.lawyers.roster import shift_now
from tests import factories
from tests.router.lawyers.conftest import at


async def change(db, what, *arguments, now=None):
    async with db.write() as s:
        return await what(s, *arguments, now or at(20, day=1))


async def whose(db, moment, *lawyers) -> list[tuple[str, str, str]]:
    """Name, post and seat of who is on a shift at the moment."""
    async with db.read() as s:
        found = [(one, await shift_now(s, one.id, moment)) for one in lawyers]
    return [(one.name, shift.post, shift.seat) for one, shift in found if shift]


async def test_leave_frees_the_hours_and_can_be_taken_back(db, two):
    wang, li, morning, _ = two
    await change(db, changes.leave, morning.id)
    assert await whose(db, at(10), wang, li) == []
    await change(db, changes.back, morning.id)
    assert await whose(db, at(10), wang, li) == [("王律师", "window", "fixed")]


async def test_a_shift_given_to_a_colleague_is_theirs_with_post_and_seat(db, two):
    wang, li, morning, _ = two
    await change(db, changes.give, morning.id, li.id)
    assert await whose(db, at(9), wang, li) == [("李律师", "window", "fixed")]


async def test_a_shift_given_and_given_back_is_as_before(db, two):
    wang, li, morning, _ = two
    given = await change(db, changes.give, morning.id, li.id)
    await change(db, changes.give, given.id, wang.id)
    assert await whose(db, at(9), wang, li) == [("王律师", "window", "fixed")]


async def test_two_lawyers_exchange_their_shifts(db, two):
    wang, li, morning, afternoon = two
    await change(db, changes.exchange, morning.id, afternoon.id)
    assert await whose(db, at(9), wang, li) == [("李律师", "window", "fixed")]
    assert await whose(db, at(13), wang, li) == [("王律师", "web", "cloud")]


async def test_two_lawyers_of_the_same_hours_exchange_their_posts(db, two):
    wang, li, morning, _ = two
    same = await factories.shift(db, li.id, at(9), at(11), post="web", seat="cloud")
    await change(db, changes.exchange, morning.id, same.id)
    assert await whose(db, at(10), wang, li) == [
        ("王律师", "web", "cloud"),
        ("李律师", "window", "fixed"),
    ]
    assert await whose(db, at(11), wang, li) == [("李律师", "window", "fixed")]


async def test_nobody_gets_a_second_shift_at_the_same_time_and_all_stays_as_it_was(db, two):
    wang, li, morning, _ = two
    await factories.shift(db, li.id, at(11, 59), at(12, 30))
    with pytest.raises(ShiftsOverlap):
        await change(db, changes.give, morning.id, li.id)
    assert await whose(db, at(10), wang, li) == [("王律师", "window", "fixed")]


async def test_a_shift_that_begins_when_the_other_ends_does_not_overlap(db, two):
    wang, li, morning, _ = two
    await factories.shift(db, li.id, at(12), at(13))
    await change(db, changes.give, morning.id, li.id)
    assert await whose(db, at(11, 59), wang, li) == [("李律师", "window", "fixed")]


async def test_who_has_another_shift_by_now_cannot_take_leave_back(db, two):
    _, li, _, afternoon = two
    await change(db, changes.leave, afternoon.id)
    await factories.shift(db, li.id, at(14), at(15))
    with pytest.raises(ShiftsOverlap):
        await change(db, changes.back, afternoon.id)


async def test_a_running_shift_can_be_left_until_its_end(db, two):
    _, _, morning, _ = two
    with pytest.raises(ShiftMovedOn):
        await change(db, changes.leave, morning.id, now=at(12))
    await change(db, changes.leave, morning.id, now=at(12) - timedelta(seconds=1))


async def test_what_was_changed_before_is_not_changed_twice(db, two):
    _, li, morning, _ = two
    await change(db, changes.leave, morning.id)
    for what in ((changes.leave, morning.id), (changes.give, morning.id, li.id)):
        with pytest.raises(ShiftMovedOn):
            await change(db, *what)


async def test_a_shift_goes_to_no_supervisor_and_to_nobody_unknown(db, clock, two):
    _, _, morning, _ = two
    boss = await factories.lawyer(db, clock, "主管", role="supervisor")
    for nobody in (boss.id, "nobody"):
        with pytest.raises(NotFound):
            await change(db, changes.give, morning.id, nobody)
    with pytest.raises(NotFound):
        await change(db, changes.leave, "no-such-shift")


def planned(lawyer, begin, end) -> Planned:
    return Planned(lawyer.login, Span(begin, end), "web", "fixed")


async def put(db, *plan):
    async with db.write() as s:
        return await changes.put_in(s, plan)


async def test_a_plan_put_in_twice_is_there_once_and_keeps_what_was_changed_by_hand(db, two):
    wang, li, morning, _ = two
    plan = [planned(wang, at(9), at(12)), planned(li, at(9), at(12))]
    await change(db, changes.leave, morning.id)
    assert await put(db, *plan) == changes.Put(added=1, kept=1, clashing=[], unknown=[])
    assert await put(db, *plan) == changes.Put(added=0, kept=2, clashing=[], unknown=[])
    assert await whose(db, at(10), wang, li) == [("李律师", "web", "fixed")]


async def test_a_plan_leaves_out_who_has_another_shift_then_and_says_so(db, two):
    wang, _, _, _ = two
    overlapping, touching = planned(wang, at(11), at(13)), planned(wang, at(12), at(13))
    assert (await put(db, overlapping)).clashing == [overlapping]
    assert await put(db, touching) == changes.Put(1, 0, [], [])


async def test_a_plan_for_somebody_unknown_puts_in_nothing(db, two):
    wang, li, _, _ = two
    stranger = planned(wang, at(18), at(20))._replace(login="nobody")
    assert await put(db, planned(wang, at(18), at(20)), stranger) == changes.Put(
        0, 0, [], ["nobody"]
    )
    assert await whose(db, at(19), wang, li) == []
