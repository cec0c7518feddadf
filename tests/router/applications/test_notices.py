"""The criminal lane: what courts, procuratorates and the police notify us of, from its number to
the letter that names the lawyer."""

import asyncio
import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from router.applications import lanes, letters
from router.applications.assigning import candidates
from router.applications.errors import TooFewYears
from router.applications.models import Application
from router.applications.status import State
from router.clock import china_date
from router.demo import seed_demo
from router.dispatch.models import Timer
from router.errors import ConflictOfInterest
from router.lawyers.service import hash_password
from router.referrals import partners
from router.referrals.models import Referral, ReferralEvent
from router.referrals.schemas import Notice
from router.tickets.models import Ticket
from tests import factories
from tests.fake_partner import EXAMPLE, Way
from tests.router.applications.test_pages import browser

NOTICE = {
    "kind": "must_notify", "number": "（2026）示法刑援1号", "ground": "minor",
    "person": {"name": "李四", "place_held": "清河县看守所", "guardian": "李大"},
    "case_no": "（2026）示0101刑初7号", "stage": "first", "charge": "盗窃",
    "handler": "赵法官", "handler_phone": "010-66660000",
}  # fmt: skip


class Court:
    """A court's computer and what our office makes of what it sends."""

    def __init__(self, institution, way, partner) -> None:
        self.office, self.way, self.partner = institution, way, partner
        self.db, self.clock = institution.db, institution.clock

    async def notify(self, **given):
        return await self.way.post(json.dumps(NOTICE | given, ensure_ascii=False))

    async def file(self, **given) -> Application:
        told = (await self.notify(**given)).json()
        return await self.of(told["receipt"])

    async def of(self, receipt: str) -> Application:
        query = select(Application).join(Referral, Referral.id == Application.referral_id)
        async with self.db.read() as s:
            return (await s.scalars(query.where(Referral.receipt == receipt))).one()

    async def heard(self, file: Application) -> list[tuple[str, str]]:
        """State and words, as the organ's computer was told them."""
        query = select(ReferralEvent).where(ReferralEvent.referral_id == file.referral_id)
        async with self.db.read() as s:
            rows = await s.scalars(query.order_by(ReferralEvent.seq))
            return [(row.now, row.words) for row in rows]

    async def count(self, row: type) -> int:
        async with self.db.read() as s:
            return await s.scalar(select(func.count()).select_from(row))


@pytest.fixture
async def court(institution, client) -> Court:
    async with institution.db.write() as s:
        partner, _ = await partners.add(
            s, institution.clock.now(), name="fayuan", label="清河县人民法院", region="990101",
            days=5, url="http://127.0.0.1:9/",
        )  # fmt: skip
        key = await partners.new_key(s, partner, ("send",), institution.clock.now())
    return Court(institution, Way(client, key), partner)


@pytest.mark.parametrize(
    ("kind", "ground", "due"),
    [
        ("must_notify", "minor", "2026-03-05"),  # Monday the 2nd and three days (LAL 36)
        ("may_notify", "other_trial", "2026-03-05"),
        ("duty_help", "guilty_plea", "2026-03-03"),
    ],
)
async def test_a_notice_is_a_file_with_its_clock_and_nobody_asks_for_means(
    court, kind, ground, due
):
    answer = await court.notify(kind=kind, ground=ground)
    told = answer.json()
    assert answer.status_code == 201, answer.text
    assert told["receipt"].startswith("ZB-") and told["reference"].startswith("SQ-")
    assert told["due"].startswith(due)
    file = await court.of(told["receipt"])
    assert file.status == State.ACCEPTED and not file.form["means"]
    assert china_date(file.due_at).isoformat() == due
    async with court.db.read() as s:
        assert (await s.get(Ticket, file.ticket_id)).status == "closed"  # no duty lawyer is asked
    assert "李四".encode() not in file.form_sealed + file.notice_sealed


