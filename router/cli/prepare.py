"""`./jieyuan prepare`: checks the data files, brings the database to today's shape, and at first
start puts in the demonstration county."""

import asyncio

from alembic import command
from sqlalchemy import select

from router import crypto
from router.cli.environment import fail
from router.clock import SystemClock
from router.db import Database
from router.demo import seed_demo
from router.destinations.registry import Destinations
from router.eligibility import load_law
from router.lawyers.models import Lawyer
from router.migrations.config import alembic_config
from router.secrets import data_keys
from router.settings import ROOT, Settings


def main(argv: list[str]) -> int:
    settings = Settings()
    try:
        law = load_law(ROOT / "data" / "law")
        Destinations.load(ROOT / "data" / "destinations")
    except ValueError as error:
        return fail(str(error))
    if settings.REGION not in law.regions:
        return fail(f"没有地区 {settings.REGION} 的法律数据(REGION);已有:{'、'.join(law.regions)}。")
    settings.STATE_DIR.mkdir(parents=True, exist_ok=True)
    crypto.use(crypto.Keyring(data_keys(settings)))
    command.upgrade(alembic_config(settings.database_url), "head")
    if settings.JIEYUAN_ENV == "demo":
        asyncio.run(_demo(settings))
    elif asyncio.run(_has_demo_staff(settings)):
        return fail("这个数据库里有演示县的数据,不能用于生产环境;请换一个 --state 或 DATABASE_URL。")
    return 0


async def _has_demo_staff(settings: Settings) -> bool:
    db = Database(settings.database_url)
    demo = Settings.model_fields["REGION"].default
    async with db.read() as session:
        found = await session.scalar(select(Lawyer.id).where(Lawyer.region == demo).limit(1))
    await db.close()
    return found is not None


async def _demo(settings: Settings) -> None:
    db = Database(settings.database_url)
    logins = await seed_demo(db, SystemClock())
    await db.close()
    if not logins:
        return
    print("\n演示县(虚构)的登录,只显示这一次,请记下:")
    for login, name, role, password in logins:
        print(f"  {'主管' if role == 'supervisor' else '律师'}  {name}\t{login}\t{password}")
    print(flush=True)
