"""What is asked of PostgreSQL alone; collected where TEST_DATABASE_URL names one."""

from sqlalchemy import text

from router.db import Database
from tests.conftest import POSTGRESQL


async def test_a_connection_that_the_server_has_cut_is_not_used_again():
    db, other = Database(POSTGRESQL), Database(POSTGRESQL)
    try:
        for write in (db.write, lambda: db.write(soon=True)):
            async with write() as s:
                pid = await s.scalar(text("SELECT pg_backend_pid()"))
            async with other.write() as s:
                await s.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
            async with write() as s:
                assert await s.scalar(text("SELECT pg_backend_pid()")) != pid
    finally:
        await db.close()
        await other.close()


async def test_who_waits_for_the_disk_waits_where_soon_does_not():
    db = Database(POSTGRESQL)
    try:
        async with db.write(soon=True) as s:
            assert await s.scalar(text("SHOW synchronous_commit")) == "off"
        async with db.write() as s:
            assert await s.scalar(text("SHOW synchronous_commit")) == "on"
    finally:
        await db.close()
