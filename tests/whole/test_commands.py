"""What an operator runs or reads beside the conversation, on the running product."""

import json
import subprocess
import sys

import httpx

from router.cli.environment import child_environment
from router.destinations.labels import LABELS
from router.settings import ROOT

KEYS = {
    "id", "matter", "ranked", "party", "danger", "groups", "region", "money", "time", "ask",
}  # fmt: skip


def test_understand_reads_each_line_and_prints_nothing_else(system):
    lines = [
        '{"id": "a", "text": "我在合肥的工地干活,老板拖欠我三个月工资两万四"}',
        '{"id": "b", "text":',
        r'{"id": "c", "text": "\ud800他又打我,我要离婚"}',
    ]
    read = subprocess.run(
        [sys.executable, "-m", "router.cli", "understand", "--state", str(system.state)],
        cwd=ROOT, env=child_environment(), input="\n".join(lines),
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert read.returncode == 0, read.stderr
    rows = [json.loads(line) for line in read.stdout.splitlines()]
    assert [set(row) for row in rows] == [KEYS, {"id", "error"}, KEYS]
    assert [row["id"] for row in rows] == ["a", None, "c"]
    for row in (rows[0], rows[2]):
        labels = [label for label, _ in row["ranked"]]
        chances = [chance for _, chance in row["ranked"]]
        assert set(labels) <= set(LABELS) and len(set(labels)) == len(labels)
        assert row["matter"] == labels[0]
        assert chances == sorted(chances, reverse=True)
    assert rows[0]["matter"] == "labour_pay"
    assert rows[0]["money"] == ["两万四"]


def test_metrics_count_tickets(system):
    page = httpx.get(f"{system.url}/metrics")
    assert page.status_code == 200
    assert "# TYPE jieyuan_tickets gauge" in page.text


def score(system, *options):
    return subprocess.run(
        [sys.executable, "-m", "router.cli", "score", "--state", str(system.state), *options],
        cwd=ROOT, env=child_environment(), capture_output=True, text=True, timeout=300,
    )  # fmt: skip


def test_score_reads_a_folder_and_prints_one_board(system, tmp_path):
    row = {"id": "r1", "text": "老板拖欠我三个月工资两万四", "label": "labour_pay"}
    (tmp_path / "matter-own.jsonl").write_text(json.dumps(row))
    shown = score(system, "--data", str(tmp_path))
    assert shown.returncode == 0, shown.stderr
    assert "严格 100.0%" in shown.stdout and row["text"] not in shown.stdout
    got = json.loads(score(system, "--data", str(tmp_path), "--json").stdout)
    assert got["matter"]["strict"] == 1 and got["intake"] is None
    assert got["model"]["bytes"] > 0 and len(got["model"]["data"]) == 32


def test_score_names_the_broken_line_and_fails(system, tmp_path):
    (tmp_path / "matter.jsonl").write_text('\n{"id": "x", "txet": "y"}')
    failed = score(system, "--data", str(tmp_path))
    assert failed.returncode != 0 and failed.stdout == ""
    assert "matter.jsonl:2：不认识“txet”这一项。" in failed.stderr
    (tmp_path / "matter.jsonl").unlink()
    (tmp_path / "dialogues.yaml").write_text("- id: D\n  turns: [在]\n  outcom: mediation\n")
    failed = score(system, "--data", str(tmp_path))
    assert failed.returncode != 0
    assert "dialogues.yaml:3：不认识“outcom”这一项。" in failed.stderr


def test_score_plays_dialogues_on_the_running_system(system, tmp_path):
    row = {"id": "r1", "text": "在吗", "label": "other"}
    (tmp_path / "matter.jsonl").write_text(json.dumps(row))
    (tmp_path / "dialogues-x.yaml").write_text(
        "- id: P1\n  turns: [转人工]\n  outcome: duty_lawyer\n  facts: {age: null}\n"
    )
    played = score(system, "--data", str(tmp_path), "--url", system.url, "--json")
    assert played.returncode == 0, played.stderr
    got = json.loads(played.stdout)["dialogues"]
    assert (got["played"], got["right"], got["invented"]) == (1, 1, 0)
