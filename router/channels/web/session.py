"""Whose conversation it is: one cookie, and requests that no other site can send."""

from typing import Annotated

from fastapi import Cookie, Depends, Request

from router.conversations.models import Conversation
from router.errors import BadRequest
from router.parts import Parts, parts

CHANNEL, COOKIE = "web", "jy_session"
Token = Annotated[str | None, Cookie(alias=COOKIE)]


async def json_only(request: Request) -> None:
    """A form of another site can send text/plain with our cookie, but never this type."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "POST" and kind != "application/json":
        raise BadRequest(content_type=kind[:40])


async def own_conversation(
    id: str, p: Annotated[Parts, Depends(parts)], jy_session: Token = None
) -> Conversation:
    return await p.gateway.find(jy_session, id)


Own = Annotated[Conversation, Depends(own_conversation)]
