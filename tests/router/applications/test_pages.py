"""The pages without JavaScript: the way in, one-time codes, steps, and what strangers learn."""

import re
from datetime import date

import httpx
import pytest
from sqlalchemy import select

from router.applications import access, files, promise
from router.applications.models import Application
from router.lawyers.models import Lawyer
from router.lawyers.service import hash_password
from tests import factories
from tests.router.applications.conftest import CASE, MEANS, PERSON, PHOTO

ORIGIN = {"Origin": "http://test"}
CODE = re.compile(r"<dd><strong>(\w{4}-\w{4})</strong>")


def browser(app) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test", headers=ORIGIN)


async def begin(institution, client) -> tuple[str, str]:
    """Somebody in the middle of their talk opens the form: reference and code."""
    import hashlib

    from router.conversations.models import Conversation

    talk = await institution.talk()
    async with institution.db.write() as s:
        row = await s.get(Conversation, talk.id)
        row.token_hash = hashlib.sha256(b"mine").hexdigest()
    client.cookies.set("jy_session", "mine")
    page = await client.post("/apply/begin", headers=ORIGIN)
    assert page.status_code == 200, page.text
    return re.search(r"SQ-\w{4}-\w{4}", page.text)[0], CODE.search(page.text)[1]


async def fill(client) -> None:
    for name, answers in (
        ("who", {"who": "self"}), ("person", PERSON), ("case", CASE), ("means", MEANS),
    ):  # fmt: skip
        saved = await client.post(f"/apply/form/{name}", data=answers, headers=ORIGIN)
        assert saved.status_code == 303, saved.text


async def send(client) -> httpx.Response:
    told = {"promised": promise.current().version}
    return await client.post("/apply/send", data=told, headers=ORIGIN)


async def test_step_by_step_from_the_talk_to_submitted(institution, client):
    reference, _ = await begin(institution, client)
    first = await client.get("/apply/form")
    assert first.headers["location"] == "/apply/form/person"  # who and what are known already
    page = await client.get("/apply/form/person")
    assert "第 2 步，共 6 步" in page.text
    wrong = await client.post("/apply/form/person", data=PERSON | {"phone": "12"}, headers=ORIGIN)
    assert wrong.status_code == 422 and "电话号码不对" in wrong.text and "张三" in wrong.text
    await fill(client)
    added = await client.post(
        "/apply/papers", data={"item": "wages"}, files={"file": ("a.exe", PHOTO)}, headers=ORIGIN
    )
    assert added.status_code == 303
    papers = await client.get("/apply/papers")
    assert "已交 1 份" in papers.text and "不用交，谁也不该要" in papers.text
    assert (await send(client)).headers["location"] == "/apply/status"
    status = await client.get("/apply/status")
    assert reference in status.text and "3月9日前作出决定" in status.text
    pdf = await client.get("/apply/pdf/application")
    assert pdf.content[:5] == b"%PDF-" and "sandbox" in pdf.headers["content-security-policy"]
    assert (await client.get("/apply/pdf/application")).content == pdf.content
    assert (await client.get("/apply/pdf/letter")).status_code == 404


async def test_a_code_opens_once_and_shows_the_next_one(institution, app, client):
    reference, code = await begin(institution, client)
    async with browser(app) as other, browser(app) as late:
        typed = {"reference": reference.lower().replace("-", " "), "code": code.lower()}
        opened = await other.post("/apply/enter", data=typed)
        fresh = CODE.search(opened.text)[1]
        assert fresh != code
        assert (await other.get("/apply/form/case")).status_code == 200
        spent = await late.post("/apply/enter", data=typed)
        assert spent.status_code == 403 and "张三" not in spent.text
        again = await late.post("/apply/enter", data={"reference": reference, "code": fresh})
        assert again.status_code == 200
        assert (await other.get("/apply/status")).status_code == 303  # one browser at a time


