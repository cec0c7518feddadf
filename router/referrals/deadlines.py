"""When an answer is due: the day it was sent does not count, the last day counts to its end."""

from datetime import UTC, datetime, time, timedelta

from router.clock import CHINA, china_date
from router.lawyers import calendar


def due_after(sent: datetime, days: int, working: bool = False) -> datetime:
    """The end of the last of so many days in China: calendar days, or those that are worked."""
    last, left = china_date(sent), days
    while left:
        last += timedelta(days=1)
        if not working or calendar.kind(last) == "workday":
            left -= 1
    return datetime.combine(last, time(23, 59, 59), CHINA).astimezone(UTC)
