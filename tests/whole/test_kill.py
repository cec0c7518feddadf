"""Routers, Redis and PostgreSQL's connections under the knife: nothing lost, nothing doubled."""

import os

from bench import kill
from bench.duty import office


async def test_nothing_is_lost_or_doubled_whatever_is_killed(monkeypatch):
    server = os.environ.get("TEST_DATABASE_URL")
    if server:
        monkeypatch.setenv(office.SERVER, server)
    line, well = await kill.play("postgresql" if server else "sqlite", kills=10)
    assert well, line