async def test_a_stranger_learns_nothing_from_a_reference(institution, app, client):
    reference, _ = await begin(institution, client)
    async with browser(app) as stranger:
        real = await stranger.post(
            "/apply/enter", data={"reference": reference, "code": "2222-2222"}
        )
        none = await stranger.post(
            "/apply/enter", data={"reference": "SQ-2222-2222", "code": "2222-2222"}
        )
        assert (real.status_code, real.text) == (none.status_code, none.text)
        assert (await stranger.get("/apply/status")).headers["location"] == "/apply"
        assert (await stranger.post("/apply/begin")).status_code == 401


async def test_guessing_codes_is_slowed_down_even_with_the_right_one(institution, app, client):
    reference, code = await begin(institution, client)
    async with browser(app) as stranger:
        for _ in range(30):
            tried = await stranger.post(
                "/apply/enter", data={"reference": reference, "code": access.new_access_code()}
            )
            if tried.status_code == 429:
                break
        right = await stranger.post("/apply/enter", data={"reference": reference, "code": code})
        assert tried.status_code == right.status_code == 429


@pytest.fixture
async def reviewer(institution, app):
    async with institution.db.write() as s:
        row = await s.get(Lawyer, institution.boss.id)
        row.password_hash = hash_password("a-good-password")
    async with browser(app) as web:
        await web.post("/desk/login", data={"login": row.login, "password": "a-good-password"})
        yield web


async def test_the_reviewer_reads_refuses_and_the_citizen_objects(institution, client, reviewer):
    await begin(institution, client)
    await fill(client)
    await send(client)
    listed = await reviewer.get("/desk/applications")
    where = re.search(r"/desk/applications/(\w{32})", listed.text)[0]
    page = await reviewer.get(where)
    for told in ("张三", "第三十一条", "决定不予", "3月9日"):
        assert told in page.text
    refused = await reviewer.post(f"{where}/refuse", data={"words": "超过标准", "cites": "LAL 34"})
    assert refused.status_code == 303
    status = await client.get("/apply/status")
    assert "超过标准" in status.text and "3月17日前提出异议" in status.text
    letter = await reviewer.get(f"{where}/pdf/letter")
    assert letter.content == (await client.get("/apply/pdf/letter")).content
    await client.post("/apply/object", data={"words": "家里有病人"}, headers=ORIGIN)
    assert "审查异议" in (await reviewer.get(where)).text


async def test_staff_type_for_somebody_only_with_their_consent(institution, reviewer):
    it = await institution.draft()
    where = f"/desk/applications/{it.id}"
    assert (await reviewer.get(f"{where}/form/person")).status_code == 403
    agreed = {"where": "bedside", "consent": "本人张三"}
    assert (await reviewer.post(f"{where}/help", data=agreed)).status_code == 303
    for name, answers in (("person", PERSON), ("case", CASE), ("means", MEANS)):
        saved = await reviewer.post(f"{where}/form/{name}", data=answers)
        assert saved.status_code == 303
    told = {"promised": promise.current().version}
    assert (await reviewer.post(f"{where}/send", data=told)).status_code == 303
    page = await reviewer.post(f"{where}/code")  # for who applied without a phone in hand
    code = re.search(r"新的查询码：<strong>(\w{4}-\w{4})", page.text)[1]
    opened = await reviewer.post("/apply/enter", data={"reference": it.reference, "code": code})
    assert opened.status_code == 200
    kept = await institution.now(it)
    assert kept.status == "submitted" and kept.promise["channel"] == "assisted"
    assert kept.helped["consent"] == "本人张三" and kept.promise["by"] == institution.boss.id


async def test_nobody_reads_a_draft_before_it_is_submitted_or_typed_with_consent(
    institution, reviewer
):
    it = await institution.filled()
    where = f"/desk/applications/{it.id}"
    page = await reviewer.get(where)
    assert page.status_code == 200 and PERSON["id_number"] not in page.text
    assert (await reviewer.get(f"{where}/pdf/application")).status_code == 404
    await reviewer.post(f"{where}/help", data={"where": "phone", "consent": "本人张三"})
    assert PERSON["id_number"] in (await reviewer.get(where)).text