async def test_the_same_number_is_the_same_receipt_however_often_and_at_once(court):
    sent = await asyncio.gather(*(court.notify() for _ in range(4)))
    assert sorted(one.status_code for one in sent) == [200, 200, 200, 201]
    assert len({one.json()["receipt"] for one in sent}) == 1
    other = (await court.notify(charge="抢劫")).json()
    assert other["code"] == "SameNumberOtherBody"
    case = (await court.way.send(number=NOTICE["number"])).json()
    assert case["code"] == "SameNumberOtherBody"  # nor does a case of that number replace it
    assert [await court.count(row) for row in (Application, Referral, Ticket)] == [1, 1, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "other"},
        {"ground": "guilty_plea"},  # of another kind
        {"ground": "nothing"},
        {"handler_phone": "李四"},
        {"kind": "custody_application", "ground": "detained"},  # without when they asked
        {"asked_at": "2026-03-02T08:00:00+08:00"},
        {"income": 3},
    ],
)
async def test_what_is_wrong_is_named_and_nothing_of_it_is_kept(court, wrong):
    answer = await court.notify(**wrong)
    assert answer.status_code == 422 and "李四" not in answer.text
    assert await court.count(Application) == await court.count(Ticket) == 0


async def test_a_case_without_a_kind_still_goes_to_a_duty_lawyer(court):
    receipt = (await court.way.post(json.dumps(EXAMPLE))).json()["receipt"]
    async with court.db.read() as s:
        referral = await s.scalar(select(Referral).where(Referral.receipt == receipt))
        assert (await s.get(Ticket, referral.ticket_id)).status in ("open", "offered")
    assert await court.count(Application) == 0


async def test_the_staff_are_warned_a_day_before_and_alarmed_when_three_days_are_over(court):
    file = await court.file()  # due at the end of Thursday the 5th
    await court.office.wait(1.6)  # Tuesday, 23:24
    assert (await court.office.now(file)).warned_at is None
    await court.office.wait(0.1)
    assert (await court.office.now(file)).warned_at is not None
    await court.office.wait(1.9)  # Thursday, 23:24
    assert (await court.office.now(file)).overdue_at is None
    await court.office.wait(0.1)
    assert (await court.office.now(file)).overdue_at is not None
    async with court.db.read() as s:
        assert (await court.office.desk.watch.alarms(s))[1] == 1


async def test_the_organ_hears_which_lawyer_and_how_it_ended(court):
    file = await court.file()
    wang = await factories.lawyer(court.db, court.clock)
    desk = court.office.desk
    await desk.review.assign(file.id, court.office.boss.id, wang.id)
    state, words = (await court.heard(file))[-1]
    assert state == "accepted" and "已指派：王律师" in words
    async with court.db.read() as s:
        pushes = await s.scalars(select(Timer).where(Timer.kind == "referral_push"))
        assert len(list(pushes)) == 1
        due = select(Timer).where(Timer.kind == "referral_due")
        assert await s.scalar(due) is None  # what the organ waited for is there
    letter = letters.of(await court.office.now(file), court.office.parts.law.articles)
    assert letter["to"] == "清河县人民法院" and letter["title"] == "法律援助公函"
    text = "".join(letter["lines"])
    for told in (NOTICE["number"], NOTICE["case_no"], "李四", "王律师", "第三十六条"):
        assert told in text
    zhao = await factories.lawyer(court.db, court.clock, "赵律师")
    await desk.ending.change(file.id, court.office.boss.id, "王律师生病")
    await desk.review.assign(file.id, court.office.boss.id, zhao.id)
    await desk.casework.end(
        file.id, zhao.id, court.office.an_end(outcome="defended", words="判处缓刑")
    )
    said = await court.heard(file)
    assert [state for state, _ in said] == ["sent", "accepted", "accepted", "accepted", "closed"]
    assert "赵律师" in said[3][1] and said[4][1] == "判处缓刑"


