"""On the desk: whether a lawyer's words have reached the citizen's WeChat."""

from fastapi import APIRouter
from starlette.responses import Response

from router.channels.wechat import delivery
from router.errors import NotFound
from router.web import render, staff
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
