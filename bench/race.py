"""Four router processes claim the same tickets, places, offers and outcomes at the same moment.

    ./jieyuan bench race --claims 1000000       an hour or two a database
    ./jieyuan bench race --quick                2,000 claims

On SQLite and, with BENCH_DATABASE_URL=postgresql+asyncpg://…, on PostgreSQL.

Witnesses are the log (nothing happens twice to a ticket), constraints that the database holds by
itself (one holder of a ticket, no more than a lawyer's capacity), and the state rebuilt from the
log. Ends with 1 if there was a single double.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter

from sqlalchemy import func, select

from bench.duty import office
from router.cli.environment import child_environment
from router.db import Database
from router.dispatch import rebuild
from router.settings import ROOT
from router.tickets.models import Ticket, TicketEvent

PROCESSES, BATCH = 4, 60
LAWYERS, CAPACITY = 12, 3  # fewer places than tickets at once: these are raced for as well


async def race(side: str, claims: int, processes: int = PROCESSES) -> tuple[str, bool]:
    """What happened, in a line; and whether everything was claimed once."""
    async with office.database(side) as url:
        db = Database(url)
        await office.hire(db, LAWYERS, CAPACITY)
        racers = [await _racer(url) for _ in range(processes)]
        count: Counter[str] = Counter()
        began = time.perf_counter()
        while count["claims"] < claims:
            ids = await _waiting(db)  # whoever is offered one of these holds a place
            ids += await office.come(db, max(0, BATCH - len(ids)))
            for found in await asyncio.gather(*(_turn(one, ids) for one in racers)):
                count.update(found)
        took = time.perf_counter() - began
        for _ in range(PROCESSES):  # what was offered to who became free after we had looked
            if ids := await _waiting(db):
                count.update(await _turn(racers[0], ids))
        for one in racers:
            assert one.stdin
            one.stdin.close()
            await one.wait()
        doubles, left, differences = await _judge(db)
        async with db.read() as s:
            tickets = await s.scalar(select(func.count()).select_from(Ticket))
        await db.close()
    faults = {name: n for name, n in count.items() if name.startswith("fault")}
    line = (
        f"{side:10} {count['claims']:>9,} claims on {tickets:,} tickets by {processes} processes, "
        f"{count['claims'] / took:6.0f} /s, {count['refused']:,} refused; "
        f"doubles {doubles}, tickets left {left}, log against tables {len(differences)}"
    )
    for word in [*differences[:5], *(f"{name} ({n})" for name, n in faults.items())]:
        line += f"\n  {word}"
    return line, not (doubles or left or differences or faults)


async def _racer(url: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.duty.racer", url,
        cwd=ROOT, env=child_environment(),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def _turn(one: asyncio.subprocess.Process, ids: list[str]) -> dict[str, int]:
    assert one.stdin and one.stdout
    one.stdin.write(json.dumps(ids).encode() + b"\n")
    await one.stdin.drain()
    if not (line := await one.stdout.readline()):
        raise SystemExit("a racer died")
    found: dict[str, int] = json.loads(line)
    return found


async def _waiting(db: Database) -> list[str]:
    async with db.read() as s:
        return list(await s.scalars(select(Ticket.id).where(Ticket.status != "closed")))


async def _judge(db: Database) -> tuple[int, int, list[str]]:
    """Moves that happened twice, tickets not closed, where the log differs from the tables."""
    once = TicketEvent.move.in_(["offered", "accepted", "closed"])
    twice = (
        select(TicketEvent.ticket_id)
        .where(once)
        .group_by(TicketEvent.ticket_id, TicketEvent.move)
        .having(func.count() > 1)
        .subquery()
    )
    async with db.read() as s:
        doubles = await s.scalar(select(func.count()).select_from(twice)) or 0
        differences = (await rebuild.compare(s)).differences
    return doubles, len(await _waiting(db)), differences


async def _main(wanted: str, claims: int) -> int:
    well = True
    for side in office.sides(wanted):
        line, fine = await race(side, claims)
        print(line, flush=True)
        well &= fine
    return 0 if well else 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan bench race", description=__doc__)
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--on", choices=["sqlite", "postgresql", "both"], default="both")
    options = parser.parse_args()
    return asyncio.run(_main(options.on, 2_000 if options.quick else options.claims))


if __name__ == "__main__":
    sys.exit(main())
