"""The command: a line in, a line out, whatever the line is."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from router.cli import screen
from router.eligibility import Law

from .conftest import CASES, HERE
from .score import wrong

ROOT = HERE.parents[1]


def answers(law: Law, *lines: bytes) -> list[dict[str, Any]]:
    out = io.StringIO()
    assert screen.stream(io.BytesIO(b"\n".join(lines) + b"\n"), out, law) == 0
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_bad_lines_are_named_and_the_others_still_come_out(law: Law) -> None:
    good = {"region": "T1", "apply_date": "2026-09-10", "matter": "wages", "lawyer": False}
    got = answers(
        law,
        json.dumps({"id": 1, "facts": {**good, "income_pc": 900}}).encode(),
        b"{broken",
        b"\xff\xfe\x00",
        b"[1, 2]",
        b'{"id": 5}',
        b'{"id": 6, "facts": {"colour": "red"}}',
        b'{"id": 7, "facts": {"age": true}}',
        b'{"id": 8, "facts": {"income_pc": NaN}}',
        b'{"id": 9, "facts": {"region": "ATLANTIS"}}',
        b"",
        b"[" * 100_000,
        json.dumps({"id": "last", "facts": good}).encode(),
    )
    assert len(got) == 11
    assert got[0]["id"] == 1 and got[0]["outcome"] == "ELIGIBLE"
    errors = got[1:-1]
    assert all("error" in answer and "outcome" not in answer for answer in errors)
    said = {answer["id"]: answer["error"] for answer in errors}
    assert "colour" in said[6] and "age" in said[7] and "region" in said[9]
    assert got[-1]["id"] == "last" and got[-1]["next_question"] == "income_pc"


def test_an_answer_has_the_promised_keys(law: Law) -> None:
    (got,) = answers(law, b'{"id": "a", "facts": {}}')
    assert set(got) == {
        "id", "outcome", "basis", "route", "warn", "next_question", "reasons",
    }  # fmt: skip
    assert set(got["reasons"][0]) == {
        "rule", "article", "finding", "text", "quote", "input", "standard", "mark",
    }  # fmt: skip


def test_what_would_change_the_answer_comes_when_asked_for(law: Law) -> None:
    facts = {"region": "T1", "apply_date": "2026-09-10", "matter": "wages", "lawyer": False,
             "income_pc": 1501}  # fmt: skip
    got = screen.screen_line(json.dumps({"id": 1, "facts": facts}), 1, law, explained=True)
    (income,) = [change for change in got["changes"] if change["fact"] == "income_pc"]
    assert (income["compare"], income["value"], income["outcome"]) == ("at_most", 1500, "ELIGIBLE")


def test_the_command_passes_the_golden_cases() -> None:
    lines = "".join(json.dumps({"id": c["id"], "facts": c["facts"]}) + "\n" for c in CASES)
    ran = subprocess.run(
        [sys.executable, "-m", "router.cli.screen", "--regions", str(HERE / "regions")],
        input=lines.encode(), capture_output=True, cwd=ROOT, check=True,
    )  # fmt: skip
    got = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [answer["id"] for answer in got] == [case["id"] for case in CASES]
    assert not [a["id"] for a, c in zip(got, CASES, strict=True) if wrong(c["expect"], a)]


def test_a_missing_regions_folder_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert screen.main(["--regions", str(tmp_path / "nowhere")]) == 1
    said = capsys.readouterr().err
    assert "nowhere" in said and "Traceback" not in said


def test_the_engine_knows_no_clock_and_no_network() -> None:
    for path in (ROOT / "router" / "eligibility").rglob("*.py"):
        text = path.read_text("utf-8")
        for word in ("today(", "now()", "import time", "import random", "socket", "sqlalchemy"):
            assert word not in text, (path.name, word)
