"""双人复核: where the office wants it, one drafts, another confirms, and before that nothing is."""

import asyncio
import re
from datetime import date

import pytest
from sqlalchemy import select

from router import audit
from router.applications import moves, second
from router.applications.errors import (
    ApplicationMovedOn,
    BadDecision,
    DraftWaits,
    OwnDraft,
    SamePerson,
)
from router.applications.status import State
from router.clock import china_date
from tests import factories
from tests.router.applications.test_pages import ORIGIN, begin, browser, fill, reviewer, send  # noqa: F401

HERE, ELSEWHERE = "990101", "990102"


@pytest.fixture
async def two(institution, monkeypatch):
    """The office of this region wants two; its second supervisor."""
    monkeypatch.setattr(second, "offices", lambda: second.Offices(regions=frozenset({HERE})))
    return await supervisor(institution, "孙主管")


async def supervisor(institution, name):
    given = {"role": "supervisor", "on_duty": False}
    return await factories.lawyer(institution.db, institution.clock, name, **given)


async def drafted(institution):
    """Who began has drafted a refusal: the application, and its draft's number."""
    it = await institution.refused()
    return it, it.draft["number"]


async def actions(institution, it):
    query = select(audit.AuditEntry).where(audit.AuditEntry.about == it.id)
    async with institution.db.read() as s:
        rows = await s.scalars(query.order_by(audit.AuditEntry.id))
        return [(row.action, row.who) for row in rows]


@pytest.mark.parametrize(("office", "state"), [(ELSEWHERE, "refused"), (HERE, "submitted")])
async def test_two_are_wanted_only_where_the_office_says_so(
    institution, monkeypatch, office, state
):
    assert second.offices().regions == frozenset(), "as delivered nobody is asked for a second one"
    monkeypatch.setattr(second, "offices", lambda: second.Offices(regions=frozenset({office})))
    assert (await institution.refused()).status == state


async def test_until_another_confirms_nothing_has_happened_and_the_clock_runs_on(institution, two):
    it, number = await drafted(institution)
    await institution.wait(5)
    waits = await institution.now(it)
    assert (waits.status, waits.decision, china_date(waits.due_at)) == (
        "submitted", {}, date(2026, 3, 9),
    )  # fmt: skip
    assert await institution.told(it) == []
    await institution.wait(3)  # the 10th: nobody stops the clock by drafting
    assert (await institution.now(it)).overdue_at is not None
    await institution.desk.review.confirm(it.id, two.id, number)
    await institution.fire()
    now = await institution.now(it)
    assert (now.status, now.drafted_by, now.draft) == ("refused", None, {})
    assert china_date(now.due_at).isoformat() == now.decision["until"] == "2026-03-25"
    assert len(await institution.told(it)) == 1
    boss = institution.boss.id
    assert (await actions(institution, it))[-2:] == [
        ("application_drafted_refused", boss), ("application_refused", two.id),
    ]  # fmt: skip
    steps = ["draft", "submitted", "drafted_refused", "warned", "overdue", "refused"]
    assert await institution.history(it) == steps


async def test_who_drafted_does_not_confirm_but_may_take_it_back(institution, two):
    it, number = await drafted(institution)
    review, boss = institution.desk.review, institution.boss.id
    with pytest.raises(OwnDraft):
        await review.confirm(it.id, boss, number)
    await review.send_back(it.id, boss, number, "")
    assert (await institution.now(it)).drafted_by is None
    with pytest.raises(ApplicationMovedOn):
        await review.confirm(it.id, two.id, number)
    assert (await institution.history(it))[-1] == "draft_taken_back"


async def test_the_second_sends_it_back_with_a_reason_and_reads_the_new_draft(institution, two):
    it, first = await drafted(institution)
    review, boss = institution.desk.review, institution.boss.id
    with pytest.raises(BadDecision):
        await review.send_back(it.id, two.id, first, "")
    await review.send_back(it.id, two.id, first, "收入没有扣医药费，请重算")
    await review.accept(it.id, boss, "扣除后符合条件")
    fresh = (await institution.now(it)).draft["number"]
    with pytest.raises(ApplicationMovedOn):
        await review.confirm(it.id, two.id, first)  # a page that was opened before
    await review.confirm(it.id, two.id, fresh)
    now = await institution.now(it)
    assert now.status == State.ACCEPTED and now.decision["reasons"] == "扣除后符合条件"
    assert china_date(now.due_at) == date(2026, 3, 5), "three days from the decision"


async def test_one_thing_is_decided_at_a_time(institution, two):
    it, _ = await drafted(institution)
    review, boss, day = institution.desk.review, two.id, date(2026, 3, 20)
    for other in (
        review.accept(it.id, boss, ""),
        review.refuse(it.id, boss, "不符合", ["LAL 34"]),
        review.ask_more(it.id, boss, ["欠条"], day),
        review.transfer(it.id, boss, "邻县", "事由在邻县"),
        institution.desk.ending.prior(it.id, boss, "LAL 44(1)(2)", None, "保全", [], day),
    ):
        with pytest.raises(DraftWaits):
            await other
    await institution.desk.withdraw(it.id)  # the applicant need not wait
    now = await institution.now(it)
    assert (now.status, now.drafted_by, now.draft) == ("withdrawn", None, {})


async def test_confirmed_and_sent_back_at_once_only_one_of_them_happens(institution, two):
    it, number = await drafted(institution)
    third = await supervisor(institution, "周主管")
    review = institution.desk.review
    came = await asyncio.gather(
        review.confirm(it.id, two.id, number),
        review.send_back(it.id, third.id, number, "再看看"),
        return_exceptions=True,
    )
    assert {type(one) for one in came} == {type(None), ApplicationMovedOn}
    last = (await institution.history(it))[-1]
    assert last == ("draft_sent_back" if came[0] else "refused")


