"""From a ticket to the lawyer who is asked for it; beside the carriers and desks people use.

    ./jieyuan bench dispatch            an hour and a half, some of it filling tables
    ./jieyuan bench dispatch --quick    some minutes: fewer rounds, none with a large table

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
import subprocess
import sys
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.duty import desks, office, routers
from bench.duty.ours import REGIONS, Hall, freed
from bench.duty.rounds import Rounds, Run
from router.cli.environment import child_environment
from router.db import Database
from router.settings import ROOT

LOCK = ROOT / "bench" / "carriers" / "requirements.lock"
CARRIERS = ("celery", "rq", "dramatiq", "huey", "arq")
LAWYERS = (20, 741, 38_000)
TICKETS = (1_000, 10_000, 100_000, 1_000_000)
USUAL = 741, 1_000  # the office that is beside the carriers


@dataclass(frozen=True)
class Plan:
    rounds: int
    rates: dict[float, int]  # a second: how many in a round
    tickets: dict[int, tuple[int, ...]]  # sizes of the table by lawyers
    waiting: tuple[int, ...]
    freed: int

    @property
    def room(self) -> int:
        """Nobody is ever full: that is `freed`."""
        return sum(self.rates.values()) * self.rounds * 20


FULL = Plan(
    5, {1.0: 10, 10.0: 100, 100.0: 1000}, dict.fromkeys(LAWYERS, TICKETS), (100, 10_000), 200
)
QUICK = Plan(
    3, {1.0: 3, 10.0: 30, 100.0: 200}, {20: (1_000, 100_000), 741: (1_000,), 38_000: (1_000,)},
    (100, 1_000), 30,
)  # fmt: skip


async def hall(
    stack: AsyncExitStack, side: str, of: tuple[int, int], plan: Plan, redis: str
) -> Hall:
    lawyers, tickets = of
    db = Database(await stack.enter_async_context(office.database(side, f"{lawyers}_{tickets}")))
    stack.push_async_callback(db.close)
    made = Hall(db, REGIONS[: max(1, lawyers // 20)], redis)
    await made.fill(lawyers, tickets, plan.room // lawyers + 100)
    return made


async def beside(sides: list[str], plan: Plan, redis: str) -> None:
    """Ours and the carriers take turns, round by round."""
    rounds = Rounds()
    rates = {f"{rate:.0f}": count for rate, count in plan.rates.items()}
    lost: dict[str, str] = {}
    async with AsyncExitStack() as stack:
        halls = {side: await hall(stack, side, USUAL, plan, redis) for side in sides}
        for turn in range(plan.rounds):
            for side, here in halls.items():
                for rate, count in plan.rates.items():
                    run = await here.at_rate(rate, count)
                    rounds.add(f"ours, {side:10} {rate:>4.0f}/s", run)
            for name in CARRIERS:
                found = await carried(name, rates, turn == 0, redis)
                if found is None:
                    lost[name] = "did not work"
                    continue
                for rate, took in found["took"].items():
                    rounds.add(f"{name:16} {rate:>4}/s", Run(took))
                if turn == 0:
                    lost[name] = f"{found['lost']} of {found['of']}"
    print(f"\nticket → offer with {USUAL[0]} lawyers (aim p99 ≤ 50 ms); job → a worker has it")
    rounds.show()
    print("jobs not done 15 s after their worker was killed:")
    for name, said in lost.items():
        print(f"  {name:10} {said}")


async def sizes(side: str, lawyers: int, plan: Plan, redis: str) -> None:
    """All sizes of the table take turns: what the machine does meanwhile meets each of them."""
    rounds = Rounds()
    tables = plan.tickets[lawyers]
    names = {t: f"{side:10} {lawyers:>6,} lawyers {t:>9,} tickets" for t in tables}
    async with AsyncExitStack() as stack:
        halls = {t: await hall(stack, side, (lawyers, t), plan, redis) for t in tables}
        for _ in range(plan.rounds):
            for rate, count in plan.rates.items():
                for tickets, here in halls.items():
                    run = await here.at_rate(rate, count)
                    rounds.add(f"{names[tickets]} {rate:>4.0f}/s", run)
    rounds.show()
    if len(tables) > 1:
        small, large = (rounds.middle(f"{names[t]} {10:>4.0f}/s") for t in (tables[0], tables[-1]))
        print(f"  {side:10} {lawyers:>6,} lawyers: {tables[0]:,} → {tables[-1]:,} tickets costs "
              f"{large / small:.2f} times at 10/s (aim ≤ 1.5)")  # fmt: skip


async def drained(sides: list[str], plan: Plan) -> None:
    print("\na lawyer closes a case → the next offer is theirs (aim p99 ≤ 200 ms)")
    rounds = Rounds()
    for _ in range(plan.rounds):
        for side in sides:
            for waiting in plan.waiting:
                async with office.database(side) as url:
                    db = Database(url)
                    run = await freed(db, 50, waiting, plan.freed)
                    rounds.add(f"{side:10} {waiting:>6,} waiting", run)
                    await db.close()
    rounds.show()


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


async def carried(
    name: str, rates: dict[str, int], kill: bool, redis: str
) -> dict[str, Any] | None:
    """None: it did not work."""
    path = os.pathsep.join([str(ROOT), str(carriers_folder())])
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.carriers.client", name, json.dumps(rates), str(int(kill)),
        cwd=ROOT, env=child_environment(PYTHONPATH=path, CARRIER_REDIS=redis),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    said, _ = await process.communicate()
    found: dict[str, Any] | None = None if process.returncode else json.loads(said)
    return found


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
            print(f"  {places} places, {name:40} {_waits(took)}")
        took = desks.polled_when_full(come, places, 600.0, 0.2, 10**9)
        print(f"  {places} places, {'on the event (200 ms at most)':40} {_waits(took)}")


def _waits(took: list[float]) -> str:
    run = Run(took)
    return f"p50 {run.at(0.5):7.1f}  p99 {run.at(0.99):7.1f}  worst {run.at(1):7.1f} s"


async def _main(wanted: str, plan: Plan) -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
          f"Python {platform.python_version()}; {plan.rounds} rounds: median [best–worst round]; "
          "CPU: of the router's process, ms")  # fmt: skip
    sides = office.sides(wanted)
    with tempfile.TemporaryDirectory(prefix="jieyuan-bench-") as folder:
        valkey, redis = routers.valkey(Path(folder))
        await valkey.start()
        await routers.answers(redis)
        try:
            await beside(sides, plan, redis)
            print("\nticket → offer by size of the office (aim p99 ≤ 50 ms)")
            for side in sides:
                for lawyers in plan.tickets:
                    await sizes(side, lawyers, plan, redis)
            await drained(sides, plan)
        finally:
            await valkey.kill()
    others()


def main() -> None:
    parser = argparse.ArgumentParser(prog="./jieyuan bench dispatch", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller tables")
    parser.add_argument("--on", choices=["sqlite", "postgresql", "both"], default="both")
    options = parser.parse_args()
    asyncio.run(_main(options.on, QUICK if options.quick else FULL))


if __name__ == "__main__":
    main()
