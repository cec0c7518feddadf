"""Which committee: by matter and place the nearest whose mediators are really there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.mediation import hours
from router.mediation.models import Committee, Mediator

COUNTY = 6  # digits of a region's code; more of them are nearer
_PLACES = ("region", "told", "note")  # details in which people name theirs


@dataclass(frozen=True)
class Choice:
    committee: Committee
    there: bool  # somebody is on duty now
    opens: datetime | None  # if not: when somebody will be; None: nobody has said
    sooner: "Choice | None" = None  # with nobody there: another one that opens before it


async def choose(
    session: AsyncSession, matter: str | None, region: str, intake: Mapping[str, Any], now: datetime
) -> Choice | None:
    """None: no committee of ours takes this matter here."""
    fit = await candidates(session, matter, region, intake)
    if not fit:
        return None
    staff = await _staff(session, [one.id for one in fit])
    choices = [_standing(one, staff.get(one.id, ()), now) for one in fit]
    read = (one for one in choices if one.opens)  # at an empty one nobody would read it
    nearest = next(read, choices[0])
    there = next((one for one in choices if one.there), None)
    return there or replace(nearest, sooner=_sooner(nearest, choices))


def _sooner(nearest: Choice, others: Sequence[Choice]) -> Choice | None:
    opening = [one for one in others if one.opens]
    first = min(opening, key=lambda one: one.opens or datetime.max, default=None)
    if first is None or (nearest.opens and first.opens and nearest.opens <= first.opens):
        return None
    return first


async def candidates(
    session: AsyncSession, matter: str | None, region: str, intake: Mapping[str, Any]
) -> list[Committee]:
    """The nearest first; of one level those made for the matter first."""
    rows = await session.scalars(
        select(Committee).where(Committee.region.startswith(region[:COUNTY], autoescape=True))
    )
    named = _named(intake)
    fit = [one for one in rows if _takes(one, matter) and _serves(one, named)]
    return sorted(fit, key=lambda c: (-len(c.region), c.kind != "industry", c.name))


async def county(session: AsyncSession, region: str, now: datetime) -> Choice | None:
    """The county's own, where the matter was not told yet."""
    own = select(Committee).where(Committee.region == region[:COUNTY], Committee.kind == "county")
    found = await session.scalar(own.order_by(Committee.name).limit(1))
    return await standing(session, found, now) if found else None


async def standing(session: AsyncSession, committee: Committee, now: datetime) -> Choice:
    staff = await _staff(session, [committee.id])
    return _standing(committee, staff.get(committee.id, ()), now)


async def _staff(session: AsyncSession, ids: Sequence[str]) -> dict[str, list[str]]:
    """Committee -> the hours of those who are there at all."""
    found: dict[str, list[str]] = {}
    rows = select(Mediator).where(Mediator.committee_id.in_(ids), Mediator.present.is_(True))
    for one in await session.scalars(rows):
        found.setdefault(one.committee_id, []).append(one.hours)
    return found


def _standing(committee: Committee, staff: Sequence[str], now: datetime) -> Choice:
    if any(hours.open_at(text, now) for text in staff):
        return Choice(committee, True, None)
    later = [start for text in staff if (start := hours.opens(text, now))]
    return Choice(committee, False, min(later, default=None))


def _takes(committee: Committee, matter: str | None) -> bool:
    return not committee.matters or matter in committee.matters


def _serves(committee: Committee, named: str) -> bool:
    """A village or township only where the citizen has named it: a county has hundreds."""
    near = len(committee.region) > COUNTY
    return not near or any(place in named for place in committee.places)


def _named(intake: Mapping[str, Any]) -> str:
    details = intake.get("details") or {}
    return " ".join(str(details.get(name) or "") for name in _PLACES)
