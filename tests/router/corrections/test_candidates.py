"""From a corrected case to a training sentence: agreed to, scrubbed, read by a person."""

import asyncio
import base64
import os
import subprocess
import sys
from datetime import timedelta

import pytest
import yaml
from sqlalchemy import select

from router import crypto
from router.audit import AuditEntry
from router.cli.candidates import BadTable, from_table
from router.conversations.models import Message
from router.corrections.models import Correction
from router.db import new_id
from router.settings import ROOT
from tests import factories

KEY = os.urandom(32)
STORY = "包工头王大勇欠我工资三万五，电话13812345678"
SCRUBBED = "包工头某某欠我工资三万五，电话某电话"


@pytest.fixture(autouse=True)
def sealed_with(db) -> None:
    """The command has the same key as the service."""
    crypto.use(crypto.Keyring([KEY]))


async def closed_case(db, clock, *lines, agrees=True, given="work_injury", **values):
    """`lines`: (who, text, buttons). Heard as wages; its lawyer closed it as `given`."""
    now = clock.now()
    talk = await factories.conversation(db, clock, learning_at=now if agrees else None)
    ticket = await factories.ticket(
        db, clock, talk.id, status="closed", closed_at=now + timedelta(minutes=9)
    )
    async with db.write() as s:
        for seq, (who, text, buttons) in enumerate(lines, 1):
            line = Message(
                id=new_id(), conversation_id=talk.id, seq=seq, who=who, attempts=0,
                turn="handled" if who == "citizen" else None, created_at=now,
            )  # fmt: skip
            line.text = text
            line.extra = {"buttons": [{"title": b, "say": b} for b in buttons]} if buttons else {}
            s.add(line)
        row = Correction(
            id=new_id(), ticket_id=ticket.id, lawyer_id="w", heard="labour_pay", given=given,
            changed=sorted(values), created_at=now,
        )  # fmt: skip
        row.values = values if agrees else {}
        s.add(row)
    return ticket


def citizen(text, *buttons):
    return "citizen", text, buttons


def bot(text, *buttons):
    return "bot", text, buttons


async def jieyuan(settings, *words: str) -> subprocess.CompletedProcess[bytes]:
    world = {**os.environ, "PYTHONPATH": str(ROOT), "DATA_KEY": base64.b64encode(KEY).decode()}
    world.pop("DATABASE_URL", None)
    if settings.DATABASE_URL:
        world["DATABASE_URL"] = settings.DATABASE_URL
    command = [sys.executable, "-m", "router.cli", "corrections", *words]
    return await asyncio.to_thread(
        subprocess.run, [*command, "--state", str(settings.STATE_DIR)], cwd=ROOT, env=world,
        capture_output=True,
    )  # fmt: skip


async def exported(settings, *words: str) -> list[list[str]]:
    run = await jieyuan(settings, "export", *words)
    assert run.returncode == 0, run.stderr.decode()
    return [line.split("\t") for line in run.stdout.decode("utf-8-sig").splitlines()]


async def trail(db) -> list[tuple[str, str, str]]:
    async with db.read() as s:
        return [(row.who, row.action, row.about) for row in await s.scalars(select(AuditEntry))]


def own(settings) -> dict[str, list[str]]:
    path = settings.STATE_DIR / "training" / "nlu" / "local.yml"
    blocks = yaml.safe_load(path.read_text("utf-8"))["nlu"] if path.exists() else []
    return {
        b["intent"]: [line.removeprefix("- ") for line in b["examples"].splitlines()]
        for b in blocks
    }


def table(*rows: tuple[str, str, str]) -> bytes:
    lines = ["取\t句子\t律师的事项\t机器听成\t改过的事实", *("\t".join(row) for row in rows)]
    return ("\ufeff" + "\n".join(lines) + "\n").encode()


async def test_what_was_told_comes_out_scrubbed_with_both_labels_and_the_look_is_noted(
    settings, db, clock
):
    ticket = await closed_case(db, clock, citizen(STORY), amount=[350, 35000])
    rows = await exported(settings)
    assert rows == [
        ["取", "句子", "律师的事项", "机器听成", "改过的事实"],
        ["", SCRUBBED, "工伤、干活受伤", "劳动报酬", "争议金额：350 元→35,000 元"],
    ]
    assert await trail(db) == [("operator", "export_correction", ticket.id)]


