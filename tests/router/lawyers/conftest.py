"""Two lawyers with a shift each."""

from datetime import datetime

import pytest

from router.clock import CHINA
from tests import factories


def at(hour: int, minute: int = 0, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=CHINA)


@pytest.fixture
async def two(db, clock):
    """王 in the morning at the window, 李 in the afternoon on the web; it is Sunday before."""
    wang, li = [await factories.lawyer(db, clock, name) for name in ("王律师", "李律师")]
    morning = await factories.shift(db, wang.id, at(9), at(12), post="window")
    afternoon = await factories.shift(db, li.id, at(13), at(17), seat="cloud")
    return wang, li, morning, afternoon
