"""`./jieyuan staff add LOGIN NAME`: a duty lawyer or, with --supervisor, a supervisor.
`./jieyuan staff password LOGIN`: a new password for who has forgotten theirs."""

import argparse
import asyncio
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from router.cli.environment import fail
from router.clock import SystemClock
from router.db import Database, new_id
from router.dispatch.timers import put_off, shift_id
from router.lawyers.models import Lawyer, StaffSession
from router.lawyers.passwords import password
from router.lawyers.service import hash_password
from router.settings import ROOT, Settings


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan staff", description=__doc__)
    parser.add_argument("action", choices=["add", "password"])
    parser.add_argument("login", help="登录名")
    parser.add_argument("name", nargs="?", help="姓名(add)")
    parser.add_argument("--supervisor", action="store_true", help="主管")
    parser.add_argument("--state", type=Path, default=ROOT / ".jieyuan")
    options = parser.parse_args(argv)
    settings = Settings(STATE_DIR=options.state.resolve())
    login = options.login.strip()  # as the sign-in does
    if options.action == "password":
        secret, name = asyncio.run(renew(settings, login)), ""
        if secret is None:
            return fail(f"没有登录名 {login}。")
    else:
        name = (options.name or "").strip()
        if not name or not login:
            return fail("请写登录名和姓名:./jieyuan staff add 登录名 姓名")
        try:
            secret = asyncio.run(add(settings, login, name, options.supervisor))
        except IntegrityError:
            return fail(f"登录名 {login} 已经有人用了。")
    print(f"{name}\t{login}\t{secret}\n密码只显示这一次,请交给本人。")
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


async def renew(settings: Settings, login: str) -> str | None:
    """The new password, or None for an unknown login. Who is signed in with the old one is out."""
    db, secret = Database(settings.database_url), password()
    try:
        async with db.write() as session:
            person = await session.scalar(select(Lawyer).where(Lawyer.login == login))
            if person is None:
                return None
            person.password_hash = hash_password(secret)
            gone = delete(StaffSession).where(StaffSession.lawyer_id == person.id)
            await session.execute(gone)
            await put_off(session, shift_id(person.id), SystemClock().now())  # and off duty
    finally:
        await db.close()
    return secret
