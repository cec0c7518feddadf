"""A case: what is known of it, why it was screened so, its live talk and the lawyer's notes."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import RedirectResponse, Response

from router.channels.hotline import recordings
from router.channels.wechat import former
from router.conversations.models import BY_TELEPHONE, HOTLINE, KIOSK, Conversation, Message
from router.dispatch import silence
from router.errors import BadRequest, NotFound
from router.gateway.lines import topic
from router.gateway.text import KEPT_MAX_CHARS
from router.lawyers.models import Lawyer
from router.parts import Parts
from router.routing.models import Screening
from router.tickets import callbacks
from router.tickets import service as tickets
from router.tickets.models import Note, Ticket
from router.tickets.status import OUTCOMES, Status
from router.web import closing, live, moves, offers, render, staff, trace, view, words
from router.web.citizen import names_of
from router.web.origin import same_origin
from router.web.staff import P, Staff

pages = APIRouter(prefix="/desk", dependencies=[Depends(same_origin)])
Words = Annotated[str, Form(max_length=KEPT_MAX_CHARS)]


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
        boss=me.role == "supervisor",
        aid=p.applications.decided_here(),
        outcomes=OUTCOMES,
        limit=KEPT_MAX_CHARS,
        live=ticket.status != Status.CLOSED,
        may_call=mine or boss,
        may_close=mine or (me.role == "supervisor" and unowned),
        case=shown,
        colleagues=others,
        twins=twins,
        moves=moves.permitted(ticket) if boss else {},
    )


async def _offered(
    request: Request, p: Parts, session: AsyncSession, me: Lawyer, ticket_id: str
) -> Response:
    pairs = [pair for pair in await offers.pending(session, me.id) if pair[1].id == ticket_id]
    await session.close()
    await staff.trace(p, me, "read_offer", ticket_id)
    return render.page(request, "desk/offered.html", me=me, offers=offers.shown(p, me, pairs))


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
        "by_telephone": conversation.channel == BY_TELEPHONE,
        "kiosk": conversation.channel == KIOSK,
        "sender": str((intake.get("details") or {}).get("sender") or ""),
        "call": _call(ticket),
        "carried": conversation.carried_seq is not None,
        "joined": bool(await former.joined(session, conversation.id)),
        "facts": words.facts_of(intake, {code: r.name for code, r in p.law.regions.items()}),
        "decision": view.Decision.of(decided) if decided else None,
        "rules": trace.rules(decided.get("reasons") or (), p.law),
        "lines": await lines_for_desk(session, messages),
        "notes": await _notes(session, ticket.id),
        "closing": closing.form_of(intake, ticket.matter),
        "hotline": conversation.channel == HOTLINE,
        "recordings": await recordings.of_case(session, conversation.id),
        "onward": await closing.named(session, p, ticket, intake),
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


def _call(ticket: Ticket) -> dict[str, Any]:
    """Whom to telephone, where the citizen or who sent them has asked for it."""
    if ticket.call_back_at is None:
        return {}
    told, done = ticket.call_back, ticket.call_back_done_at
    return {
        **{name: told.get(name, "") for name in callbacks.KEPT},
        "dial": "".join(c for c in told.get("number", "") if c.isdigit() or c == "+"),
        "asked": words.day_time(ticket.call_back_at),
        "waits": callbacks.waits(ticket),
        "done": words.day_time(done) if done else "",
    }


async def _screening(session: AsyncSession, ticket: Ticket, newest: str | None) -> Screening | None:
    known = [one for one in (newest, ticket.screening_id) if one]
    for screening_id in known:
        found = await session.get(Screening, screening_id)
        if found and found.conversation_id == ticket.conversation_id:
            return found
    return None


async def lines_for_desk(session: AsyncSession, messages: Sequence[Message]) -> str:
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
                ServerSentEvent(
                    event="message", id=str(m.seq), data=await lines_for_desk(session, [m])
                )
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
            return await lines_for_desk(session, messages), ""

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


@pages.post("/tickets/{ticket_id}/call-back")
async def called(p: P, me: Staff, ticket_id: str) -> Response:
    """The lawyer, or a supervisor while nobody owns the case, has telephoned the citizen."""
    now = p.clock.now()
    async with p.db.write() as session:
        ticket, _ = await tickets.locked(session, ticket_id)
        if not (staff.may_read(ticket, me) and ticket.status != Status.CLOSED):
            raise NotFound(ticket=ticket_id)
        if callbacks.done(session, ticket, me.id, now):
            await silence.spoke(session, ticket_id, now)  # a word to the citizen like any other
    await p.bus.wake("board")
    return RedirectResponse(f"/desk/tickets/{ticket_id}", 303)


@pages.post("/tickets/{ticket_id}/return")
async def give_back(
    p: P, me: Staff, ticket_id: str, reason: Annotated[str, Form(max_length=500)]
) -> Response:
    await staff.owned(p, me, ticket_id)
    if not reason.strip():
        raise BadRequest(reason="empty")
    await p.dispatch.give_back(ticket_id, me.id, reason)
    return RedirectResponse("/desk?done=returned", 303)
