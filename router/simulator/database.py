"""The real database code on a SQLite file that nobody needs afterwards: no thread, no disk."""

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import event

from router import sqlite
from router.db import Base, Database


class _AtOnce:
    """In place of the queue to aiosqlite's thread."""

    def put_nowait(self, job: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        future, function = job
        result = function()
        if future:
            future.set_result(result)


class Connection(sqlite.Connection):
    """A disk takes as long as it likes; here a commit gives way once, to the others' turn."""

    def __init__(self, path: str | Path) -> None:
        super().__init__(partial(sqlite3.connect, path, timeout=0), iter_chunk_size=64)
        self._tx = _AtOnce()  # type: ignore[assignment]

    async def open(self) -> "Connection":
        await self._connect()
        return self

    async def commit(self) -> None:
        await super().commit()
        await asyncio.sleep(0)


async def _connect(path: str | Path) -> Connection:
    return await Connection(path).open()


async def open_database(path: Path) -> Database:
    """Made, with all tables of `router.db.Base`."""
    db = Database(f"sqlite+aiosqlite:///{path}", connect=_connect)
    event.listen(db.engine.sync_engine, "connect", _forgetful)
    async with db.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    return db


def _forgetful(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()
