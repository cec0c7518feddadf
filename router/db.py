"""The database: SQLite (WAL) or PostgreSQL, one write transaction at a time per unit of work."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar

from sqlalchemy import JSON, DateTime, Dialect, MetaData, TypeDecorator, event, make_url, text
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase

from router import sqlite


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment. SQLite keeps no zone, so UTC is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


_SOON = text("SET LOCAL synchronous_commit TO OFF")  # PostgreSQL's word for it


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[Any] = {
        dict[str, Any]: JSON,
        list[str]: JSON,
        datetime: UTCDateTime,
    }


def new_id() -> str:
    return uuid.uuid4().hex


class Database:
    """`async with db.write() as s:` commits at the end; `db.read()` never writes.

    On SQLite a write begins IMMEDIATE and waits its turn in the process, so that two writers
    never meet half-way (SQLITE_BUSY cannot be retried once a read has happened).
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        options: dict[str, Any] = {"pool_size": 10, "pool_pre_ping": True}
        if self.is_sqlite:
            path = make_url(url).database
            options = {"async_creator": partial(sqlite.connect, path)} if path else {}
        self.engine: AsyncEngine = create_async_engine(url, **options)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._soon_engine, self._soon_sessions = self.engine, self._sessions
        self._turn = asyncio.Lock()
        if self.is_sqlite:
            self._soon_engine = create_async_engine(url, **options)
            self._soon_sessions = async_sessionmaker(self._soon_engine, expire_on_commit=False)
            # FULL: an accepted message survives a power cut
            for engine, synchronous in ((self.engine, "FULL"), (self._soon_engine, "NORMAL")):
                prepare = partial(_prepare_sqlite, synchronous)
                event.listen(engine.sync_engine, "connect", prepare)
                event.listen(engine.sync_engine, "begin", _begin_sqlite)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        async with self._sessions() as session:
            yield session

    @asynccontextmanager
    async def write(self, soon: bool = False) -> AsyncIterator[AsyncSession]:
        """`soon`: the commit does not wait for the disk. A power cut may take it back, and with it
        nothing of what is committed after it: the next commit that waits waits for both."""
        if not self.is_sqlite:
            async with self._sessions.begin() as session:
                if soon:
                    await session.execute(_SOON)
                yield session
            return
        sessions = self._soon_sessions if soon else self._sessions
        async with self._turn, sessions() as session:
            await session.connection(execution_options={"writes": True})
            async with _committed(session):
                yield session

    async def close(self) -> None:
        await self.engine.dispose()
        await self._soon_engine.dispose()


@asynccontextmanager
async def _committed(session: AsyncSession) -> AsyncIterator[None]:
    try:
        yield
    except BaseException:
        await session.rollback()
        raise
    await session.commit()


def _prepare_sqlite(synchronous: str, connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        f"synchronous={synchronous}",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get("writes", False)
    cursor = connection.connection.cursor()
    cursor.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
    cursor.close()
