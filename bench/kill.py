"""kill -9 at random moments under two routers at work: nothing lost, nothing doubled.

    ./jieyuan bench kill --kills 200          about 25 minutes a database
    ./jieyuan bench kill --kills 10

Routers are killed one by one and both at once, Redis is killed or emptied, PostgreSQL's
connections are cut (with BENCH_DATABASE_URL=postgresql+asyncpg://…). Citizens hand in tickets and
lawyers answer, decline and overlook them all the while. Printed: how long it took at most until
every ticket that was alive at a kill had gone on (aim 10 s). Ends with 1 on a loss or a double.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import text

from bench.duty import office, routers
from bench.duty.town import Town
from router.db import Database

LAWYERS, CAPACITY = 8, 3
APART = 0.4  # seconds between two citizens
AIM = 10.0
BLOWS = ("router", "router", "router", "router", "both", "redis", "flush", "cut")


class Scene:
    def __init__(self, side: str, url: str, folder: Path, seed: int) -> None:
        self.side, self.dice = side, random.Random(seed)
        self.redis, self.redis_url = routers.valkey(folder)
        names = ("one", "two")
        self.routers = [routers.router(n, folder, url, self.redis_url) for n in names]
        self.db = Database(url)
        self.town = Town(self.db, self.routers, routers.service_token(folder), seed)
        self.count: Counter[str] = Counter()
        self.waits: list[float] = []

    async def begin(self) -> None:
        await self.redis.start()
        await routers.answers(self.redis_url)
        for one in self.routers:
            await one.start()
        for one in self.routers:
            await one.ready()
        hired = await office.hire(self.db, LAWYERS, CAPACITY)
        await self.town.settle([one.id for one in hired])

    async def play(self, kills: int) -> None:
        citizens = asyncio.create_task(self.town.citizens(APART))
        lawyers = asyncio.create_task(self.town.lawyers())
        for _ in range(kills):
            await asyncio.sleep(self.dice.uniform(0.5, 2.0))
            blow = self.dice.choice(BLOWS)
            if blow == "cut" and self.side == "sqlite":
                blow = "router"
            self.count[blow] += 1
            alive = await self.town.alive()
            self.waits.append(await self._after(blow, alive))
            print(f"  {blow}: {self.waits[-1]:.1f} s", file=sys.stderr, flush=True)
        citizens.cancel()
        self.lost, self.wrong = await self.town.judge()
        lawyers.cancel()

    async def _after(self, blow: str, alive: set[str]) -> float:
        """Seconds until what was alive has gone on."""
        match blow:
            case "router":  # the other one takes over, the dead one stays dead so long
                victim = self.dice.choice(self.routers)
                await victim.kill()
                waited = await self.town.resumed(alive)
                await victim.start()
                await victim.ready()
                return waited
            case "both":
                for one in self.routers:
                    await one.kill()
                for one in self.routers:
                    await one.start()
                for one in self.routers:
                    await one.ready()
            case "redis":
                await self.redis.kill()
                waited = await self.town.resumed(alive)
                await self.redis.start()
                return waited
            case "flush":
                await routers.flush(self.redis_url)
            case "cut":
                cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
                here = "pg_backend_pid() AND datname = current_database()"
                async with self.db.engine.connect() as connection:
                    await connection.execute(text(cut + here))
        return await self.town.resumed(alive)

    async def end(self) -> None:
        for task in list(self.town.tasks):
            task.cancel()
        for part in (*self.routers, self.redis):
            await part.kill()
        await self.town.http.aclose()
        await self.db.close()


async def play(side: str, kills: int, seed: int = 1) -> tuple[str, bool]:
    """What happened, in a line; and whether nothing was lost, doubled or late."""
    async with office.database(side) as url:
        with tempfile.TemporaryDirectory(prefix="jieyuan-kill-") as folder:
            scene = Scene(side, url, Path(folder), seed)
            began = time.perf_counter()
            try:
                await scene.begin()
                await scene.play(kills)
            finally:
                await scene.end()
    waits = sorted(scene.waits)
    line = (
        f"{side:10} {kills} kills ({', '.join(f'{n} {b}' for b, n in scene.count.items())}) in "
        f"{time.perf_counter() - began:.0f} s, {len(scene.town.taken)} tickets: "
        f"lost {scene.lost}, wrong {len(scene.wrong)}; "
        f"gone on after {waits[len(waits) // 2]:.1f} s, at most {waits[-1]:.1f} s (aim {AIM:.0f})"
    )
    line += "".join(f"\n  {word}" for word in scene.wrong[:5])
    return line, not (scene.lost or scene.wrong)


async def _main(wanted: str, kills: int, seed: int) -> int:
    well = True
    for side in office.sides(wanted):
        line, fine = await play(side, kills, seed)
        print(line, flush=True)
        well &= fine
    return 0 if well else 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan bench kill", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--on", choices=["sqlite", "postgresql", "both"], default="both")
    options = parser.parse_args()
    return asyncio.run(_main(options.on, options.kills, options.seed))


if __name__ == "__main__":
    sys.exit(main())
