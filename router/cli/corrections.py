"""`./jieyuan corrections count|export|accept`: from what lawyers corrected to training sentences,
each read by a person. What leaves and what comes back is noted in the audit trail."""

import argparse
import asyncio
import hashlib
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path

from sqlalchemy import select

from router import audit, crypto
from router.cli import sentences
from router.cli.environment import fail, missing
from router.clock import CHINA, SystemClock
from router.corrections.models import Correction
from router.db import Database
from router.destinations.labels import LABELS
from router.eligibility.facts import FACTS
from router.secrets import data_keys
from router.settings import ROOT, Settings
from router.web.lawview import day_of

OPERATOR = "operator"


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan corrections", description=__doc__)
    parser.add_argument("action", choices=["count", "export", "accept"])
    parser.add_argument("file", nargs="?", type=Path, help="看过的表(accept)")
    parser.add_argument("--since", metavar="日期", help="从哪天办结的开始(count、export)")
    parser.add_argument("--state", type=Path, default=ROOT / ".jieyuan")
    options = parser.parse_args(argv)
    settings = Settings(STATE_DIR=options.state.resolve())
    if trouble := missing(settings):
        return fail(trouble)
    try:
        day = day_of(options.since) if options.since else None
    except ValueError as error:
        return fail(str(error))
    since = datetime.combine(day, time(), CHINA) if day else datetime.min.replace(tzinfo=UTC)
    crypto.use(crypto.Keyring(data_keys(settings)))
    if options.action == "count":
        return asyncio.run(_count(settings, since))
    if options.action == "export":
        return asyncio.run(_export(settings, since))
    if options.file is None:
        return fail("请写明看过的表:./jieyuan corrections accept 文件")
    return asyncio.run(_accept(settings, options.file.read_bytes()))


async def _count(settings: Settings, since: datetime) -> int:
    """Of all, also of those who did not agree: counts say nothing of anybody."""
    db = Database(settings.database_url)
    async with db.read() as session:
        rows = (
            await session.scalars(select(Correction).where(Correction.created_at >= since))
        ).all()
    await db.close()
    pairs = Counter((row.heard, row.given) for row in rows)
    for (heard, given), count in pairs.most_common():
        mark = "听对" if heard == given else "改为"
        print(f"{count}\t{LABELS.get(heard or '', '没有听出来')}\t{mark}\t{LABELS[given]}")
    for name, count in Counter(name for row in rows for name in row.changed).most_common():
        print(f"{count}\t{FACTS[name].label}\t改过")
    return 0


async def _export(settings: Settings, since: datetime) -> int:
    from router.cli.candidates import candidates, to_table  # its model of Chinese is 30 MB

    db = Database(settings.database_url)
    async with db.read() as session:
        found = await candidates(session, since)
    tickets = list(dict.fromkeys(one.ticket_id for one in found))
    await _note(db, [("export_correction", ticket) for ticket in tickets])  # before it is seen
    await db.close()
    sys.stdout.write(to_table(found))
    print(
        f"{len(tickets)} 件里的 {len(found)} 句。请逐句看:可以学的在“取”一栏写“是”,事项不对就改,"
        "再 ./jieyuan corrections accept 文件",
        file=sys.stderr,
    )
    return 0


async def _accept(settings: Settings, raw: bytes) -> int:
    from router.cli.candidates import BadTable, from_table

    try:
        taken = from_table(raw)
    except BadTable as faults:
        return fail(f"什么都没有收进:\n{faults}")
    if not taken:
        return fail("没有一行的“取”写着“是”。")
    mark = hashlib.sha256(raw).hexdigest()[:16]
    db = Database(settings.database_url)
    try:
        with sentences.added(settings.STATE_DIR, [(o.label, o.text) for o in taken]) as fresh:
            await _note(db, [("accept_corrections", f"{fresh}/{len(taken)} {mark}")])
    finally:
        await db.close()
    print(f"收进 {fresh} 句,{len(taken) - fresh} 句已经有了。下一步:./jieyuan train")
    return 0


async def _note(db: Database, entries: Sequence[tuple[str, str]]) -> None:
    async with db.write() as session:
        for action, about in entries:
            await audit.record(session, SystemClock().now(), OPERATOR, action, about)
            await session.flush()  # the next entry is hashed over this one
