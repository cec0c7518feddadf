"""`./jieyuan prepare`: checks the data files, brings the database to today's shape, and at first
start puts in the demonstration county."""

import asyncio

from alembic import command
from alembic.util import CommandError
from cryptography.exceptions import InvalidTag
from sqlalchemy import select

from router import crypto
from router.cli.environment import fail
from router.clock import SystemClock
from router.conversations.models import Message
from router.db import Database
from router.demo import is_seeded, plan_demo, seed_demo
from router.destinations.registry import Destinations
from router.eligibility import load_law
from router.lawyers import calendar
from router.migrations.config import alembic_config
from router.secrets import data_keys
from router.settings import ROOT, Settings

ROLES = {"supervisor": "主管", "lawyer": "律师", "mediator": "调解员"}


def main(argv: list[str]) -> int:
    settings = Settings()
    try:
        law = load_law(ROOT / "data" / "law")
        Destinations.load(ROOT / "data" / "destinations")
        calendar.check()
    except ValueError as error:
        return fail(str(error))
    if settings.REGION not in law.regions:
        known = "、".join(law.regions)
        return fail(f"没有地区 {settings.REGION} 的法律数据(REGION);已有:{known}。")
    settings.STATE_DIR.mkdir(parents=True, exist_ok=True)
    crypto.use(crypto.Keyring(data_keys(settings)))
    try:
        command.upgrade(alembic_config(settings.database_url), "head")
    except CommandError:
        return fail("这个数据库是更新的版本用过的;请换回那个版本,或从备份恢复数据库。")
    if not asyncio.run(_key_fits(settings)):
        return fail("DATA_KEY 打不开已有的内容;请用原来的密钥(换新的时,旧的写在逗号后面)。")
    if settings.JIEYUAN_ENV == "demo":
        asyncio.run(_demo(settings))
    elif asyncio.run(_has_demo_staff(settings)):
        return fail("数据库里有演示县,不能用于生产环境;请换一个 --state 或 DATABASE_URL。")
    return 0


async def _key_fits(settings: Settings) -> bool:
    """With another key every page of an old case would be an error."""
    db = Database(settings.database_url)
    async with db.read() as session:
        some = select(Message).where(Message.text_sealed.is_not(None)).limit(1)
        line = await session.scalar(some)
    await db.close()
    try:
        return line is None or bool(line.text)
    except (KeyError, InvalidTag):
        return False


async def _has_demo_staff(settings: Settings) -> bool:
    db = Database(settings.database_url)
    found = await is_seeded(db)
    await db.close()
    return found


async def _demo(settings: Settings) -> None:
    db = Database(settings.database_url)
    logins = await seed_demo(db, SystemClock())
    await plan_demo(db, SystemClock())
    await db.close()
    if not logins:
        return
    print("\n演示县(虚构)的登录,只显示这一次,请记下:")
    for login, name, role, password in logins:
        print(f"  {ROLES[role]}  {name}\t{login}\t{password}")
    print(flush=True)
