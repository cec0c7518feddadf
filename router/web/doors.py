"""The page behind a one-time link: one button, then the same talk in this browser."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import RedirectResponse, Response

from router.parts import Parts, parts
from router.web import render
from router.web.origin import same_origin

pages = APIRouter(dependencies=[Depends(same_origin)])
P = Annotated[Parts, Depends(parts)]
DoorToken = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{43}$")]


@pages.get("/go/{token}")
async def door(request: Request, token: DoorToken) -> Response:
    """Looks at nothing and uses nothing up."""
    return render.page(request, "citizen/door.html", token=token)


@pages.post("/go/{token}")
async def enter(request: Request, p: P, token: DoorToken) -> Response:
    address = request.client.host if request.client else "?"
    await p.limits.check("session", address, p.settings.SESSION_RATE)
    session_token = await p.gateway.doors.enter(token)
    response = RedirectResponse("/", 303)
    response.set_cookie(
        "jy_session",
        session_token,
        max_age=int(p.settings.SESSION_TTL.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=p.settings.PUBLIC_URL.startswith("https:"),
    )
    return response
