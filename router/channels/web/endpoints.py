"""The citizen's page talks to the router through this: JSON, one cookie, long polling."""

import json
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from router.channels.base import Inbound
from router.channels.web.schemas import (
    AcceptedOut,
    ConversationOut,
    Learning,
    Line,
    LinesOut,
    NewConversation,
    NewMessage,
    Opened,
    TicketOut,
)
from router.conversations.models import Conversation, Message
from router.errors import BadRequest, RouterError
from router.gateway.lines import last_client_seq, topic
from router.parts import Parts, parts
from router.tickets.service import of_conversation

CHANNEL, COOKIE = "web", "jy_session"
ZERO = timedelta(0)


async def json_only(request: Request) -> None:
    """A form of another site can send text/plain with our cookie, but never this type."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "POST" and kind != "application/json":
        raise BadRequest(content_type=kind[:40])


api = APIRouter(prefix="/api/web/conversations", dependencies=[Depends(json_only)])
P = Annotated[Parts, Depends(parts)]
Token = Annotated[str | None, Cookie(alias=COOKIE)]


async def own_conversation(id: str, p: P, jy_session: Token = None) -> Conversation:
    return await p.gateway.find(jy_session, id)


async def own_id(id: str, p: P, jy_session: Token = None) -> str:
    await p.gateway.recognise(jy_session, id)
    return id


Own = Annotated[Conversation, Depends(own_conversation)]
OwnId = Annotated[str, Depends(own_id)]


@api.post("", status_code=201)
async def open_conversation(
    asked: NewConversation, p: P, request: Request, response: Response, jy_session: Token = None
) -> Opened:
    """A second call with a valid cookie finds the same conversation, as long as it is open."""
    if jy_session and (known := await _open_one(p, jy_session)):
        response.status_code = 200
        return Opened(id=known.id, reference=known.reference)
    if asked.region and asked.region not in p.law.regions:  # no screening would ever get through
        raise BadRequest(region=asked.region)
    address = request.client.host if request.client else "?"
    await p.limits.check("session", address, p.settings.SESSION_RATE)
    conversation, token = await p.gateway.open(CHANNEL, asked.region, asked.consent, asked.learning)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(p.settings.SESSION_TTL.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=p.settings.PUBLIC_URL.startswith("https:"),
    )
    return Opened(id=conversation.id, reference=conversation.reference)


@api.get("/{id}")
async def conversation(own: Own, p: P) -> ConversationOut:
    async with p.db.read() as s:
        speaker, thinking = await p.gateway.state(s, own.id)
        return ConversationOut(
            id=own.id,
            reference=own.reference,
            status=own.status,
            speaker=speaker,
            thinking=thinking,
            next_seq=await last_client_seq(s, own.id) + 1,
            ticket=await _ticket(p, s, own.id),
            intake=json.loads(own.intake or "{}"),
        )


@api.post("/{id}/messages", status_code=202)
async def send(message: NewMessage, own: OwnId, p: P) -> AcceptedOut:
    await p.limits.check_here("message", own, p.settings.MESSAGE_RATE)
    key = f"{CHANNEL}:{own}:{message.id}"
    accepted = await p.gateway.accept(
        Inbound(CHANNEL, own, key, message.text, client_seq=message.seq)
    )
    return AcceptedOut(seq=accepted.seq, duplicate=accepted.duplicate)


@api.get("/{id}/messages")
async def messages(
    own: OwnId,
    p: P,
    after: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
    wait: Annotated[float, Query(ge=0, le=25, allow_inf_nan=False)] = 0,
) -> LinesOut:
    """What came after a line; waits up to `wait` seconds for it, or for a change of the floor."""
    async with p.bus.waiting_for(topic(own)) as waiter:
        end = p.clock.now() + timedelta(seconds=wait)
        before = lines = await _lines(p, own, after)
        while lines == before and not lines.messages and (left := end - p.clock.now()) > ZERO:
            if await waiter.wait(left):
                lines = await _lines(p, own, after)
    return lines


@api.post("/{id}/learning")
async def let_learn(asked: Learning, own: Own, p: P) -> dict[str, bool]:
    """Also after the end of the talk."""
    await p.gateway.let_learn(own.id, asked.agreed)
    return {"agreed": asked.agreed}


@api.post("/{id}/close")
async def close(own: Own, p: P) -> dict[str, str]:
    """The citizen ends it, e.g. before leaving a shared computer."""
    await p.gateway.close(own.id)
    return {"status": "closed"}


async def _open_one(p: Parts, token: str) -> Conversation | None:
    try:
        found = await p.gateway.find(token)
    except RouterError:
        return None
    return found if found.status == "open" else None


async def _lines(p: Parts, conversation_id: str, after: int) -> LinesOut:
    async with p.db.read() as s:
        found = await p.gateway.transcript(s, conversation_id, after)
        speaker, thinking = await p.gateway.state(s, conversation_id)
    return LinesOut(messages=[_line(one) for one in found], speaker=speaker, thinking=thinking)


def _line(line: Message) -> Line:
    # what a citizen's own line is marked with is ours, not the page's
    extra = {} if line.who == "citizen" else line.extra
    return Line(
        seq=line.seq,
        who=line.who,
        text=line.text,
        extra=extra,
        client_seq=line.client_seq,
        at=line.created_at,
    )


async def _ticket(p: Parts, s: AsyncSession, conversation_id: str) -> TicketOut | None:
    """The newest one."""
    tickets = await of_conversation(s, conversation_id)
    if not tickets:
        return None
    ticket = tickets[0]
    place = p.destinations.get(ticket.destination)  # None: its file was taken away since
    return TicketOut(
        status=ticket.status,
        destination=ticket.destination,
        kind=place.kind if place else "other_organ",
        label=place.label if place else "",
        position=await p.dispatch.position(s, ticket.id),
    )
