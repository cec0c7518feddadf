"""`./jieyuan audit`: whether the trail of who read which case is as it was written."""

import argparse
import asyncio
from pathlib import Path

from router import audit
from router.cli.environment import fail
from router.db import Database
from router.settings import ROOT, Settings


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan audit", description=__doc__)
    parser.add_argument("--state", type=Path, default=ROOT / ".jieyuan")
    state = parser.parse_args(argv).state.resolve()
    chain = asyncio.run(_verify(Settings(STATE_DIR=state)))
    if chain.broken:
        where = f"第 {chain.broken.id} 条({chain.broken.at:%Y-%m-%d %H:%M} UTC)"
        return fail(f"查阅记录从{where}起对不上:这一条被改过,或它前面的被改过、删掉了。")
    print(f"查阅记录完好,共 {chain.length} 条,最后一条的指纹是 {chain.last or '(空)'}。")
    print("请另处记下条数和指纹:以后条数变少,就是末尾被删过。")
    return 0


async def _verify(settings: Settings) -> audit.Chain:
    db = Database(settings.database_url)
    try:
        async with db.read() as session:
            return await audit.verify(session)
    finally:
        await db.close()
