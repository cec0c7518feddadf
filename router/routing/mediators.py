"""What a citizen is told of the mediators: which committee has the case, and where it stands."""

import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.destinations.registry import Destination, Place
from router.mediation import choosing, meetings, opening, sidewords, words
from router.mediation.models import Committee, Mediation
from router.referrals.models import Referral
from router.tickets.models import Ticket


async def place(s: AsyncSession, ticket: Ticket, door: Destination, now: datetime) -> Place | None:
    """The committee that is chosen for this case; None: it is no mediation, or the office has no
    table of committees."""
    if door.kind != "mediation" or opening.bar(ticket):
        return None
    intake = json.loads(ticket.intake or "{}")
    found = await choosing.choose(s, ticket.matter, ticket.region, intake, now)
    if found is None:
        return None
    one, there = found.committee, words.presence(found).rstrip("。")
    return Place(name=one.name, address=one.address, phone=one.phone, hours=there)


async def standing(s: AsyncSession, referral: Referral | None, now: datetime) -> str:
    """Where the mediation stands that the referral became; nothing where it became none."""
    if referral is None:
        return ""
    found = await s.execute(
        select(Mediation, Committee)
        .outerjoin(Committee, Committee.id == Mediation.committee_id)
        .where(Mediation.referral_id == referral.id)
    )
    pair = found.one_or_none()
    if pair is None:
        return ""
    set_ = await meetings.of(s, pair[0].id, meetings.SET, now)
    said = sidewords.next_one(set_[0] if set_ else None)
    return words.standing(pair[0], pair[1], now) + said
