"""An application from the screened case to the end of the aid, by the people who decide."""

from datetime import date

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from router.applications import blocks, files, letters, promise, roots
from router.applications.assigning import candidates
from router.applications.errors import (
    ApplicationMovedOn,
    BadDecision,
    BadPaper,
    NotComplete,
    PromiseNeeded,
)
from router.applications.papers import checklist
from router.applications.status import LABELS, NEXT, NEXT_STEP, State
from router.conversations.models import Conversation, Evidence
from router.dispatch.models import Offer
from router.errors import ConflictOfInterest
from tests import factories
from tests.router.applications.conftest import FILLED, ID, PHOTO

VERSION = promise.current().version


def block(name):
    return next(one for one in blocks.BLOCKS if one.name == name)


async def test_what_the_case_knows_is_filled_in_and_can_be_corrected(institution):
    it = await institution.draft()
    assert it.form["matter"] == "labour_pay" and it.form["amount"] == "59000"
    assert it.form["opponent"] == "清河县示例建筑有限公司"
    assert it.form["groups"] == ["migrant_worker"] and it.form["household_size"] == "3"
    assert "老板欠我四个月工资" in it.form["story"]
    await institution.desk.save(it.id, block("case"), FILLED["case"] | {"amount": "60,000元"})
    assert (await institution.now(it)).form["amount"] == "60000"


async def test_a_case_has_one_application_however_often_it_is_begun(institution):
    talk = await institution.talk()
    first, again = await institution.desk.begin(talk.id), await institution.desk.begin(talk.id)
    assert first.id == again.id
    assert await institution.history(first) == ["draft"]


async def test_nothing_that_is_told_of_a_person_stands_readable_in_the_database(institution):
    it = await institution.filled()
    assert it.form["id_number"] == ID
    assert ID.encode() not in it.form_sealed and "张三".encode() not in it.form_sealed


async def test_who_is_not_done_cannot_submit_and_is_told_where(institution):
    it = await institution.draft()
    with pytest.raises(NotComplete):
        await institution.desk.submit(it.id, VERSION, "web")
    wrong = await institution.desk.save(
        it.id, block("person"), FILLED["person"] | {"id_number": ID[:-1] + "2"}
    )
    assert list(wrong) == ["id_number"]
    assert (await institution.now(it)).form["id_number"] == ID[:-1] + "2"  # nobody types twice


@pytest.mark.parametrize(
    ("typed", "kept", "wrong"), [("３", "3", False), ("①", "1", False), ("፩", "፩", True)]
)
def test_a_number_is_read_however_the_keyboard_writes_it(typed, kept, wrong):
    answers, faults = blocks.read(block("means"), {"household_size": typed}, {})
    assert answers["household_size"] == kept and ("household_size" in faults) is wrong


async def test_without_the_promise_as_it_stands_today_nothing_is_submitted(institution):
    it = await institution.filled()
    for version in ("", "2019-1"):
        with pytest.raises(PromiseNeeded):
            await institution.desk.submit(it.id, version, "web")
    await institution.desk.submit(it.id, VERSION, "web")
    kept = (await institution.now(it)).promise
    assert (kept["version"], kept["channel"]) == (VERSION, "web")
    assert kept["text"] == list(promise.current().text) and kept["at"].startswith("2026-03-02")


async def test_no_paper_at_all_stands_in_the_way_of_an_application(institution):
    it = await institution.submitted()  # not even the identity card's picture
    assert it.status == State.SUBMITTED


@pytest.mark.parametrize("matter", [None, "labour_pay", "domestic_violence", "support_custody"])
@pytest.mark.parametrize("means", [True, False])
def test_a_certificate_of_hardship_is_demanded_of_nobody(matter, means):
    lines = {line.item: line.need for line in checklist(matter, "self", means)}
    assert lines["hardship_certificate"] == lines["local_hukou"] == "never"
    assert ("status" in lines) is means and "proxy" not in lines


def test_a_disability_ends_the_verification_only_of_who_has_no_fixed_income():
    line = next(one for one in checklist(None, "self", True) if one.item == "status")
    group, status = line.label.split("或者")[::-1]
    assert group.startswith("没有固定生活来源的") and "残疾" in group and "残疾" not in status


def test_a_guardian_may_apply_also_for_who_is_only_partly_able():
    lead = block("who").lead
    assert "不能完全辨认" in lead and "监护人可以" in lead, "LAL 40 forbids nobody to apply alone"


async def test_whose_means_the_law_does_not_look_at_is_not_asked_for_them(institution):
    asked = await institution.draft(outcome="ELIGIBLE")
    not_asked = await institution.draft(outcome="NO_HARDSHIP")
    assert "means" in [one.name for one in blocks.blocks_of(asked.form)]
    assert "means" not in [one.name for one in blocks.blocks_of(not_asked.form)]


