"""On the case's page: the talk by telephone that its lawyer is in, and what they may do in it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.responses import RedirectResponse, Response

from router.channels.hotline.errors import NoHotline
from router.errors import BadRequest
from router.web import render, staff
from router.web.origin import same_origin
from router.web.staff import P, Staff

pages = APIRouter(prefix="/desk", dependencies=[Depends(same_origin)])
ROLES = {"caller": "当事人", "lawyer": "律师", "operator": "110 接线员", "police": "110",
         "organ": "对方单位"}  # fmt: skip
RINGS = ("created", "ringing")


@pages.get("/tickets/{ticket_id}/phone")
async def talk(p: P, me: Staff, ticket_id: str) -> Response:
    await staff.owned(p, me, ticket_id)
    seen = await p.hotline.desk.seen(ticket_id, me.id) if p.hotline else None
    people = [
        (ROLES[role], "正在拨打" if state in RINGS else "等候" if state == "held" else "通话中")
        for role, state in (seen.people if seen else [])
    ]
    shown = render.fragment("desk/phone.html", talk=seen, people=people, ticket=ticket_id)
    return render.part(shown)


@pages.post("/tickets/{ticket_id}/phone")
async def act(
    p: P,
    me: Staff,
    ticket_id: str,
    what: Annotated[str, Form(max_length=16)],
    to: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    await staff.owned(p, me, ticket_id)
    if p.hotline is None:
        raise NoHotline()
    desk = p.hotline.desk
    match what:
        case "police":
            call = await desk.police(ticket_id, me.id)
        case "pass_on":
            call = await desk.pass_on(ticket_id, me.id, to)
        case "hold" | "unhold":
            call = await desk.hold(ticket_id, me.id, what == "hold")
        case _:
            raise BadRequest(what="unknown")
    p.hotline.kick(call)
    await staff.trace(p, me, f"phone_{what}", ticket_id)
    return RedirectResponse(f"/desk/tickets/{ticket_id}", 303)
