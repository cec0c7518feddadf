"""Who of the staff looked at or did what: append-only, each row hashed over the one before it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from router.db import Base

PAGE = 1000  # entries read at once


class AuditEntry(Base):
    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    who: Mapped[str]  # lawyer id
    action: Mapped[str]  # e.g. read_case
    about: Mapped[str]  # e.g. ticket id
    previous: Mapped[str]
    digest: Mapped[str]


def digest_of(previous: str, at: datetime, who: str, action: str, about: str) -> str:
    fields = json.dumps([previous, at.isoformat(), who, action, about], ensure_ascii=False)
    return hashlib.sha256(fields.encode()).hexdigest()


async def record(session: AsyncSession, at: datetime, who: str, action: str, about: str) -> None:
    """Adds an entry; call it inside a write transaction."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(120348)"))  # one chain, one writer
    last = await session.scalar(select(AuditEntry.digest).order_by(AuditEntry.id.desc()).limit(1))
    previous = last or ""
    session.add(
        AuditEntry(
            at=at,
            who=who,
            action=action,
            about=about,
            previous=previous,
            digest=digest_of(previous, at, who, action, about),
        )
    )


@dataclass
class Chain:
    """What reading the whole trail found. A cut end shows only against a `last` kept elsewhere."""

    length: int = 0  # entries up to the first broken one
    last: str = ""  # digest of the last good one
    broken: AuditEntry | None = None  # changed itself, or what stood before it is gone or changed


async def verify(session: AsyncSession) -> Chain:
    """Reads every stored entry in order, as far as each is hashed over the one before it."""
    chain, seen = Chain(), 0
    while page := await _after(session, seen):
        for entry in page:
            told = digest_of(chain.last, entry.at, entry.who, entry.action, entry.about)
            if entry.previous != chain.last or entry.digest != told:
                chain.broken = entry
                return chain
            chain.length, chain.last, seen = chain.length + 1, entry.digest, entry.id
    return chain


async def _after(session: AsyncSession, seen: int) -> Sequence[AuditEntry]:
    """A page: years of a trail need not fit in memory."""
    query = select(AuditEntry).where(AuditEntry.id > seen).order_by(AuditEntry.id)
    return (await session.scalars(query.limit(PAGE))).all()
