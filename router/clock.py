"""The only source of "now" in the router, so that tests can move it."""

import asyncio
import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    def now(self) -> datetime: ...  # aware, UTC
    def monotonic(self) -> float: ...  # seconds; nobody can set it
    async def sleep(self, span: timedelta) -> None: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, span: timedelta) -> None:
        await asyncio.sleep(max(span.total_seconds(), 0))


def china_date(moment: datetime) -> date:
    """The calendar day of an aware moment in China, where the law's days are counted."""
    return moment.astimezone(CHINA).date()
