"""The duty lawyer's desk: sign in, duty, offers, own tickets, and the case with its live talk."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import RedirectResponse, Response

from router.conversations.models import BY_TELEPHONE, Conversation, Message
from router.dispatch.duty import AWAY_AFTER
from router.dispatch.models import Offer
from router.errors import BadRequest, NotFound, NotSignedIn, RouterError, TooFast
from router.gateway.lines import topic
from router.gateway.text import KEPT_MAX_CHARS
from router.lawyers.columns import POSTS
from router.lawyers.models import Lawyer
from router.parts import Parts
from router.routing.models import Screening
from router.tickets import service as tickets
from router.tickets.models import Note, Ticket
from router.tickets.status import DECLINES, OUTCOMES, Status
from router.web import closing, live, moves, render, staff, trace, view, words
from router.web.citizen import names_of
from router.web.origin import same_origin
from router.web.staff import P, Staff

pages = APIRouter(prefix="/desk", dependencies=[Depends(same_origin)])
Words = Annotated[str, Form(max_length=KEPT_MAX_CHARS)]

DECLINE = tuple(DECLINES.values())
DONE = {
    "closed": "工单已办结。",
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
    answer = RedirectResponse("/board" if me.role == "supervisor" else "/desk", 303)
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
    return render.page(request, "desk/desk.html", me=me, done=DONE.get(done, ""), regions=regions)


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
    if reason not in DECLINE:
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
        pairs = await _pending(session, lawyer_id)
        mine = await _own(p, session, lawyer_id)
    return {
        "duty": render.fragment(
            "desk/duty.html", me=me, post=POSTS.get(me.post or "", ""), away_after=AWAY_AFTER
        ),
        "offers": _offers(p, me, pairs),
        "mine": render.fragment("desk/mine.html", tickets=mine),
    }, {offer.id: ticket.id for offer, ticket in pairs}


async def _pending(session: AsyncSession, lawyer_id: str) -> list[tuple[Offer, Ticket]]:
    rows = await session.execute(
        select(Offer, Ticket)
        .join(Ticket, Ticket.id == Offer.ticket_id)
        .where(Offer.lawyer_id == lawyer_id, Offer.status == "pending")
        .order_by(Ticket.urgency, Offer.created_at)
    )
    return [(offer, ticket) for offer, ticket in rows]


def _offers(p: Parts, me: Lawyer, pairs: Sequence[tuple[Offer, Ticket]]) -> str:
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


# A case


@pages.get("/tickets/{ticket_id}")
async def case(request: Request, p: P, me: Staff, ticket_id: str) -> Response:
    async with p.db.read() as session:
        ticket = await staff.open_case(p, session, ticket_id, me)
        if not staff.may_read(ticket, me):
            return await _offered(request, p, session, me, ticket_id)
        shown = await _case(p, session, ticket)
        mine = ticket.owner == me.id and ticket.status == Status.ACCEPTED
        boss = me.role == "supervisor" and ticket.status != Status.CLOSED
        others = await moves.colleagues(session, ticket) if mine or boss else []
        twins = await moves.twins(session, ticket) if boss else []
    await staff.trace(p, me, "read_case", ticket_id)
    unowned = ticket.status not in (Status.ACCEPTED, Status.CLOSED)
    return render.page(
        request,
        "desk/case.html",
        me=me,
        mine=mine,
        outcomes=OUTCOMES,
        limit=KEPT_MAX_CHARS,
        live=ticket.status != Status.CLOSED,
        may_close=mine or (me.role == "supervisor" and unowned),
        case=shown,
        colleagues=others,
        twins=twins,
        moves=moves.permitted(ticket) if boss else {},
    )


async def _offered(
    request: Request, p: Parts, session: AsyncSession, me: Lawyer, ticket_id: str
) -> Response:
    pairs = [pair for pair in await _pending(session, me.id) if pair[1].id == ticket_id]
    await session.close()
    await staff.trace(p, me, "read_offer", ticket_id)
    return render.page(request, "desk/offered.html", me=me, offers=_offers(p, me, pairs))


async def _case(p: Parts, session: AsyncSession, ticket: Ticket) -> dict[str, object]:
    conversation = await session.get(Conversation, ticket.conversation_id)
    if conversation is None:
        raise NotFound(ticket=ticket.id)
    messages = await p.gateway.transcript(session, conversation.id)
    # while the case is open the dialogue may have learned more than the ticket was opened with
    newer = conversation.intake if ticket.status != Status.CLOSED else ""
    intake = view.opened(newer or ticket.intake)
    screening = await _screening(session, ticket, intake.get("screening_id"))
    decided = view.opened(screening.decision) if screening else {}
    names = await names_of(session, {one for one in (ticket.owner, ticket.offered_to) if one})
    return {
        "ticket": view.TicketView.of(ticket, conversation.reference, p.clock.now(), names),
        "reference": conversation.reference,
        "call": _call(conversation, intake),
        "facts": words.facts_of(intake, {code: r.name for code, r in p.law.regions.items()}),
        "decision": view.Decision.of(decided) if decided else None,
        "rules": trace.rules(decided.get("reasons") or (), p.law),
        "lines": await _lines(session, messages),
        "notes": await _notes(session, ticket.id),
        "closing": closing.form_of(intake, ticket.matter),
    }


@pages.get("/tickets/{ticket_id}/changes")
async def changes(p: P, me: Staff, ticket_id: str) -> Response:
    """What would change the screening; looked for when somebody wants to see it."""
    async with p.db.read() as session:
        ticket = await staff.open_case(p, session, ticket_id, me)
        if not staff.may_read(ticket, me):
            raise NotFound(ticket=ticket_id)
        conversation = await session.get(Conversation, ticket.conversation_id)
        newer = conversation.intake if conversation and ticket.status != Status.CLOSED else ""
        intake = view.opened(newer or ticket.intake)
        screening = await _screening(session, ticket, intake.get("screening_id"))
        facts, outcome = (screening.facts, screening.outcome) if screening else ("{}", "")
    await staff.trace(p, me, "read_case", ticket_id)
    found = await asyncio.to_thread(trace.what_would_change, facts, outcome, p.law)
    return Response(render.fragment("desk/changes.html", changes=found), media_type="text/html")


def _call(conversation: Conversation, intake: Mapping[str, Any]) -> dict[str, str]:
    """Whom to telephone, where another organ sent the case: the citizen is not in this talk."""
    if conversation.channel != BY_TELEPHONE:
        return {}
    told = intake.get("details") or {}
    named = ("sender", "caller", "call_back", "call_when")
    return {name: str(told.get(name) or "") for name in named}


async def _screening(session: AsyncSession, ticket: Ticket, newest: str | None) -> Screening | None:
    known = [one for one in (newest, ticket.screening_id) if one]
    for screening_id in known:
        found = await session.get(Screening, screening_id)
        if found and found.conversation_id == ticket.conversation_id:
            return found
    return None


async def _lines(session: AsyncSession, messages: Sequence[Message]) -> str:
    names = await names_of(session, {m.author for m in messages if m.author})
    return render.fragment("parts/lines.html", lines=view.for_desk(messages, names))


async def _notes(session: AsyncSession, ticket_id: str) -> str:
    rows = await session.execute(
        select(Note, Lawyer.name)
        .outerjoin(Lawyer, Lawyer.id == Note.lawyer_id)  # none: another organ's answer
        .where(Note.ticket_id == ticket_id)
        .order_by(Note.created_at, Note.id)
    )
    notes = [
        {"by": name or "对方单位", "at": note.created_at, "text": note.text} for note, name in rows
    ]
    return render.fragment("desk/notes.html", notes=notes)


@pages.get("/tickets/{ticket_id}/events")
async def case_events(
    request: Request, p: P, me: Staff, ticket_id: str, after: live.After = 0
) -> EventSourceResponse:
    conversation_id = await _readable(p, me, ticket_id)
    await staff.trace(p, me, "follow_case", ticket_id)
    seen = live.resume_after(request, after)

    async def look() -> Sequence[ServerSentEvent]:
        nonlocal seen
        await staff.still_signed_in(request, p)
        async with p.db.read() as session:
            ticket = await session.get(Ticket, ticket_id)
            if ticket is None or not staff.may_read(ticket, me):
                raise live.Gone()  # given back meanwhile
            messages = await p.gateway.transcript(session, conversation_id, after=seen)
            said = [
                ServerSentEvent(event="message", id=str(m.seq), data=await _lines(session, [m]))
                for m in messages
            ]
        seen = messages[-1].seq if messages else seen
        return said

    return live.stream(p, [topic(conversation_id), f"lawyer:{me.id}"], look)


@pages.get("/tickets/{ticket_id}/lines")
async def case_lines(
    p: P,
    me: Staff,
    ticket_id: str,
    after: live.After = 0,
    wait: Annotated[float, Query(ge=0, le=live.POLL_MAX)] = 0,
) -> Response:
    conversation_id = await _readable(p, me, ticket_id)
    await staff.trace(p, me, "follow_case", ticket_id)

    async def look() -> tuple[str, str]:
        async with p.db.read() as session:
            await staff.open_case(p, session, ticket_id, me)
            messages = await p.gateway.transcript(session, conversation_id, after=after)
            return await _lines(session, messages), ""

    return render.part(await live.poll(p, topic(conversation_id), look, wait))


async def _readable(p: Parts, me: Lawyer, ticket_id: str) -> str:
    """The conversation of a case that I may read in full."""
    async with p.db.read() as session:
        ticket = await staff.open_case(p, session, ticket_id, me)
    if not staff.may_read(ticket, me):
        raise NotFound(ticket=ticket_id, lawyer=me.id)
    return ticket.conversation_id


@pages.post("/tickets/{ticket_id}/say")
async def say(
    request: Request,
    p: P,
    me: Staff,
    ticket_id: str,
    text: Words,
    key: Annotated[str | None, Form(max_length=64)] = None,
) -> Response:
    """`key` is the page's own id of this line: sent again after a lost answer, it is said once."""
    await staff.owned(p, me, ticket_id)
    await p.gateway.lawyer_says(ticket_id, me.id, text, key)
    if "HX-Request" in request.headers:
        return Response(status_code=204)  # the line comes by the stream
    return RedirectResponse(f"/desk/tickets/{ticket_id}", 303)


@pages.post("/tickets/{ticket_id}/notes")
async def note(request: Request, p: P, me: Staff, ticket_id: str, text: Words) -> Response:
    await staff.owned(p, me, ticket_id)
    if not text.strip():
        raise BadRequest(note="empty")
    async with p.db.write() as session:
        tickets.add_note(session, ticket_id, me.id, text.strip(), p.clock.now())
        await session.flush()
        html = await _notes(session, ticket_id)
    return render.part_or_page(request, html, f"/desk/tickets/{ticket_id}")


@pages.post("/tickets/{ticket_id}/return")
async def give_back(
    p: P, me: Staff, ticket_id: str, reason: Annotated[str, Form(max_length=500)]
) -> Response:
    await staff.owned(p, me, ticket_id)
    if not reason.strip():
        raise BadRequest(reason="empty")
    await p.dispatch.give_back(ticket_id, me.id, reason)
    return RedirectResponse("/desk?done=returned", 303)
