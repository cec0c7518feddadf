"""SQLite's connection with one trip to its thread per statement, where aiosqlite makes four.

A citizen's turn has about thirty statements, and each trip costs a switch of threads: with this
it takes two thirds of the processor's time.
"""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import aiosqlite


class Cursor:
    """As much of aiosqlite's cursor as SQLAlchemy uses; the rows come with the statement."""

    arraysize = 1
    description: Any = None
    rowcount = -1
    lastrowid: int | None = None

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, sql: str, parameters: Any = ()) -> "Cursor":
        await self._connection.run(self._run, "execute", sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Any) -> "Cursor":
        await self._connection.run(self._run, "executemany", sql, parameters)
        return self

    async def fetchall(self) -> Sequence[Any]:
        rows, self._rows = self._rows, ()
        return rows

    async def close(self) -> None:
        """It was closed when its rows had been read."""

    def _run(self, how: str, sql: str, parameters: Any) -> None:
        cursor = self._connection._conn.cursor()
        try:
            getattr(cursor, how)(sql, parameters)
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else ()
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()


class Connection(aiosqlite.Connection):
    def cursor(self) -> Cursor:  # type: ignore[override]
        return Cursor(self)

    async def run(self, work: Callable[..., None], *given: Any) -> None:
        """In the connection's thread."""
        await self._execute(work, *given)  # type: ignore[no-untyped-call]


async def connect(path: str | Path) -> Connection:
    def connector() -> sqlite3.Connection:
        return sqlite3.connect(path, timeout=10)

    connection = Connection(connector, iter_chunk_size=64)
    connection._thread.daemon = True  # a process that ends does not wait for it
    await connection
    return connection
