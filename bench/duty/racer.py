"""One of several processes that claim the same things: ids on stdin, a count of claims back.

In each process several claim at once, as the requests of several desks do.
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import select

from bench.duty import office
from router import crypto
from router.db import Database
from router.dispatch.models import Offer
from router.dispatch.service import Dispatch
from router.errors import RouterError

AT_ONCE = 32


class Racer:
    def __init__(self, url: str) -> None:
        self.db = Database(url)
        self.dispatch: Dispatch = office.dispatch(self.db)
        self.count: Counter[str] = Counter()

    async def all_claim(self, work: Callable[..., Awaitable[Any]], *about: Any) -> None:
        await asyncio.gather(*(self._claim(work, *about) for _ in range(AT_ONCE)))

    async def _claim(self, work: Callable[..., Awaitable[Any]], *about: Any) -> None:
        self.count["claims"] += 1
        try:
            await work(*about)
        except RouterError:
            self.count["refused"] += 1
        except Exception as fault:  # the database's witness, or a fault of ours: told, not hidden
            said = str(fault).partition("\n")[0][:120]
            self.count[f"fault {type(fault).__name__}: {said}"] += 1

    async def ticket(self, ticket_id: str) -> None:
        """The ticket and a lawyer's free place, the offer, the outcome: each is claimed once."""
        await self.all_claim(self.dispatch.offer, ticket_id)
        async with self.db.read() as s:
            held = Offer.status.in_(["pending", "accepted"])
            offer = await s.scalar(select(Offer).where(Offer.ticket_id == ticket_id, held))
        if offer:
            await self.all_claim(self.dispatch.accept, offer.id, offer.lawyer_id)
            await self.all_claim(self.dispatch.close, ticket_id, offer.lawyer_id, "answered")


async def _main(url: str) -> None:
    crypto.use(crypto.Keyring([office.KEY]))
    racer = Racer(url)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        racer.count.clear()
        for ticket_id in json.loads(line):
            await racer.ticket(ticket_id)
        print(json.dumps(racer.count), flush=True)
    await racer.db.close()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
