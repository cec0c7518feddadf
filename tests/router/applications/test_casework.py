"""From the assignment to the closed file: contract, progress, the end, the recipient's word, and
what a sample of the files is worth."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from router.applications.casework import quality
from router.applications.casework.models import AidCase, QualityDraw, QualityReview
from router.applications.casework.money import fen, yuan
from router.applications.errors import ApplicationMovedOn, BadCaseDay, BadDecision, OwnFile
from router.applications.status import State
from router.clock import china_date
from router.conversations.models import Message
from router.dispatch.models import Timer
from router.errors import Forbidden
from tests import factories

DAY = date(2026, 3, 2)  # Monday: today


async def case_of(institution, it) -> AidCase:
    async with institution.db.read() as s:
        return await s.get_one(AidCase, it.id)


async def timer_of(institution, it) -> Timer | None:
    async with institution.db.read() as s:
        return await s.get(Timer, f"application-{it.id}")


async def test_the_agreement_is_to_be_signed_within_five_days_and_its_clock_ends_with_it(
    institution,
):
    it, lawyer = await institution.assigned()
    assert china_date(it.due_at) == date(2026, 3, 9)  # the fifth day is a Saturday: Monday
    await institution.wait(5)
    assert (await institution.now(it)).warned_at is not None
    await institution.desk.casework.signed(it.id, lawyer.id, date(2026, 3, 6))
    kept = await institution.now(it)
    assert (kept.due_at, kept.warned_at, kept.status) == (None, None, State.ASSIGNED)
    assert await timer_of(institution, it) is None
    await institution.wait(30)
    assert (await institution.now(it)).overdue_at is None
    with pytest.raises(ApplicationMovedOn):
        await institution.desk.casework.signed(it.id, lawyer.id, date(2026, 3, 6))


async def test_an_agreement_that_is_not_signed_in_time_is_an_alarm(institution):
    it, _ = await institution.assigned()
    await institution.wait(7.5)  # Monday 9 March, in the evening
    assert (await institution.now(it)).overdue_at is None
    await institution.wait(0.5)
    assert (await institution.now(it)).overdue_at is not None
    async with institution.db.read() as s:
        assert await institution.desk.watch.alarms(s) == (0, 1)


@pytest.mark.parametrize(("days", "fits"), [(-1, False), (0, True), (1, False)])
async def test_a_day_lies_between_the_decision_and_today(institution, days, fits):
    it, lawyer = await institution.assigned()
    step = institution.desk.casework.signed(it.id, lawyer.id, DAY + timedelta(days=days))
    if fits:
        await step
    else:
        with pytest.raises(BadCaseDay):
            await step


async def test_progress_is_told_to_the_recipient_only_where_it_is_meant_for_them(institution):
    it, lawyer = await institution.assigned()
    await institution.fire()
    before = len(await institution.told(it))
    work = institution.desk.casework
    await work.progress(it.id, lawyer.id, DAY, "对方可能转移财产", False)
    await institution.fire()
    assert len(await institution.told(it)) == before
    await work.progress(it.id, lawyer.id, DAY, "已申请仲裁", True)
    await institution.fire()
    said = await institution.told(it)
    assert len(said) == before + 1 and "新进展" in said[-1] and "仲裁" not in said[-1]
    with pytest.raises(BadDecision):
        await work.progress(it.id, lawyer.id, DAY, "长" * 501, True)


async def test_the_report_is_due_fifteen_days_from_the_end_not_from_its_writing_down(institution):
    it, lawyer = await institution.assigned()
    await institution.wait(10)
    end = institution.an_end(on=date(2026, 3, 4))
    await institution.desk.casework.end(it.id, lawyer.id, end)
    now = await institution.now(it)
    assert (now.status, china_date(now.due_at)) == (State.ENDED, date(2026, 3, 19))
    assert now.decision["result"] == "仲裁调解，拿回5万元"
    with pytest.raises(BadDecision):
        await institution.desk.casework.report(it.id, lawyer.id, "")
    await institution.desk.casework.report(it.id, lawyer.id, "调解结案")
    kept = await case_of(institution, it)
    assert (await institution.now(it)).status == State.CLOSED
    assert (kept.recovered, kept.waived, kept.report) == (5_000_000, 1_000, "调解结案")
    assert "调解结案".encode() not in kept.report_sealed
    with pytest.raises(ApplicationMovedOn):
        await institution.desk.casework.end(it.id, lawyer.id, end)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("59000", 5_900_000), ("59,000.5元", 5_900_050), ("０．０１", 1), ("", 0), ("0", 0),
     ("1.234", None), ("-5", None), ("五万", None), ("5万", None), ("1e3", None),
     ("100000000000", 10**13), ("100000000001", None)],
)  # fmt: skip
def test_money_is_kept_in_whole_fen(typed, kept):
    assert fen(typed) == kept


def test_money_is_shown_as_people_write_it():
    assert [yuan(one) for one in (0, 5, 5_900_000, 5_900_050)] == [
        "0",
        "0.05",
        "59,000",
        "59,000.50",
    ]


async def test_the_recipient_answers_in_the_talk_once_and_the_bot_is_not_asked(institution, bot):
    it, _ = await institution.ended()
    await institution.fire()
    talk = await factories.conversation(institution.db, institution.clock)
    turns = institution.parts.gateway.turns
    [aside] = turns.asides
    assert await aside(talk.id, "对援助满意") == ""  # nothing was asked there: the bot's turn
    assert await aside(it.conversation_id, "我还有一件事") == ""
    assert (await case_of(institution, it)).satisfied is None
    assert "已经记下" in await aside(it.conversation_id, "对援助不满意")
    assert "已经记下" in await aside(
        it.conversation_id, "对援助满意"
    )  # played again: the first counts
    assert (await case_of(institution, it)).satisfied == "no"


async def test_the_question_comes_with_its_buttons_where_the_citizen_reads(institution):
    it, _ = await institution.ended()
    await institution.fire()
    query = select(Message).where(Message.conversation_id == it.conversation_id)
    async with institution.db.read() as s:
        last = (await s.scalars(query.order_by(Message.seq.desc()))).first()
    assert "满意吗" in last.text
    assert [one["say"] for one in last.extra["buttons"]] == [
        "对援助满意",
        "对援助基本满意",
        "对援助不满意",
    ]


async def test_the_same_seed_draws_the_same_files_in_any_order():
    files = [(str(n), f"SQ-{n:04}") for n in range(50)]
    first = quality.chosen(files, "a", 10)
    assert first == quality.chosen(files[::-1], "a", 10) and len(set(first)) == 10
    assert first != quality.chosen(files, "b", 10)
    assert quality.chosen(files, "a", 60) and len(quality.chosen(files, "a", 60)) == 50


async def drawn(institution, size=5, seed="s") -> list[QualityReview]:
    await institution.desk.quality.draw(institution.boss.id, DAY, DAY, size, seed)
    async with institution.db.read() as s:
        return list(await s.scalars(select(QualityReview)))


async def test_a_file_is_drawn_once_in_its_life_and_every_draw_can_be_made_again(institution):
    done = [(await institution.closed())[0].id for _ in range(4)]
    await institution.ended()  # not handed in yet: no file
    first = await drawn(institution, size=3)
    assert len(first) == 3 and {one.application_id for one in first} < set(done)
    institution.clock._now += timedelta(minutes=1)
    both = await drawn(institution, size=3, seed="other")
    assert {one.application_id for one in both} == set(done)
    with pytest.raises(BadDecision):
        await drawn(institution)  # nothing is left
    async with institution.db.read() as s:
        for draw in await s.scalars(select(QualityDraw)):
            assert await quality.agrees(s, draw)
    async with institution.db.write() as s:
        (await s.get(QualityDraw, first[0].draw_id)).seed = "forged"
    async with institution.db.read() as s:
        forged = await s.get(QualityDraw, first[0].draw_id)
        same = set(quality.chosen(await quality.files_of(s, forged), "forged", 3))
        assert await quality.agrees(s, forged) is (same == {one.application_id for one in first})


async def test_nobody_grades_their_own_file_and_a_grade_has_reasons_and_stands(institution):
    it, lawyer = await institution.closed()
    [review] = await drawn(institution)
    desk, boss = institution.desk.quality, institution.boss
    other = await factories.lawyer(institution.db, institution.clock, "钱律师")
    with pytest.raises(OwnFile):
        await desk.give(review.id, boss.id, lawyer.id)
    with pytest.raises(OwnFile):
        await desk.grade(review.id, lawyer, "excellent", "办得好")
    with pytest.raises(Forbidden):
        await desk.grade(review.id, other, "good", "没有交给我")
    await desk.give(review.id, boss.id, other.id)
    async with institution.db.read() as s:
        assert await quality.reads(s, it.id, other.id)
        assert not await quality.reads(s, it.id, lawyer.id)
    with pytest.raises(Forbidden):
        await desk.grade(review.id, boss, "good", "交给别人评了")
    with pytest.raises(BadDecision):
        await desk.grade(review.id, other, "good", "")
    await desk.grade(review.id, other, "good", "程序完整")
    with pytest.raises(ApplicationMovedOn):
        await desk.grade(review.id, other, "failed", "再看一眼")
    async with institution.db.read() as s:
        kept = await s.get_one(QualityReview, review.id)
        assert (kept.grade, kept.reasons) == ("good", "程序完整")
        assert not await quality.reads(s, it.id, other.id)
