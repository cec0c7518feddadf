import asyncio
import os
import socket

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.whole.system import Citizen, Lawyer, System


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def databases(router: str = "jieyuan_whole") -> dict[str, str]:
    """Fresh databases on the PostgreSQL of TEST_DATABASE_URL; nothing for SQLite."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        return {}

    async def make() -> None:
        engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            for name in (router, f"{router}_bot"):
                await connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                await connection.execute(text(f"CREATE DATABASE {name}"))
        await engine.dispose()

    asyncio.run(make())
    base = server.rsplit("/", 1)[0]
    return {
        "DATABASE_URL": f"{base}/{router}",
        "BOT_DATABASE_URL": f"{base}/{router}_bot".replace("+asyncpg", ""),
    }


@pytest.fixture(scope="session")
def system(tmp_path_factory):
    """The whole product, started as a newcomer starts it; offers time out after 5 seconds."""
    settings = {"OFFER_TTL": "PT5S", **databases()}
    if url := os.environ.get("TEST_REDIS_URL"):
        settings["REDIS_URL"] = url
    it = System(tmp_path_factory.mktemp("whole") / "state", free_port(), **settings)
    it.start()
    yield it
    took = it.stop()
    assert took < 10, f"up needed {took:.1f} s to stop"


@pytest.fixture
async def citizen(system):
    await system.ready_again()
    it = await Citizen(system.url).begin()
    yield it
    await it.end()


@pytest.fixture
async def lawyers(system):
    """Two lawyers of the demonstration county on duty, with nothing left to do."""
    logins = [(login, password) for role, login, password in system.logins if role == "律师"]
    them = [await Lawyer(system.url, *login).begin() for login in logins[:2]]
    for one in them:
        await one.duty(True)
        while offer := await one.offered():  # what earlier tests left waiting
            await one.close(await one.accept(offer), "unreachable")
    yield them
    await system.ready_again()
    for one in them:
        await one.end()
