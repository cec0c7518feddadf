"""`./jieyuan committees import FILE…`: people's mediation committees and their mediators from CSV
or XLSX; all of it or nothing, every bad cell is named. `list` shows who is there now. First
passwords for new mediators: `./jieyuan roster passwords FILE`."""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from router import audit, crypto
from router.cli.environment import fail, missing
from router.clock import SystemClock
from router.db import Database
from router.destinations.labels import LABELS
from router.lawyers.sheets import MOST_BYTES
from router.mediation import choosing, tables, words
from router.mediation.models import KINDS, Committee
from router.secrets import data_keys
from router.settings import ROOT, Settings

OPERATOR = "operator"


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan committees", description=__doc__)
    parser.add_argument("action", choices=["import", "list"])
    parser.add_argument("files", nargs="*", type=Path, metavar="文件")
    parser.add_argument("--state", type=Path, default=ROOT / ".jieyuan")
    options = parser.parse_args(argv)
    if options.action == "import" and not options.files:
        parser.error("请写要导入的文件")
    settings = Settings(STATE_DIR=options.state.resolve())
    if lacking := missing(settings):
        return fail(lacking)
    crypto.use(crypto.Keyring(data_keys(settings)))
    return asyncio.run(_run(options, settings))


async def _run(options: argparse.Namespace, settings: Settings) -> int:
    db = Database(settings.database_url)
    try:
        if options.action == "import":
            return await _import(db, options.files)
        return await _list(db)
    finally:
        await db.close()


async def _import(db: Database, files: Sequence[Path]) -> int:
    for path in files:
        if path.stat().st_size > MOST_BYTES:
            return fail(f"{path} 超过 {MOST_BYTES // 2**20} MB,请分成几个文件。")
    read = tables.read([(path.name, path.read_bytes()) for path in files], LABELS)
    now = SystemClock().now()
    try:
        async with db.write() as session:
            counts = await tables.put(session, read, now)
            about = " ".join(f"{one.title}+{one.added}~{one.changed}" for one in counts)
            await audit.record(session, now, OPERATOR, "import_committees", about)
    except tables.BadTables as bad:
        listed = "\n".join(f"  {trouble}" for trouble in bad.troubles)
        return fail(f"什么都没有导入,请改好这 {len(bad.troubles)} 处再来一次:\n{listed}")
    for count in counts:
        print(f"{count.title}:新增 {count.added},更改 {count.changed}")
    if not counts:
        print("没有变化。")
    return 0


async def _list(db: Database) -> int:
    now = SystemClock().now()
    async with db.read() as session:
        for one in await session.scalars(select(Committee).order_by(Committee.region)):
            standing = await choosing.standing(session, one, now)
            print(f"{KINDS[one.kind]}\t{one.region}\t{one.name}\t{words.presence(standing)}")
    return 0