async def test_of_who_did_not_agree_only_the_counts_are_told(settings, db, clock):
    await closed_case(db, clock, citizen(STORY), agrees=False, amount=[1, 2])
    assert len(await exported(settings)) == 1  # the header
    assert await trail(db) == []
    counted = (await jieyuan(settings, "count")).stdout.decode().splitlines()
    assert counted == ["1\t劳动报酬\t改为\t工伤、干活受伤", "1\t争议金额\t改过"]


async def test_pressed_buttons_short_answers_and_the_other_side_are_no_candidates(
    settings, db, clock
):
    await closed_case(
        db, clock,
        bot("请说说您遇到了什么事？"), citizen("老板欠我工资一直不给"),
        bot("哪一种？", "已经申请过劳动仲裁了"), citizen("已经申请过劳动仲裁了"),
        citizen("四口人"), ("lawyer", "您好，我是值班律师，请把经过说一下", ()),
        citizen("=SUM(A1)老板还把[工资条](money)扣了"),
    )  # fmt: skip
    told = [row[1] for row in (await exported(settings))[1:]]
    assert told == ["老板欠我工资一直不给", "＝SUM(A1)老板还把（工资条）(money)扣了"]


async def test_since_leaves_out_what_was_closed_before(settings, db, clock):
    await closed_case(db, clock, citizen(STORY))
    day = clock.now().date()
    assert len(await exported(settings, "--since", str(day))) == 2
    assert len(await exported(settings, "--since", str(day + timedelta(days=1)))) == 1
    assert (await jieyuan(settings, "export", "--since", "gestern")).returncode == 1


async def test_only_lines_that_somebody_marked_become_training_and_each_once(
    settings, db, tmp_path
):
    file = tmp_path / "reviewed.tsv"
    file.write_bytes(
        table(
            ("是", "我在锯木厂让锯条把手指割断了", "工伤、干活受伤"),
            ("", "这一句没有人看过所以不能要", "工伤、干活受伤"),
            ("y", "我在锯木厂，让锯条把手指割断了！", "work_injury"),
            ("是", "隔壁把我家出门的路给堵死了", "neighbour_property"),
        )
    )
    run = await jieyuan(settings, "accept", str(file))
    assert run.returncode == 0 and "收进 2 句,1 句已经有了" in run.stdout.decode()
    kept = {
        "tell/neighbour_property": ["隔壁把我家出门的路给堵死了"],
        "tell/work_injury": ["我在锯木厂让锯条把手指割断了"],
    }
    assert own(settings) == kept
    [(who, action, about)] = await trail(db)
    assert (who, action) == ("operator", "accept_corrections") and about.startswith("2/3 ")
    again = await jieyuan(settings, "accept", str(file))
    assert "收进 0 句" in again.stdout.decode() and own(settings) == kept


async def test_what_the_project_trains_on_already_is_not_taken_twice(settings, db, tmp_path):
    shipped = yaml.safe_load((ROOT / "data/training/nlu/tell_debt.yml").read_text("utf-8"))
    line = max(shipped["nlu"][0]["examples"].splitlines(), key=len).removeprefix("- ")
    file = tmp_path / "reviewed.tsv"
    file.write_bytes(table(("是", line, "debt")))
    assert "收进 0 句" in (await jieyuan(settings, "accept", str(file))).stdout.decode()
    assert own(settings) == {}


async def test_one_bad_line_and_nothing_is_taken(settings, db, tmp_path):
    file = tmp_path / "reviewed.tsv"
    file.write_bytes(
        table(
            ("是", "我在锯木厂让锯条把手指割断了", "work_injury"),
            ("是", "王大勇欠我工资一直不给钱", "labour_pay"),
            ("是", "隔壁把我家出门的路给堵死了", "erfunden"),
        )
    )
    run = await jieyuan(settings, "accept", str(file))
    told = run.stderr.decode()
    assert run.returncode == 1 and "第 3 行" in told and "某某" in told and "第 4 行" in told
    assert own(settings) == {} and await trail(db) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_table_is_read_as_any_spreadsheet_saves_it(encoding):
    raw = table(("是", "我在锯木厂让锯条把手指割断了", "work_injury")).decode("utf-8-sig")
    [one] = from_table(raw.replace("\n", "\r\n").encode(encoding))
    assert (one.line, one.text) == (2, "我在锯木厂让锯条把手指割断了")


@pytest.mark.parametrize("raw", [b"", b"x\ty\n", b"\xff\xff\xff", "取,句子\n".encode()])
def test_what_is_no_such_table_is_told_in_a_sentence(raw):
    with pytest.raises(BadTable):
        from_table(raw)
