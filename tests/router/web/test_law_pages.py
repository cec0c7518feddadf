"""The supervisor's pages on the law, and a corrected file that comes into force by a button."""

import asyncio
import json
import logging
import os
import shutil
import signal
from pathlib import Path

import pytest
from sqlalchemy import select

from router.app import build_app
from router.audit import AuditEntry
from router.lawyers.service import hash_password
from router.routing.models import Screening
from router.settings import ROOT
from tests import factories

PAGE = {"Accept": "text/html"}
OURS = {"Origin": "http://test", **PAGE}
WORKER = {"matter": "wages", "lawyer": False, "income_pc": 1501, "groups": [], "docs": []}


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """The file of the demonstration county in a data folder of this test's own."""
    shutil.copytree(ROOT / "data" / "law", tmp_path / "data" / "law")
    shutil.copytree(ROOT / "data" / "destinations", tmp_path / "data" / "destinations")
    return tmp_path / "data" / "law" / "regions" / "990101.yml"


@pytest.fixture
async def app(settings, clock, bot, tables, county):
    application = build_app(settings, clock=clock, bot=bot, data=county.parents[2])
    async with application.router.lifespan_context(application):
        await asyncio.sleep(0)  # the signal's handler is there
        yield application


@pytest.fixture
async def boss(client, parts, clock):
    person = await factories.lawyer(
        parts.db, clock, "周主管", login="boss", role="supervisor",
        password_hash=hash_password("geheim"),
    )  # fmt: skip
    form = {"login": "boss", "password": "geheim"}
    assert (await client.post("/desk/login", data=form, headers=OURS)).status_code == 303
    return person


def raise_the_line(county: Path) -> None:
    county.write_text(county.read_text("utf-8").replace("limit: 1500", "limit: 1501"), "utf-8")


async def reloads(parts) -> list[tuple[str, str]]:
    async with parts.db.read() as s:
        found = select(AuditEntry).where(AuditEntry.action == "reload_law")
        return [(row.who, row.about) for row in await s.scalars(found)]


async def until(condition) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.02)


async def test_the_supervisor_sees_every_region_and_its_law_on_a_day(client, boss):
    page = await client.get("/board/law", headers=PAGE)
    assert page.status_code == 200 and "每人每月不超过 1,500 元" in page.text
    assert 'href="/board/law/BJ"' in page.text
    page = await client.get("/board/law/990101?on=2024-06-30", headers=PAGE)
    assert page.status_code == 200 and "1,400 元" in page.text
    assert "《法律援助法》第三十一条第五项" in page.text and "请求确认劳动关系" in page.text


async def test_an_unknown_region_is_not_found_and_a_wrong_day_is_told(client, boss):
    assert (await client.get("/board/law/ATLANTIS", headers=PAGE)).status_code == 404
    page = await client.get("/board/law/990101?on=2026-02-30", headers=PAGE)
    assert page.status_code == 422 and "不是真实的日期" in page.text


async def test_the_law_is_the_supervisors_to_reload(client, parts, clock):
    await factories.lawyer(
        parts.db, clock, login="wang", password_hash=hash_password("geheim")
    )  # fmt: skip
    assert (await client.post("/board/law/reload", headers=OURS)).status_code == 401
    form = {"login": "wang", "password": "geheim"}
    await client.post("/desk/login", data=form, headers=OURS)
    assert (await client.post("/board/law/reload", headers=OURS)).status_code == 403
    assert (await client.get("/board/law", headers=PAGE)).status_code == 403


async def test_another_sites_button_reloads_nothing(client, boss, parts, county):
    raise_the_line(county)
    elsewhere = {"Origin": "http://elsewhere", **PAGE}
    assert (await client.post("/board/law/reload", headers=elsewhere)).status_code == 403
    assert await reloads(parts) == []


