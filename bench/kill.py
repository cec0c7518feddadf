"""kill -9 at random moments under three routers at work: nothing lost, nothing doubled.

    ./jieyuan bench kill --kills 200          8 to 10 minutes a database
    ./jieyuan bench kill --kills 10

Routers are killed one by one and all at once, Redis is killed or emptied, PostgreSQL's
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
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

from bench.duty import office, routers
from bench.duty.town import Town
from router.db import Database

LAWYERS, CAPACITY = 8, 3
APART = 0.2  # seconds between two citizens
BETWEEN = 0.2, 1.2  # seconds between two blows
AIM = 10.0
ATTEMPTS = 3  # to begin a router
BLOWS = ("router", "router", "router", "router", "all", "redis", "flush", "cut")


class Scene:
    """What is killed begins anew while the next blow falls; one router at least is left, except
    where all are meant."""

    def __init__(self, side: str, url: str, folder: Path, seed: int) -> None:
        self.blows = [blow for blow in BLOWS if blow != "cut" or side == "postgresql"]
        self.dice = random.Random(seed)
        self.redis, self.redis_url = routers.valkey(folder)
        self.nursery = routers.Nursery([], folder / "nursery.log")
        each = (routers.router(n, folder, url, self.redis_url) for n in ("one", "two", "three"))
        self.routers = [self.nursery.router(one) for one in each]
        self.up: list[routers.Forked] = []
        self.mending: set[asyncio.Task[None]] = set()
        self.db = Database(url)
        if side == "postgresql":
            event.listen(self.db.engine.sync_engine, "connect", _named)
        self.town = Town(self.db, self.routers, routers.service_token(folder), seed)
        self.count: Counter[str] = Counter()
        self.struck = 0  # blows at a router that was answering somebody
        self.waits: list[float] = []

    async def begin(self) -> None:
        await self.nursery.start()
        await self.redis.start()
        await routers.answers(self.redis_url)
        await asyncio.gather(*(self._start(one) for one in self.routers))
        hired = await office.hire(self.db, LAWYERS, CAPACITY)
        await self.town.settle([one.id for one in hired])

    async def play(self, kills: int, until: float) -> None:
        citizens = asyncio.create_task(self.town.citizens(APART))
        lawyers = asyncio.create_task(self.town.lawyers())
        for number in range(kills):
            if time.perf_counter() > until:
                break
            await asyncio.sleep(self.dice.uniform(*BETWEEN))
            blow = self.dice.choice(self.blows)
            await self._recovered(one_is_enough=blow in ("router", "cut"))
            self.count[blow] += 1
            alive = await self.town.alive()
            await self._strike(blow)
            self.waits.append(await self.town.resumed(alive))
            print(f"  {number + 1} {blow}: {self.waits[-1]:.1f} s", file=sys.stderr, flush=True)
        citizens.cancel()
        await self._recovered(one_is_enough=False)
        self.lost, self.wrong = await self.town.judge()
        lawyers.cancel()

    async def _recovered(self, one_is_enough: bool) -> None:
        while self.mending and not (one_is_enough and len(self.up) > 1):
            done, _ = await asyncio.wait(self.mending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            self.mending -= done

    async def _strike(self, blow: str) -> None:
        match blow:
            case "router":
                await self._kill([self.dice.choice(self.up)])
            case "all":
                await self._kill(list(self.up))
            case "redis":
                await self.redis.kill()
                self._mend(self._redis_again())
            case "flush":
                await routers.flush(self.redis_url)
            case "cut":
                cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                here = "WHERE application_name <> 'bench' AND datname = current_database()"
                async with self.db.engine.connect() as connection:
                    await connection.execute(text(cut + here))

    async def _kill(self, victims: list[routers.Forked]) -> None:
        self.struck += any(self.town.flying[one.url] for one in victims)
        for one in victims:
            self.up.remove(one)
            await one.kill()
            self._mend(self._start(one))

    async def _redis_again(self) -> None:
        await asyncio.sleep(self.dice.uniform(*BETWEEN))
        await self.redis.start()
        await routers.answers(self.redis_url)

    async def _start(self, one: routers.Forked) -> None:
        """Who loses the database while it begins is begun anew, as `./jieyuan up` does."""
        for attempt in range(ATTEMPTS):
            await one.start()
            try:
                await one.ready()
                break
            except SystemExit:
                if not self.count["cut"] or attempt == ATTEMPTS - 1:
                    raise
        self.up.append(one)

    def _mend(self, work: Coroutine[Any, Any, None]) -> None:
        self.mending.add(asyncio.create_task(work))

    async def end(self) -> None:
        for task in (*self.mending, *self.town.tasks):
            task.cancel()
        for part in (*self.routers, self.redis, self.nursery):
            await part.kill()
        await self.town.http.aclose()
        await self.db.close()


def _named(connection: Any, _record: Any) -> None:
    """Who only watches is not cut."""
    cursor = connection.cursor()
    cursor.execute("SET application_name = 'bench'")
    connection.commit()
    cursor.close()


async def play(side: str, kills: int, seed: int = 1, minutes: float = 60) -> tuple[str, bool]:
    """What happened, in a line; and whether nothing was lost, doubled or late."""
    async with office.database(side) as url:
        with tempfile.TemporaryDirectory(prefix="jieyuan-kill-") as folder:
            scene = Scene(side, url, Path(folder), seed)
            began = time.perf_counter()
            try:
                await scene.begin()
                await scene.play(kills, began + 60 * minutes)
            finally:
                await scene.end()
    waits = sorted(scene.waits)
    kinds = ", ".join(f"{n} {blow}" for blow, n in scene.count.items())
    line = (
        f"{side:10} {len(waits)} kills ({kinds}) in "
        f"{time.perf_counter() - began:.0f} s, {scene.struck} in the middle of a request, "
        f"{len(scene.town.taken)} tickets: "
        f"lost {scene.lost}, wrong {len(scene.wrong)}; "
        f"gone on after {waits[len(waits) // 2]:.1f} s, at most {waits[-1]:.1f} s (aim {AIM:.0f})"
    )
    line += "".join(f"\n  {word}" for word in scene.wrong[:5])
    return line, not (scene.lost or scene.wrong)


async def _main(wanted: str, kills: int, seed: int, minutes: float) -> int:
    well = True
    for side in office.sides(wanted):
        line, fine = await play(side, kills, seed, minutes)
        print(line, flush=True)
        well &= fine
    return 0 if well else 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan bench kill", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60, help="at most, for each database")
    parser.add_argument("--on", choices=["sqlite", "postgresql", "both"], default="both")
    options = parser.parse_args()
    return asyncio.run(_main(options.on, options.kills, options.seed, options.minutes))


if __name__ == "__main__":
    sys.exit(main())
