"""`./jieyuan staff add LOGIN NAME`: a duty lawyer or, with --supervisor, a supervisor."""

import argparse
import asyncio
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from router.cli.environment import fail
from router.clock import SystemClock
from router.db import Database, new_id
from router.demo import password
from router.lawyers.models import Lawyer
from router.lawyers.service import hash_password
from router.settings import ROOT, Settings


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan staff", description=__doc__)
    parser.add_argument("action", choices=["add"])
    parser.add_argument("login", help="登录名")
    parser.add_argument("name", help="姓名")
    parser.add_argument("--supervisor", action="store_true", help="主管")
    parser.add_argument("--state", type=Path, default=ROOT / ".jieyuan")
    options = parser.parse_args(argv)
    settings = Settings(STATE_DIR=options.state.resolve())
    try:
        secret = asyncio.run(add(settings, options.login, options.name, options.supervisor))
    except IntegrityError:
        return fail(f"登录名 {options.login} 已经有人用了。")
    print(f"{options.name}\t{options.login}\t{secret}\n密码只显示这一次,请交给本人。")
    return 0


async def add(settings: Settings, login: str, name: str, supervisor: bool) -> str:
    """The new person's password. Raises IntegrityError if the login is taken."""
    db, secret = Database(settings.database_url), password()
    try:
        async with db.write() as session:
            session.add(
                Lawyer(
                    id=new_id(),
                    login=login,
                    name=name,
                    role="supervisor" if supervisor else "lawyer",
                    password_hash=hash_password(secret),
                    region=settings.REGION,
                    idle_since=SystemClock().now(),
                )
            )
    finally:
        await db.close()
    return secret
