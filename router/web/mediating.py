"""Who may work on a mediation: its committee's mediators, the supervisor, and whom a one-time link
has let in to this one."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Cookie, Depends, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.errors import NotFound
from router.lawyers.models import Lawyer
from router.mediation import doors
from router.mediation.errors import DoorShut
from router.mediation.models import Mediation, Mediator
from router.referrals.models import Referral
from router.web import staff
from router.web.staff import P

COOKIE = "jy_side"
GUEST = "guest"  # a role that sees one mediation, without an account
Visit = Annotated[str | None, Cookie(alias=COOKIE)]


@dataclass(frozen=True)
class Hand:
    id: str
    name: str
    role: str


async def handling(
    request: Request, p: P, mediation_id: str,
    token: Annotated[str | None, Cookie(alias=staff.COOKIE)] = None, visit: Visit = None,
) -> Hand:  # fmt: skip
    try:
        door = await p.sides.guest(visit) if visit else None
    except DoorShut:
        door = None
    if door and door.side == doors.COMMITTEE and door.mediation_id == mediation_id:
        return Hand(doors.guest(door), "调解员", GUEST)
    me = await staff.of_mediation(await staff.signed_in(request, p, token))
    return Hand(me.id, me.name, me.role)


Handling = Annotated[Hand, Depends(handling)]


async def may(p: P, me: Hand, mediation_id: str) -> None:
    async with p.db.read() as s:
        await mine(s, me, mediation_id)


async def mine(s: AsyncSession, me: Hand | Lawyer, mediation_id: str) -> tuple[Mediation, Referral]:
    """Of my committee, or I am the supervisor; another one's is as if it did not exist."""
    found = await s.execute(
        select(Mediation, Referral)
        .join(Referral, Referral.id == Mediation.referral_id)
        .where(Mediation.id == mediation_id)
    )
    pair = found.one_or_none()
    own = await s.get(Mediator, me.id)
    at = own.committee_id if own else None
    free = me.role in ("supervisor", GUEST)  # a guest's mediation is the door's
    if pair is None or not (free or (at and pair[0].committee_id == at)):
        raise NotFound(mediation=mediation_id, lawyer=me.id)
    return pair[0], pair[1]
