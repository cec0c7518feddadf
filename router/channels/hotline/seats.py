"""Which telephone belongs to whom, and which may be called at all."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.channels.hotline.models import Call, Leg
from router.channels.hotline.states import Role
from router.channels.hotline.voice import dialable
from router.lawyers.models import Lawyer
from router.lawyers.roster import shift_now
from router.mediation.models import Committee


async def of_lawyer(s: AsyncSession, lawyer_id: str, now: datetime) -> str:
    """The centre's seat during a shift at it, else the lawyer's own telephone; empty: neither."""
    lawyer = await s.get(Lawyer, lawyer_id)
    if lawyer is None:
        return ""
    shift = await shift_now(s, lawyer_id, now)
    at_centre = shift is not None and shift.seat == "fixed"
    return dialable(lawyer.seat_phone if at_centre and lawyer.seat_phone else lawyer.phone)


async def may_call(s: AsyncSession, call: Call, leg: Leg, ours: Collection[str]) -> bool:
    """Against toll fraud: only the citizen of this call, who is on the roster, 110 and the places
    we send people to (`ours`, and the office's committees), and the operator whom 110's signed
    transfer names."""
    number = dialable(leg.number)
    if leg.role == Role.CALLER:
        return bool(number) and number == call.caller
    if leg.role == Role.LAWYER:
        lawyer = await s.get(Lawyer, leg.lawyer_id) if leg.lawyer_id else None
        known = {dialable(lawyer.phone), dialable(lawyer.seat_phone)} if lawyer else set()
        return bool(number) and number in known
    if leg.role == Role.OPERATOR:
        return call.entry == "police"
    if number in ours or leg.role != Role.ORGAN:
        return number in ours
    return number in {dialable(phone) for phone in await s.scalars(select(Committee.phone))}