async def test_a_notice_that_is_not_ours_goes_back_with_the_reason(court):
    file = await court.file()
    await court.office.desk.ending.send_back(file.id, court.office.boss.id, "由邻县机构管辖")
    assert (await court.heard(file))[-1] == ("returned", "由邻县机构管辖")
    assert (await court.office.now(file)).status == State.RETURNED


async def test_death_and_life_need_three_years_of_defence_to_the_day(court):
    file = await court.file(ground="life_or_death")
    today = china_date(court.clock.now())
    old = await factories.lawyer(
        court.db, court.clock, "老律师", defends_since=today.replace(year=today.year - 3)
    )
    since = today.replace(year=today.year - 3) + timedelta(days=1)
    young = await factories.lawyer(court.db, court.clock, "新律师", defends_since=since)
    await factories.lawyer(court.db, court.clock, "没写的律师")
    async with court.db.read() as s:
        found = await candidates(s, file, court.clock.now())
    assert [one.name for one in found] == ["老律师"]
    with pytest.raises(TooFewYears):
        await court.office.desk.review.assign(file.id, court.office.boss.id, young.id)
    await court.office.desk.review.assign(file.id, court.office.boss.id, old.id)


async def test_the_demonstration_county_can_answer_every_notice_by_more_than_one_firm(parts, clock):
    await seed_demo(parts.db, clock)
    for name, ground in lanes.known().grounds.items():
        file = Application(id=name, region="990101", matter="criminal", lane=lanes.NOTIFIED)
        file.notice, file.form = {"kind": ground.kind, "ground": name}, {}
        async with parts.db.read() as s:
            found = await candidates(s, file, clock.now())
        assert len({one.firm for one in found}) >= 3, name
        assert ground.years == 0 or {one.name for one in found}.isdisjoint({"李知远", "张若水"})


async def test_nobody_defends_two_of_one_case(court):
    first = await court.file()
    wang = await factories.lawyer(court.db, court.clock)
    await court.office.desk.review.assign(first.id, court.office.boss.id, wang.id)
    same = await court.file(number="2", case_no="(2026)示0101刑初7号")  # typed with other brackets
    with pytest.raises(ConflictOfInterest):
        await court.office.desk.review.assign(same.id, court.office.boss.id, wang.id)
    other = await court.file(number="3", case_no="（2026）示0101刑初8号")
    await court.office.desk.review.assign(other.id, court.office.boss.id, wang.id)


@pytest.mark.parametrize(("hours", "late"), [(24, False), (24.1, True)])
async def test_a_detained_persons_application_is_passed_on_in_a_day_and_reviewed(
    court, hours, late
):
    asked = court.clock.now() - timedelta(hours=hours)
    file = await court.file(
        kind="custody_application", ground="detained", asked_at=asked.isoformat()
    )
    assert file.status == State.SUBMITTED and file.form["means"]  # LAL 24: their means count
    assert china_date(file.due_at).isoformat() == "2026-03-09"
    assert ("late_pass" in await court.office.history(file)) is late
    await court.office.desk.review.accept(file.id, court.office.boss.id, "")
    assert (await court.heard(file))[-1][0] == "accepted"


async def test_cut_off_in_the_middle_nothing_of_a_notice_stays_and_the_next_try_is_whole(
    court, monkeypatch
):
    """The process dies between the ticket and the file."""
    from router.applications import moves

    async def die(*given, **more):
        raise RuntimeError("killed")

    monkeypatch.setattr(moves, "open_new", die)
    assert (await court.notify()).status_code == 500
    monkeypatch.undo()
    assert [await court.count(r) for r in (Application, Referral, Ticket, Timer)][:3] == [0, 0, 0]
    assert (await court.notify()).status_code == 201


