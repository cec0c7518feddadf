"""The database: SQLite (WAL) or PostgreSQL, one write transaction at a time per unit of work."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar

from sqlalchemy import JSON, DateTime, Dialect, MetaData, TypeDecorator, event, exc, make_url, text
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase

from bot.disk import Disk
from router import postgresql, sqlite


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


Connect = Callable[[str], Awaitable[sqlite.Connection]]
# A machine that was cut off loses its locks after some 4 s: whether it holds them (keepalives),
# waits for them (the check) or has just been given them (unread answers). The first: one frozen.
_LEFT = {
    "idle_in_transaction_session_timeout": "10000",  # ms
    "tcp_keepalives_idle": "2",  # s
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "2",
    "client_connection_check_interval": "500",  # ms
    "tcp_user_timeout": "4000",
}
_SOON = {"synchronous_commit": "off"}  # PostgreSQL's word for it
FRESH = 1.0  # seconds since its last use in which a connection is trusted
_HOLDS = text("SELECT pg_current_xact_id()")  # a transaction with a number has a commit to log


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


# Where ids come from; the simulator draws them from its seed.
ids: ContextVar[Callable[[], str]] = ContextVar("ids", default=lambda: uuid.uuid4().hex)


def new_id() -> str:
    return ids.get()()


class Database:
    """`async with db.write() as s:` commits at the end; `db.read()` never writes.

    On SQLite a write begins IMMEDIATE and waits its turn in the process, so that two writers
    never meet half-way (SQLITE_BUSY cannot be retried once a read has happened).
    """

    def __init__(self, url: str, connect: Connect | None = None) -> None:
        """`connect`: to an SQLite that no disk need be waited for."""
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        path = make_url(url).database if self.is_sqlite else None
        self._disk = Disk(path) if path and connect is None else None
        self._turn, self._next = asyncio.Lock(), asyncio.Lock()
        if self.is_sqlite:
            creator = path and partial(connect or sqlite.connect, path)
            self.engine = self._soon_engine = _sqlite(url, creator)
        else:
            self.engine = _postgresql(url, _LEFT)
            self._soon_engine = _postgresql(url, _LEFT | _SOON)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._soon_sessions = async_sessionmaker(self._soon_engine, expire_on_commit=False)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        async with self._sessions() as session:
            yield session

    @asynccontextmanager
    async def look(self) -> AsyncIterator[AsyncConnection]:
        """read() for statements of Core alone, see core()."""
        async with self.engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def core(self, soon: bool = False, first: bool = False) -> AsyncIterator[AsyncConnection]:
        """write() for statements of Core alone, where every message comes by: a session costs as
        much as two of them. `first`: somebody's request waits for it."""
        engine = self._soon_engine if soon else self.engine
        if not self.is_sqlite:
            async with engine.begin() as connection:
                yield connection
            return
        async with self._our_turn(first), engine.connect() as connection:
            await connection.execution_options(writes=True)
            async with connection.begin():
                yield connection
        await self._leave_for_disk(soon)

    @asynccontextmanager
    async def write(self, soon: bool = False) -> AsyncIterator[AsyncSession]:
        """`soon`: the commit does not wait for the disk. A power cut in the milliseconds until
        then takes it back, together with all that is committed after it; see on_disk()."""
        sessions = self._soon_sessions if soon else self._sessions
        if not self.is_sqlite:
            async with sessions.begin() as session:
                yield session
            return
        async with self._our_turn(), sessions() as session:
            await session.connection(execution_options={"writes": True})
            async with _committed(session):
                yield session
        await self._leave_for_disk(soon)

    @asynccontextmanager
    async def _our_turn(self, first: bool = False) -> AsyncIterator[None]:
        """One writer at a time; who goes `first` waits for the one at work and one more."""
        if first:
            async with self._turn:
                yield
        else:
            async with self._next, self._turn:
                yield

    async def _leave_for_disk(self, soon: bool) -> None:
        if self._disk and soon:
            self._disk.soon()
        elif self._disk:  # after our turn: the next writer need not wait for it
            await self._disk.wait()

    async def on_disk(self) -> None:
        """Until a power cut no longer takes back what was committed soon. Raises OSError."""
        if self._disk:
            await self._disk.wait()
        elif not self.is_sqlite:  # a commit that waits for the disk waits for all before it
            async with self._sessions.begin() as session:
                await session.execute(_HOLDS)

    async def close(self) -> None:
        if self._disk:
            await self._disk.rest()
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


def _postgresql(url: str, settings: dict[str, str]) -> AsyncEngine:
    # overflow is opened and closed again all the time under load: a fork and a log-in each
    engine = create_async_engine(
        url, pool_size=12, max_overflow=0, connect_args={"server_settings": settings}
    )
    event.listen(engine.sync_engine, "connect", postgresql.notice)
    event.listen(engine.sync_engine, "checkin", _note_use)
    event.listen(engine.sync_engine, "checkout", _check)
    return engine


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _check(connection: Any, record: Any, _proxy: Any) -> None:
    """Is it still there? To ask is three trips to the server; of one that was used just now it is
    enough that we have not heard of its end. Where this raises, the pool connects anew."""
    fresh = time.monotonic() - record.info.get("used", 0.0) < FRESH
    if connection.driver_connection.is_closed():
        raise exc.DisconnectionError
    if not fresh:
        try:
            connection.ping()
        except Exception as gone:
            raise exc.DisconnectionError from gone


def _sqlite(url: str, creator: Any) -> AsyncEngine:
    engine = create_async_engine(url, **({"async_creator": creator} if creator else {}))
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",  # an accepted message survives a power cut: bot/disk.py
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get("writes", False)
    cursor = connection.connection.cursor()
    cursor.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
    cursor.close()