async def test_killed_while_it_is_confirmed_it_still_waits_and_is_told_once(
    institution, two, monkeypatch
):
    it, number = await drafted(institution)

    def killed(*_):
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(moves, "_tell", killed)
        with pytest.raises(RuntimeError):
            await institution.desk.review.confirm(it.id, two.id, number)
    waits = await institution.now(it)
    assert (waits.status, waits.drafted_by) == ("submitted", institution.boss.id)
    await institution.desk.review.confirm(it.id, two.id, number)
    await institution.fire()
    assert len(await institution.told(it)) == 1


async def test_an_end_of_aid_that_waits_outlasts_the_assignment_but_not_the_lawyers_end(
    institution, two
):
    it, number = await drafted(institution)
    review, ending, boss = institution.desk.review, institution.desk.ending, institution.boss.id
    await review.send_back(it.id, boss, number, "")
    await review.accept(it.id, boss, "")
    await review.confirm(it.id, two.id, (await institution.now(it)).draft["number"])
    await ending.terminate(it.id, two.id, "LAL 48(1)(6)", "自行委托了律师")
    lawyer = await factories.lawyer(institution.db, institution.clock)
    await review.assign(it.id, boss, lawyer.id)
    waits = await institution.now(it)
    assert (waits.status, waits.drafted_by) == ("assigned", two.id)
    await review.confirm(it.id, boss, waits.draft["number"])
    ended = await institution.now(it)
    assert (ended.status, ended.decision["cites"]) == ("terminated", ["LAL 48(1)(6)"])
    assert ended.decision["until"] == "2026-03-17"

    await institution.desk.object(it.id, "是家里人请的，我不要")
    await review.accept(it.id, boss, "情况属实")  # of an objection: no draft; there is no third one
    await review.assign(it.id, boss, lawyer.id)
    await ending.terminate(it.id, boss, "LAL 48(1)(6)", "又自行委托了律师")
    await institution.desk.casework.end(it.id, lawyer.id, institution.an_end())
    assert (await institution.now(it)).drafted_by is None


async def test_neither_of_the_two_answers_the_objection_where_there_is_a_third(institution, two):
    it, number = await drafted(institution)
    review = institution.desk.review
    await review.confirm(it.id, two.id, number)
    await institution.desk.object(it.id, "家里有病人")
    third = await supervisor(institution, "周主管")
    for one in (institution.boss, two):
        with pytest.raises(SamePerson):
            await review.uphold(it.id, one.id, "仍然超过标准")
    await review.uphold(it.id, third.id, "仍然超过标准")
    assert (await institution.now(it)).status == State.UPHELD


async def test_the_page_shows_what_waits_with_its_letter_and_to_whom(
    institution, app, client, reviewer, two  # noqa: F811
):  # fmt: skip
    await begin(institution, client)
    await fill(client)
    await send(client)
    where = re.search(r"/desk/applications/\w{32}", (await reviewer.get("/desk/applications")).text)
    told = {"words": "家庭收入超过标准", "cites": "LAL 34"}
    assert (await reviewer.post(f"{where[0]}/refuse", data=told)).status_code == 303
    own, listed = await reviewer.get(where[0]), await reviewer.get("/desk/applications")
    assert "等另一位主管确认" in own.text and "同意，作出决定" not in own.text
    assert "/refuse" not in own.text and "您起草、等别人复核的" in listed.text
    status = (await client.get("/apply/status")).text
    assert "超过标准" not in status and "3月9日前作出决定" in status

    async with institution.db.write() as s:
        row = await s.get(type(two), two.id)
        row.password_hash = (await s.get(type(two), institution.boss.id)).password_hash
    async with browser(app) as other:
        await other.post("/desk/login", data={"login": two.login, "password": "a-good-password"})
        assert "等您复核的决定" in (await other.get("/desk/applications")).text
        page = (await other.get(where[0])).text
        assert "不予法律援助决定书" in page and "2026年3月17日前" in page and "李主管" in page
        number = re.search(r'name="number" value="(\d+)"', page)[1]
        empty = await other.post(f"{where[0]}/draft-back", data={"number": number})
        assert empty.status_code == 422
        done = await other.post(f"{where[0]}/countersign", data={"number": number}, headers=ORIGIN)
        assert done.status_code == 303
        assert "等您复核" not in (await other.get("/desk/applications")).text
    assert "超过标准" in (await client.get("/apply/status")).text


async def test_the_lawyer_of_the_case_does_not_read_what_is_only_drafted(
    institution, app, monkeypatch
):
    from router.lawyers.models import Lawyer
    from router.lawyers.service import hash_password

    it, lawyer = await institution.assigned()
    monkeypatch.setattr(second, "offices", lambda: second.Offices(regions=frozenset({HERE})))
    boss = institution.boss.id
    await institution.desk.ending.terminate(it.id, boss, "LAL 48(1)(1)", "隐瞒了房产")
    async with institution.db.write() as s:
        row = await s.get(Lawyer, lawyer.id)
        row.password_hash = hash_password("a-good-password")
    async with browser(app) as web:
        await web.post("/desk/login", data={"login": row.login, "password": "a-good-password"})
        page = (await web.get(f"/desk/applications/{it.id}")).text
        assert "已指派律师" in page and "起草" not in page and "隐瞒了房产" not in page
        assert "等复核" not in (await web.get("/desk/applications")).text
        tried = {"number": (await institution.now(it)).draft["number"]}
        refused = await web.post(f"/desk/applications/{it.id}/countersign", data=tried)
        assert refused.status_code == 403
