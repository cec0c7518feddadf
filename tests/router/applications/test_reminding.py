"""期限提醒: the applicant hears once, in time, of what they owe themselves, and of nothing else."""

from datetime import date, datetime, timedelta

import pytest

from router.applications import reminding
from router.clock import CHINA
from router.dispatch.models import Timer
from tests.router.applications.conftest import PHOTO

MOMENT = timedelta(minutes=1)
UNTIL = date(2026, 3, 20)


async def at(institution, day: int, *, before: bool = False) -> None:
    """Nine in the morning of this day in March, or a minute before; what is due is done."""
    morning = datetime(2026, 3, day, 9, tzinfo=CHINA)
    institution.clock._now = morning - MOMENT if before else morning
    await institution.fire()


async def heard(institution, it) -> list[str]:
    return [line for line in await institution.told(it) if line.startswith("提醒")]


async def owes_papers(institution, until: date = UNTIL):
    it = await institution.submitted()
    await institution.desk.review.ask_more(it.id, institution.boss.id, ["工资条"], until)
    return it


async def owes_an_objection(institution):
    return await institution.refused()  # on the 2nd: until the 17th


async def owes_one_to_the_end_of_aid(institution):
    it, _ = await institution.assigned()
    boss = institution.boss.id
    await institution.desk.ending.terminate(it.id, boss, "LAL 48(1)(6)", "不再需要")
    return it


async def owes_later_papers(institution):
    it = await institution.submitted()
    ground, boss = "LAL 44(1)(2)", institution.boss.id
    await institution.desk.ending.prior(it.id, boss, ground, None, "要保全证据", ["身份证"], UNTIL)
    return it


@pytest.mark.parametrize(
    ("owes", "day", "last", "words", "move"),
    [
        (owes_papers, 17, "3月20日", "补充材料的最后一天", "reminded"),
        (owes_an_objection, 14, "3月17日", "提出异议的最后一天", "reminded"),
        (owes_one_to_the_end_of_aid, 14, "3月17日", "提出异议的最后一天", "reminded"),
        (owes_later_papers, 17, "3月20日", "补办手续、补充材料的最后一天", "prior_reminded"),
    ],
)
async def test_three_days_before_the_last_one_the_applicant_is_reminded_once(
    institution, owes, day, last, words, move
):
    it = await owes(institution)
    await at(institution, day, before=True)
    assert await heard(institution, it) == []
    await at(institution, day)
    [line] = await heard(institution, it)
    assert it.reference in line and words in line and f"2026年{last}" in line
    await institution.wait(30)
    assert await heard(institution, it) == [line]
    assert (await institution.history(it)).count(move) == 1


async def supplied(desk, it):
    await desk.papers.add(it.id, "wages", PHOTO)
    await desk.supply(it.id, "补上了")


async def objected(desk, it):
    await desk.object(it.id, "收入算错了")


async def supplied_later(desk, it):
    await desk.ending.prior_supplied(it.id, "身份证补上了")


@pytest.mark.parametrize(
    ("owes", "day", "does"),
    [
        (owes_papers, 17, supplied),
        (owes_an_objection, 14, objected),
        (owes_later_papers, 17, supplied_later),
    ],
)
async def test_who_has_done_it_a_minute_before_is_not_reminded(institution, owes, day, does):
    it = await owes(institution)
    await at(institution, day, before=True)
    await does(institution.desk, it)
    await at(institution, day)
    await institution.wait(30)
    assert await heard(institution, it) == []


@pytest.mark.parametrize(("until", "times"), [(date(2026, 3, 5), 0), (date(2026, 3, 6), 1)])
async def test_a_day_that_was_told_a_moment_ago_is_not_told_again(institution, until, times):
    """On Monday the 2nd: of the 5th one would be reminded this very morning."""
    await at(institution, 2)
    it = await owes_papers(institution, until)
    await institution.wait(1)
    assert len(await heard(institution, it)) == times


async def test_what_is_owed_to_the_applicant_is_the_staffs_alone(institution):
    it = await institution.submitted()
    await institution.wait(30)
    assert "overdue" in await institution.history(it) and await heard(institution, it) == []


async def test_two_processes_and_one_that_dies_before_it_has_told_remind_once(institution):
    it = await owes_papers(institution)
    async with institution.db.read() as s:
        due = await s.get(Timer, reminding.timer_id(it.id, "supplement"))
    institution.clock._now = due.due_at
    for _ in range(2):  # the loop of neither goes on to tell it
        await institution.desk.watch._remind(due)
    assert await heard(institution, it) == []
    await institution.fire()
    assert len(await heard(institution, it)) == 1
    assert (await institution.history(it)).count("reminded") == 1