def test_who_applies_for_another_says_who_they_are():
    for who, has in (("self", False), ("guardian", True), ("detained", True)):
        names = [one.name for one in blocks.blocks_of({"who": who})]
        assert ("agent" in names) is has
    held = {"who": "detained", **FILLED["person"]}
    assert set(blocks.read(block("person"), held, held)[1]) == {"place_held", "organ"}


async def test_a_paper_is_what_its_content_says_and_is_kept_encrypted(institution):

    it = await institution.draft()
    for bad in (b"<html>", b"MZ\x90", b""):
        with pytest.raises(BadPaper):
            await institution.desk.papers.add(it.id, "wages", bad)
    with pytest.raises(BadPaper):
        await institution.desk.papers.add(it.id, "hardship_certificate", PHOTO)
    with pytest.raises(BadPaper) as refused:
        await institution.desk.papers.add(it.id, "张三的欠条", PHOTO)
    assert "张三" not in str(refused.value.ids), "they stand in the log"
    await institution.desk.papers.add(it.id, "wages", PHOTO)
    async with institution.db.read() as s:
        ((paper, _),) = await files.of(s, it)
        assert await files.content(s, it, paper.id) == ("image/jpeg", PHOTO)
        sealed = select(Evidence.content_sealed).where(Evidence.id == paper.evidence_id)
        assert PHOTO not in await s.scalar(sealed)
    await institution.desk.papers.drop(it.id, paper.id)
    async with institution.db.read() as s:
        assert await files.of(s, it) == [] and await s.get(Evidence, paper.evidence_id) is None


async def test_granted_it_goes_to_a_lawyer_whose_firm_is_not_the_other_sides(institution):
    it = await institution.submitted()
    await institution.desk.review.accept(it.id, institution.boss.id, "符合条件")
    wang = await factories.lawyer(institution.db, institution.clock, "王律师")
    zhao = await factories.lawyer(
        institution.db, institution.clock, "赵律师", fields=["labour_pay"]
    )
    busy = await factories.lawyer(institution.db, institution.clock, "钱律师", fields=["marriage"])
    await factories.client(institution.db, "清河县示例建筑有限责任公司", firm_id=wang.firm_id)

    async with institution.db.read() as s:
        named = [
            one.name
            for one in await candidates(s, await institution.now(it), institution.clock.now())
        ]
    assert named == ["赵律师"] and busy.name not in named
    with pytest.raises(ConflictOfInterest):
        await institution.desk.review.assign(it.id, institution.boss.id, wang.id)
    await institution.desk.review.assign(it.id, institution.boss.id, zhao.id)
    await institution.desk.casework.end(it.id, zhao.id, institution.an_end())
    await institution.desk.casework.report(it.id, zhao.id, "调解结案")
    steps = ["draft", "submitted", "accepted", "assigned", "ended", "closed"]
    assert await institution.history(it) == steps
    await institution.fire()
    said = " ".join(await institution.told(it))
    assert LABELS[State.ACCEPTED] in said and LABELS[State.ASSIGNED] in said
    assert said.count(it.reference) == 3  # of each step once; the report is between the staff


async def test_a_refusal_needs_reasons_and_articles_and_says_how_to_object(institution):

    it = await institution.submitted()
    for reasons, cites in (("", ["LAL 34"]), ("超过标准", []), ("超过标准", ["LAL 999"])):
        with pytest.raises(BadDecision):
            await institution.desk.review.refuse(it.id, institution.boss.id, reasons, cites)
    await institution.desk.review.refuse(it.id, institution.boss.id, "超过标准", ["LAL 34"])
    letter = letters.of(await institution.now(it), institution.parts.law.articles)
    text = "".join(letter["lines"])
    assert "超过标准" in text and "2026年3月17日前" in text and "第四十九条" in text
    assert letter["articles"] and letter["title"] == "不予法律援助决定书"


async def test_an_objection_goes_to_the_bureau_which_grants_or_upholds(institution):
    granted, upheld = await institution.refused(), await institution.refused()
    for it in (granted, upheld):
        await institution.desk.object(it.id, "我家里还有病人")
    assert (await institution.now(granted)).due_at.date() == date(2026, 3, 9)  # the 7th: Saturday
    await institution.desk.review.accept(granted.id, institution.boss.id, "情况属实")
    await institution.desk.review.uphold(upheld.id, institution.boss.id, "仍然超过标准")
    assert (await institution.now(granted)).status == State.ACCEPTED
    assert (await institution.now(upheld)).status == State.UPHELD


async def test_what_is_missing_is_told_once_and_never_again(institution):
    it = await institution.submitted()
    boss = institution.boss.id
    with pytest.raises(BadDecision):
        await institution.desk.review.ask_more(it.id, boss, [], date(2026, 3, 20))
    with pytest.raises(BadDecision):
        await institution.desk.review.ask_more(it.id, boss, ["工资条"], date(2026, 3, 2))
    await institution.desk.review.ask_more(it.id, boss, ["工资条", "欠条"], date(2026, 3, 20))
    await institution.desk.supply(it.id, "只有聊天记录")
    with pytest.raises(ApplicationMovedOn):
        await institution.desk.review.ask_more(it.id, boss, ["劳动合同"], date(2026, 3, 20))


