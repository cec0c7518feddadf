"""What every test may ask for. Imports are inside: the bot's tests run without the router's."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx
    from fastapi import FastAPI

    from router.db import Database
    from router.parts import Parts
    from router.settings import Settings
    from tests.fakes import FakeBot, FakeClock

POSTGRESQL = os.environ.get("TEST_DATABASE_URL")  # postgresql+asyncpg://…: run there instead
EMPTY: list[bytes] = []  # the file of an empty SQLite database with all tables
collect_ignore = [] if POSTGRESQL else ["router/test_postgresql.py", "router/test_blocking.py"]


@pytest.fixture(scope="session", autouse=True)
def loose_heap() -> None:
    """Each test starts an application of its own: to freeze the heap for each costs 0.2 s."""
    import gc

    from bot import heap

    gc.set_threshold(20_000, 20, 20)  # as freeze() would
    heap.freeze = lambda: None


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    from router.settings import Settings

    return Settings(
        STATE_DIR=tmp_path, DATABASE_URL=POSTGRESQL, REDIS_URL=None, PUBLIC_URL="http://test"
    )


@pytest.fixture
def clock() -> FakeClock:
    from tests.fakes import FakeClock

    return FakeClock()


@pytest.fixture
def bot() -> FakeBot:
    from tests.fakes import FakeBot

    return FakeBot()


@pytest.fixture(scope="session")
def postgresql_tables() -> None:
    """Made once; `tables` empties them for each test."""
    if not POSTGRESQL:
        return

    async def make() -> None:
        from router.db import Database

        db = Database(POSTGRESQL or "")
        async with db.engine.begin() as connection:
            await connection.run_sync(_all_tables().drop_all)
            await connection.run_sync(_all_tables().create_all)
        await db.close()

    asyncio.run(make())


@pytest.fixture
async def tables(settings: Settings, postgresql_tables: None) -> None:
    """An empty database with all tables at settings.database_url."""
    await make_tables(settings.database_url)


async def make_tables(url: str) -> None:
    """Empty tables at the url; for PostgreSQL `postgresql_tables` has made them."""
    from sqlalchemy import text

    from router.db import Database

    metadata = _all_tables()
    db = Database(url)
    if db.is_sqlite:
        file = Path(str(db.engine.url.database))
        new = not file.exists()
        if new and EMPTY:  # made once, then copied
            file.write_bytes(EMPTY[0])
            return await db.close()
        async with db.engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        if new:
            await db.close()
            EMPTY.append(file.read_bytes())
    else:
        names = ", ".join(table.name for table in metadata.sorted_tables)
        async with db.write() as s:
            await s.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    await db.close()


@pytest.fixture
async def db(settings: Settings, tables: None) -> AsyncIterator[Database]:
    """A database of its own for tests of one room, without the other parts."""
    from router import crypto
    from router.db import Database

    crypto.use(crypto.Keyring([os.urandom(32)]))
    database = Database(settings.database_url)
    yield database
    await database.close()


@pytest.fixture
async def app(
    settings: Settings, clock: FakeClock, bot: FakeBot, tables: None
) -> AsyncIterator[FastAPI]:
    """The whole router with a still clock and a scripted bot, started."""
    from router.app import build_app

    application = build_app(settings, clock=clock, bot=bot)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
def parts(app: FastAPI) -> Parts:
    return app.state.parts


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody's browser without JavaScript: cookies are kept, exceptions become answers."""
    import httpx

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as browser:
        yield browser


def _all_tables() -> object:
    import importlib

    from router import audit  # noqa: F401
    from router.db import Base
    from router.settings import ROOT

    for models in (ROOT / "router").rglob("models.py"):
        importlib.import_module(".".join(models.relative_to(ROOT).with_suffix("").parts))
    return Base.metadata


def pytest_collection_modifyitems(items: list[pytest.Item], config: pytest.Config) -> None:
    """Without a browser: plainly left out on a desk, a failure in CI."""
    from tests.e2e.conftest import missing

    lacking = missing()
    here = [item for item in items if "browser" in getattr(item, "fixturenames", ())]
    if here and lacking and not os.environ.get("CI"):
        print(f"\n略过 {len(here)} 个浏览器测试。{lacking}", file=sys.stderr)
        config.hook.pytest_deselected(items=here)
        items[:] = [item for item in items if item not in here]
