"""A process in the middle of a transaction, with every lawyer's row locked: the worst moment."""

import asyncio
import sys

from sqlalchemy import select

from router.db import Database
from router.lawyers.models import Lawyer


async def _main(url: str) -> None:
    async with Database(url).write() as s:
        await s.execute(select(Lawyer.id).order_by(Lawyer.id).with_for_update())
        print("held", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