async def test_a_corrected_file_comes_into_force_and_the_audit_log_has_both_versions(
    client, boss, parts, county, clock
):
    citizen = await factories.conversation(parts.db, clock)
    before = await parts.routing.screen(citizen.id, "m1", WORKER, "labour_pay")
    old = parts.law.version
    raise_the_line(county)
    page = await client.post("/board/law/reload", headers=OURS)
    new = parts.law.version
    assert page.status_code == 200 and "已经载入" in page.text and old in page.text
    after = await parts.routing.screen(citizen.id, "m2", WORKER, "labour_pay")
    assert (before["outcome"], after["outcome"]) == ("NOT_MEANS", "ELIGIBLE")
    assert await reloads(parts) == [(boss.id, f"{old}→{new}")] and old != new
    async with parts.db.read() as s:
        versions = {row.outcome: row.law_version for row in await s.scalars(select(Screening))}
    assert versions == {"NOT_MEANS": old, "ELIGIBLE": new}


async def test_a_corrupt_file_leaves_the_law_that_runs_and_names_file_and_line(
    client, boss, parts, county
):
    running = parts.law
    text = county.read_text("utf-8")
    line = text[: text.index("cmp: lte")].count("\n") + 1
    for broken, place in (
        (text.replace("cmp: lte", "cmp: below", 1), f"990101.yml:{line}："),
        (text + "scope: {kind: own_rights}\n", f"990101.yml:{text.count(chr(10)) + 1}："),
        ("[", "990101.yml:"),
    ):
        county.write_text(broken, "utf-8")
        page = await client.post("/board/law/reload", headers=OURS)
        assert page.status_code == 422 and place in page.text and "原来的规定" in page.text
        assert parts.law is running
    assert await reloads(parts) == []


async def test_the_region_that_chats_begin_in_cannot_be_taken_away(client, boss, parts, county):
    running = parts.law
    county.unlink()
    page = await client.post("/board/law/reload", headers=OURS)
    assert page.status_code == 422 and "990101" in page.text and parts.law is running


async def test_unchanged_files_are_told_as_such_and_not_logged(client, boss, parts):
    page = await client.post("/board/law/reload", headers=OURS)
    assert "没有变化" in page.text and await reloads(parts) == []


async def test_a_signal_does_the_same_for_the_operator(parts, county):
    old = parts.law.version
    raise_the_line(county)
    os.kill(os.getpid(), signal.SIGHUP)
    await until(lambda: parts.law.version != old)
    assert await reloads(parts) == [("operator", f"{old}→{parts.law.version}")]


async def test_a_signal_with_a_corrupt_file_says_so_in_the_log(parts, county, caplog):
    running = parts.law
    county.write_text("code: [\n", "utf-8")
    with caplog.at_level(logging.ERROR):
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: caplog.records)
    assert "990101.yml:2" in caplog.records[0].why and parts.law is running


async def test_a_sibling_process_takes_over_what_was_loaded(parts, county):
    old = parts.law.version
    raise_the_line(county)
    await parts.bus.wake("law")
    await until(lambda: parts.law.version != old)
    assert await reloads(parts) == []  # the one who was asked has written it


async def test_a_screening_keeps_the_law_that_it_began_with(parts, county, clock, monkeypatch):
    from router.routing import screening

    citizen = await factories.conversation(parts.db, clock)
    old, decide = parts.law, screening.decide

    def decide_while_the_law_changes(facts, law):
        raise_the_line(county)
        parts.lawbook.current = screening.LawBook(
            parts.db, clock, parts.bus, "990101", county.parents[1]
        ).current
        return decide(facts, law)

    monkeypatch.setattr(screening, "decide", decide_while_the_law_changes)
    answer = await parts.routing.screen(citizen.id, "m1", WORKER, "labour_pay")
    async with parts.db.read() as s:
        row = await s.get(Screening, answer["screening_id"])
    assert (row.outcome, row.law_version) == ("NOT_MEANS", old.version)
    assert json.loads(row.decision)["outcome"] == "NOT_MEANS" and parts.law is not old
