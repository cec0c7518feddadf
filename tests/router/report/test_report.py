"""年度报表: figures from recorded outcomes, each with the list that it counts."""

import re
from contextlib import asynccontextmanager
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import httpx
import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from router.applications import lanes
from router.applications.casework.models import CaseGroup, QualityReview
from router.applications.errors import BadDecision
from router.applications.models import Application
from router.audit import AuditEntry
from router.lawyers.models import Lawyer
from router.lawyers.service import hash_password
from router.lawyers.sheets import to_xlsx
from router.mediation.status import State
from router.referrals.schemas import Notice
from router.report import book, figures
from router.report.period import span
from router.report.setup import current
from router.report.sources import listed, sources
from tests import factories

DAY = date(2026, 3, 2)
HERE = "990101"


@pytest.mark.parametrize(
    ("year", "part", "first", "after"),
    [
        (2026, "", "2026-01-01", "2027-01-01"),
        (2026, "q1", "2026-01-01", "2026-04-01"),
        (2026, "q4", "2026-10-01", "2027-01-01"),
        (2026, "m02", "2026-02-01", "2026-03-01"),
        (2026, "m12", "2026-12-01", "2027-01-01"),
    ],
)
def test_a_span_begins_at_midnight_in_china_and_ends_with_its_last_day(year, part, first, after):
    one = span(year, part)
    assert (one.first.isoformat(), one.after.isoformat()) == (first, after)
    assert one.since.isoformat() == f"{first}T00:00:00+08:00"


@pytest.mark.parametrize(("year", "part"), [(1999, ""), (2026, "q5"), (2026, "m13"), (2026, "x")])
def test_a_span_that_there_is_not_is_refused(year, part):
    with pytest.raises(ValueError):
        span(year, part)


async def told(institution, part="", year=2026, region="") -> figures.Report:
    async with institution.db.read() as s:
        return await figures.report(s, span(year, part), region)


async def numbers(institution, **given):
    one = await told(institution, **given)
    return {row.key: row.number for section in one.sections for row in section.rows if row.key}


@pytest.fixture
async def year(institution, hall):
    """Two closed cases, one refused; a mediation of each end."""
    await institution.closed(recovered=5_000_050, waived=0)
    it, _ = await institution.closed(recovered=0, waived=30_000, outcome="lost")
    await institution.refused()
    await institution.desk.casework.rate(it.id, "no")
    await institution.desk.quality.draw(institution.boss.id, DAY, DAY, 1, "s")
    async with institution.db.read() as s:
        review = await s.scalar(select(QualityReview))
    await institution.desk.quality.grade(review.id, institution.boss, "passed", "程序完整")
    room = institution.parts.mediations
    one = await hall.meeting()
    await room.agree(one.id, "zheng", "oral", DAY)
    other = await hall.meeting()
    await room.fail(other.id, "zheng", State.NO_AGREEMENT, "谈不拢")
    return institution


async def test_the_year_in_figures(year):
    found = await numbers(year)
    assert found["received"] == 3 and found["received/refused"] == 1
    assert (
        found["accepted"]
        == found["accepted/kind:civil"]
        == found["accepted/matter:labour_pay"]
        == 2
    )
    assert found["accepted/kind:criminal"] == found["accepted/kind:administrative"] == 0
    assert found["accepted/group:migrant_worker"] == 2
    assert (found["closed"], found["closed/outcome:settled"], found["closed/outcome:lost"]) == (
        2,
        1,
        1,
    )
    assert found["closed/recovered"] == Decimal("50000.5") and found["closed/waived"] == 300
    assert (found["mediation"], found["mediation/both"], found["mediation/reached"]) == (2, 2, 1)
    assert (found["asked"], found["asked/answered"], found["asked/pleased"]) == (2, 1, 0)
    assert (found["drawn"], found["drawn/grade:passed"]) == (1, 1)


async def test_a_share_is_never_without_what_it_is_of(year):
    one = await told(year)
    pleased = one.row("asked/pleased").note
    assert "1 人里的 0%" in pleased and "问过的 2 人里的 50%作了回答" in pleased
    assert "已经有结果的 2 件里的 50%" in one.row("mediation/reached").note
    empty = await told(year, year=2025)
    assert "0 人里的 —" in empty.row("asked/pleased").note


async def test_each_figure_is_the_length_of_its_own_list(year):
    one = await told(year)
    found = sources(span(2026), "")
    for section in one.sections:
        for row in section.rows:
            if row.key:
                async with year.db.read() as s:
                    references = list(await s.scalars(listed(found, row.key)))
                count = re.search(r"共 (\d+) 件", row.note) if row.unit == "元" else None
                assert len(references) == (int(count[1]) if count else row.number), row.key
                assert all(re.fullmatch(r"(SQ|ZB|JY)-\w{4}-\w{4}", r) for r in references)


