"""Lawyers on duty as rows to find them by (Opening), kept up with every change of theirs."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    BindParameter,
    Table,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from router.db import UTCDateTime
from router.dispatch.keys import Ring, keys_of, place
from router.dispatch.models import Offer, Opening
from router.lawyers.models import Lawyer

_L: Table = Lawyer.__table__  # type: ignore[assignment]
_O: Table = Opening.__table__  # type: ignore[assignment]
_NEW: Table = Offer.__table__  # type: ignore[assignment]
_LAWYERS: BindParameter[str] = bindparam("lawyers", expanding=True)
_NOW = bindparam("now", type_=UTCDateTime)
# Core and made once: to build a statement takes longer than to run it
_ONE = update(_L).where(_L.c.id == bindparam("lawyer"))
_RESERVE = _ONE.where(_L.c.on_duty, _L.c.load < _L.c.capacity).values(
    load=_L.c.load + 1, idle_since=_NOW
)
_FREE = _ONE.values(load=_L.c.load - 1, idle_since=_NOW)
_MORE = (
    select(func.count())
    .where(_NEW.c.lawyer_id == _L.c.id, _NEW.c.id.in_(bindparam("offers", expanding=True)))
    .scalar_subquery()
)
_SAME = _L.alias()
_IN_ORDER = (  # of their ids: two that lock several do not block each other
    select(_SAME.c.id)
    .where(_SAME.c.id.in_(_LAWYERS))
    .order_by(_SAME.c.id)
    .with_for_update(key_share=True)
)
_RESERVE_ALL = (
    update(_L)
    .where(_L.c.id.in_(_IN_ORDER), _L.c.on_duty, _L.c.load + _MORE <= _L.c.capacity)
    .values(load=_L.c.load + _MORE, idle_since=_NOW)
)
_HAS_ROOM = (
    select(case((_L.c.load < _L.c.capacity, 1), else_=0))
    .where(_L.c.id == _O.c.lawyer_id)
    .scalar_subquery()
)
_FOLLOW = update(_O).where(_O.c.lawyer_id.in_(_LAWYERS)).values(free=_HAS_ROOM, idle_since=_NOW)


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


async def lock(s: AsyncSession, lawyers: Sequence[str]) -> None:
    """Before one is freed and another one reserved."""
    await s.execute(_IN_ORDER, {"lawyers": lawyers})


async def reserve(s: AsyncSession, lawyer_id: str, now: datetime) -> bool:
    """One thing more in hand, if they are on duty and have room."""
    told = {"lawyer": lawyer_id, "now": now}
    if (await s.execute(_RESERVE, told)).rowcount != 1:  # type: ignore[attr-defined]
        return False
    await s.execute(_FOLLOW, {"lawyers": [lawyer_id], "now": now})
    return True


async def reserve_all(s: AsyncSession, offers: Sequence[Offer], now: datetime) -> bool:
    """One thing more in hand for each of the new offers. False: one of the lawyers is off duty or
    full, and some of the others are reserved; to be rolled back."""
    lawyers = list({offer.lawyer_id for offer in offers})
    told = {"lawyers": lawyers, "offers": [offer.id for offer in offers], "now": now}
    if (await s.execute(_RESERVE_ALL, told)).rowcount != len(lawyers):  # type: ignore[attr-defined]
        return False
    await s.execute(_FOLLOW, {"lawyers": lawyers, "now": now})
    return True


async def free(s: AsyncSession, lawyer_id: str, now: datetime) -> None:
    """One thing less in hand, and to the end of the line."""
    await s.execute(_FREE, {"lawyer": lawyer_id, "now": now})
    await s.execute(_FOLLOW, {"lawyers": [lawyer_id], "now": now})


async def mend(s: AsyncSession) -> None:
    """Who is on duty and has no row, e.g. since before there were any."""
    without = select(Lawyer).where(
        Lawyer.on_duty, Lawyer.role == "lawyer", ~exists().where(Opening.lawyer_id == Lawyer.id)
    )
    if lost := list(await s.scalars(without)):
        await put(s, lost)
