"""Rows of a mediation: read, or locked in the order in which no two moves block each other."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.errors import NotFound
from router.mediation.errors import MediationMovedOn
from router.mediation.models import Mediation, MediationConsent
from router.mediation.status import OPEN
from router.referrals.models import Referral
from router.referrals.status import LIVE
from router.tickets import service as tickets
from router.tickets.models import Ticket


@dataclass(frozen=True)
class Case:
    """A mediation whose rows are locked."""

    mediation: Mediation
    referral: Referral
    ticket: Ticket
    now: datetime


async def consents(session: AsyncSession, mediation_id: str) -> dict[str, bool]:
    """Side -> what it said last."""
    rows = await session.execute(
        select(MediationConsent.side, MediationConsent.agreed)
        .where(MediationConsent.mediation_id == mediation_id)
        .order_by(MediationConsent.id)
    )
    return {side: agreed for side, agreed in rows}


async def referral_of(s: AsyncSession, mediation_id: str) -> Referral:
    """The referral that it belongs to."""
    found: Referral | None = await s.scalar(
        select(Referral)
        .join(Mediation, Mediation.referral_id == Referral.id)
        .where(Mediation.id == mediation_id)
    )
    if found is None:
        raise NotFound(mediation=mediation_id)
    return found


async def locked(
    s: AsyncSession, mediation_id: str, ticket_id: str, now: datetime, over: bool = False
) -> Case:
    """`over`: also where the referral has ended without the mediation."""
    ticket, _ = await tickets.locked(s, ticket_id)
    mediation = await s.get(Mediation, mediation_id)
    assert mediation
    referral = await s.get(
        Referral, mediation.referral_id, populate_existing=True, with_for_update=True
    )
    mediation = await s.get(Mediation, mediation_id, populate_existing=True, with_for_update=True)
    assert referral and mediation
    if mediation.status in OPEN and referral.status not in LIVE and not over:
        raise MediationMovedOn(mediation=mediation_id)
    return Case(mediation, referral, ticket, now)