async def test_staff_add_papers_only_to_a_draft_that_they_may_type(institution, reviewer):
    it, sent = await institution.draft(), await institution.submitted()
    for one in (it, sent):
        added = await reviewer.post(
            "/desk/applications/papers",
            data={"application": one.id, "item": "wages"},
            files={"file": ("a.jpg", PHOTO)},
        )
        assert added.status_code == 403
        async with institution.db.read() as s:
            assert await files.of(s, one) == []


async def test_nobody_has_papers_made_without_end(institution, app, client):
    await begin(institution, client)
    app.state.parts.settings.MESSAGE_RATE = "2/minute"
    made = [(await client.get("/apply/pdf/application")).status_code for _ in range(3)]
    assert made == [200, 200, 429]


async def test_who_has_withdrawn_may_apply_again_from_the_same_talk(institution, client):
    first, _ = await begin(institution, client)
    gone = await client.post("/apply/withdraw", headers=ORIGIN)
    assert gone.status_code == 303
    again = await client.post("/apply/begin", headers=ORIGIN)
    assert again.status_code == 200 and first not in again.text


async def test_the_applicant_reads_how_the_aid_ended(institution, client):
    reference, _ = await begin(institution, client)
    await fill(client)
    await send(client)
    async with institution.db.read() as s:
        it = await s.scalar(select(Application).where(Application.reference == reference))
    lawyer = await factories.lawyer(institution.db, institution.clock)
    desk = institution.desk.review
    await desk.accept(it.id, institution.boss.id, "")
    await desk.assign(it.id, institution.boss.id, lawyer.id)
    casework = institution.desk.casework
    await casework.progress(it.id, lawyer.id, date(2026, 3, 2), "已申请仲裁", True)
    await casework.progress(it.id, lawyer.id, date(2026, 3, 2), "对方可能转移财产", False)
    page = (await client.get("/apply/status")).text
    assert "3月2日：已申请仲裁" in page and "转移财产" not in page
    await casework.end(it.id, lawyer.id, institution.an_end())
    page = (await client.get("/apply/status")).text
    assert "拿回5万元" in page and "50,000 元" in page and "您对这次法律援助满意吗" in page
    await client.post("/apply/satisfied", data={"words": "mostly"}, headers=ORIGIN)
    page = (await client.get("/apply/status")).text
    assert "您的评价：基本满意" in page and "满意吗" not in page


async def test_a_lawyer_reads_no_application_but_the_one_that_is_assigned_to_them(institution, app):
    it = await institution.submitted()
    hashed = hash_password("a-good-password")
    wang = await factories.lawyer(institution.db, institution.clock, password_hash=hashed)
    where, boss = f"/desk/applications/{it.id}", institution.boss.id
    async with browser(app) as web:
        await web.post("/desk/login", data={"login": wang.login, "password": "a-good-password"})
        assert (await web.get(where)).status_code == 404
        assert it.reference not in (await web.get("/desk/applications")).text
        await institution.desk.review.accept(it.id, boss, "")
        await institution.desk.review.assign(it.id, boss, wang.id)
        assert "1 件法律援助案件" in (await web.get("/desk")).text
        assert "张三" in (await web.get(where)).text
        assert "没有查看" in (await web.post(f"{where}/refuse", data={"words": "不办"})).text
        end = {"on": "2026-03-02", "outcome": "settled", "recovered": "5万", "waived": "0",
               "words": "调解结案"}  # fmt: skip
        wrong = await web.post(f"{where}/work/end", data=end)
        assert wrong.status_code == 422 and "只写数字" in wrong.text and "调解结案" in wrong.text
        ended = await web.post(f"{where}/work/end", data=end | {"recovered": "50,000.5"})
        assert ended.status_code == 303
        desk = (await web.get("/desk")).text
        assert "1 件法律援助案件" not in desk and "1 件已办结的案件" in desk
        page = (await web.get(f"{where}/work")).text
        assert "50,000.50 元" in page and "3月17日" in page
        told = await web.post(f"{where}/work/report", data={"words": "庭审一次"})
        assert told.status_code == 303 and "已办结的案件" not in (await web.get("/desk")).text
