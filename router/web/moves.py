"""Moving a case by hand: the lawyer hands it over, the supervisor assigns, takes back, queues anew,
merges. Each ends on the page that it began on."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from router.conversations.models import Conversation
from router.destinations.labels import LABELS
from router.dispatch.models import Opening
from router.errors import BadRequest
from router.lawyers.models import Firm, Lawyer
from router.tickets.models import Ticket
from router.tickets.service import NOT_CLOSED
from router.tickets.status import STATUS_LABELS, Status
from router.web import staff
from router.web.origin import same_origin
from router.web.staff import P, Staff, Supervisor

pages = APIRouter(dependencies=[Depends(same_origin)])
MOST = 100
Choice = Annotated[str, Form(max_length=64)]
QUEUED = (Status.OPEN, Status.RECORDED)
HELD = (Status.OFFERED, Status.ACCEPTED)


async def colleagues(session: AsyncSession, ticket: Ticket) -> list[tuple[str, str]]:
    """Id and name of those on duty who have room, the nearest first."""
    rows = await session.execute(
        select(Lawyer, Firm.name)
        .join(Opening, Opening.lawyer_id == Lawyer.id)
        .outerjoin(Firm, Firm.id == Lawyer.firm_id)
        .where(Opening.key == "", Opening.free == 1, Lawyer.id != (ticket.owner or ""))
        .order_by(Opening.region != ticket.region, Opening.idle_since)
        .limit(MOST)
    )
    return [
        (one.id, f"{one.name}（{firm or '未登记律所'}，手上 {one.load} 件）") for one, firm in rows
    ]


async def twins(session: AsyncSession, ticket: Ticket) -> list[tuple[str, str]]:
    """Tickets that this one may be a duplicate of: the same matter and region, the newest first."""
    rows = await session.execute(
        select(Ticket, Conversation.reference)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .where(
            NOT_CLOSED,
            Ticket.id != ticket.id,
            Ticket.region == ticket.region,
            Ticket.matter.is_not_distinct_from(ticket.matter),
        )
        .order_by(Ticket.created_at.desc())
        .limit(MOST)
    )
    return [(one.id, _named(one, reference)) for one, reference in rows]


def _named(ticket: Ticket, reference: str) -> str:
    status = STATUS_LABELS[Status(ticket.status)]
    return f"{reference} {LABELS.get(ticket.matter or '', '')}（{status}）"


def permitted(ticket: Ticket) -> dict[str, bool]:
    """Which of the supervisor's moves the status allows."""
    status = Status(ticket.status)
    return {
        "assign": status in (Status.OPEN, *HELD),
        "take_back": status in HELD,
        "requeue": status in QUEUED,
        "merge": status in (Status.OFFERED, *QUEUED),
    }


@pages.post("/desk/tickets/{ticket_id}/hand-over")
async def hand_over(
    p: P, me: Staff, ticket_id: str, to: Choice, note: Annotated[str, Form(max_length=500)]
) -> Response:
    await staff.owned(p, me, ticket_id)
    if not note.strip():
        raise BadRequest(note="empty")
    await p.dispatch.hand_over(ticket_id, me.id, to, note)
    return RedirectResponse("/desk?done=handed_over", 303)


@pages.post("/board/tickets/{ticket_id}/assign")
async def assign(p: P, me: Supervisor, ticket_id: str, to: Choice) -> Response:
    await p.dispatch.assign(ticket_id, to, me.id)
    return _back(ticket_id)


@pages.post("/board/tickets/{ticket_id}/take-back")
async def take_back(p: P, me: Supervisor, ticket_id: str) -> Response:
    await p.dispatch.take_back(ticket_id, me.id)
    return _back(ticket_id)


@pages.post("/board/tickets/{ticket_id}/requeue")
async def requeue(p: P, me: Supervisor, ticket_id: str) -> Response:
    await p.dispatch.requeue(ticket_id, me.id)
    return _back(ticket_id)


@pages.post("/board/tickets/{ticket_id}/merge")
async def merge(p: P, me: Supervisor, ticket_id: str, into: Choice) -> Response:
    await p.dispatch.merge(ticket_id, into, me.id)
    return _back(ticket_id)


def _back(ticket_id: str) -> Response:
    return RedirectResponse(f"/desk/tickets/{ticket_id}", 303)
