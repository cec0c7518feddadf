"""Decisions a second: our whole law with its reasons, beside four rule engines on a small table.

    ./jieyuan bench eligibility            10,000 cases, 9 rounds, about two minutes
    ./jieyuan bench eligibility --quick    2,000 cases, 3 rounds

All sides first give their answers to the same seeded cases, and nothing is timed unless they
agree. The peers decide a table of the everyday heads and the hardship line; ours decides the same
cases by the whole law, with every rule tried, its article, quotation, input and standard. Each
side is a process of its own; one at a time runs through all cases, in turns.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bench.rules import cases
from router.cli.environment import child_environment
from router.eligibility import load_law
from router.settings import ROOT

LOCK = ROOT / "bench" / "rules" / "requirements.lock"
PEERS = ("zen", "json_logic", "rule_engine", "durable_rules")
REGIONS = ("990101", "BJ", "SD", "HZ", "NAT")
LONG = 3000


@dataclass
class Runner:
    title: str
    process: subprocess.Popen[str]
    first: dict[str, Any]
    seconds: list[float] = field(default_factory=list)
    peak: float = 0

    def turn(self) -> None:
        said = self.told("go")
        self.seconds.append(said["seconds"])
        self.peak = said["peak"]

    def told(self, what: str) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        said: dict[str, Any] = json.loads(self.process.stdout.readline())
        return said


def start(title: str, side: str, work: dict[str, Any], folder: Path) -> Runner:
    file = folder / f"{title.replace(' ', '-')}.json"
    file.write_text(json.dumps(work), "utf-8")
    path = os.pathsep.join([str(ROOT), str(peers_folder())] if side in PEERS else [str(ROOT)])
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.rules.sides", side, file],
        cwd=ROOT, env=child_environment(PYTHONPATH=path), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"{title}: it ended without an answer")
    return Runner(title, process, json.loads(line))


def table() -> list[tuple[dict[str, Any], str]]:
    """The everyday heads and the line, first hit; figures and list are those of our law files."""
    law = load_law()
    era, region = law.era(cases.DAY), law.regions[cases.REGION]
    line = region.standard.on(cases.DAY) if region.standard else None
    assert era and line and isinstance(line.limit, float | int) and line.cmp == "lte"
    listed = sorted({*era.matters} & {*cases.EVERYDAY})
    family = ["divorce", "domestic_violence", "support", "child_support"]
    return [
        ({"danger": ("!=", "none")}, "EMERGENCY_110"),
        ({"lawyer": ("==", True)}, "HAS_LAWYER"),
        ({"matter": ("in", family), "violence": ("==", "suffered")}, "NO_HARDSHIP"),
        ({"matter": ("in", ["wages", "work_injury"]), "proof": ("==", "migrant_worker")},
         "EXEMPT_VERIFICATION"),
        ({"matter": ("in", listed), "proof": ("==", "dibao")}, "EXEMPT_VERIFICATION"),
        ({"matter": ("in", listed), "income_pc": ("<=", line.limit)}, "ELIGIBLE"),
        ({"matter": ("in", listed)}, "NOT_MEANS"),
        ({}, "OUT_OF_SCOPE"),
    ]  # fmt: skip


def peers_folder() -> Path:
    """The peers beside the environment, not in it, from their hashed lock."""
    folder = ROOT / ".tools" / "bench-rules"
    if not (folder / "zen").exists():
        uv = ROOT / ".tools" / "uv" / "bin" / "uv"
        subprocess.run(
            [uv if uv.exists() else "uv", "pip", "install", "-q", "--python", sys.executable,
             "--target", folder, "--require-hashes", "-r", LOCK],
            check=True,
        )  # fmt: skip
    return folder


def agreed(runners: list[Runner]) -> None:
    first, *others = runners
    for other in others:
        wrong = [
            number
            for number, (one, two) in enumerate(
                zip(first.first["outcomes"], other.first["outcomes"], strict=True)
            )
            if one != two
        ]
        if wrong:
            at = wrong[0]
            raise SystemExit(
                f"{first.title} and {other.title} differ in {len(wrong)} cases, first {at}: "
                f"{first.first['outcomes'][at]}, {other.first['outcomes'][at]}"
            )


def measure(runners: list[Runner], rounds: int) -> None:
    for _ in range(rounds):
        for runner in runners:
            runner.turn()


def show(runners: list[Runner], count: int) -> None:
    for runner in runners:
        rates = sorted(count / seconds for seconds in runner.seconds)
        each = statistics.median(runner.seconds) / count * 1e6
        print(
            f"  {runner.title:44} {statistics.median(rates):>11,.0f} /s"
            f"  ({rates[0]:,.0f} to {rates[-1]:,.0f})  {each:7.2f} µs"
            f"   first time {count / runner.first['first']:>9,.0f} /s"
            f"   {runner.told('held')['held']:5.1f} MB (at most {runner.peak:.1f} with the cases)"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    count, rounds = (2_000, 3) if options.quick else (10_000, 9)
    law = load_law()
    common = cases.table_cases(law, count, seed=1)
    facts = [cases.whole(case) for case in common]
    mixed = cases.mixed_cases(law, count, 2, REGIONS)
    with tempfile.TemporaryDirectory(prefix="jieyuan-bench-") as name:
        folder = Path(name)
        rows = {"cases": common, "table": table(), "facts": facts}
        print(
            f"{platform.machine()}, Python {platform.python_version()}, {count:,} distinct cases,"
        )
        print(f"{rounds} rounds in turns; median (slowest to fastest)")
        at_table = [start(title, title, rows, folder) for title in PEERS]
        at_table.append(start("ours, whole law and reasons", "ours", rows, folder))
        agreed(at_table)
        ends = len(set(at_table[0].first["outcomes"]))
        print(f"\nthe same cases, {len(rows['table'])} rows, answers agreed ({ends} outcomes)")
        measure(at_table, rounds)
        show(at_table, count)

        whole = [
            start("whole law and reasons", "ours", {"facts": mixed}, folder),
            start("the same, JSON facts in, JSON answer out", "ours_from_json",
                  {"facts": mixed}, folder),
            start("the same, walked, not compiled", "walk", {"facts": mixed}, folder),
        ]  # fmt: skip
        agreed(whole)
        asked = whole[0].first["outcomes"].count("NEED_FACTS")
        print(f"\nmixed cases of {len(REGIONS)} regions since 2021, {asked:,} end with a question")
        measure(whole, rounds)
        show(whole, count)

        lists = [long_list(entries, mixed, folder) for entries in (0, LONG)]
        print(f"\nthe mixed cases under a negative list of 0 and of {LONG:,} entries")
        measure(lists, rounds)
        show(lists, count)
        none, many = (statistics.median(runner.seconds) / count * 1e6 for runner in lists)
        print(f"  {LONG:,} entries cost {many - none:+.2f} µs a decision")
        for runner in (*at_table, *whole, *lists):
            runner.process.kill()


def long_list(entries: int, facts: list[dict[str, Any]], folder: Path) -> Runner:
    region = cases.long_list(entries, seed=3)
    regions = folder / region["code"]
    regions.mkdir()
    (regions / f"{region['code']}.yml").write_text(yaml.safe_dump(region, allow_unicode=True))
    there = [{**one, "region": region["code"]} for one in facts]
    return start(f"{entries} entries", "ours", {"facts": there, "regions": str(regions)}, folder)


if __name__ == "__main__":
    main()
