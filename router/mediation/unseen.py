"""Requests that lie where nobody reads them: their committee has no account or all its mediators
are away, and no link lets anybody in. The supervisor telephones, sends a link or finds another."""

from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ColumnElement

from router.mediation.doors import COMMITTEE
from router.mediation.models import Mediation, MediationDoor, Mediator
from router.mediation.status import OPEN


def unseen(now: datetime) -> ColumnElement[bool]:
    there = exists().where(
        Mediator.committee_id == Mediation.committee_id, Mediator.present.is_(True)
    )
    door = exists().where(
        MediationDoor.mediation_id == Mediation.id,
        MediationDoor.side == COMMITTEE,
        MediationDoor.closed_at.is_(None),
        MediationDoor.expires_at > now,
    )
    return Mediation.status.in_(OPEN) & ~there & ~door


async def lies(s: AsyncSession, mediation_id: str, now: datetime) -> bool:
    found = select(Mediation.id).where(Mediation.id == mediation_id, unseen(now))
    return await s.scalar(found) is not None


async def count(s: AsyncSession, now: datetime) -> int:
    return await s.scalar(select(func.count(Mediation.id)).where(unseen(now))) or 0
