"""`./jieyuan roster`: lawyers, shifts and clients from and to tables, hours without cover, plans.

import FILE…    CSV or XLSX, as exported; all of it or nothing, every bad row is named
export FILE     .xlsx holds everything; for a .csv say which table
gaps            promised hours that nobody covers; exit status 1 if there are any
plan PATTERN    a weekly pattern to shifts, see data/demo/pattern.yml
passwords FILE  first passwords of those who have none, for handing out; mode 0600"""

import argparse
import asyncio
import os
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from router import audit, crypto
from router.cli.environment import fail, missing
from router.clock import CHINA, SystemClock, china_date
from router.db import Database
from router.destinations.labels import LABELS
from router.dispatch.duty import renew
from router.lawyers import calendar, changes, entries, exporting, hours, importing, passwords
from router.lawyers import pattern as patterns
from router.lawyers.columns import POSTS
from router.lawyers.roster import Gap, uncovered
from router.lawyers.sheets import MOST_BYTES, Trouble
from router.secrets import data_keys
from router.settings import ROOT, Settings
from router.web.lawview import day_of

OPERATOR = "operator"
KINDS = {"律师": "lawyers", "班次": "shifts", "委托人": "clients"}


def main(argv: list[str]) -> int:
    options = _options(argv)
    settings = Settings(STATE_DIR=options.state.resolve())
    if trouble := missing(settings):
        return fail(trouble)
    crypto.use(crypto.Keyring(data_keys(settings)))
    try:
        first = day_of(options.first) if options.first else china_date(SystemClock().now())
        last = day_of(options.last) if options.last else first + timedelta(days=options.days - 1)
    except ValueError as error:
        return fail(str(error))
    if last < first:
        return fail("--to 早于 --from。")
    return asyncio.run(_run(options, settings, first, last))


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./jieyuan roster",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("action", choices=["import", "export", "gaps", "plan", "passwords"])
    parser.add_argument("files", nargs="*", type=Path, metavar="文件")
    parser.add_argument(
        "--passwords", type=Path, metavar="文件", help="import 后把初始密码写进这里"
    )
    parser.add_argument("--table", choices=KINDS, help="export 到 .csv 时:哪一张表")
    parser.add_argument("--from", dest="first", metavar="日期", help="从哪天起(今天)")
    parser.add_argument("--to", dest="last", metavar="日期", help="到哪天为止")
    parser.add_argument("--days", type=int, default=28, help="没有 --to 时:多少天(28)")
    parser.add_argument("--state", type=Path, default=ROOT / ".jieyuan")
    options = parser.parse_args(argv)
    if options.days < 1:
        parser.error("--days 至少是 1")
    if options.action == "import" and not options.files:
        parser.error("请写要导入的文件")
    if options.action in ("export", "plan", "passwords") and len(options.files) != 1:
        parser.error("请写一个文件")
    return options


async def _run(options: argparse.Namespace, settings: Settings, first: date, last: date) -> int:
    db = Database(settings.database_url)
    try:
        if options.action == "import":
            return await _import(db, settings, options.files, options.passwords)
        if options.action == "export":
            return await _export(db, options.files[0], options.table, first, last)
        if options.action == "gaps":
            return await _gaps(db, first, last)
        if options.action == "plan":
            return await _plan(db, options.files[0], first, last)
        return await _passwords(db, options.files[0])
    finally:
        await db.close()


async def _import(
    db: Database, settings: Settings, files: Sequence[Path], secrets: Path | None
) -> int:
    for path in files:
        if path.stat().st_size > MOST_BYTES:
            return fail(f"{path} 超过 {MOST_BYTES // 2**20} MB,请分成几个文件。")
    read = entries.read([(p.name, p.read_bytes()) for p in files], LABELS, settings.REGION)
    now = SystemClock().now()
    try:
        async with db.write() as session:
            counts = await importing.put(session, read, now)
            await renew(session, now)
            about = " ".join(f"{count.kind}+{count.added}~{count.changed}" for count in counts)
            await audit.record(session, now, OPERATOR, "import_roster", about)
    except importing.BadRows as bad:
        return fail(_told(bad.troubles))
    for count in counts:
        print(f"{count.title}:新增 {count.added},更改 {count.changed},没有变化 {count.same}")
    if secrets:
        return await _passwords(db, secrets)
    return 0


