"""`./jieyuan roster` as the command it is."""

import io
import shutil
import stat
from pathlib import Path
from typing import NamedTuple

import pytest
from openpyxl import load_workbook

from router.cli.__main__ import main
from router.settings import ROOT

PEOPLE = "律所,姓名,登录名\n示例所,王清和,wang\n示例所,李知远,li\n"
SHIFTS = "登录名,日期,开始,结束\nwang,2031-03-03,00:00,24:00\n"


class Run(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """The state of a demonstration county at its first start."""
    state = tmp_path_factory.mktemp("prepared") / "state"
    with pytest.MonkeyPatch.context() as world:
        world.delenv("DATABASE_URL", raising=False)
        world.setenv("STATE_DIR", str(state))
        assert main(["prepare"]) == 0
    return state


@pytest.fixture
def roster(prepared, tmp_path, monkeypatch, capsys):
    """The command, in a folder with two tables and a county's state."""
    shutil.copytree(prepared, tmp_path / "state")
    (tmp_path / "people.csv").write_text(PEOPLE, "gbk")
    (tmp_path / "shifts.csv").write_text(SHIFTS, "utf-8")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Run:
        code = main(["roster", *words, "--state", "state"])
        return Run(code, *capsys.readouterr())

    return run


def test_people_and_shifts_come_in_with_first_passwords_for_nobody_elses_eyes(roster, tmp_path):
    run = roster("import", "people.csv", "shifts.csv", "--passwords", "secret.xlsx")
    assert run.returncode == 0, run.stderr
    assert "律师:新增 2" in run.stdout and "班次:新增 1" in run.stdout
    path = tmp_path / "secret.xlsx"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    sheet = load_workbook(io.BytesIO(path.read_bytes())).active
    assert {row[2] for row in sheet.iter_rows(min_row=2, values_only=True)} == {"wang", "li"}


def test_passwords_never_replace_a_file_and_then_nobody_has_one(roster, tmp_path):
    (tmp_path / "kept.xlsx").write_text("mine")
    roster("import", "people.csv")
    assert roster("passwords", "kept.xlsx").returncode == 1
    assert (tmp_path / "kept.xlsx").read_text() == "mine"
    assert "2 位律师" in roster("passwords", "new.xlsx").stdout
    assert "都已经有密码" in roster("passwords", "more.xlsx").stdout


def test_every_bad_row_is_told_and_nothing_comes_in(roster, tmp_path):
    (tmp_path / "bad.csv").write_text("姓名,登录名\n,a b\n王,ok\n", "utf-8")
    run = roster("import", "people.csv", "bad.csv")
    assert run.returncode == 1 and "这 2 处" in run.stderr
    assert "bad.csv 第 2 行，“姓名”列：不能空着。" in run.stderr


def test_gaps_are_listed_with_an_exit_status_and_a_year_without_holidays_is_told(roster):
    roster("import", "people.csv", "shifts.csv")
    run = roster("gaps", "--from", "2031-03-02", "--to", "2031-03-03")
    assert run.returncode == 1
    lines = run.stdout.splitlines()
    assert lines[0] == "网上\t2031-03-02 00:00\t2031-03-03 00:00\t没有人"
    assert [line.split("\t")[0] for line in lines[1:-1]] == ["窗口", "窗口"]
    assert "2031 年的节假日安排还没有数据" in lines[-1]


def test_the_demonstration_county_has_no_gap_in_its_first_weeks(roster):
    run = roster("gaps", "--days", "14")
    assert run.returncode == 0 and "该有人的时间都有人" in run.stdout, run.stdout


def test_a_plan_is_put_in_once_and_a_wrong_one_not_at_all(roster, tmp_path):
    pattern = (ROOT / "data" / "demo" / "pattern.yml").read_text("utf-8")
    (tmp_path / "pattern.yml").write_text(pattern, "utf-8")
    span = ("--from", "2031-03-03", "--to", "2031-03-09")
    first, second = roster("plan", "pattern.yml", *span), roster("plan", "pattern.yml", *span)
    assert first.returncode == 0 and "已有 0 班" in first.stdout
    assert "新排 0 班" in second.stdout
    (tmp_path / "pattern.yml").write_text(pattern.replace("lushi01", "nobody"), "utf-8")
    wrong = roster("plan", "pattern.yml", *span)
    assert wrong.returncode == 1 and "nobody" in wrong.stderr


def test_an_export_is_private_and_comes_in_again_unchanged(roster, tmp_path):
    roster("import", "people.csv", "shifts.csv")
    span = ("--from", "2031-03-01", "--to", "2031-03-31")
    assert roster("export", "all.xlsx", *span).returncode == 0
    assert stat.S_IMODE((tmp_path / "all.xlsx").stat().st_mode) == 0o600
    back = roster("import", "all.xlsx").stdout
    assert "律师:新增 0,更改 0,没有变化 14" in back and "班次:新增 0,更改 0,没有变化 1" in back
    assert roster("export", "班次.csv", "--table", "班次", *span).returncode == 0
    assert "wang" in (tmp_path / "班次.csv").read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("export", "all.pdf"), ".xlsx"),
        (("gaps", "--from", "2026-03-02", "--to", "2026-03-01"), "早于"),
        (("import", "nothing.csv"), "nothing.csv"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(roster, words, told):
    run = roster(*words)
    assert run.returncode == 1 and told in run.stderr
