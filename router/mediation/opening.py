"""A mediation begins with a referral to the mediators: with the nearest committee, or never."""

import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.db import new_id
from router.mediation import choosing, moves
from router.mediation.models import Mediation, MediationConsent
from router.mediation.status import State
from router.referrals.models import Referral
from router.tickets.models import Ticket
from router.tickets.urgency import Urgency

VIOLENT = "这件事涉及家庭暴力或别的严重暴力，不能调解"
IN_DANGER = "有人正处在危险中，不能调解"


def bar(ticket: Ticket, heard: str | None = None) -> str:
    """Why this must never be mediated; empty: it may. `heard`: intake that is newer than the
    ticket's."""
    intake = json.loads(heard or ticket.intake or "{}")
    facts = intake.get("facts") or {}
    if ticket.urgency == Urgency.DANGER or facts.get("danger") not in (None, "none"):
        return IN_DANGER
    violent = facts.get("violence") not in (None, "none")
    if violent or "domestic_violence" in (ticket.matter, intake.get("label"), facts.get("matter")):
        return VIOLENT
    return ""


async def begin(
    session: AsyncSession, referral: Referral, ticket: Ticket, now: datetime
) -> Mediation | None:
    """Ticket and referral are locked. Once a referral; None: there is one, or no committee of ours
    takes the case and the office refers it by paper."""
    known = await session.scalar(select(Mediation.id).where(Mediation.referral_id == referral.id))
    if known:
        return None
    mediation = Mediation(id=new_id(), referral_id=referral.id, status=State.PROPOSED.value)
    if why := bar(ticket):
        mediation.status = State.BARRED.value
        await moves.open_new(session, mediation, now, why)
        return mediation
    intake = json.loads(ticket.intake or "{}")
    choice = await choosing.choose(session, ticket.matter, ticket.region, intake, now)
    if choice is None:
        return None
    mediation.committee_id, referral.organ = choice.committee.id, choice.committee.name
    told = intake.get("details") or {}
    paper = {"respondent": told.get("opponent"), "dispute": told.get("note") or told.get("told")}
    mediation.paper = {name: str(value) for name, value in paper.items() if value}
    await moves.open_new(session, mediation, now)
    if ticket.destination == referral.destination:  # who chose it in the dialogue agrees to it
        session.add(
            MediationConsent(
                mediation_id=mediation.id, side="applicant", agreed=True, way="online", at=now
            )
        )
    return mediation
