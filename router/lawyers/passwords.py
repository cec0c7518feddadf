"""Passwords that we make: for one person, or the first ones of everybody who was imported."""

import asyncio
import os
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from argon2 import PasswordHasher
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router import audit
from router.lawyers.models import Firm, Lawyer
from router.lawyers.sheets import to_xlsx

# For hundreds at once. A made password has some 50 bits, so that guessing stays hopeless; at the
# first sign-in it is hashed like any other.
_quick = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)
HEADINGS = ("律所", "姓名", "登录名", "初始密码")


async def first_passwords(session: AsyncSession, who: str, now: datetime) -> list[Sequence[str]]:
    """Firm, name, login and password of every lawyer who has none, to be handed out; only here
    can they be read. Inside a write transaction; `who` asks for them, for the audit trail."""
    found = await session.execute(
        select(Lawyer.id, Firm.name, Lawyer.name, Lawyer.login)
        .outerjoin(Firm, Firm.id == Lawyer.firm_id)
        .where(Lawyer.role != "supervisor", Lawyer.password_hash == "")
        .order_by(Firm.name, Lawyer.login)
    )
    people = [tuple(row) for row in found]
    if not people:
        return []
    made = [password() for _ in people]
    hashes = await asyncio.to_thread(_hashed, made)
    rows = [{"id": row[0], "password_hash": h} for row, h in zip(people, hashes, strict=True)]
    await session.execute(update(Lawyer), rows)
    await audit.record(session, now, who, "first_passwords", f"{len(rows)} lawyers")
    return [
        (firm or "", name, login, secret)
        for (_, firm, name, login), secret in zip(people, made, strict=True)
    ]


def as_table(rows: Sequence[Sequence[str]]) -> bytes:
    return to_xlsx([("初始密码", HEADINGS, rows)])


def _hashed(made: Sequence[str]) -> list[str]:
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # argon2 lets go of the interpreter
        return list(pool.map(_quick.hash, made))


def password() -> str:
    """Easy to read out: three made-up words and four figures, some 50 bits."""

    def syllable() -> str:
        return secrets.choice("bdfghjkmnpstwz") + secrets.choice("aeiou")

    words = ["".join(syllable() for _ in range(2)) for _ in range(3)]
    return "-".join([*words, f"{secrets.randbelow(10000):04}"])
