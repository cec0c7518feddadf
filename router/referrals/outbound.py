"""转出: a ticket for another organ gets a receipt and a deadline at its opening, and a way back."""

import logging
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from router.codes import new_code
from router.db import new_id
from router.destinations.registry import Destination
from router.dispatch import timers
from router.dispatch.models import Timer
from router.referrals import moves, partners
from router.referrals.deadlines import due_after
from router.referrals.models import Referral
from router.tickets import service as tickets
from router.tickets.models import Ticket
from router.tickets.status import LIVE, Status

log = logging.getLogger(__name__)
RECEIPT = "ZB"
OPEN_MEDIATION = "mediation_open"  # kind of timer: our own mediators' room hears of it by this
LAWYERS = ("offer", "application")  # deliveries that a duty lawyer has in hand first


async def send(
    session: AsyncSession, ticket: Ticket, door: Destination, now: datetime, by: str | None = None
) -> Referral | None:
    """None: this place takes no referrals, the citizen goes there themselves. `by`: the lawyer
    whose closing it is; then the citizen is told of it."""
    if door.referral is None:
        return None
    place = door.places.get(ticket.region)
    named = (place.partner if place else None) or door.referral.partner
    partner = await partners.by_name(session, named) if named else None
    if named and partner is None:  # the office does it by paper until the operator adds it
        log.warning("referral.no_partner", extra={"destination": door.name})
    referral = Referral(
        id=new_id(),
        receipt=new_code(RECEIPT),
        direction="out",
        partner_id=partner.id if partner else None,
        ticket_id=ticket.id,
        destination=door.name,
        organ=organ_of(door, ticket.region),
        due_at=due_after(now, door.referral.days, door.referral.working),
    )
    await moves.open_new(session, referral, now, by)
    if door.kind == "mediation" and partner is None:
        told = {"referral": referral.id}
        timer_id = f"{OPEN_MEDIATION}-{referral.id}"
        session.add(Timer(id=timer_id, due_at=now, kind=OPEN_MEDIATION, data=told))
    return referral


def organ_of(door: Destination, region: str) -> str:
    """The office's name in the region, else what the destination is called."""
    place = door.places.get(region)
    return place.name if place else door.label


async def bring_back(
    session: AsyncSession, referral: Referral, ticket: Ticket, reason: str, by: str, now: datetime,
    how: str = "退回",
) -> None:  # fmt: skip
    """The other side is not the place any more: a duty lawyer goes on with the case. Ticket
    locked."""
    why = f"{referral.organ}{how}：{reason}"
    if ticket.status in LIVE:
        tickets.add_note(session, ticket.id, by, why, now)  # a duty lawyer is at it
    elif ticket.status == Status.RECORDED:
        ticket.summary = _with(ticket.summary, why)
        await tickets.move(
            session,
            ticket,
            Status.OPEN,
            "sent_back",
            now,
            sets={"destination": "duty_lawyer", "delivery": "offer"},
            data={"referral": referral.receipt, "from": ticket.destination},
        )
        timers.ask_again(session, ticket.id, now + timers.RESUME)
    else:
        again = _anew(ticket, f"referral:{referral.id}:returned")
        again.summary = _with(ticket.summary, why)
        tickets.open_new(session, again, now)
        await session.flush()
        timers.ask_again(session, again.id, now + timers.RESUME)


async def finish(
    session: AsyncSession, referral: Referral, ticket: Ticket, end: tuple[str, str], words: str,
    by: str, now: datetime,
) -> None:  # fmt: skip
    """The other side is done: `end` is its outcome in Chinese and the ticket's. Ticket locked."""
    label, outcome = end
    if ticket.status in LIVE:
        said = f"{referral.organ}：{_with(label, words)}"
        tickets.add_note(session, ticket.id, by, said, now)
    elif ticket.status == Status.RECORDED:
        await tickets.move(
            session,
            ticket,
            Status.CLOSED,
            "closed",
            now,
            sets={"outcome": outcome, "closed_at": now},
            data={"outcome": outcome, "referral": referral.receipt},
        )


def _anew(ticket: Ticket, opened_by: str) -> Ticket:
    again = Ticket(
        id=new_id(),
        conversation_id=ticket.conversation_id,
        opened_by=opened_by,
        screening_id=ticket.screening_id,
        destination="duty_lawyer",
        delivery="offer",
        urgency=ticket.urgency,
        matter=ticket.matter,
        region=ticket.region,
        language=ticket.language,
        post=ticket.post,
        opponent_index=ticket.opponent_index,
    )
    again.intake = ticket.intake
    again.call_back, again.call_back_at = ticket.call_back, ticket.call_back_at
    return again


def _with(*parts: str) -> str:
    return "；".join(part for part in parts if part)
