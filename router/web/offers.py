"""What a lawyer is being asked, as the desk and the page of one offer show it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.dispatch.models import Offer
from router.lawyers.models import Lawyer
from router.parts import Parts
from router.tickets.models import Ticket
from router.tickets.status import DECLINES
from router.web import render, view

DECLINE = tuple(DECLINES.values())


async def pending(session: AsyncSession, lawyer_id: str) -> list[tuple[Offer, Ticket]]:
    """The most urgent first."""
    rows = await session.execute(
        select(Offer, Ticket)
        .join(Ticket, Ticket.id == Offer.ticket_id)
        .where(Offer.lawyer_id == lawyer_id, Offer.status == "pending")
        .order_by(Ticket.urgency, Offer.created_at)
    )
    return [(offer, ticket) for offer, ticket in rows]


def shown(p: Parts, me: Lawyer, pairs: Sequence[tuple[Offer, Ticket]]) -> str:
    """As cards with their time left."""
    now = p.clock.now()
    offers = [
        {
            "id": offer.id,
            "deadline": offer.expires_at,
            "left": max(int((offer.expires_at - now).total_seconds()), 0),
            "span": int((offer.expires_at - offer.created_at).total_seconds()),
            "ticket": view.TicketView.of(ticket, "", now, {}),
        }
        for offer, ticket in pairs
    ]
    return render.fragment("desk/offers.html", offers=offers, me=me, now=now, reasons=DECLINE)
