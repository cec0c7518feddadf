"""The few statements that find lawyers on duty. Core and made once each: to build one takes longer
than to run it."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    bindparam,
    false,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import Executable

from router.dispatch.keys import Ring
from router.dispatch.models import Opening
from router.lawyers.models import Lawyer

ENOUGH = 16  # candidates from each key, for a strategy to choose among
_O: Table = Opening.__table__  # type: ignore[assignment]
_L: Table = Lawyer.__table__  # type: ignore[assignment]
_COLUMN = {Ring.LOCAL: _O.c.region, Ring.CITY: _O.c.city, Ring.PROVINCE: _O.c.province}


@dataclass(frozen=True)
class Barred:
    """Who is not to be asked: by lawyer, by firm."""

    lawyers: tuple[str, ...] = ()
    firms: tuple[str, ...] = ()


class Probes:
    """In one transaction that writes nothing of lawyers until it has asked: what two tickets want
    to know is looked up once."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self._free: dict[Hashable, list[tuple[str, datetime, int, int]]] = {}
        self._on_duty: dict[Hashable, bool] = {}

    async def free(
        self, keys: Sequence[str], ring: Ring, place: str, tier: int, barred: Barred
    ) -> Sequence[tuple[str, datetime, int, int]]:
        """Lawyer, idle since, load and capacity of the longest idle under each key."""
        asked = *keys, ring, place, tier, barred
        if asked not in self._free:
            query, told = (
                _free(ring, len(keys), bool(barred.firms)),
                _told(keys, place, tier, barred),
            )
            self._free[asked] = [tuple(row) for row in await self.session.execute(query, told)]
        return self._free[asked]

    async def on_duty(
        self, keys: Sequence[str], ring: Ring, place: str, tier: int, barred: Barred
    ) -> bool:
        """Somebody under one of the keys, free or not, of this tier or a lower one."""
        asked = *keys, ring, place, tier, barred
        if asked not in self._on_duty:
            query = _on_duty(ring, len(keys), bool(barred.firms))
            there = await self.session.scalar(query, _told(keys, place, tier, barred))
            self._on_duty[asked] = bool(there)
        return self._on_duty[asked]


def _told(keys: Sequence[str], place: str, tier: int, barred: Barred) -> dict[str, Any]:
    named = {f"key{n}": key for n, key in enumerate(keys)}
    return {
        **named, "place": place, "tier": tier, "out": barred.lawyers, "firms": barred.firms
    }  # fmt: skip


@cache
def _free(ring: Ring, keys: int, firms: bool) -> Executable:
    probes = [
        select(_O.c.lawyer_id, _O.c.idle_since, _L.c.load, _L.c.capacity)
        .join(_L, _L.c.id == _O.c.lawyer_id)
        .where(*_here(ring, n, firms), _O.c.tier == bindparam("tier"), _O.c.free == 1)
        .where(_L.c.on_duty, _L.c.load < _L.c.capacity)  # whatever an opening says
        .order_by(_O.c.idle_since, _O.c.lawyer_id)
        .limit(literal(ENOUGH, literal_execute=True))
        .subquery()
        for n in range(keys)
    ]
    return union_all(*(select(probe) for probe in probes))


@cache
def _on_duty(ring: Ring, keys: int, firms: bool) -> Select[Any]:
    some: list[ColumnElement[bool]] = []
    for n in range(keys):
        lawyers = select(_O.c.lawyer_id)
        if firms:
            lawyers = lawyers.join(_L, _L.c.id == _O.c.lawyer_id)
        there = lawyers.where(*_here(ring, n, firms), _O.c.tier <= bindparam("tier"))
        # in order: else PostgreSQL hopes to meet one soon and reads the whole table
        order = _O.c.tier, _O.c.free, _O.c.idle_since, _O.c.lawyer_id
        some.append(there.order_by(*order).limit(1).scalar_subquery().is_not(None))
    return select(literal(1)).where(or_(false(), *some))


def _here(ring: Ring, n: int, firms: bool) -> list[ColumnElement[bool]]:
    where = [_O.c.key == bindparam(f"key{n}")]
    if ring in _COLUMN:
        where.append(_COLUMN[ring] == bindparam("place"))
    where.append(_O.c.lawyer_id.not_in(bindparam("out", expanding=True)))
    if firms:
        other = _L.c.firm_id.not_in(bindparam("firms", expanding=True))
        where.append(or_(_L.c.firm_id.is_(None), other))
    return where
