"""The supervisor's live board: the queue with ages, offers under way, alarms, who is on duty, and
what became of the day. Renews itself; as quick with a million closed tickets as with none."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from fastapi import APIRouter, Depends, Request
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from router.clock import CHINA, china_date
from router.conversations.models import Conversation
from router.dispatch.duty import AWAY_AFTER
from router.dispatch.models import Opening
from router.lawyers import requests
from router.lawyers.columns import POSTS
from router.lawyers.models import Firm, Lawyer
from router.mediation import unseen
from router.parts import Parts
from router.report import today
from router.tickets.models import Ticket
from router.tickets.service import NOT_CLOSED, OPEN
from router.tickets.status import ENDINGS, Status
from router.web import letters, live, render, rosterview, staff, view
from router.web.citizen import names_of
from router.web.origin import same_origin
from router.web.staff import P, Supervisor

pages = APIRouter(prefix="/board", dependencies=[Depends(same_origin)])
KEPT = timedelta(days=1)  # closed tickets stay on the list so long
MOST = 100  # of each status, and of people
SHOWN = (Status.OPEN, Status.OFFERED, Status.ACCEPTED, Status.RECORDED)


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
        counts = await _counts(session)
        rows = await _tickets(session, now)
        asked = {one for ticket, _ in rows for one in (ticket.owner, ticket.offered_to) if one}
        names = await names_of(session, asked)
        on_duty = await session.scalar(
            select(func.count()).select_from(Opening).where(Opening.key == "")
        )
        people = await _people(session)
        funnel = await _day(session, now)
        uncovered = await rosterview.alarm(session, now)
        alarms = await session.scalar(
            select(func.count()).select_from(Ticket).where(OPEN, Ticket.alarmed_at.is_not(None))
        )
        referrals = await p.referrals.alarms(session)
        applications, clocks = await p.applications.watch.alarms(session)
        wishes = await requests.count(session, now)
        lying = await unseen.count(session, now)
        astray = len(await letters.to_look_at(session))
    figures = {
        "waiting": counts.get(Status.OPEN, 0) + counts.get(Status.OFFERED, 0),
        "talking": counts.get(Status.ACCEPTED, 0),
        "on_duty": on_duty,
        "alarms": alarms,
        "referrals": referrals,
        "applications": applications,
        "clocks": clocks,
        "requests": wishes,
        "lying": lying,
        "astray": astray,
    }
    return render.fragment(
        "board/list.html",
        tickets=[view.TicketView.of(ticket, ref, now, names) for ticket, ref in rows],
        figures=figures,
        lawyers=people,
        funnel=funnel,
        uncovered=uncovered,
        more=sum(max(counts.get(status, 0) - MOST, 0) for status in SHOWN),
    )


async def _counts(session: AsyncSession) -> dict[str, int]:
    rows = await session.execute(
        select(Ticket.status, func.count()).where(NOT_CLOSED).group_by(Ticket.status)
    )
    return {status: count for status, count in rows}


async def _tickets(session: AsyncSession, now: datetime) -> list[tuple[Ticket, str]]:
    """What waits before what is offered before what is in hand; at last what was closed."""
    query = select(Ticket, Conversation.reference).join(
        Conversation, Conversation.id == Ticket.conversation_id
    )
    order = Ticket.urgency, Ticket.created_at, Ticket.id
    found: list[tuple[Ticket, str]] = []
    for status in SHOWN:
        live_ones = query.where(NOT_CLOSED, Ticket.status == status.value).order_by(*order)
        found += [(t, ref) for t, ref in await session.execute(live_ones.limit(MOST))]
    closed = query.where(Ticket.closed_at >= now - KEPT).order_by(Ticket.closed_at.desc())
    found += [(t, ref) for t, ref in await session.execute(closed.limit(MOST))]
    return found


async def _people(session: AsyncSession) -> list[dict[str, object]]:
    """Who did not answer, then who is on duty."""
    query = select(Lawyer, Firm.name).outerjoin(Firm, Firm.id == Lawyer.firm_id)
    away = query.where(Lawyer.missed >= AWAY_AFTER, Lawyer.on_duty.is_(False))
    there = query.join(Opening, Opening.lawyer_id == Lawyer.id).where(Opening.key == "")
    rows = [
        *await session.execute(away.limit(MOST)),
        *await session.execute(there.order_by(Lawyer.login).limit(MOST)),
    ]
    return [
        {
            "name": lawyer.name,
            "firm": firm or "",
            "on_duty": lawyer.on_duty,
            "post": POSTS.get(lawyer.post or "", ""),
            "reserve": lawyer.tier == "reserve",
            "load": lawyer.load,
            "capacity": lawyer.capacity,
        }
        for lawyer, firm in rows
    ]


async def _day(session: AsyncSession, now: datetime) -> list[tuple[str, int]]:
    """Since midnight in China: how many came, what became of those that were closed, and what has
    really begun of it."""
    since = datetime.combine(china_date(now), time(), CHINA)
    outcome = await session.execute(
        select(Ticket.outcome, func.count())
        .where(Ticket.closed_at >= since)
        .group_by(Ticket.outcome)
    )
    ended = {name or "": count for name, count in outcome}
    still = await session.scalar(
        select(func.count()).select_from(Ticket).where(NOT_CLOSED, Ticket.created_at >= since)
    )
    done = await session.scalar(
        select(func.count())
        .select_from(Ticket)
        .where(Ticket.closed_at >= since, Ticket.created_at >= since)
    )
    came = (still or 0) + (done or 0)
    endings = [(word, ended[name]) for name, word in ENDINGS.items() if name in ended]
    grown = await today.grown(session, since)
    return [("今天来的", came), ("今天办结", sum(ended.values())), *endings, *grown]
