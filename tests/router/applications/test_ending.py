"""先行提供、终止、更换、异议: aid before the papers, and aid that ends before the case does."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from router.applications import clocks, ending, letters
from router.applications.errors import ApplicationMovedOn, BadDecision, NotUrgent, SamePerson
from router.applications.models import Application
from router.applications.status import State
from router.clock import china_date
from tests import factories
from tests.router.applications.conftest import PHOTO
from tests.router.applications.test_pages import ORIGIN, begin, fill, reviewer, send  # noqa: F401

LIMIT, PRESERVE = ending.PRIOR_GROUNDS
UNTIL = date(2026, 3, 16)


async def first_aid(institution, ground=PRESERVE, ends=None, until=UNTIL):
    it = await institution.submitted()
    desk, boss = institution.desk.ending, institution.boss.id
    await desk.prior(it.id, boss, ground, ends, "要马上申请证据保全", ["身份证件"], until)
    return await institution.now(it)


@pytest.mark.parametrize(
    ("left", "urgent"), [(0, True), (6, True), (7, False), (8, False), (-1, None)]
)
async def test_less_than_seven_days_are_urgent_and_seven_are_not(institution, left, urgent):
    ends = china_date(institution.clock.now()) + timedelta(days=left)
    if urgent:
        assert (await first_aid(institution, LIMIT, ends)).status == State.ACCEPTED
        return
    with pytest.raises(NotUrgent if urgent is False else BadDecision):
        await first_aid(institution, LIMIT, ends)


@pytest.mark.parametrize(
    ("region", "ground", "good"),
    [("BJ", "BJ 29", True), ("990101", "BJ 29", False), ("BJ", "LAL 44(1)(3)", False)],
)
async def test_what_a_regions_own_text_adds_opens_prior_aid_there_alone(
    institution, region, ground, good
):
    """LAL 44(1)(3) names no case itself: the text that does is cited beside it."""
    it, boss = await institution.submitted(), institution.boss.id
    async with institution.db.write() as s:
        (await s.get(Application, it.id)).region = region
    given = (it.id, boss, ground, None, "不及时会有重大危险", [], UNTIL)
    if not good:
        with pytest.raises(BadDecision):
            await institution.desk.ending.prior(*given)
        return
    await institution.desk.ending.prior(*given)
    told = (await institution.now(it)).decision
    assert told["cites"] == ["LAL 44(1)(3)", ground, "LAL 44(2)"]
    letter = letters.of(await institution.now(it), institution.parts.law.articles)
    assert len(letter["articles"]) == 3


async def test_aid_comes_first_and_the_papers_later_and_a_person_confirms_them(institution):
    it = await first_aid(institution)
    assert (china_date(it.due_at), china_date(it.prior_due_at)) == (date(2026, 3, 5), UNTIL)
    letter = letters.of(it, institution.parts.law.articles)
    text = "".join(letter["lines"])
    assert "2026年3月16日前补办" in text and "三日内指派" in text and "身份证件" in text
    assert letter["title"] == "先行提供法律援助通知书" and len(letter["articles"]) == 2
    lawyer = await factories.lawyer(institution.db, institution.clock)
    await institution.desk.review.assign(it.id, institution.boss.id, lawyer.id)
    await institution.desk.papers.add(it.id, "identity", PHOTO)  # though the case is a lawyer's
    await institution.desk.ending.prior_supplied(it.id, "身份证补上了")
    await institution.desk.ending.prior_confirmed(it.id, institution.boss.id)
    now = await institution.now(it)
    assert (now.status, now.prior_due_at) == (State.ASSIGNED, None)
    with pytest.raises(ApplicationMovedOn):
        await institution.desk.ending.prior_supplied(it.id, "")
    await institution.wait(30)
    assert not {"prior_warned", "prior_overdue"} & set(await institution.history(it))


async def test_what_does_not_come_later_is_warned_of_then_alarmed_and_may_end_the_aid(institution):
    it = await first_aid(institution)
    lawyer = await factories.lawyer(institution.db, institution.clock)
    await institution.desk.review.assign(it.id, institution.boss.id, lawyer.id)
    await institution.wait(11.6)  # Friday the 13th, 23:24
    assert (await institution.now(it)).prior_warned_at is None
    await institution.wait(0.1)
    assert (await institution.now(it)).prior_warned_at is not None
    await institution.wait(2.9)  # Monday the 16th, 23:24
    assert (await institution.now(it)).prior_overdue_at is None
    await institution.wait(0.1)
    assert (await institution.now(it)).prior_overdue_at is not None
    async with institution.db.read() as s:
        assert (await institution.desk.watch.alarms(s))[1] == 1
    await institution.desk.ending.terminate(
        it.id, institution.boss.id, "LAL 48(1)(2)", "一直不补交"
    )
    async with institution.db.read() as s:
        assert (await institution.desk.watch.alarms(s))[1] == 0


@pytest.mark.parametrize(("until", "good"), [(date(2026, 4, 1), True), (date(2026, 4, 2), False)])
async def test_no_reviewer_gives_longer_than_the_office_allows(institution, until, good):
    """30 days from the 2nd of March end on the 1st of April."""
    boss, review = institution.boss.id, institution.desk.review
    it = await institution.submitted()
    if good:
        await review.ask_more(it.id, boss, ["欠条"], until)
        assert (await first_aid(institution, until=until)).status == State.ACCEPTED
        return
    with pytest.raises(BadDecision):
        await review.ask_more(it.id, boss, ["欠条"], until)
    with pytest.raises(BadDecision):
        await first_aid(institution, until=until)


@pytest.mark.parametrize("state", [State.ACCEPTED, State.ASSIGNED])
async def test_aid_is_ended_by_a_ground_of_the_law_with_a_letter_and_can_be_objected_to(
    institution, state
):
    it = await institution.submitted()
    boss, desk = institution.boss.id, institution.desk
    await desk.review.accept(it.id, boss, "")
    if state is State.ASSIGNED:
        lawyer = await factories.lawyer(institution.db, institution.clock)
        await desk.review.assign(it.id, boss, lawyer.id)
        await desk.ending.report(it.id, lawyer.id, "当事人自己请了律师")
        assert (await institution.now(it)).warned_at is not None
    for ground, reasons in (("LAL 34", "超过标准"), ("LAL 48(1)(6)", "")):
        with pytest.raises(BadDecision):
            await desk.ending.terminate(it.id, boss, ground, reasons)
    await desk.ending.terminate(it.id, boss, "LAL 48(1)(6)", "自行委托了律师")
    ended = await institution.now(it)
    text = "".join(letters.of(ended, institution.parts.law.articles)["lines"])
    assert "2026年3月17日前" in text and "五日内审查答复" in text and "自行委托了律师" in text
    assert (await institution.now(it)).warned_at is None
    await institution.wait(60)
    assert (await institution.now(it)).overdue_at is None  # nobody here owes an objection
    await desk.object(it.id, "是家里人请的，我不要")
    await desk.review.accept(it.id, boss, "情况属实，继续援助")
    again = await institution.now(it)
    assert (again.status, again.lawyer_id) == (State.ACCEPTED, None)
    await institution.fire()
    said = " ".join(await institution.told(it))
    assert said.count("决定终止法律援助") == 1


async def test_another_person_answers_the_objection_where_there_is_one(institution):
    it = await institution.refused()
    await institution.desk.object(it.id, "家里有病人")
    other = await factories.lawyer(
        institution.db, institution.clock, "另一位主管", role="supervisor", on_duty=False
    )
    for decide in (institution.desk.review.uphold, institution.desk.review.accept):
        with pytest.raises(SamePerson):
            await decide(it.id, institution.boss.id, "仍然超过")
    await institution.desk.review.uphold(it.id, other.id, "仍然超过")
    assert (await institution.now(it)).status == State.UPHELD


async def test_another_lawyer_is_due_in_the_same_days_as_the_first(institution):
    it = await institution.submitted()
    desk, boss = institution.desk, institution.boss.id
    lawyer = await factories.lawyer(institution.db, institution.clock)
    with pytest.raises(ApplicationMovedOn):
        await desk.ending.change(it.id, boss, "当事人要求")
    await desk.review.accept(it.id, boss, "")
    await desk.review.assign(it.id, boss, lawyer.id)
    await institution.wait(7)  # Monday the 9th
    await desk.ending.change(it.id, boss, "当事人要求更换")
    now = await institution.now(it)
    assert (now.lawyer_id, china_date(now.due_at)) == (None, date(2026, 3, 12))


async def test_a_detained_persons_application_that_our_lawyer_takes_down_is_here_in_a_day(
    institution,
):
    it = await institution.draft(detained=True)
    lawyer = await factories.lawyer(institution.db, institution.clock)
    await institution.desk.help(it.id, lawyer.id, "window", "本人")
    begun = institution.clock.now()
    assert (await institution.now(it)).due_at == begun + timedelta(hours=24)
    await institution.wait(20.1 / 24)
    warned = await institution.now(it)
    assert warned.warned_at is not None and warned.overdue_at is None
    await institution.wait(4 / 24)
    assert (await institution.now(it)).overdue_at is not None
    at_liberty = await institution.draft()
    await institution.desk.help(at_liberty.id, lawyer.id, "window", "本人")
    assert (await institution.now(at_liberty)).due_at is None


async def test_killed_after_the_commit_before_the_citizen_heard_they_hear_it_once(
    institution, monkeypatch
):
    it = await institution.submitted()

    async def die(news):
        raise RuntimeError("killed")

    monkeypatch.setattr(institution.parts.events, "publish", die)
    await institution.desk.review.refuse(it.id, institution.boss.id, "超过标准", ["LAL 34"])
    await institution.fire()
    monkeypatch.undo()
    assert await institution.told(it) == []
    for _ in range(2):
        await institution.fire()
    assert len(await institution.told(it)) == 1


async def test_urgent_aid_and_an_objection_to_its_end_on_the_pages(institution, client, reviewer):  # noqa: F811
    reference, _ = await begin(institution, client)
    await fill(client)
    await send(client)
    async with institution.db.read() as s:
        from router.applications.models import Application

        it = await s.scalar(select(Application).where(Application.reference == reference))
    where = f"/desk/applications/{it.id}"
    assert "先行提供法律援助" in (await reviewer.get(where)).text
    given = {"ground": LIMIT, "ends": "2026-03-09", "words": "时效快到", "until": "2026-03-16",
             "more": "身份证件"}  # fmt: skip
    seven = await reviewer.post(f"{where}/prior", data=given)
    assert seven.status_code == 422 and "不足七日" in seven.text
    done = await reviewer.post(f"{where}/prior", data=given | {"ends": "2026-03-08"})
    assert done.status_code == 303
    status = await client.get("/apply/status")
    assert "先行提供，手续后补" in status.text and "3月16日" in status.text
    added = await client.post(
        "/apply/papers", data={"item": "identity"}, files={"file": ("a.jpg", PHOTO)}, headers=ORIGIN
    )
    assert added.status_code == 303
    assert (await client.post("/apply/completed", headers=ORIGIN)).status_code == 303
    assert "当事人已补办手续" in (await reviewer.get(where)).text
    assert (await reviewer.post(f"{where}/confirm")).status_code == 303
    assert "手续后补" not in (await client.get("/apply/status")).text
    ended = {"ground": "LAL 48(1)(4)", "words": "收入有了变化"}
    assert (await reviewer.post(f"{where}/terminate", data=ended)).status_code == 303
    status = await client.get("/apply/status")
    assert "收入有了变化" in status.text and "提出异议" in status.text
    objected = await client.post("/apply/object", data={"words": "没有变化"}, headers=ORIGIN)
    assert objected.status_code == 303
    assert "审查异议" in (await reviewer.get(where)).text
    letter = await client.get("/apply/pdf/letter")
    assert letter.content[:5] == b"%PDF-"


async def test_every_application_of_ones_talk_is_reached_from_it(institution, client):
    first, _ = await begin(institution, client)
    async with institution.db.read() as s:
        from router.applications.models import Application

        old = await s.scalar(select(Application).where(Application.reference == first))
    await institution.parts.routing.next_case(old.conversation_id)
    assert (await client.get("/apply")).headers["location"] == "/apply/status"  # it is open
    door = await client.get("/apply?another=1")
    assert first in door.text
    opened = await client.post("/apply/begin", data={"application": old.id}, headers=ORIGIN)
    assert opened.status_code == 200 and first in opened.text
    strange = await institution.draft()
    refused = await client.post("/apply/begin", data={"application": strange.id}, headers=ORIGIN)
    assert refused.status_code == 401


def test_clocks_are_written_in_letters_as_the_file_has_them():
    words = {name: clocks.span_words(name) for name in clocks.rules()}
    assert (words["answer"], words["assignment"], words["review"]) == ("五日", "三日", "七日")
    assert (words["objection"], words["custody"]) == ("十五日", "二十四小时")


async def test_a_refused_debt_claim_objects_and_another_supervisor_answers(
    institution, client, reviewer  # noqa: F811
):  # fmt: skip
    from router.applications.models import Application
    from tests.router.applications.conftest import CASE

    reference, _ = await begin(institution, client)
    await fill(client)
    debt = CASE | {"matter": "debt", "story": "朋友借钱不还", "wanted": "litigation"}
    await client.post("/apply/form/case", data=debt, headers=ORIGIN)
    await send(client)
    async with institution.db.read() as s:
        it = await s.scalar(select(Application).where(Application.reference == reference))
    where = f"/desk/applications/{it.id}"
    refused = {"words": "不在范围内", "cites": "LAL 31"}
    assert (await reviewer.post(f"{where}/refuse", data=refused)).status_code == 303
    await client.post("/apply/object", data={"words": "我是残疾人"}, headers=ORIGIN)
    other = await factories.lawyer(
        institution.db, institution.clock, "另一位主管", role="supervisor", on_duty=False
    )
    same = await reviewer.post(f"{where}/uphold", data={"words": "仍不在范围内"})
    assert same.status_code == 409 and "另一位主管" in same.text
    await institution.desk.review.uphold(it.id, other.id, "仍不在范围内")
    status = await client.get("/apply/status")
    assert "维持原决定" in status.text and "行政复议" in status.text
