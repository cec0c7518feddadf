"""司法确认: until when both sides may ask the court, and when they are reminded.

人民调解法 33, 民事诉讼法 205: within 30 days of the agreement's effect. The day itself does not
count; a last day that is no working day rolls over to the next one that is (民法典 201-203).
"""

from datetime import UTC, date, datetime, time, timedelta

from router.clock import CHINA, china_date
from router.lawyers import calendar

DAYS = 30
AHEAD = (15, 7, 3, 1, 0)  # days before the last one on which both are reminded
MORNING = time(9)


def last_day(effective: date) -> date:
    day = effective + timedelta(days=DAYS)
    while calendar.kind(day) != "workday":
        day += timedelta(days=1)
    return day


def next_look(now: datetime, confirm_by: date) -> datetime:
    """The next reminder, at last the first moment after the last day. In UTC."""
    mornings = [
        datetime.combine(confirm_by - timedelta(days=days), MORNING, CHINA) for days in AHEAD
    ]
    over = datetime.combine(confirm_by + timedelta(days=1), time(), CHINA)
    return min((m for m in mornings if m > now), default=over).astimezone(UTC)


def left(now: datetime, confirm_by: date) -> int:
    """Days until the last one; 0: today is the last; negative: over."""
    return (confirm_by - china_date(now)).days
