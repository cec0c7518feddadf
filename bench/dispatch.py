"""From a ticket to the lawyer who is asked for it; beside the carriers and desks people use.

    ./jieyuan bench dispatch            about 40 minutes, a third of it filling tables
    ./jieyuan bench dispatch --quick    a few minutes

On SQLite and, with BENCH_DATABASE_URL=postgresql+asyncpg://…, on PostgreSQL. The carriers (celery,
rq, dramatiq, huey, arq, from bench/carriers/requirements.lock) only bring a job to any worker; ours
also chooses the lawyer and writes ticket, offer, timer and log in two transactions that wait for
the disk. All of it in one run, in turns, on this machine.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.duty import desks, office, routers
from bench.duty.ours import REGIONS, Hall, freed
from router.cli.environment import child_environment
from router.db import Database
from router.settings import ROOT

LOCK = ROOT / "bench" / "carriers" / "requirements.lock"
CARRIERS = ("celery", "rq", "dramatiq", "huey", "arq")
FULL = {1.0: 30, 10.0: 300, 100.0: 2000}
QUICK = {1.0: 5, 10.0: 50, 100.0: 300}
LAWYERS = (20, 741, 38_000)
TICKETS = (1_000, 10_000, 100_000, 1_000_000)
QUICK_CELLS = ((20, 1_000), (20, 100_000), (741, 1_000), (38_000, 1_000))


def shown(took: list[float]) -> str:
    """p50, p99 and the worst, in milliseconds."""
    if not took:
        return "nothing came"
    p99 = took[min(int(len(took) * 0.99), len(took) - 1)]
    return (
        f"p50 {statistics.median(took) * 1000:8.1f}  p99 {p99 * 1000:8.1f}  "
        f"worst {took[-1] * 1000:8.1f} ms  ({len(took)})"
    )


async def cell(side: str, lawyers: int, tickets: int, rates: dict[float, int]) -> float:
    """One size of office; the median at 10 tickets a second, in seconds."""
    regions = REGIONS[: max(1, lawyers // 20)]
    room = sum(rates.values()) * 20 // lawyers + 100  # nobody is ever full: that is `freed`
    middle = 0.0
    async with office.database(side) as url:
        db = Database(url)
        hall = Hall(db, regions)
        await hall.fill(lawyers, tickets, room)
        for rate, count in rates.items():
            took = await hall.at_rate(rate, count)
            middle = statistics.median(took) if rate == 10 else middle
            print(
                f"  {side:10} {lawyers:>6,} lawyers {tickets:>9,} tickets {rate:>4.0f}/s  "
                f"{shown(took)}",
                flush=True,
            )
        await db.close()
    return middle


async def ours(wanted: str, quick: bool) -> None:
    rates = QUICK if quick else FULL
    cells = QUICK_CELLS if quick else [(w, t) for w in LAWYERS for t in TICKETS]
    print("\nours: ticket → offer (aim p99 ≤ 50 ms)")
    for side in office.sides(wanted):
        middle = {of: await cell(side, *of, rates) for of in cells}
        for lawyers in sorted({w for w, _ in cells}):
            sizes = sorted(t for w, t in cells if w == lawyers)
            if len(sizes) > 1:
                small, large = sizes[0], sizes[-1]
                grown = middle[lawyers, large] / middle[lawyers, small]
                print(f"  {side:10} {lawyers:>6,} lawyers: {small:,} → {large:,} tickets "
                      f"costs {grown:.2f} times (aim ≤ 1.5)")  # fmt: skip
    print("\nours: a lawyer closes a case → the next offer is theirs (aim p99 ≤ 200 ms)")
    for side in office.sides(wanted):
        for waiting in (100, 1_000) if quick else (100, 10_000):
            async with office.database(side) as url:
                db = Database(url)
                took = await freed(db, 50, waiting, 80 if quick else 1_000)
                print(f"  {side:10} {waiting:>6,} waiting  {shown(took)}", flush=True)
                await db.close()


def carriers_folder() -> Path:
    """Beside the environment, not in it."""
    folder = ROOT / ".tools" / "bench-carriers"
    if not (folder / "celery").exists():
        uv = ROOT / ".tools" / "uv" / "bin" / "uv"
        subprocess.run(
            [uv if uv.exists() else "uv", "pip", "install", "-q", "--python", sys.executable,
             "--target", folder, "--require-hashes", "-r", LOCK],
            check=True,
        )  # fmt: skip
    return folder


async def carriers(quick: bool) -> None:
    rates = {f"{rate:.0f}": count for rate, count in (QUICK if quick else FULL).items()}
    print("\ncarriers: job → a worker has it; jobs not done 15 s after their worker was killed")
    path = os.pathsep.join([str(ROOT), str(carriers_folder())])
    with tempfile.TemporaryDirectory(prefix="jieyuan-carriers-") as folder:
        redis, url = routers.valkey(Path(folder))
        await redis.start()
        await routers.answers(url)
        try:
            for name in CARRIERS:
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "bench.carriers.client", name, json.dumps(rates),
                    cwd=ROOT, env=child_environment(PYTHONPATH=path, CARRIER_REDIS=url),
                    stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
                )  # fmt: skip
                said, _ = await process.communicate()
                if process.returncode:
                    print(f"  {name:10} did not work")
                    continue
                found = json.loads(said)
                for rate, took in found["took"].items():
                    print(f"  {name:10} {rate:>4}/s  {shown(took)}")
                print(f"  {name:10} not done after the kill: {found['lost']} of {found['of']}")
        finally:
            await redis.kill()


def others() -> None:
    """A day of a city's hotline desk: 0.05 tickets a second, 40 places, talks of 10 minutes."""
    come = desks.arrivals(0.05, 8 * 3600)
    print("\ndesks' algorithms restated: ticket → somebody has it, a day of 40 places, virtual")
    every = {
        "every 5 min": (desks.polled, 300.0, 10**9),
        "as they come, the rest 100 every 15 min": (desks.polled_when_full, 900.0, 100),
    }
    for places in (40, 31):
        for name, (way, span, limit) in every.items():
            took = way(come, places, 600.0, span, limit)
            print(f"  {places} places, {name:40} {shown(took)}")
        took = desks.polled_when_full(come, places, 600.0, 0.2, 10**9)
        print(f"  {places} places, {'on the event (200 ms at most)':40} {shown(took)}")


async def _main(wanted: str, quick: bool) -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
          f"Python {platform.python_version()}")  # fmt: skip
    await ours(wanted, quick)
    await carriers(quick)
    others()


def main() -> None:
    parser = argparse.ArgumentParser(prog="./jieyuan bench dispatch", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--on", choices=["sqlite", "postgresql", "both"], default="both")
    options = parser.parse_args()
    asyncio.run(_main(options.on, options.quick))


if __name__ == "__main__":
    main()
