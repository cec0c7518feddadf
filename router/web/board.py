"""The supervisor's list: tickets, owners, alarms, who is on duty. Renews itself."""

from collections.abc import Sequence
from datetime import timedelta

from fastapi import APIRouter, Depends, Request
from sqlalchemy import or_, select
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from router.conversations.models import Conversation
from router.lawyers.models import Firm, Lawyer
from router.parts import Parts
from router.tickets.models import Ticket
from router.tickets.status import Status
from router.web import live, render, rosterview, staff, view
from router.web.origin import same_origin
from router.web.staff import P, Supervisor

pages = APIRouter(prefix="/board", dependencies=[Depends(same_origin)])
KEPT = timedelta(days=1)  # closed tickets stay on the list so long
MOST = 200
RANK = {Status.OPEN: 0, Status.OFFERED: 1, Status.ACCEPTED: 2, Status.RECORDED: 3}


@pages.get("")
async def board(request: Request, p: P, me: Supervisor) -> Response:
    return render.page(request, "board/board.html", me=me, board=await _board(p))


@pages.get("/events")
async def events(request: Request, p: P, me: Supervisor) -> EventSourceResponse:
    changed = live.Changed()

    async def look() -> Sequence[ServerSentEvent]:
        await staff.still_signed_in(request, p)
        return changed.events({"board": await _board(p)})

    return live.stream(p, ["board"], look)


async def _board(p: Parts) -> str:
    now = p.clock.now()
    async with p.db.read() as session:
        found = await session.execute(
            select(Ticket, Conversation.reference)
            .join(Conversation, Conversation.id == Ticket.conversation_id)
            .where(or_(Ticket.status != Status.CLOSED, Ticket.closed_at >= now - KEPT))
            .order_by(Ticket.created_at)
        )
        rows = [(ticket, reference) for ticket, reference in found]
        people = await session.execute(
            select(Lawyer, Firm.name)
            .outerjoin(Firm, Firm.id == Lawyer.firm_id)
            .where(Lawyer.role == "lawyer")
            .order_by(Lawyer.on_duty.desc(), Lawyer.login)
        )
        lawyers = [(lawyer, firm or "") for lawyer, firm in people]
        uncovered = await rosterview.alarm(session, now)
    names = {lawyer.id: lawyer.name for lawyer, _ in lawyers}
    rows.sort(key=lambda row: (RANK.get(Status(row[0].status), 9), row[0].urgency))
    shown = [view.TicketView.of(ticket, ref, now, names) for ticket, ref in rows[:MOST]]
    figures = {
        "waiting": sum(t.status in (Status.OPEN, Status.OFFERED) for t, _ in rows),
        "talking": sum(t.status == Status.ACCEPTED for t, _ in rows),
        "on_duty": sum(lawyer.on_duty for lawyer, _ in lawyers),
        "alarms": sum(t.alarmed_at is not None and t.status == Status.OPEN for t, _ in rows),
    }
    people_shown = [
        {
            "name": lawyer.name,
            "firm": firm,
            "on_duty": lawyer.on_duty,
            "load": lawyer.load,
            "capacity": lawyer.capacity,
        }
        for lawyer, firm in lawyers
    ]
    return render.fragment(
        "board/list.html",
        tickets=shown,
        figures=figures,
        lawyers=people_shown,
        uncovered=uncovered,
        more=len(rows) - MOST,
    )
