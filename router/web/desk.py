"""The duty lawyer's desk: sign in, duty, offers, own tickets."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import RedirectResponse, Response

from router.conversations.models import Conversation
from router.dispatch.duty import AWAY_AFTER
from router.errors import BadRequest, NotSignedIn, RouterError, TooFast
from router.lawyers.columns import POSTS
from router.lawyers.models import Lawyer
from router.parts import Parts
from router.tickets.models import Ticket
from router.tickets.status import Status
from router.web import live, offers, render, staff, view
from router.web.origin import same_origin
from router.web.staff import P, Staff

pages = APIRouter(prefix="/desk", dependencies=[Depends(same_origin)])

DONE = {
    "closed": "工单已办结。",
    "passed_on": "工单已办结，已经转给对方单位，回执和期限已告诉当事人。",
    "returned": "工单已交回，正在为当事人找下一位律师。",
    "handed_over": "已转交，正在等同事接。",
}
TOO_MANY = "登录试得太频繁，请过一分钟再试。"
NEWEST_CLOSED = 10


# Sign in and out


@pages.get("/login")
async def login_page(request: Request) -> Response:
    return render.page(request, "desk/login.html", wrong="", login="")


@pages.post("/login")
async def login(
    request: Request,
    p: P,
    login: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=1000)],
) -> Response:
    try:
        await p.limits.check("login", login.strip().lower(), p.settings.LOGIN_RATE)
        await p.limits.check("login-from", _address(request), p.settings.OFFICE_LOGIN_RATE)
        token = await p.lawyers.sign_in(login.strip(), password)
    except RouterError as error:
        wrong = TOO_MANY if isinstance(error, TooFast) else error.sentence
        return render.page(
            request, "desk/login.html", error.status, error.headers, wrong=wrong, login=login
        )
    me = await p.lawyers.signed_in(token)
    homes = {"supervisor": "/board", staff.MEDIATOR: "/mediation"}
    answer = RedirectResponse(homes.get(me.role, "/desk"), 303)
    answer.set_cookie(
        staff.COOKIE,
        token,
        httponly=True,
        samesite="lax",
        secure=render.is_https(request),
        max_age=int(p.settings.STAFF_SESSION_TTL.total_seconds()),
    )
    return answer


@pages.post("/logout")
async def logout(request: Request, p: P) -> Response:
    token = request.cookies.get(staff.COOKIE)
    if token:
        with suppress(NotSignedIn):  # who leaves everywhere is off duty
            me = await p.lawyers.signed_in(token)
            await p.lawyers.sign_out(token)
            await p.dispatch.signed_out(me.id)
    answer = RedirectResponse("/desk/login", 303)
    answer.delete_cookie(staff.COOKIE)
    return answer


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


# The desk


@pages.get("")
async def desk(request: Request, p: P, me: Staff, done: str = "") -> Response:
    if me.role == "supervisor":
        return RedirectResponse("/board", 303)
    regions, shown = await _regions(p, me.id)
    await staff.trace(p, me, "read_offer", *shown.values())
    async with p.db.read() as session:
        cases = await p.applications.watch.in_hand(session, me.id)
        wanted = len(await p.applications.asking.of_lawyer(session, me))
        reports = await p.applications.watch.reports(session, me.id)
        reviews = await p.applications.watch.reviews(session, me.id)
    said = DONE.get(done, "")
    return render.page(
        request,
        "desk/desk.html",
        me=me,
        done=said,
        regions=regions,
        cases=cases,
        wanted=wanted,
        reports=reports,
        reviews=reviews,
    )


@pages.get("/events")
async def desk_events(request: Request, p: P, me: Staff) -> EventSourceResponse:
    changed = live.Changed()
    traced: set[str] = set()

    async def look() -> Sequence[ServerSentEvent]:
        await staff.still_signed_in(request, p)
        regions, shown = await _regions(p, me.id)
        fresh = shown.keys() - traced
        await staff.trace(p, me, "read_offer", *(shown[one] for one in fresh))
        traced.update(fresh)
        keys = {"offers": "".join(shown)}  # not how many seconds are left: the page counts
        return changed.events(regions, keys)

    return live.stream(p, [f"lawyer:{me.id}"], look)


@pages.post("/duty")
async def duty(request: Request, p: P, me: Staff, on: Annotated[str, Form()]) -> Response:
    await p.dispatch.duty(me.id, on == "yes")
    regions, _ = await _regions(p, me.id)
    return render.part_or_page(request, regions["duty"], "/desk")


@pages.post("/offers/{offer_id}/accept")
async def accept(p: P, me: Staff, offer_id: str) -> Response:
    ticket = await p.dispatch.accept(offer_id, me.id)
    return RedirectResponse(f"/desk/tickets/{ticket.id}", 303)


@pages.post("/offers/{offer_id}/decline")
async def decline(
    request: Request, p: P, me: Staff, offer_id: str, reason: Annotated[str, Form()]
) -> Response:
    if reason not in offers.DECLINE:
        raise BadRequest(reason="unknown")
    await p.dispatch.decline(offer_id, me.id, reason)
    regions, _ = await _regions(p, me.id)
    return render.part_or_page(request, regions["offers"], "/desk")


async def _regions(p: Parts, lawyer_id: str) -> tuple[dict[str, str], dict[str, str]]:
    """The desk's three regions, and which offers (of which tickets) they show."""
    async with p.db.read() as session:
        me = await session.get(Lawyer, lawyer_id)
        if me is None:
            raise NotSignedIn()
        pairs = await offers.pending(session, lawyer_id)
        mine = await _own(p, session, lawyer_id)
    return {
        "duty": render.fragment(
            "desk/duty.html", me=me, post=POSTS.get(me.post or "", ""), away_after=AWAY_AFTER
        ),
        "offers": offers.shown(p, me, pairs),
        "mine": render.fragment("desk/mine.html", tickets=mine),
    }, {offer.id: ticket.id for offer, ticket in pairs}


async def _own(p: Parts, session: AsyncSession, lawyer_id: str) -> list[view.TicketView]:
    """What is in hand, then the newest that were closed."""
    query = (
        select(Ticket, Conversation.reference)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .where(Ticket.owner == lawyer_id)
    )
    held = await session.execute(
        query.where(Ticket.status == Status.ACCEPTED).order_by(Ticket.accepted_at)
    )
    closed = await session.execute(
        query.where(Ticket.status == Status.CLOSED)
        .order_by(Ticket.closed_at.desc())
        .limit(NEWEST_CLOSED)
    )
    now = p.clock.now()
    return [
        view.TicketView.of(ticket, reference, now, {}) for ticket, reference in (*held, *closed)
    ]
