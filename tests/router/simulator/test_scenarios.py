"""The scenarios that come with the project, and what a faulty one says."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from router.cli import simulate
from router.settings import ROOT
from router.simulator import agenda, scenario

FILES = sorted((ROOT / "data" / "scenarios").glob("*.yml"))
SMALL = """
title: 小屋子
start: 2026-03-02T09:00:00+08:00
hours: 0.1
calls: {a_day: 1000, handling: {kind: fixed, value: 30}}
lawyers: [{name: 值班, seats: 2, people: 2, blocks: [{since: "08:00", until: "18:00"}]}]
"""


@pytest.fixture
def small(tmp_path):
    file = tmp_path / "small.yml"
    file.write_text(SMALL)
    return file


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_scenario_of_ours_can_be_read_and_says_where_its_numbers_come_from(file):
    given = scenario.load(file)
    assert agenda.turns(given)
    assert file.read_text().lstrip().startswith("#")


def test_the_city_reproduces_the_seed_funnel():
    """Dongying: about 1,300 calls, 121 to legal aid, 81 to mediation, 165 guided."""
    calls = agenda.calls(scenario.load(ROOT / "data" / "scenarios" / "city.yml"), 1)
    assert 1200 < len(calls) < 1400
    shares = {"aid_application": 121, "referred_mediation": 81, "guided": 165}
    for outcome, expected in shares.items():
        count = sum(call.outcome == outcome for call in calls)
        assert 0.7 * expected < count < 1.3 * expected


def test_what_a_scenario_does_not_say_it_has_from_the_other(small):
    like = small.with_name("like.yml")
    like.write_text("like: small.yml\ntitle: 另一间\ncalls: {a_day: 5}\n")
    one, other = scenario.load(small), scenario.load(like)
    assert other.title == "另一间" and other.calls.a_day == 5
    assert other.calls.handling == one.calls.handling and other.lawyers == one.lawyers


def test_two_processes_write_the_same_words_chart_and_table(small, tmp_path):
    """Also where sets of words are walked in another order."""
    told = {order: spoken(small, tmp_path / order, order) for order in ("1", "2")}
    assert told["1"] == told["2"] and "没有一处违反" in told["1"]
    for name in ("small-4.svg", "small-4.csv"):
        first, second = ((tmp_path / order / name).read_bytes() for order in told)
        assert first == second
    assert ET.parse(tmp_path / "1" / "small-4.svg").getroot().tag.endswith("svg")
    assert len((tmp_path / "1" / "small-4.csv").read_text("utf-8-sig").splitlines()) > 1


def spoken(file, out, order: str) -> str:
    command = [sys.executable, "-m", "router.cli", "simulate", file, "--seed", "4", "--out", out]
    world = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": order}
    return subprocess.run(command, env=world, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(
    "wrong, named",
    [
        ("hours: 0", "hours"),
        ("calls: {a_day: 5}", "calls.handling"),
        ("answering: {missed: 2}", "answering.missed"),
        ("seats: 3", "seats"),
    ],
)
def test_a_fault_in_a_scenario_is_told_with_its_place(small, capsys, wrong, named):
    fields = [line for line in SMALL.splitlines() if not line.startswith(wrong.split(":")[0])]
    small.write_text("\n".join([*fields, wrong]))
    assert simulate.main([str(small)]) == 2
    assert named in capsys.readouterr().err


def test_a_goal_that_cannot_be_read_is_told(small, capsys):
    assert simulate.main([str(small), "--find-seats", "soon"]) == 2
    assert "90% within 60s" in capsys.readouterr().err