async def test_a_case_is_counted_in_the_month_in_which_it_was_granted_and_in_its_region(
    institution,
):
    institution.clock._now += timedelta(days=29, hours=14, minutes=59)  # 31 March, 23:59
    await institution.assigned()
    institution.clock._now += timedelta(minutes=1)  # 1 April, 00:00
    await institution.assigned("钱律师")
    for part, expected in (("m03", 1), ("m04", 1), ("q1", 1), ("q2", 1), ("", 2), ("m05", 0)):
        assert (await numbers(institution, part=part))["accepted"] == expected, part
    assert (await numbers(institution, region=HERE))["accepted"] == 2
    assert (await numbers(institution, region="110101"))["accepted"] == 0
    async with institution.db.read() as s:
        months = await figures.by_month(s, 2026)
    assert [pair[0] for pair in months] == [0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]


async def per_people(institution, region):
    one = await told(institution, region=region)
    return next(row for part in one.sections for row in part.rows if row.label == "每万人")


async def test_without_a_population_the_report_says_so_and_guesses_nothing(institution):
    await institution.assigned()
    known = current().population[HERE].people
    here = await per_people(institution, HERE)
    assert here.number == (Decimal(10_000) / known).quantize(Decimal("0.01"))
    assert str(current().population[HERE].year) in here.note
    for region, why in (("", "选一个地区"), ("110101", "没有填人口")):
        row = await per_people(institution, region)
        assert row.number is None and why in row.note


async def test_the_database_alone_does_not_tell_of_whose_group_a_case_is(institution):
    await institution.assigned()
    async with institution.db.read() as s:
        [row] = await s.scalars(select(CaseGroup))
    assert "migrant" not in row.group_index and len(row.group_index) == 64


async def test_the_workbook_has_the_pages_figures_as_numbers(year):
    one = await told(year)
    workbook = load_workbook(BytesIO(book.xlsx(one, "=HYPERLINK(1)")))
    first = workbook["报表"]
    assert first["B3"].value == "'=HYPERLINK(1)" and first["B3"].data_type == "s"
    for section in one.sections:
        sheet = workbook[section.title]
        rows = list(sheet.iter_rows(min_row=2, values_only=True))
        assert len(rows) == len(section.rows)
        for row, cells in zip(section.rows, rows, strict=True):
            assert row.label in cells[0]
            assert row.number is None or float(row.number) == float(cells[1])
            assert not isinstance(cells[1], str) or row.number is None


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_text_of_a_workbook_is_taken_for_a_formula(text):
    book = load_workbook(BytesIO(to_xlsx([("一", ("甲",), [(text,), (7,)])])))
    sheet = book.active
    assert sheet["A2"].data_type == "s" and sheet["A2"].value.startswith("'")
    assert sheet["A3"].value == 7 and sheet["A3"].data_type == "n"


@asynccontextmanager
async def browser_of(institution, app, lawyer):
    async with institution.db.write() as s:
        row = await s.get(Lawyer, lawyer.id)
        row.password_hash = hash_password("a-good-password")
    told = {"login": row.login, "password": "a-good-password"}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    origin = {"Origin": "http://test"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=origin
    ) as web:
        await web.post("/desk/login", data=told)
        yield web


async def test_the_page_leads_to_references_alone_and_notes_who_looked(year, app):
    async with browser_of(year, app, year.boss) as web:
        page = await web.get("/board/report?year=2026")
        assert "50,000.5" in page.text and "<svg" in page.text and "张三" not in page.text
        href = next(
            one for one in re.findall(r'href="(/board/report/cases[^"]*)"', page.text)
            if "closed%2Frecovered" in one or "closed/recovered" in one
        ).replace("&amp;", "&")  # fmt: skip
        cases = await web.get(href)
        assert len(re.findall(r"SQ-\w{4}-\w{4}", cases.text)) == 1 and "张三" not in cases.text
        table = await web.get("/board/report.xlsx?year=2026")
        assert table.content[:2] == b"PK" and "attachment" in table.headers["content-disposition"]
        for wrong in ("cases?key=closed/nothing", "cases?key=nothing", "cases?key=closed&part=q9"):
            assert (await web.get(f"/board/report/{wrong}")).status_code == 422
        assert "开始的援助申请 <strong>3</strong>" in (await web.get("/board")).text
        assert "开始的人民调解 <strong>2</strong>" in (await web.get("/board")).text
    async with year.db.read() as s:
        looked = await s.scalars(
            select(AuditEntry.about).where(AuditEntry.action == "report_cases")
        )
        assert [one.split()[0] for one in looked] == ["closed/recovered"]
        exported = AuditEntry.action == "report_exported"
        assert await s.scalar(select(func.count()).select_from(AuditEntry).where(exported)) == 1


