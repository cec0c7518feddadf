"""SQLite's connection for SQLAlchemy: statements run where they are called.

A statement of ours takes microseconds, a trip to aiosqlite's thread and back several times that,
and a citizen's turn has about thirty. Only the disk has to be waited for: see bot/disk.py.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import aiosqlite

PATIENCE = 10.0  # seconds for the writer of another process (staff commands, a backup) to end
AGAIN = 0.005


class Cursor:
    """As much of aiosqlite's cursor as SQLAlchemy uses; the rows come with the statement."""

    arraysize = 1
    description: Any = None
    rowcount = -1
    lastrowid: int | None = None

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, sql: str, parameters: Any = ()) -> "Cursor":
        await self._run(sqlite3.Cursor.execute, sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Any) -> "Cursor":
        await self._run(sqlite3.Cursor.executemany, sql, parameters)
        return self

    async def fetchall(self) -> Sequence[Any]:
        rows, self._rows = self._rows, ()
        return rows

    async def close(self) -> None:
        """It was closed when its rows had been read."""

    async def _run(self, how: Callable[..., Any], sql: str, parameters: Any) -> None:
        cursor = self._connection.cursor()
        until = None
        try:
            while True:
                try:
                    how(cursor, sql, parameters)
                    break
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                        raise
                    until = until or time.monotonic() + PATIENCE
                    if time.monotonic() > until:
                        raise
                await asyncio.sleep(AGAIN)
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else ()
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()


class Connection(aiosqlite.Connection):
    """Its commits wait for no disk: bot/disk.py sees to that."""

    def cursor(self) -> Cursor:  # type: ignore[override]
        return Cursor(self._conn)

    async def commit(self) -> None:
        self._conn.commit()

    async def rollback(self) -> None:
        self._conn.rollback()


async def connect(path: str | Path) -> Connection:
    def connector() -> sqlite3.Connection:
        # made in aiosqlite's thread, used in its loop's
        return sqlite3.connect(path, timeout=0, check_same_thread=False)

    connection = Connection(connector, iter_chunk_size=64)
    connection._thread.daemon = True  # a process that ends does not wait for it
    await connection
    return connection
