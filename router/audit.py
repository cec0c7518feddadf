"""Who of the staff looked at or did what: append-only, each row hashed over the one before it."""

import hashlib
import json
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from router.db import Base


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
