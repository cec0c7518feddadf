"""`./jieyuan check`: whether the tables are what the log of all moves comes to."""

import argparse
import asyncio
import sys
from pathlib import Path

from router import crypto
from router.cli.environment import fail, missing
from router.db import Database
from router.dispatch import rebuild
from router.secrets import data_keys
from router.settings import ROOT, Settings


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan check", description=__doc__)
    parser.add_argument("--state", type=Path, default=ROOT / ".jieyuan")
    settings = Settings(STATE_DIR=parser.parse_args(argv).state.resolve())
    if lacking := missing(settings):
        return fail(lacking)
    crypto.use(crypto.Keyring(data_keys(settings)))
    found = asyncio.run(_compare(settings))
    for sentence in found.differences:
        print(sentence, file=sys.stderr)
    if found.differences:
        return fail(f"{found.tickets} 张工单里有 {len(found.differences)} 处与流转记录对不上。")
    print(f"{found.tickets} 张工单、派单和律师在手件数,都与流转记录一致。")
    return 0


async def _compare(settings: Settings) -> rebuild.Rebuilt:
    db = Database(settings.database_url)
    try:
        async with db.read() as session:
            if not db.is_sqlite:  # whose reading transaction is one view anyway
                view = {"isolation_level": "REPEATABLE READ"}
                await session.connection(execution_options=view)
            return await rebuild.compare(session)
    finally:
        await db.close()
