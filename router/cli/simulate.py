"""在虚拟的时间里,让真实的派单程序过一天或一个月:等多久、多少人接、要几个坐席。"""

import argparse
import logging
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import yaml
from pydantic import ValidationError

from bot import heap
from router.cli.environment import fail
from router.settings import ROOT
from router.simulator import chart, report, scenario, seats
from router.simulator.measure import measure
from router.simulator.play import play


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan simulate", description=__doc__)
    parser.add_argument("scenario", type=Path, metavar="场景.yml", help="见 data/scenarios")
    parser.add_argument("--seed", type=int, default=1, help="同一种子,结果逐字节相同")
    parser.add_argument("--out", type=Path, default=ROOT / ".jieyuan" / "simulations",
                        metavar="目录", help="图(SVG)和表(CSV)放在哪里")  # fmt: skip
    parser.add_argument(
        "--find-seats", metavar="目标", help='例如 "90%% within 60s":最少要几个坐席'
    )
    parser.add_argument("--seeds", type=int, default=5, help="找坐席数时用几个种子(从 --seed 起)")
    options = parser.parse_args(argv)
    try:
        played = scenario.load(options.scenario)
    except ValidationError as error:
        return 2 * fail(_where(options.scenario, error))
    except yaml.YAMLError as error:
        return 2 * fail(f"{options.scenario} 不是 YAML:{error}")
    heap.freeze()
    logging.disable(logging.WARNING)
    try:
        if options.find_seats:
            seeds = range(options.seed, options.seed + max(options.seeds, 1))
            return _find(played, options.find_seats, seeds)
        return _play(played, options.seed, options.out, options.scenario.stem)
    finally:
        logging.disable(logging.NOTSET)


def _play(given: scenario.Scenario, seed: int, out: Path, name: str) -> int:
    told = measure(play(given, seed))
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{name}-{seed}.svg").write_text(chart.draw(told), "utf-8")
    # the mark in front tells Excel and WPS that it is UTF-8
    (out / f"{name}-{seed}.csv").write_text(report.table(told), "utf-8-sig")
    sys.stdout.write(report.words(told))
    print(f"图和表  {out / name}-{seed}.svg、.csv", file=sys.stderr)
    return 1 if told.played.broken else 0


def _find(given: scenario.Scenario, text: str, seeds: range) -> int:
    try:
        goal = seats.goal(text)
    except seats.BadGoal:
        return 2 * fail(f'看不懂“{text}”;请写成 "90% within 60s"。')
    with ProcessPoolExecutor() as pool:
        try:
            found = seats.find(given, goal, seeds, pool.map)
        except seats.Unreachable as error:
            return fail(
                f"坐席再多也到不了:最多 {error.share:.1%}。要紧的是律师看没看见、点得快不快。"
            )
    print(f"{given.title}:{goal.share:.0%} 在 {goal.seconds:g} 秒内有人接")
    for tried, share in found.shares.items():
        print(f"  {tried:>6} 个坐席  {share:.1%}{'  ← 最少' if tried == found.seats else ''}")
    for group in given.with_seats(found.seats).lawyers:
        print(f"  {group.name}:{group.seats} 个")
    return 0


def _where(path: Path, error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{path} 的 {'.'.join(str(part) for part in first['loc'])}:{first['msg']}"