def _told(troubles: Sequence[Trouble]) -> str:
    listed = "\n".join(f"  {trouble}" for trouble in troubles)
    return f"什么都没有导入,请改好这 {len(troubles)} 处再来一次:\n{listed}"


async def _export(db: Database, path: Path, table: str | None, first: date, last: date) -> int:
    form = path.suffix.lower().removeprefix(".")
    if form not in ("csv", "xlsx"):
        return fail("文件名要以 .xlsx 或 .csv 结尾。")
    if form == "csv" and table is None:
        return fail("一个 .csv 只放一张表,请加 --table 律师、班次或委托人。")
    kinds = [KINDS[table]] if table else list(KINDS.values())
    now = SystemClock().now()
    async with db.write() as session:  # noted before it is seen
        await audit.record(session, now, OPERATOR, "export_roster", " ".join(kinds))
    async with db.read() as session:
        found = await exporting.sheets(session, LABELS, _midnight(first), _after(last), kinds)
    _private(path, exporting.packed(found, form), replace=True)
    print(f"已写入 {path}(班次从 {first} 到 {last})。里面有人名,请妥善保管。")
    return 0


async def _gaps(db: Database, first: date, last: date) -> int:
    since = max(_midnight(first), SystemClock().now())  # what is past nobody can cover
    async with db.read() as session:
        found = await uncovered(session, since, _after(last), hours.posts_to_cover())
    for gap in found:
        print(_line(gap))
    for year in range(first.year, last.year + 1):
        if not calendar.known(year):
            print(f"{year} 年的节假日安排还没有数据,按周一到周五上班算。")
    if not found:
        print(f"从 {first} 到 {last},该有人的时间都有人。")
    return 1 if found else 0


def _line(gap: Gap) -> str:
    begin, end = gap.starts_at.astimezone(CHINA), gap.ends_at.astimezone(CHINA)
    return f"{POSTS[gap.post]}\t{begin:%Y-%m-%d %H:%M}\t{end:%Y-%m-%d %H:%M}\t没有人"


async def _plan(db: Database, path: Path, first: date, last: date) -> int:
    try:
        pattern = patterns.load(path)
    except patterns.PatternError as error:
        return fail(str(error))
    now = SystemClock().now()
    async with db.write() as session:
        put = await changes.put_in(session, patterns.plan(pattern, first, last))
        about = f"{first} {last} +{put.added}"  # none where a login is unknown
        await audit.record(session, now, OPERATOR, "plan_roster", about)
    if put.unknown:
        return fail(f"没有这些登录名,什么都没有排:{'、'.join(put.unknown)}")
    print(f"从 {first} 到 {last}:新排 {put.added} 班,已有 {put.kept} 班。")
    for one in put.clashing:
        at = one.span.starts_at.astimezone(CHINA)
        print(f"没有排:{one.login} {at:%Y-%m-%d %H:%M},这段时间已经有别的班。")
    return 0


async def _passwords(db: Database, path: Path) -> int:
    """The file is there before the passwords count: nobody is left with one that nobody knows."""
    async with db.write() as session:
        rows = await passwords.first_passwords(session, OPERATOR, SystemClock().now())
        if rows:
            _private(path, passwords.as_table(rows), replace=False)
    if not rows:
        print("每位律师都已经有密码。换密码:./jieyuan staff password 登录名")
    else:
        print(f"{len(rows)} 位律师的初始密码在 {path}(Excel 表,只有您能读)。发完请删除。")
    return 0


def _private(path: Path, data: bytes, replace: bool) -> None:
    """Readable by nobody else. Raises FileExistsError rather than replace."""
    how = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if replace else os.O_EXCL)
    with os.fdopen(os.open(path, how, 0o600), "wb") as file:
        file.write(data)
    path.chmod(0o600)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


def _after(day: date) -> datetime:
    return _midnight(day) + timedelta(days=1)