async def test_what_nobody_has_asked_for_cannot_be_supplied(institution):
    for it in (await institution.draft(), await institution.submitted()):
        with pytest.raises(ApplicationMovedOn):
            await institution.desk.supply(it.id, "补上了")


async def test_only_when_the_day_is_over_does_silence_count_as_withdrawn(institution):
    it = await institution.submitted()
    boss = institution.boss.id
    await institution.desk.review.ask_more(it.id, boss, ["工资条"], date(2026, 3, 6))
    with pytest.raises(ApplicationMovedOn):
        await institution.desk.withdraw(it.id, boss)
    await institution.wait(5)
    assert (await institution.now(it)).overdue_at is not None
    await institution.desk.withdraw(it.id, boss, "到期没有补充，视为撤回")
    assert (await institution.now(it)).status == State.WITHDRAWN


async def test_passed_on_to_the_competent_institution_it_has_a_receipt(institution):
    it = await institution.submitted()
    await institution.desk.review.transfer(
        it.id, institution.boss.id, "邻县法律援助中心", "事由在邻县"
    )
    told = (await institution.now(it)).decision
    assert told["to"] == "邻县法律援助中心" and told["receipt"].startswith("ZB-")


async def test_two_reviewers_decide_once(institution):
    it = await institution.submitted()
    await institution.desk.review.accept(it.id, institution.boss.id, "")
    with pytest.raises(ApplicationMovedOn):
        await institution.desk.review.refuse(it.id, institution.boss.id, "超过标准", ["LAL 34"])
    assert await institution.history(it) == ["draft", "submitted", "accepted"]


async def test_a_lawyers_case_closed_as_an_application_opens_its_draft_once(institution):
    talk = await institution.talk()
    lawyer, ticket = await taken(institution, talk)
    await institution.parts.dispatch.close(ticket, lawyer.id, "aid_application")
    it = await institution.desk.of_ticket(ticket)
    assert (it.helper, it.status) == (lawyer.id, State.DRAFT)
    assert (await institution.desk.begin(talk.id)).id == it.id


async def taken(institution, talk, key="m-1"):
    """A duty lawyer has the citizen's trouble in hand: the lawyer, and the ticket's id."""
    lawyer = await factories.lawyer(institution.db, institution.clock)
    told = await institution.parts.routing.open_ticket(talk.id, key, "duty_lawyer")
    async with institution.db.read() as s:
        offer = await s.scalar(select(Offer).where(Offer.ticket_id == told["ticket"]))
    await institution.parts.dispatch.accept(offer.id, lawyer.id)
    return lawyer, told["ticket"]


async def test_who_closes_a_case_as_an_application_waits_for_nobody_who_writes_in_the_talk(
    institution,
):
    talk = await institution.talk()
    lawyer, ticket = await taken(institution, talk)
    locked = []

    def note(state):
        if getattr(state.statement, "_for_update_arg", None) is not None:
            locked.append(state.bind_mapper.class_)

    event.listen(Session, "do_orm_execute", note)
    try:
        await institution.parts.dispatch.close(ticket, lawyer.id, "aid_application")
    finally:
        event.remove(Session, "do_orm_execute", note)
    assert Conversation not in locked, "the ticket is locked: each line said locks the talk first"


async def test_begun_by_two_at_once_it_is_one(institution, monkeypatch):
    talk = await institution.talk()
    first = await institution.desk.begin(talk.id)
    look, looks = roots.grown, iter(["there is none yet"])
    monkeypatch.setattr(roots, "grown", lambda root: look(next(looks, root)))
    assert (await institution.desk.begin(talk.id)).id == first.id
    assert await institution.history(first) == ["draft"]


async def test_a_case_closed_while_the_talk_is_about_another_trouble_applies_for_its_own(
    institution,
):
    talk = await institution.talk()
    lawyer, ticket = await taken(institution, talk)
    await institution.parts.routing.next_case(talk.id)
    async with institution.db.write() as s:
        (await s.get(Conversation, talk.id)).intake = '{"label": "marriage"}'
    await institution.parts.dispatch.close(ticket, lawyer.id, "aid_application")
    it = await institution.desk.of_ticket(ticket)
    assert it.matter == "labour_pay" and it.screening_id
    other = await institution.desk.begin(talk.id)
    assert other.id != it.id and other.matter == "marriage"


async def test_who_opens_what_was_submitted_becomes_nobodys_typist(institution):
    it = await institution.submitted()
    lawyer = await factories.lawyer(institution.db, institution.clock)
    await institution.desk.begin(it.conversation_id, lawyer.id)
    assert (await institution.now(it)).helper is None


def test_every_state_has_words_for_people():
    assert set(NEXT) == set(LABELS) == set(NEXT_STEP) == set(State)
