"""Which of the times in a message answers a question: the last one, as a later word corrects."""

from __future__ import annotations

import datetime as dt

from bot.language import times


def day(text: str, today: dt.date) -> dt.date | None:
    """The last day or month that the text names, never one after today."""
    named = (time.day(today) for time in times.find(text))
    past = [found for found in named if found and found <= today]
    return past[-1] if past else None


def months(text: str) -> int | None:
    """三个月, 半年, 一年半: how many whole months; the last figure wins."""
    spans = [t for t in times.find(text) if t.months and not t.literal.endswith("前")]
    last = spans[-1].months if spans else None
    return int(last) if last and last == int(last) else None
