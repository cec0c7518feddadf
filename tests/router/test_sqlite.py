"""SQLite without the driver's thread behaves as the driver does."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from bot import disk
from router.db import Database


@pytest.fixture
async def db(tmp_path: Path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}")
    async with database.write() as s:
        await s.execute(text("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"))
    yield database
    await database.close()


async def test_rows_counts_and_returned_columns(db: Database):
    async with db.write() as s:
        await s.execute(text("INSERT INTO people (name) VALUES (:n)"), [{"n": "甲"}, {"n": "乙"}])
        changed = await s.execute(text("UPDATE people SET name = name || '!' WHERE id > 0"))
        assert changed.rowcount == 2
        told = await s.execute(text("INSERT INTO people (name) VALUES ('丙') RETURNING id"))
        assert told.scalar_one() == 3
    async with db.read() as s:
        names = await s.scalars(text("SELECT name FROM people ORDER BY id"))
        assert list(names) == ["甲!", "乙!", "丙"]


async def test_faults_of_the_database_keep_their_names(db: Database):
    with pytest.raises(IntegrityError):
        async with db.write() as s:
            await s.execute(text("INSERT INTO people (name) VALUES ('甲')"))
            await s.execute(text("INSERT INTO people (name) VALUES ('甲')"))
    with pytest.raises(OperationalError):
        async with db.read() as s:
            await s.execute(text("SELECT nonsense FROM people"))
    async with db.read() as s:
        assert await s.scalar(text("SELECT count(*) FROM people")) == 0, "rolled back"


async def test_readers_are_in_nobodys_way_and_no_ticket_is_of_an_unknown_citizen(db: Database):
    async with db.read() as s:
        assert await s.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await s.scalar(text("PRAGMA foreign_keys")) == 1


class SlowDisk:
    """Trips to the disk that end when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.let_go, self.broken = 0, threading.Event(), False
        monkeypatch.setattr(disk, "sync", self.sync)

    def sync(self, file: str) -> None:
        self.begun += 1
        self.let_go.wait(10)
        if self.broken:
            raise OSError("no space left")


async def test_a_power_cut_loses_nothing_that_was_committed_and_the_next_writer_need_not_wait(
    db: Database, monkeypatch: pytest.MonkeyPatch
):
    slow = SlowDisk(monkeypatch)

    async def write(name: str) -> None:
        async with db.write() as s:
            await s.execute(text("INSERT INTO people (name) VALUES (:n)"), {"n": name})

    writing = [asyncio.create_task(write(name)) for name in ("甲", "乙", "丙")]
    while not slow.begun:
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.05)
    async with db.read() as s:
        assert await s.scalar(text("SELECT count(*) FROM people")) == 3, "nobody held the pen"
    assert not any(task.done() for task in writing), "none of them is told that it is done"
    slow.let_go.set()
    await asyncio.gather(*writing)
    assert slow.begun <= 2, "one trip served those who came while it was under way"


async def test_who_asks_for_the_disk_waits_for_a_trip_that_began_after_the_commit(
    db: Database, monkeypatch: pytest.MonkeyPatch
):
    slow = SlowDisk(monkeypatch)
    async with db.write(soon=True) as s:  # sends the first trip on its way
        await s.execute(text("INSERT INTO people (name) VALUES ('甲')"))
    while not slow.begun:
        await asyncio.sleep(0.001)
    async with db.write(soon=True) as s:
        await s.execute(text("INSERT INTO people (name) VALUES ('乙')"))
    waiting = [asyncio.create_task(db.on_disk()) for _ in range(20)]
    await asyncio.sleep(0.05)
    assert slow.begun == 1 and not any(task.done() for task in waiting)
    slow.let_go.set()
    await asyncio.gather(*waiting)
    assert slow.begun == 2, "one trip serves all twenty"


async def test_commits_of_one_moment_share_a_trip_that_leaves_though_nobody_waits_for_it(
    db: Database, monkeypatch: pytest.MonkeyPatch
):
    slow = SlowDisk(monkeypatch)
    slow.let_go.set()
    for name in "甲乙丙":
        async with db.write(soon=True) as s:
            await s.execute(text("INSERT INTO people (name) VALUES (:n)"), {"n": name})
    assert slow.begun == 0
    await asyncio.sleep(10 * disk.SOON)
    assert slow.begun == 1


async def test_a_disk_that_takes_nothing_more_is_told_to_who_waits_for_it(
    db: Database, monkeypatch: pytest.MonkeyPatch
):
    slow = SlowDisk(monkeypatch)
    slow.broken = True
    slow.let_go.set()
    with pytest.raises(OSError):
        await db.on_disk()
    slow.broken = False
    await db.on_disk()


async def test_what_is_committed_soon_is_there_at_once_and_writers_still_take_turns(db: Database):
    async def add(name: str, soon: bool) -> None:
        async with db.write(soon=soon) as s:
            await s.execute(text("INSERT INTO people (name) VALUES (:n)"), {"n": name})

    await asyncio.gather(*(add(f"{n}", soon=n % 2 == 0) for n in range(40)))
    async with db.read() as s:
        assert await s.scalar(text("SELECT count(*) FROM people")) == 40


async def test_a_writer_waits_for_another_process_and_blocks_nobody_meanwhile(
    db: Database, tmp_path: Path
):
    other = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def write() -> None:
        async with db.write() as s:
            await s.execute(text("INSERT INTO people (name) VALUES ('甲')"))

    writing = asyncio.create_task(write())
    await asyncio.sleep(0.05)
    async with db.read() as s:
        assert await s.scalar(text("SELECT count(*) FROM people")) == 0, "readers go on"
    assert not writing.done()
    other.execute("COMMIT")
    await asyncio.wait_for(writing, 5)
    other.close()


async def test_a_writer_that_is_cancelled_while_the_disk_works_leaves_a_connection_that_works(
    db: Database,
):
    async def write(name: str) -> None:
        async with db.write() as s:
            await s.execute(text("INSERT INTO people (name) VALUES (:n)"), {"n": name})

    for delay in (0.0, 0.0002, 0.0005, 0.001, 0.002, 0.005):
        writing = asyncio.create_task(write(f"{delay}"))
        await asyncio.sleep(delay)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    await write("后来")
    async with db.read() as s:
        assert await s.scalar(text("SELECT count(*) FROM people WHERE name = '后来'")) == 1
