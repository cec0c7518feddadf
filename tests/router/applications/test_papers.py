"""What comes in as a paper and goes out as one: viruses, words on a photograph, PDF and DOCX."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from docx import Document
from sqlalchemy import func, select

from bench.forms import made_as
from router import ocr, scan
from router.applications import card, forms
from router.applications.files import content as content_of
from router.applications.files import of
from router.applications.models import Paper
from router.conversations.models import Evidence
from router.dispatch.models import Timer
from router.scan import Clamd, Infected, NotScannedYet
from router.settings import MissingSettings
from tests.crash import killed_at_the_commit
from tests.fake_clamd import MOST, VIRUS, FakeClamd
from tests.router.applications.conftest import ID, PHOTO
from tests.router.applications.test_pages import ORIGIN, begin

CARD = Path(__file__).with_name("card.jpg")  # drawn: 张三, the tests' number


@pytest.fixture
def clamd(tmp_path, institution) -> FakeClamd:
    institution.socket = str(tmp_path / "clamd.ctl")
    institution.desk.papers._scanner = Clamd(path=institution.socket)
    return FakeClamd()


async def mark(institution, it) -> str | None:
    async with institution.db.read() as s:
        return next(scan for _, scan in await of(s, it))


async def test_a_scanner_is_asked_in_its_own_words_and_a_virus_is_refused(institution, clamd):
    it = await institution.draft()
    long = PHOTO + b"x" * 200_000  # several pieces
    async with clamd.running(institution.socket):
        await institution.desk.papers.add(it.id, "wages", long)
        with pytest.raises(Infected) as refused:
            await institution.desk.papers.add(it.id, "wages", PHOTO + VIRUS)
    assert clamd.seen[0] == long and clamd.faults == []
    assert "病毒" in refused.value.sentence and await mark(institution, it) == "clean"
    async with institution.db.read() as s:
        assert len((await s.scalars(select(Evidence))).all()) == 1, "the infected one is not kept"


async def test_while_the_scanner_is_away_papers_are_kept_shut_and_looked_at_later(
    institution, clamd
):
    it = await institution.draft()
    papers = institution.desk.papers
    paper = await papers.add(it.id, "wages", PHOTO)
    assert await mark(institution, it) == "waiting"
    with pytest.raises(NotScannedYet):
        await papers.for_staff(it, paper)
    await institution.wait(5 / 1440)
    await institution.parts.errands.done()
    assert await mark(institution, it) == "waiting", "still away"
    async with clamd.running(institution.socket):
        await institution.wait(6 / 1440)
        await institution.parts.errands.done()
    assert await mark(institution, it) == "clean"
    assert await papers.for_staff(it, paper) == ("image/jpeg", PHOTO)


@pytest.mark.parametrize("says", [b"stream: Eicar FOUND", b"INSTREAM size limit exceeded. ERROR"])
async def test_what_came_before_the_scanner_is_looked_at_before_the_staff_open_it(
    institution, clamd, says
):
    it = await institution.draft()
    papers = institution.desk.papers
    scanner, papers._scanner = papers._scanner, None
    paper = await papers.add(it.id, "wages", PHOTO)
    assert (await papers.for_staff(it, paper))[1] == PHOTO and not papers.scans
    papers._scanner, clamd.says = scanner, says
    async with clamd.running(institution.socket):
        with pytest.raises((Infected, NotScannedYet)):
            await papers.for_staff(it, paper)
    assert await mark(institution, it) == ("infected" if b"FOUND" in says else "waiting")


async def test_without_a_scanner_the_page_says_that_nothing_was_looked_at(
    institution, client, clamd
):
    await begin(institution, client)
    assert "没有查过病毒" not in (await client.get("/apply/papers")).text
    institution.desk.papers._scanner = None
    assert "没有查过病毒" in (await client.get("/apply/papers")).text


@pytest.mark.parametrize(
    ("where", "fit"),
    [("/run/clamd.ctl", True), ("127.0.0.1:3310", True), ("[::1]:3310", True), ("clamd", False)],
)
def test_the_scanners_address_is_a_path_or_host_and_port(settings, where, fit):
    settings.CLAMD = where
    if fit:
        assert scan.load(settings)
    else:
        with pytest.raises(MissingSettings):
            scan.load(settings)
    assert MOST > 10 * 2**20, "clamd takes whatever we take"


@pytest.mark.parametrize(
    ("lines", "name", "number"),
    [
        (["姓名张三", "公民身份号码" + ID], "张三", ID),
        (["姓 名", "阿卜杜拉·买买提", "性别男", "公民身份号码", ID], "阿卜杜拉·买买提", ID),
        (["姓名", "性别男", ID[:-1] + "2"], "", ""),  # the checksum is wrong
        (["张三", "9" + ID], "", ""),  # part of a longer number
    ],
)
def test_of_what_was_read_only_a_name_and_a_number_with_a_good_checksum_is_taken(
    lines, name, number
):
    assert card.of(lines) == card.Card(name, number)


async def test_a_photograph_fills_the_form_but_a_person_saves_it(institution, client):
    await begin(institution, client)
    sent = {"item": "identity", "read": "1"}
    picture = {"file": ("a.jpg", CARD.read_bytes())}
    page = await client.post("/apply/papers", data=sent, files=picture, headers=ORIGIN)
    assert page.status_code == 200 and "逐字看一遍" in page.text
    assert f'value="{ID}"' in page.text and 'value="张三"' in page.text
    assert ID not in (await client.get("/apply/form/person")).text, "nothing was saved"
    assert "已交 1 份" in (await client.get("/apply/papers")).text


async def test_what_is_no_picture_is_not_read_and_harms_nobody():
    with pytest.raises(ocr.NotRead):
        await ocr.Reader().lines(PHOTO)


async def test_pdf_and_docx_are_the_same_bytes_whenever_they_are_made(institution, clock):
    clock._now += timedelta(microseconds=591_948)  # nobody hands in on the full second
    it = await institution.refused()
    articles = institution.parts.law.articles
    office = "清河县法律援助中心"
    made = {
        (make.__name__, name): await make(name, it, articles, office)
        for make in (forms.pdf, forms.docx)
        for name in forms.names(it)
    }
    assert len(made) == 8
    await institution.wait(400)
    for (kind, name), before in made.items():
        assert await getattr(forms, kind)(name, it, articles, office) == before, name
    words = text_of(made["docx", "application"])
    assert ID in words and "清河县示例建筑有限公司" in words and it.reference in words
    assert "收入超过标准" in text_of(made["docx", "letter"])
    assert "{{" not in "".join(text_of(one) for (kind, _), one in made.items() if kind == "docx")


def text_of(docx: bytes) -> str:
    paper = Document(io.BytesIO(docx))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    footer = [one.text for one in paper.sections[0].footer.paragraphs]
    moments = {one.date_time for one in zipfile.ZipFile(io.BytesIO(docx)).infolist()}
    assert len(moments) == 1
    return "\n".join([*(one.text for one in paper.paragraphs), *cells, *footer])


async def test_killed_while_a_paper_comes_in_no_half_of_it_is_kept_and_again_it_is_whole(
    institution, clamd
):
    """With the scanner away: evidence, paper and the timer of a later look belong together."""
    it, papers = await institution.filled(), institution.desk.papers

    async def kept() -> list[int]:
        async with institution.db.read() as s:
            rows = (Evidence, Paper, Timer)
            return [await s.scalar(select(func.count()).select_from(row)) or 0 for row in rows]

    before = await kept()
    with killed_at_the_commit():
        await papers.add(it.id, "wages", PHOTO)
    assert await kept() == before
    paper = await papers.add(it.id, "wages", PHOTO)
    assert [now - was for now, was in zip(await kept(), before, strict=True)] == [1, 1, 1]
    with killed_at_the_commit():
        await papers.drop(it.id, paper)
    async with institution.db.read() as s:
        _, content = await content_of(s, it, paper)
    assert content == PHOTO, "half dropped is not dropped"


@pytest.mark.parametrize("name", forms.TITLES)
def test_the_bench_knows_what_every_paper_asks_for(name: str):
    assert made_as("pdf", name).startswith(b"%PDF")
    assert made_as("docx", name).startswith(b"PK")
