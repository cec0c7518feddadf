"""办到哪一步: with the reference and its code, from any device."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from router.errors import RouterError
from router.gateway.standing import Standing
from router.web import render
from router.web.origin import same_origin
from router.web.staff import P

pages = APIRouter(prefix="/status", dependencies=[Depends(same_origin)])
Typed = Annotated[str, Form(max_length=40)]


@pages.get("")
async def door(request: Request) -> Response:
    return render.page(request, "citizen/standing.html", lines=[], refused="")


@pages.post("")
async def told(request: Request, p: P, reference: Typed, code: Typed) -> Response:
    address = request.client.host if request.client else "?"
    try:
        said = await Standing(p.db, p.clock, p.limits, p.routing).asked(reference, code, address)
    except RouterError as refused:
        return render.page(
            request, "citizen/standing.html", refused.status, refused.headers,
            lines=[], refused=refused.sentence,
        )  # fmt: skip
    return render.page(request, "citizen/standing.html", lines=said.split("\n"), refused="")
