"""The citizen's page talks to the router through this and messages.py: JSON, one cookie."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from router.channels.web.schemas import (
    ConversationOut,
    Learning,
    NewConversation,
    Opened,
    TicketOut,
)
from router.channels.web.session import COOKIE, Own, Token, json_only
from router.conversations.models import KIOSK, Conversation
from router.errors import BadRequest, RouterError
from router.gateway.lines import last_client_seq
from router.parts import Parts, parts
from router.tickets.service import of_conversation

api = APIRouter(prefix="/api/web/conversations", dependencies=[Depends(json_only)])
P = Annotated[Parts, Depends(parts)]


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
    conversation, token = await p.gateway.open(
        asked.place, asked.region, asked.consent, asked.learning
    )
    ttl = int(p.settings.SESSION_TTL.total_seconds())
    response.set_cookie(
        COOKIE,
        token,
        max_age=None if asked.place == KIOSK else ttl,  # a kiosk forgets with its browser
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