async def test_nobody_but_the_supervisor_sees_the_report(institution, app):
    lawyer = await factories.lawyer(institution.db, institution.clock)
    async with browser_of(institution, app, lawyer) as web:
        for path in ("", ".xlsx", "/cases?key=closed"):
            assert (await web.get(f"/board/report{path}")).status_code == 403


async def test_a_reviewer_reads_the_file_that_was_given_to_them_and_no_other(institution, app):
    it, _ = await institution.closed()
    other, _ = await institution.closed()
    await institution.desk.quality.draw(institution.boss.id, DAY, DAY, 2, "s")
    qian = await factories.lawyer(institution.db, institution.clock, "钱律师")
    async with institution.db.read() as s:
        query = select(QualityReview.id).where(QualityReview.application_id == it.id)
        review = await s.scalar(query)
    async with browser_of(institution, app, institution.boss) as boss:
        page = await boss.get("/quality")
        assert "重算一致" in page.text and it.reference in page.text
        given = await boss.post(f"/quality/{review}/give", data={"to": qian.id})
        assert given.status_code == 303
    async with browser_of(institution, app, qian) as web:
        assert "1 件案卷" in (await web.get("/desk")).text
        page = await web.get("/quality")
        assert it.reference in page.text and other.reference not in page.text
        assert "仲裁庭审一次" in page.text
        assert (await web.get(f"/desk/applications/{it.id}")).status_code == 200
        assert (await web.get(f"/desk/applications/{other.id}")).status_code == 404
        assert (await web.get(f"/desk/applications/{it.id}/work")).status_code == 403
        done = {"grade": "good", "words": "程序完整"}
        assert (await web.post(f"/quality/{review}/grade", data=done)).status_code == 303
        assert (await web.get(f"/desk/applications/{it.id}")).status_code == 404


async def notified(institution, number: str, ground: str = "minor") -> Application:
    told = {"kind": "must_notify", "number": number, "ground": ground, "charge": "盗窃",
            "person": {"name": "李四"}, "stage": "first", "handler": "赵法官",
            "handler_phone": "010-66660000"}  # fmt: skip
    told["kind"] = lanes.known().grounds[ground].kind
    notice = Notice.model_validate(told)
    return await institution.desk.notices.typed(institution.boss.id, "清河县法院", HERE, notice)


async def test_a_notified_case_is_a_criminal_one_and_duty_help_is_counted_apart(institution):
    zhao = await factories.lawyer(institution.db, institution.clock, "赵律师")
    review, end = institution.desk.review, institution.an_end(outcome="defended", recovered=0)
    for number, ground in (("1", "minor"), ("2", "guilty_plea")):
        file = await notified(institution, number, ground)
        await review.assign(file.id, institution.boss.id, zhao.id)
        await institution.desk.casework.end(file.id, zhao.id, end)
    back = await notified(institution, "3")
    await institution.desk.ending.send_back(back.id, institution.boss.id, "由邻县机构管辖")
    found = await numbers(institution)
    assert (found["received"], found["notified"]) == (0, 3)  # nobody has applied
    assert (found["notified/duty"], found["notified/returned"]) == (1, 1)
    assert found["accepted"] == found["accepted/notified"] == found["accepted/kind:criminal"] == 1
    assert (found["duty"], found["closed"], found["closed/outcome:defended"]) == (1, 1, 1)


async def test_aid_that_was_terminated_is_neither_closed_nor_refused_nor_drawn(institution):
    it, _ = await institution.assigned()
    ending = institution.desk.ending
    await ending.terminate(it.id, institution.boss.id, "LAL 48(1)(4)", "收入有了变化")
    for _ in range(2):  # also while it is objected to
        found = await numbers(institution)
        assert (found["accepted"], found["closed"], found["terminated"]) == (1, 0, 1)
        assert (found["received"], found["received/refused"]) == (1, 0)
        if (await institution.now(it)).status == "terminated":
            await institution.desk.object(it.id, "没有变化")
    with pytest.raises(BadDecision):  # there is no file to draw
        await institution.desk.quality.draw(institution.boss.id, DAY, DAY, 1, "s")
    other = await factories.lawyer(
        institution.db, institution.clock, "钱主管", role="supervisor", on_duty=False
    )
    await institution.desk.review.accept(it.id, other.id, "收入确实没有变化")
    assert (await numbers(institution))["terminated"] == 0  # aid goes on
