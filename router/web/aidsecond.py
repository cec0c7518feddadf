"""双人复核: the second person's two answers to what another has drafted."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from router.errors import RouterError
from router.web import staff
from router.web.applications import show_page
from router.web.applytyped import Readable
from router.web.origin import same_origin
from router.web.staff import P, Staff

pages = APIRouter(prefix="/desk/applications", dependencies=[Depends(same_origin)])
Number = Annotated[int, Form()]
Text = Annotated[str, Form(max_length=2000)]


@pages.post("/{application_id}/countersign")
async def countersign(request: Request, p: P, me: Staff, it: Readable, number: Number) -> Response:
    try:
        boss = await staff.supervisor(me)
        await p.applications.review.confirm(it.id, boss.id, number)
    except RouterError as refused:
        return await show_page(request, p, me, it, refused)
    return RedirectResponse(f"/desk/applications/{it.id}", 303)


@pages.post("/{application_id}/draft-back")
async def back(
    request: Request, p: P, me: Staff, it: Readable, number: Number, words: Text = ""
) -> Response:
    try:
        boss = await staff.supervisor(me)
        await p.applications.review.send_back(it.id, boss.id, number, words.strip())
    except RouterError as refused:
        return await show_page(request, p, me, it, refused)
    return RedirectResponse(f"/desk/applications/{it.id}", 303)