async def test_cut_off_while_assigning_the_organ_hears_nothing_and_then_once(court, monkeypatch):
    from router.applications import assigning

    file = await court.file()
    wang = await factories.lawyer(court.db, court.clock)
    whole = assigning.moves.organs.follow

    async def die(*given, **more):
        await whole(*given, **more)
        raise RuntimeError("killed after the organ's line was written, before the commit")

    monkeypatch.setattr(assigning.moves.organs, "follow", die)
    with pytest.raises(RuntimeError):
        await court.office.desk.review.assign(file.id, court.office.boss.id, wang.id)
    monkeypatch.undo()
    assert [state for state, _ in await court.heard(file)] == ["sent"]
    await court.office.desk.review.assign(file.id, court.office.boss.id, wang.id)
    assert [state for state, _ in await court.heard(file)] == ["sent", "accepted"]


@pytest.fixture
async def boss(institution, app):
    async with institution.db.write() as s:
        row = await s.get(type(institution.boss), institution.boss.id)
        row.password_hash = hash_password("a-good-password")
    async with browser(app) as web:
        await web.post("/desk/login", data={"login": row.login, "password": "a-good-password"})
        yield web


TYPED = {
    "organ": "清河县公安局", "number": "清公援〔2026〕3号", "ground": "disabled", "name": "李四",
    "stage": "investigation", "charge": "故意伤害", "handler": "钱警官",
    "handler_phone": "010-66661111",
}  # fmt: skip


async def test_from_paper_to_the_assigned_lawyer_on_the_pages(court, boss):
    wang = await factories.lawyer(court.db, court.clock, defends_since=None)
    page = await boss.get("/board/notices")
    assert page.status_code == 200 and "视力、听力、言语残疾人" in page.text
    wrong = await boss.post("/board/notices", data=TYPED | {"charge": ""})
    assert wrong.status_code == 422 and "清公援〔2026〕3号" in wrong.text  # nobody types twice
    made = await boss.post("/board/notices", data=TYPED)
    where = made.headers["location"]
    again = await boss.post("/board/notices", data=TYPED | {"number": "清公援[2026]3号"})
    assert again.headers["location"] == where and await court.count(Application) == 1
    seen = await boss.get(where)
    for told in (
        "应当通知辩护",
        "等待指派律师",
        "收到机关通知",
        "李四",
        "3月5日",
        "不审查经济状况",
        "按次序征询",
        "王律师",
    ):
        assert told in seen.text
    assert "全家一个月的收入" not in seen.text
    await boss.post(f"{where}/propose")
    assert "正在征询" in (await boss.get(where)).text
    assigned = await boss.post(f"{where}/assign", data={"lawyer": wang.id})
    assert assigned.status_code == 303
    done = await boss.get(where)
    assert "已指派律师" in done.text
    letter = await boss.get(f"{where}/pdf/letter")
    assert letter.content[:5] == b"%PDF-"
    assert letter.content == (await boss.get(f"{where}/pdf/letter")).content
    listed = await boss.get("/desk/applications")
    assert "应当通知辩护" in listed.text and "登记机关通知" in listed.text
    assert "清河县公安局" in (await boss.get("/board/referrals")).text


async def test_only_a_supervisor_types_notices(institution, app):
    row = await factories.lawyer(
        institution.db, institution.clock, password_hash=hash_password("a-good-password")
    )
    async with browser(app) as web:
        await web.post("/desk/login", data={"login": row.login, "password": "a-good-password"})
        assert (await web.get("/board/notices")).status_code == 403
        assert (await web.post("/board/notices", data=TYPED)).status_code == 403


def test_every_kind_has_a_ground_a_clock_and_a_lane():
    from router.applications import clocks

    known = lanes.known()
    assert {ground.kind for ground in known.grounds.values()} == set(known.kinds)
    assert all(kind.clock in clocks.rules() for kind in known.kinds.values())
    assert set(Notice.model_fields["kind"].annotation.__args__) == set(known.kinds)
    assert {n for n, g in known.grounds.items() if g.years} == {
        "life_or_death", "high_court_review",
    }  # fmt: skip
    assert not re.search("R-low", str(known))
