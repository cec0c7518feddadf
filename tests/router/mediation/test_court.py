"""司法确认: thirty days from the agreement's effect, reminders ahead, the end on the day after."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.clock import CHINA
from router.dispatch.models import Timer
from router.lawyers import calendar
from router.mediation import clocks, moves
from router.mediation.errors import BadDay, ConfirmedLate
from router.mediation.models import Mediation

SPRING = {
    date(2026, 1, 14): date(2026, 2, 13),  # a Friday, the last day that is worked before it
    date(2026, 1, 15): date(2026, 2, 14),  # the Saturday that is worked instead
    date(2026, 1, 16): date(2026, 2, 24),  # falls on the first day off: rolls over all of it
    date(2026, 1, 24): date(2026, 2, 24),  # on its last day off
    date(2026, 1, 25): date(2026, 2, 24),
    date(2026, 1, 26): date(2026, 2, 25),
}


@pytest.mark.parametrize(("effective", "last"), SPRING.items())
def test_a_last_day_in_the_spring_festival_is_the_first_one_worked_after_it(effective, last):
    assert clocks.last_day(effective) == last


@given(st.dates(date(2025, 1, 1), date(2026, 11, 1)))
def test_a_last_day_is_worked_and_not_before_the_thirtieth(effective):
    last = clocks.last_day(effective)
    assert (last - effective).days >= 30 and calendar.kind(last) == "workday"
    between = calendar.days(effective + timedelta(days=30), last - timedelta(days=1))
    assert not any(calendar.kind(day) == "workday" for day in between)


def test_reminders_come_in_order_and_the_end_at_midnight_after_the_last_day():
    last, now, seen = date(2026, 4, 1), datetime(2026, 3, 2, tzinfo=UTC), []
    while clocks.left(now, last) >= 0:
        now = clocks.next_look(now, last)
        seen.append(clocks.left(now, last))
    assert seen == [15, 7, 3, 1, 0, -1]
    assert now.astimezone(CHINA) == datetime.combine(date(2026, 4, 2), time(), CHINA)


@pytest.fixture
async def reached(hall, clock) -> Mediation:
    """Agreed by word of mouth on Monday, 2 March: the last day is 1 April."""
    one = await hall.meeting()
    await hall.parts.mediations.agree(one.id, "zheng", "oral", date(2026, 3, 2))
    await hall.fire()
    return await hall.again(one)


async def test_both_are_told_of_the_last_day_and_reminded_before_it(hall, reached):
    talk_id = (await hall.ticket((await hall.referral(reached)).ticket_id)).conversation_id
    talk = type("Talk", (), {"id": talk_id})
    assert "2026年4月1日前" in (await hall.said_to(talk))[-1]
    assert "最后一天是2026年4月1日，还有 30 天" in await hall.parts.routing.status(talk_id)
    await hall.day_passes(30)
    reminders = [line for line in await hall.said_to(talk) if line.startswith("提醒")]
    assert len(reminders) == 5 and "就是今天" in reminders[-1]


async def test_on_day_30_it_is_in_time_and_on_day_31_it_is_over(hall, reached, clock):
    await hall.day_passes(30)
    assert await hall.state(reached) == "agreement"
    await hall.day_passes()
    assert await hall.state(reached) == "lapsed"
    with pytest.raises(ConfirmedLate):
        await hall.parts.mediations.file(reached.id, "zheng", date(2026, 4, 2))
    await hall.parts.mediations.file(reached.id, "zheng", date(2026, 4, 1))
    assert await hall.state(reached) == "filed", "filed in time, written down a day later"
    await hall.parts.mediations.court(reached.id, "zheng", True)
    assert await hall.state(reached) == "confirmed"


async def test_after_the_filing_nobody_is_reminded(hall, reached):
    await hall.parts.mediations.file(reached.id, "zheng", date(2026, 3, 2))
    await hall.day_passes(32)
    assert await hall.state(reached) == "filed"
    assert "reminded" not in await hall.history(reached)


async def test_after_days_of_standstill_there_is_one_reminder_with_the_days_that_are_left(
    hall, reached, clock
):
    clock._now += timedelta(days=28)  # nothing ran meanwhile; then a process starts
    await hall.fire()
    assert (await hall.history(reached)).count("reminded") == 1
    clock._now += timedelta(days=1)
    await hall.fire()
    assert (await hall.history(reached)).count("reminded") == 2


async def test_two_processes_whose_timer_strikes_at_once_remind_once(hall, reached, clock):
    clock._now += timedelta(days=15)
    async with hall.db.read() as s:
        struck = await s.get(Timer, moves.timer_id(moves.CONFIRM, reached.id))
    for _ in range(2):
        await hall.parts.mediations._look_at_clock(struck)
    assert (await hall.history(reached)).count("reminded") == 1


async def test_an_agreement_binds_from_no_day_that_is_to_come(hall):
    one = await hall.meeting()
    with pytest.raises(BadDay):
        await hall.parts.mediations.agree(one.id, "zheng", "oral", date(2026, 3, 3))
