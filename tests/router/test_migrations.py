"""Revisions up and down, on SQLite and, where TEST_DATABASE_URL is set, on PostgreSQL."""

import asyncio
import os

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

import router.app  # noqa: F401  (all tables)
from router.db import Base
from router.migrations.config import alembic_config


@pytest.fixture
def empty_database(tmp_path):
    """A URL of a database of this test's own."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        yield f"sqlite+aiosqlite:///{tmp_path / 'migrated.db'}"
        return
    name = "jieyuan_migration_test"
    asyncio.run(_on(server, f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}"))
    yield server.rsplit("/", 1)[0] + f"/{name}"
    asyncio.run(_on(server, f"DROP DATABASE {name}"))


async def _on(url: str, *statements: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


def look(url: str, question):
    async def ask():
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            answer = await connection.run_sync(question)
        await engine.dispose()
        return answer

    return asyncio.run(ask())


def test_the_revisions_make_exactly_the_tables_of_the_models(empty_database):
    command.upgrade(alembic_config(empty_database), "head")
    differences = look(
        empty_database,
        lambda c: compare_metadata(MigrationContext.configure(c), Base.metadata),
    )
    assert differences == []


def test_all_revisions_can_be_taken_back_and_applied_again(empty_database):
    config = alembic_config(empty_database)
    command.upgrade(config, "head")
    command.downgrade(config, "base")
    left = set(look(empty_database, lambda c: inspect(c).get_table_names()))
    assert left <= {"alembic_version"}
    command.upgrade(config, "head")
    made = set(look(empty_database, lambda c: inspect(c).get_table_names()))
    assert made >= set(Base.metadata.tables)


def test_a_lawyer_from_before_the_roster_takes_everything_at_every_post(empty_database):
    config = alembic_config(empty_database)
    command.upgrade(config, "0002")
    columns = "id, login, name, role, password_hash, fields, region, capacity, load, on_duty"
    row = "'1', 'wang', '王', 'lawyer', '-', '[]', '990101', 3, 0, false"
    insert = f"INSERT INTO lawyers ({columns}, idle_since) VALUES ({row}, '2026-01-01 00:00:00')"
    asyncio.run(_on(empty_database, insert))
    command.upgrade(config, "head")
    found = look(
        empty_database,
        lambda c: c.execute(text("SELECT languages, posts, tier, missed FROM lawyers")).one(),
    )
    languages, posts, tier, missed = found
    assert (tier, missed) == ("duty", 0)
    assert languages in ([], "[]") and posts in ([], "[]")  # PostgreSQL reads the JSON itself


def test_a_call_from_before_the_short_messages_wants_none(empty_database):
    config = alembic_config(empty_database)
    command.upgrade(config, "0008")
    columns = "id, carrier, entry, state, misheard, slow, served, police, seq, created_at"
    row = "'1', 'twilio', 'citizen', 'ended', 0, false, false, false, 0, '2026-01-01 00:00:00'"
    asyncio.run(_on(empty_database, f"INSERT INTO calls ({columns}) VALUES ({row})"))
    command.upgrade(config, "head")
    assert not look(empty_database, lambda c: c.scalar(text("SELECT texts FROM calls")))
