"""On the desk: whether a lawyer's words have reached the citizen's WeChat, and what else the same
citizen has said elsewhere before they joined both."""

from fastapi import APIRouter
from starlette.responses import Response

from router.channels.wechat import delivery, former
from router.conversations.models import Conversation
from router.errors import NotFound
from router.web import render, staff
from router.web.case import lines_for_desk
from router.web.staff import P, Staff

pages = APIRouter(prefix="/desk")


@pages.get("/tickets/{ticket_id}/delivery")
async def state(p: P, me: Staff, ticket_id: str) -> Response:
    async with p.db.read() as session:
        ticket = await staff.open_case(p, session, ticket_id, me)
        if not staff.may_read(ticket, me):
            raise NotFound(ticket=ticket_id, lawyer=me.id)
        found = await delivery.of(session, ticket.conversation_id, p.clock.now())
    return render.part(render.fragment("desk/delivery.html", delivery=found))


@pages.get("/tickets/{ticket_id}/joined")
async def joined(p: P, me: Staff, ticket_id: str) -> Response:
    """The other talks that were proven to be of the same citizen; each look is written down."""
    async with p.db.read() as session:
        ticket = await staff.open_case(p, session, ticket_id, me)
        if not staff.may_read(ticket, me):
            raise NotFound(ticket=ticket_id, lawyer=me.id)
        ids = await former.joined(session, ticket.conversation_id)
        talks = []
        for one in ids:
            talk = await session.get_one(Conversation, one)
            lines = await lines_for_desk(session, await p.gateway.transcript(session, one))
            talks.append({"reference": talk.reference, "lines": lines})
    await staff.trace(p, me, "read_joined", *ids)
    return Response(render.fragment("desk/joined.html", talks=talks), media_type="text/html")
