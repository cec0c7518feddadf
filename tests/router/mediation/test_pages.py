"""What a mediator sees and does, and what stays hidden from whom, without a browser."""

import io
import zipfile

import pytest
from docx import Document
from sqlalchemy import select, update

from router.audit import AuditEntry
from router.lawyers.models import Lawyer
from router.mediation import document
from router.mediation.models import Committee, Mediation
from tests import factories
from tests.router.mediation.conftest import COMMITTEES, MEDIATORS
from tests.router.web.test_desk import OURS, PAGE, SECRET


@pytest.fixture
async def zheng(hall, client):
    """The county's mediator, signed in."""
    async with hall.db.write() as s:
        await s.execute(update(Lawyer).values(password_hash=SECRET))
    return await sign_in(client, "zheng")


async def sign_in(client, login: str) -> str:
    data = {"login": login, "password": "geheim"}
    answer = await client.post("/desk/login", data=data, headers=OURS)
    return answer.headers["location"]


async def page(client, path: str, status: int = 200) -> str:
    answer = await client.get(path, headers=PAGE)
    assert answer.status_code == status, answer.text
    return answer.text


async def step(client, one: Mediation, name: str, status: int = 303, **data: str) -> None:
    answer = await client.post(f"/mediation/{one.id}/{name}", data=data, headers=OURS)
    assert answer.status_code == status, answer.text


PAPER = {
    "applicant": "甲<清河县>", "respondent": "乙", "dispute": "界墙", "terms": "拆墙\n各让一步",
    "performance": "三日内",
}  # fmt: skip


async def test_a_mediator_takes_a_case_from_the_list_to_the_confirmed_agreement(
    hall, client, zheng
):
    assert zheng == "/mediation"
    one = await hall.begun(facts={"household_income": 3000}, details={"note": "邻居砌墙"})
    assert "还有 30 天" in await page(client, "/mediation")
    shown = await page(client, f"/mediation/{one.id}")
    assert "邻居砌墙" in shown and "申请人同意调解" in shown
    assert "月收入" not in shown, "a mediator needs no means"
    await step(client, one, "invite")
    await step(client, one, "consent", side="respondent", said="yes", way="phone")
    await step(client, one, "session", words="谈了界墙")
    await step(client, one, "agree", form="written", effective="2026-03-02", **PAPER)
    shown = await page(client, f"/mediation/{one.id}")
    assert "4月1日" in shown and "协议书 PDF" in shown
    await step(client, one, "file", on="2026-03-02")
    await step(client, one, "court", confirmed="yes")
    assert await hall.state(one) == "confirmed"
    await page(client, f"/mediation/{one.id}")
    await step(client, one, "court", 409, confirmed="yes")


async def test_the_talk_is_open_while_the_mediation_is_and_each_look_is_traced(hall, client, zheng):
    talk, ticket_id = await hall.chosen()
    one = await hall.mediation(ticket_id)
    await page(client, f"/mediation/{one.id}/talk")
    async with hall.db.read() as s:
        actions = list(await s.scalars(select(AuditEntry.action)))
    assert "read_mediation_talk" in actions
    await step(client, one, "fail", to="withdrawn", words="不谈了")
    await page(client, f"/mediation/{one.id}/talk", 404)
    assert talk.id


async def test_another_committees_case_and_the_lawyers_desk_are_closed_to_a_mediator(
    hall, client, zheng
):
    one = await hall.begun(details={"region": "石桥村"})
    await page(client, f"/mediation/{one.id}", 404)
    await step(client, one, "invite", 404)
    for path in ("/desk", "/board", "/desk/shifts", "/mediation/figures"):
        await page(client, path, 403)
    answer = await client.post("/desk/duty", data={"on": "yes"}, headers=OURS)
    assert answer.status_code == 403


async def test_a_lawyer_sees_no_mediation_and_a_supervisor_all(hall, client, clock):
    one = await hall.begun()
    for login, role in (("wang", "lawyer"), ("boss", "supervisor")):
        given = {"login": login, "role": role, "password_hash": SECRET}
        await factories.lawyer(hall.db, clock, login, **given)
    assert await sign_in(client, "wang") == "/desk"
    await page(client, "/mediation", 403)
    await sign_in(client, "boss")
    await page(client, f"/mediation/{one.id}")
    assert "到调解页办理" in await page(client, "/board/referrals")
    assert "件来的" in await page(client, "/mediation/figures")
    paper = {"to": "returned", "words": "不在这里办"}
    answer = await client.post(f"/board/referrals/{one.referral_id}", data=paper, headers=OURS)
    assert answer.status_code == 409 and await hall.state(one) == "proposed"
    async with hall.db.read() as s:
        other = await s.scalar(select(Committee.id).where(Committee.name == "柳溪镇调委会"))
    await step(client, one, "give", to=other)
    assert await hall.committee(await hall.again(one)) == "柳溪镇调委会"


async def test_who_says_they_are_away_is_passed_over(hall, client, zheng):
    away = {"on": "no", "when": "每天 08:00-20:00"}
    await client.post("/mediation/presence", data=away, headers=OURS)
    assert "不在岗" in await page(client, "/mediation")
    await hall.tables(COMMITTEES)
    _, ticket_id = await hall.chosen()
    one = await hall.mediation(ticket_id)
    assert await hall.committee(one) == "清河县调委会", "nobody else is there either"
    bad = await client.post("/mediation/presence", data={"on": "yes", "when": "白天"}, headers=OURS)
    assert bad.status_code == 422
    assert MEDIATORS


async def test_the_agreement_is_the_offices_template_as_docx_and_the_same_as_pdf(
    hall, client, zheng
):
    one = await hall.begun()
    await page(client, f"/mediation/{one.id}/agreement.pdf", 404)
    await step(client, one, "invite")
    await step(client, one, "consent", side="respondent", said="yes", way="phone")
    await step(client, one, "session", words="谈了")
    await step(client, one, "paper", **PAPER)
    made = await client.get(f"/mediation/{one.id}/agreement.docx", headers=PAGE)
    text = "\n".join(p.text for p in Document(io.BytesIO(made.content)).paragraphs)
    assert "甲<清河县>" in text and "拆墙\n各让一步" in text and "清河县调委会" in text
    assert "{{" not in text
    papers = [await client.get(f"/mediation/{one.id}/agreement.pdf") for _ in range(2)]
    assert papers[0].content == papers[1].content and papers[0].content.startswith(b"%PDF")


def test_the_template_can_be_changed_by_the_office(tmp_path):
    own = Document()
    own.add_heading("本单位的协议书", 0)
    own.add_paragraph("甲方：{{ applicant }}")
    own.save(tmp_path / "own.docx")
    made = document.docx({"applicant": "甲"}, tmp_path / "own.docx")
    assert b"word/document.xml" in made and zipfile.is_zipfile(io.BytesIO(made))
    assert document.pdf(made).startswith(b"%PDF")
