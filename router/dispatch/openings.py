"""Lawyers on duty as rows to find them by (Opening), kept up with every change of theirs."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.dispatch.keys import Ring, keys_of, place
from router.dispatch.models import Opening
from router.lawyers.models import Lawyer

_HAS_ROOM = (
    select(case((Lawyer.load < Lawyer.capacity, 1), else_=0))
    .where(Lawyer.id == Opening.lawyer_id)
    .scalar_subquery()
)


async def put(s: AsyncSession, lawyers: Sequence[Lawyer]) -> None:
    """As they are now: on duty with all their keys, or gone."""
    ids = [lawyer.id for lawyer in lawyers]
    await s.execute(delete(Opening).where(Opening.lawyer_id.in_(ids)))
    rows = [row for one in lawyers if one.on_duty and one.role == "lawyer" for row in _rows(one)]
    if rows:
        await s.execute(insert(Opening), rows)


def _rows(lawyer: Lawyer) -> list[dict[str, object]]:
    common = {
        "lawyer_id": lawyer.id,
        "region": lawyer.region,
        "city": place(lawyer.region, Ring.CITY),
        "province": place(lawyer.region, Ring.PROVINCE),
        "tier": int(lawyer.tier == "reserve"),
        "free": int(lawyer.load < lawyer.capacity),
        "idle_since": lawyer.idle_since,
    }
    return [{**common, "key": key} for key in keys_of(lawyer)]


async def reserve(s: AsyncSession, lawyer_id: str, now: datetime) -> bool:
    """One thing more in hand, if they are on duty and have room."""
    taken = (
        update(Lawyer)
        .where(Lawyer.id == lawyer_id, Lawyer.on_duty, Lawyer.load < Lawyer.capacity)
        .values(load=Lawyer.load + 1, idle_since=now)
        .execution_options(synchronize_session=False)
    )
    if (await s.execute(taken)).rowcount != 1:  # type: ignore[attr-defined]
        return False
    await _follow(s, lawyer_id, now)
    return True


async def free(s: AsyncSession, lawyer_id: str, now: datetime) -> None:
    """One thing less in hand, and to the end of the line."""
    await s.execute(
        update(Lawyer)
        .where(Lawyer.id == lawyer_id)
        .values(load=Lawyer.load - 1, idle_since=now)
        .execution_options(synchronize_session=False)
    )
    await _follow(s, lawyer_id, now)


async def _follow(s: AsyncSession, lawyer_id: str, now: datetime) -> None:
    await s.execute(
        update(Opening)
        .where(Opening.lawyer_id == lawyer_id)
        .values(free=_HAS_ROOM, idle_since=now)
        .execution_options(synchronize_session=False)
    )


async def mend(s: AsyncSession) -> None:
    """Who is on duty and has no row, e.g. since before there were any."""
    without = select(Lawyer).where(
        Lawyer.on_duty, Lawyer.role == "lawyer", ~exists().where(Opening.lawyer_id == Lawyer.id)
    )
    if lost := list(await s.scalars(without)):
        await put(s, lost)
