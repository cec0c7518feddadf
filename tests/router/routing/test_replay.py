"""`./jieyuan replay`: stored screenings again, by the law of their day and by a proposed one."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from router import crypto
from router.eligibility.law import LAW_FOLDER
from router.routing import replay as core
from router.routing.models import Screening
from router.settings import ROOT
from tests import factories

KEY = os.urandom(32)
WORKER = {"matter": "wages", "lawyer": False, "groups": [], "docs": []}
COUNTY = (LAW_FOLDER / "regions" / "990101.yml").read_text("utf-8")


@pytest.fixture
def sealed_with(db) -> None:
    """The command has the same key as the service."""
    crypto.use(crypto.Keyring([KEY]))


@pytest.fixture
async def screened(db, routing, citizen, sealed_with):
    """Wages at incomes around the line of 1,500 yuan; each has its screening id."""
    ids = {}
    for income in (1499, 1500, 1501, 1502):
        facts = WORKER | {"income_pc": income}
        answer = await routing.screen(citizen.id, f"m{income}", facts, "labour_pay")
        ids[income] = answer["screening_id"]
    return ids


def run(settings, *arguments: str, key: bytes = KEY) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DATA_KEY": base64.b64encode(key).decode(),
    }
    environment.pop("DATABASE_URL", None)
    if settings.DATABASE_URL:
        environment["DATABASE_URL"] = settings.DATABASE_URL
    command = [sys.executable, "-m", "router.cli", "replay", "--state", str(settings.STATE_DIR)]
    return subprocess.run(
        [*command, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )


def objects(done: subprocess.CompletedProcess[str]) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def proposal(folder: Path, *change: str) -> str:
    folder.mkdir(exist_ok=True)
    (folder / "990101.yml").write_text(COUNTY.replace(*change), "utf-8")
    return str(folder)


async def change_stored(db, screening_id: str, **values) -> None:
    async with db.write() as s:
        row = await s.get(Screening, screening_id)
        for name, value in values.items():
            setattr(row, name, value)


async def test_stored_screenings_come_out_the_same_under_the_law_of_their_day(
    db, settings, screened
):
    done = run(settings, "--since", "2026-03-02")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "共 4 件：相同 4，不同 0，读不出 0。\n"


async def test_only_what_was_stored_since_the_day_is_decided_again(db, settings, screened):
    assert objects(run(settings, "--since", "2026-03-02", "--json"))[-1]["all"] == 4
    assert objects(run(settings, "--since", "2026-03-03", "--json"))[-1]["all"] == 0


async def test_a_stored_screening_has_facts_dates_version_and_decision(
    db, routing, screened, lawbook
):
    async with db.read() as s:
        row = await s.get(Screening, screened[1501])
    facts, decision = json.loads(row.facts), json.loads(row.decision)
    assert facts["apply_date"] == "2026-03-02" == str(row.apply_date)
    assert facts["region"] == "990101" and decision["outcome"] == row.outcome == "NOT_MEANS"
    assert decision["basis"] and decision["reasons"] and row.created_at
    assert row.law_version == lawbook.current.version


async def test_a_line_higher_by_one_yuan_turns_exactly_the_case_at_the_edge(
    db, settings, screened, citizen, tmp_path
):
    law = proposal(tmp_path / "new", "limit: 1500", "limit: 1501")
    done = run(settings, "--since", "2026-03-02", "--law", law)
    assert done.returncode == 0, done.stderr
    changed = [line for line in done.stdout.splitlines() if line.startswith("会变")]
    assert changed == [f"会变   {citizen.reference} {screened[1501]}：NOT_MEANS → ELIGIBLE"]
    assert "means.line：不符合 → 符合" in done.stdout
    assert "每人每月不超过 1,500 元 → 每人每月不超过 1,501 元" in done.stdout
    assert "1 件结论会变" in done.stdout and "相同 4，不同 0" in done.stdout


async def test_a_line_lower_by_one_yuan_takes_away_exactly_the_case_at_the_line(
    db, settings, screened, tmp_path
):
    law = proposal(tmp_path / "new", "limit: 1500", "limit: 1499")
    *changed, summary = objects(run(settings, "--since", "2026-03-02", "--law", law, "--json"))
    assert [one["id"] for one in changed] == [screened[1500]]
    assert summary["changed"] == [{"from": "ELIGIBLE", "to": "NOT_MEANS", "count": 1}]


async def test_a_whole_changed_law_folder_says_the_same_as_its_changed_file(
    db, settings, screened, tmp_path
):
    whole = tmp_path / "law"
    shutil.copytree(LAW_FOLDER, whole)
    (whole / "regions" / "990101.yml").write_text(COUNTY.replace("1500", "1501"), "utf-8")
    *changed, _ = objects(run(settings, "--since", "2026-03-02", "--law", str(whole), "--json"))
    assert [one["id"] for one in changed] == [screened[1501]]


async def test_a_line_for_the_future_is_tried_as_if_all_applied_on_its_day(
    db, settings, screened, tmp_path
):
    later = "    2027-01-01: {limit: 1501, cmp: lte, cites: [LAL 34]}\n"
    law = proposal(tmp_path / "new", "    2024-07-01", f"{later}    2024-07-01")
    asked = ("--since", "2026-03-02", "--law", law, "--json")
    assert objects(run(settings, *asked))[-1]["changed"] == []
    assert objects(run(settings, *asked, "--on", "2026-12-31"))[-1]["changed"] == []
    *changed, summary = objects(run(settings, *asked, "--on", "2027-01-01"))
    assert [one["id"] for one in changed] == [screened[1501]] and summary["differ"] == 0


async def test_a_screening_that_comes_out_otherwise_is_listed_and_the_command_fails(
    db, settings, screened, citizen
):
    async with db.read() as s:
        decision = json.loads((await s.get(Screening, screened[1499])).decision)
    wrong = json.dumps({**decision, "outcome": "NOT_MEANS"})
    other = json.dumps({**decision, "basis": ["LAL 34"]})
    await change_stored(db, screened[1499], decision=wrong, law_version="before")
    await change_stored(db, screened[1500], decision=other)
    done = run(settings, "--since", "2026-03-02")
    assert done.returncode == 1
    assert f"{screened[1499]}：NOT_MEANS → ELIGIBLE" in done.stdout
    assert f"{screened[1500]}：ELIGIBLE → ELIGIBLE" in done.stdout
    assert "相同 2，不同 2" in done.stdout and "1 件存下时用的是另一版本" in done.stdout


async def test_broken_rows_are_reported_and_the_others_go_on(db, settings, screened):
    await change_stored(db, screened[1499], facts_sealed=b"\x01" + b"x" * 40)  # unknown key
    await change_stored(db, screened[1500], facts='["no facts"]')
    await change_stored(db, screened[1501], facts=json.dumps({"region": "ATLANTIS"}))
    done = run(settings, "--since", "2026-03-02", "--json")
    *broken, summary = objects(done)
    assert done.returncode == 1 and {one["id"]: one["why"] for one in broken} == {
        screened[1499]: "密钥不对，或内容已损坏",
        screened[1500]: "存下的内容不完整",
        screened[1501]: "事实“region”，规定里没有或不接受",
    }
    assert (summary["all"], summary["broken"], summary["differ"]) == (4, 3, 0)
    assert "Traceback" not in done.stderr


async def test_a_report_holds_no_personal_data(
    db, settings, routing, citizen, tmp_path, sealed_with
):
    facts = WORKER | {"income_pc": 1501, "agency_at": "王小明家对面", "age": 47}
    await routing.screen(citizen.id, "m", facts, "labour_pay")
    law = proposal(tmp_path / "new", "limit: 1500", "limit: 1600")
    for form in ((), ("--json",)):
        said = run(settings, "--since", "2026-03-02", "--law", law, *form).stdout
        assert "NOT_MEANS" in said
        said = re.sub(r"[0-9a-f]{32}", "", said.replace(citizen.reference, ""))  # ids hold figures
        for secret in ("王小明", "1501", "1,501", "47", "wages"):
            assert secret not in said


async def test_any_number_of_screenings_are_read_in_small_batches(
    db, routing, citizen, sealed_with, monkeypatch, clock, lawbook
):
    monkeypatch.setattr(core, "BATCH", 3)
    other = await factories.conversation(db, clock)
    for number in range(7):
        facts = WORKER | {"income_pc": 800 + number}
        await routing.screen((citizen, other)[number % 2].id, f"m{number}", facts, "labour_pay")
    async with db.read() as s:
        stored = set(await s.scalars(select(Screening.id)))
    law = lawbook.current
    seen = [one.id async for one in core.replay(db, clock.now(), law)]
    assert len(seen) == 7 and set(seen) == stored


async def test_replaying_changes_nothing(db, settings, screened):
    async def everything():
        async with db.read() as s:
            return [dict(vars(row)) for row in await s.scalars(select(Screening))]

    before = [{k: v for k, v in row.items() if k[0] != "_"} for row in await everything()]
    assert run(settings, "--since", "2026-03-02").returncode == 0
    assert before == [{k: v for k, v in row.items() if k[0] != "_"} for row in await everything()]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("--since", "2026-02-30"), 2, "不是真实的日期"),
        (("--since", "gestern"), 2, "不是真实的日期"),
        (("--since", "2026-03-02", "--on", "2026-03-02"), 2, "--law"),
        (("--since", "2026-03-02", "--law", "/nowhere"), 1, "没有这个文件夹"),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_sentence(settings, arguments, status, words):
    done = run(settings, *arguments)
    assert done.returncode == status and words in done.stderr and "Traceback" not in done.stderr


def test_a_fault_in_the_proposed_law_is_told_with_file_and_line(settings, tmp_path):
    law = proposal(tmp_path / "new", "cmp: lte", "cmp: below")
    done = run(settings, "--since", "2026-03-02", "--law", law)
    line = COUNTY[: COUNTY.index("cmp: lte")].count("\n") + 1
    assert done.returncode == 1 and f"990101.yml:{line}：" in done.stderr


def test_without_a_database_or_a_key_nothing_is_made(tmp_path):
    for made in ((), ("jieyuan.db",)):
        for name in made:
            (tmp_path / name).touch()
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        for name in ("DATABASE_URL", "DATA_KEY"):
            environment.pop(name, None)
        done = subprocess.run(
            [sys.executable, "-m", "router.cli", "replay", "--since", "2026-01-01",
             "--state", str(tmp_path)],
            cwd=ROOT, env=environment, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 1 and ("密钥" if made else "数据库") in done.stderr
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(made)
