"""为谁申请: who acts for whom, and by what paper; what is brought for who is in custody."""

from datetime import date, datetime, timedelta

import pytest

from router.applications import blocks, clocks, files, forms, prefill
from router.applications.errors import ApplicationMovedOn, BadDecision
from router.applications.papers import checklist
from router.applications.status import State
from router.clock import china_date
from router.referrals.schemas import Notice
from tests.router.applications.conftest import FILLED, PHOTO
from tests.router.applications.test_moves import block
from tests.router.applications.test_notices import NOTICE
from tests.router.applications.test_pages import reviewer  # noqa: F401
from tests.router.applications.test_papers import text_of

AGENT = {"agent_name": "王芳", "agent_id": "110101199003070038", "agent_phone": "13900000001"}
OFFICE = "清河县法律援助中心"


@pytest.mark.parametrize(
    ("who", "asked"),
    [("self", set()), ("guardian", {"proxy"}), ("detained", {"proxy"}), ("agent", {"mandate"})],
)
def test_relatives_show_the_kinship_and_the_agent_of_who_is_able_a_mandate(who, asked):
    lines = {line.item: line for line in checklist("labour_pay", who, True)}
    assert {"proxy", "mandate"} & set(lines) == asked
    assert all(lines[item].need == "needed" for item in asked)


@pytest.mark.parametrize("capacity", list(blocks.CAPACITY))
def test_nobody_is_the_guardian_of_an_adult_who_is_able(capacity):
    held = {"who": "guardian", **FILLED["person"], "capacity": capacity}
    faults = blocks.read(block("person"), held, held)[1]
    assert ("委托" in faults.get("capacity", "")) is (capacity == "full")


@pytest.mark.parametrize(
    ("who", "fits"), [("agent", True), ("guardian", False), ("detained", False)]
)
def test_only_who_is_able_can_be_represented_by_who_is_no_relative(who, fits):
    held = {"who": who, **AGENT, "kinship": "none"}
    assert (blocks.read(block("agent"), held, held)[1] == {}) is fits


@pytest.mark.parametrize(
    ("age", "capacity", "who"),
    [(17, "normal", "guardian"), (18, "normal", "agent"), (75, "impaired", "guardian"),
     (75, None, "guardian"), (None, "normal", "guardian")],
)  # fmt: skip
def test_the_talk_tells_a_guardian_from_an_agent_and_in_doubt_the_form_asks(age, capacity, who):
    told = {"applicant_by": "child", "age": age, "mental_capacity": capacity}
    facts = {name: value for name, value in told.items() if value is not None}
    assert prefill.form_of({"facts": facts}, {}, [], "")["who"] == who


async def test_the_mandate_is_drafted_and_its_term_and_signature_left_to_the_principal(institution):
    it = await institution.filled()
    assert "mandate" not in forms.names(it)
    await institution.desk.save(it.id, block("who"), {"who": "agent"})
    await institution.desk.save(it.id, block("agent"), AGENT | {"kinship": "none"})
    it = await institution.now(it)
    assert "mandate" in forms.names(it) and blocks.missing(it.form) == []
    articles = institution.parts.law.articles
    words = text_of(await forms.docx("mandate", it, articles, OFFICE))
    for told in ("张三", "王芳", "没有亲属关系", "劳动报酬", "年　　月　　日止", "委托人签名"):
        assert told in words, told
    first = await forms.pdf("mandate", it, articles, OFFICE)
    assert first[:5] == b"%PDF-" and first == await forms.pdf("mandate", it, articles, OFFICE)


async def custody(institution):
    """A jail has passed on what a detained person applies for; it came on paper."""
    told = NOTICE | {
        "kind": "custody_application", "ground": "detained",
        "asked_at": institution.clock.now().isoformat(),
    }  # fmt: skip
    desk, boss = institution.desk.notices, institution.boss.id
    return await desk.typed(boss, "清河县看守所", "990101", Notice.model_validate(told))


def bring(web, it):
    return web.post(
        "/desk/applications/papers",
        data={"application": it.id, "item": "detention"},
        files={"file": ("a.jpg", PHOTO)},
    )


async def kept(institution, it):
    async with institution.db.read() as s:
        return len(await files.of(s, it))


async def test_papers_for_who_is_in_custody_come_to_the_office_until_it_is_decided(
    institution, reviewer  # noqa: F811
):  # fmt: skip
    it, boss = await custody(institution), institution.boss.id
    where = f"/desk/applications/{it.id}"
    assert "补交收到的材料" in (await reviewer.get(where)).text
    assert (await reviewer.get(f"{where}/papers")).status_code == 200
    assert (await bring(reviewer, it)).status_code == 303 and await kept(institution, it) == 1
    await institution.desk.review.ask_more(it.id, boss, ["拘留通知书"], date(2026, 3, 20))
    assert (await bring(reviewer, it)).status_code == 303
    institution.clock._now += timedelta(days=3)
    again = {"login": institution.boss.login, "password": "a-good-password"}
    await reviewer.post("/desk/login", data=again)
    assert "补充的收到了" in (await reviewer.get(where)).text
    done = await reviewer.post(f"{where}/supplied", data={"words": "家属送来的"})
    now = await institution.now(it)
    assert (done.status_code, now.status) == (303, State.SUPPLEMENTED)
    assert china_date(now.due_at) == date(2026, 3, 12), "three days were not the review's"
    assert (await bring(reviewer, it)).status_code == 403 and await kept(institution, it) == 2
    assert "补交收到的材料" not in (await reviewer.get(where)).text


async def test_nobody_of_the_staff_supplies_for_who_has_a_page_of_their_own(
    institution, reviewer  # noqa: F811
):  # fmt: skip
    it = await institution.submitted()
    await institution.desk.review.ask_more(it.id, institution.boss.id, ["欠条"], date(2026, 3, 20))
    refused = await reviewer.post(f"/desk/applications/{it.id}/supplied")
    assert it.reference in refused.text  # its page again, e.g. after the second click
    assert refused.status_code == 403 and (await bring(reviewer, it)).status_code == 403
    assert (await institution.now(it)).status == State.SUPPLEMENT


async def test_the_relatives_of_who_is_in_custody_hear_within_three_days(
    institution, reviewer  # noqa: F811
):  # fmt: skip
    it = await custody(institution)  # Monday the 2nd
    where, notices = f"/desk/applications/{it.id}", institution.desk.notices
    assert "3月5日前通知法定代理人或者近亲属" in (await reviewer.get(where)).text
    friday = datetime.fromisoformat("2026-03-06T23:59:00+08:00")
    assert china_date(clocks.due("relatives", friday)) == date(2026, 3, 9)
    with pytest.raises(BadDecision):
        await notices.relatives_told(it.id, institution.boss.id, "")
    told = await reviewer.post(f"{where}/relatives", data={"words": "看守所3月3日电话告诉母亲李大"})
    assert told.status_code == 303
    assert (await institution.history(it))[-1] == "relatives_told"
    with pytest.raises(ApplicationMovedOn):
        own = await institution.submitted()
        await notices.relatives_told(own.id, institution.boss.id, "告诉了")
