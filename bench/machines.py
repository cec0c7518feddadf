"""Two machines, and a third with PostgreSQL and Redis: one of the two is cut off, and healed.

    ./jieyuan bench machines --cuts 10      as root: the machines are network namespaces

Half of the lawyers are at either machine; the one that is cut off holds every lawyer's row locked.
Printed: how long it took until every ticket that was waiting, offered or with a lawyer of the other
machine had gone on, and until the healed machine had its stores again.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import make_url, text

from bench.duty import machines, office, routers
from bench.duty.town import Town
from router.cli.environment import child_environment
from router.db import Database
from router.settings import ROOT

LAWYERS, CAPACITY, APART = 8, 3, 0.4
AWAY = 6.0  # seconds that a machine is cut off at least
AIM = 10.0


async def play(cuts: int, seed: int = 1) -> tuple[str, bool]:
    """What happened, in a line; and whether nothing was lost, doubled or late."""
    with (
        tempfile.TemporaryDirectory(prefix="jieyuan-net-") as name,
        machines.Network() as net,
    ):
        folder, (store, *both) = Path(name), net.machines
        server, os.environ[office.SERVER] = await machines.postgresql(folder, store)
        redis, redis_url = routers.valkey(folder, store.host, store.inside)
        await redis.start()
        await routers.answers(redis_url)
        try:
            async with office.database("postgresql") as url:
                ours = [
                    routers.router(m.name, folder, url, redis_url, host=m.host, inside=m.inside)
                    for m in both
                ]
                try:
                    return await _cut_and_heal(ours, both, Database(url), folder, cuts, seed)
                finally:
                    for one in ours:
                        await one.kill()
        finally:
            await redis.kill()
            await server.kill()


async def _cut_and_heal(
    ours: list[routers.Router], both: list[machines.Machine], db: Database, folder: Path,
    cuts: int, seed: int,
) -> tuple[str, bool]:  # fmt: skip
    town = Town(db, ours, routers.service_token(folder), seed)
    for one in ours:
        await one.start()
    for one in ours:
        await one.ready()
    hired = [one.id for one in await office.hire(db, LAWYERS, CAPACITY)]
    await town.settle(hired)
    town.home = {who: ours[n % len(ours)] for n, who in enumerate(hired)}
    work = [asyncio.create_task(town.citizens(APART)), asyncio.create_task(town.lawyers())]
    gone_on, back, half = [], [], 0
    for number in range(cuts):
        await asyncio.sleep(3)
        machine, its = both[number % len(both)], ours[number % len(both)]
        holder = await _holder(machine, db.url)
        await asyncio.sleep(1)  # citizens come meanwhile, none can be served
        machine.cut()
        began = time.perf_counter()
        alive = await town.alive(but_at=its)
        gone_on.append(await town.resumed(alive))
        await asyncio.sleep(max(AWAY - (time.perf_counter() - began), 0))
        holder.kill()
        machine.heal()
        healed = time.perf_counter()
        await its.ready()
        back.append(time.perf_counter() - healed)
        print(f"  {gone_on[-1]:.1f} s, back {back[-1]:.1f} s", file=sys.stderr, flush=True)
        half += await _half_open(machine, db)
    work[0].cancel()
    lost, wrong = await town.judge()
    if half:
        wrong.append(f"{half} connections whose other end has long been closed")
    for task in (*work, *town.tasks):
        task.cancel()
    await town.http.aclose()
    await db.close()
    line = (
        f"{cuts} cuts, {len(town.taken)} tickets: lost {lost}, wrong {len(wrong)}; work of the "
        f"machine that was cut off gone on after {max(gone_on):.1f} s at most (aim {AIM:.0f}), "
        f"back {max(back):.1f} s after the cable"
    )
    return line + "".join(f"\n  {word}" for word in wrong[:5]), not (lost or wrong)


async def _half_open(machine: machines.Machine, db: Database, at_most: float = 20) -> int:
    """Of the machine's connections to PostgreSQL those that PostgreSQL has not, after a while."""
    theirs = text("SELECT client_port FROM pg_stat_activity WHERE client_addr = :at ::inet")
    ends = time.perf_counter() + at_most
    while True:
        ours = machine.connections(make_url(db.url).port)
        async with db.read() as s:
            left = ours - set(await s.scalars(theirs, {"at": machine.host}))
        if not left or time.perf_counter() > ends:
            return len(left)
        await asyncio.sleep(0.5)


async def _holder(machine: machines.Machine, url: str) -> asyncio.subprocess.Process:
    """One of the machine's transactions is at its worst moment when the cable is pulled."""
    process = await asyncio.create_subprocess_exec(
        *machine.inside, sys.executable, "-m", "bench.duty.holder", url,
        cwd=ROOT, env=child_environment(), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    if not await process.stdout.readline():
        raise SystemExit("the holder ended")
    return process


def main() -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan bench machines", description=__doc__)
    parser.add_argument("--cuts", type=int, default=10)
    options = parser.parse_args()
    if why := machines.impossible():
        print(why, file=sys.stderr)
        return 1
    line, well = asyncio.run(play(options.cuts))
    print(line)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
