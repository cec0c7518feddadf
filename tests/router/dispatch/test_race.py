"""Four processes claim the same tickets, places and outcomes: each is had once."""

import os

from bench import race
from bench.duty import office
from tests.conftest import POSTGRESQL

CLAIMS = int(os.environ.get("RACE_CLAIMS", "1200"))


async def test_four_processes_racing_for_the_same_claims_get_each_once(monkeypatch):
    if POSTGRESQL:
        monkeypatch.setenv(office.SERVER, POSTGRESQL)
    line, well = await race.race("postgresql" if POSTGRESQL else "sqlite", CLAIMS)
    assert well, line
