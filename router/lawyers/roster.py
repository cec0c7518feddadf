"""Who is on a shift, when the next one starts, and which promised hours nobody covers."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from router.lawyers.hours import LONGEST, Span, needed, without
from router.lawyers.models import Lawyer, Shift

PLANNED = Shift.state == "planned"


class Gap(NamedTuple):
    """Promised hours of a post without anybody on a shift."""

    post: str
    starts_at: datetime
    ends_at: datetime


async def shift_now(session: AsyncSession, lawyer_id: str, now: datetime) -> Shift | None:
    """The lawyer's planned shift that runs now: begun, its end not yet reached."""
    latest = await session.scalar(
        select(Shift)
        .where(Shift.lawyer_id == lawyer_id, PLANNED, Shift.starts_at <= now)
        .order_by(Shift.starts_at.desc())
        .limit(1)  # planned shifts of one lawyer never overlap
    )
    return latest if latest and latest.ends_at > now else None


async def next_of(session: AsyncSession, lawyer_id: str, now: datetime) -> Shift | None:
    """The lawyer's next planned shift, of those that have not begun."""
    found: Shift | None = await session.scalar(
        select(Shift)
        .where(Shift.lawyer_id == lawyer_id, PLANNED, Shift.starts_at > now)
        .order_by(Shift.starts_at)
        .limit(1)
    )
    return found


async def next_start(
    session: AsyncSession, now: datetime, post: str, region: str | None = None
) -> datetime | None:
    """When the next planned shift at the post starts, of any lawyer or of those of a region."""
    first = select(func.min(Shift.starts_at)).where(
        PLANNED, Shift.post == post, Shift.starts_at > now
    )
    if region is None:
        at: datetime | None = await session.scalar(first)
        return at
    # lawyer by lawyer through the index: a region's shifts of months ahead are not read
    theirs = first.where(Shift.lawyer_id == Lawyer.id).correlate(Lawyer).scalar_subquery()
    of_each = select(theirs.label("at")).where(Lawyer.region == region).subquery()
    at = await session.scalar(select(func.min(of_each.c.at)))
    return at


async def uncovered(
    session: AsyncSession, since: datetime, until: datetime, posts: Sequence[str]
) -> list[Gap]:
    """The gaps within the span at the given posts, in order of time."""
    found = await session.execute(
        select(Shift.post, Shift.starts_at, Shift.ends_at)
        .where(
            PLANNED,
            Shift.post.in_(posts),
            Shift.starts_at > since - LONGEST,
            Shift.starts_at < until,
            Shift.ends_at > since,
        )
        .distinct()  # thousands share a block's hours
    )
    return gaps(((post, Span(begin, end)) for post, begin, end in found), since, until, posts)


def gaps(
    shifts: Iterable[tuple[str, Span]], since: datetime, until: datetime, posts: Sequence[str]
) -> list[Gap]:
    """Pure: what is promised at the posts less what the shifts cover."""
    covered: dict[str, list[Span]] = defaultdict(list)
    for post, span in shifts:
        covered[post].append(span)
    found = [
        Gap(post, *span)
        for post in posts
        for span in without(needed(post, since, until), covered[post])
    ]
    return sorted(found, key=lambda gap: (gap.starts_at, gap.post))
