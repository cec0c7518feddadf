"""`./jieyuan prepare`: brings the database to today's shape; first start: the demonstration county."""

import asyncio

from alembic import command

from router import crypto
from router.clock import SystemClock
from router.db import Database
from router.demo import seed_demo
from router.migrations.config import alembic_config
from router.secrets import data_keys
from router.settings import Settings


def main(argv: list[str]) -> int:
    settings = Settings()
    settings.STATE_DIR.mkdir(parents=True, exist_ok=True)
    crypto.use(crypto.Keyring(data_keys(settings)))
    command.upgrade(alembic_config(settings.database_url), "head")
    if settings.JIEYUAN_ENV == "demo":
        asyncio.run(_demo(settings))
    return 0


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
