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
