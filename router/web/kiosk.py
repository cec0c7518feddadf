"""A browser in a hall or in the street that many use: what one citizen said goes when they go."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from router.channels.web import session
from router.web import apply, render, staff
from router.web.origin import same_origin
from router.web.staff import P

pages = APIRouter(prefix="/kiosk", dependencies=[Depends(same_origin)])
A_YEAR = 365 * 24 * 3600  # seconds
KEYS = ((session.COOKIE, "/"), (apply.COOKIE, "/apply"), (staff.COOKIE, "/"))


@pages.get("")
async def setting(request: Request) -> Response:
    """Whoever sets the machine up opens this once."""
    return render.page(request, "citizen/kiosk.html")


@pages.post("")
async def set_up(p: P, what: Annotated[str, Form(max_length=10)]) -> Response:
    """`what`: on, or anything else for an ordinary browser again."""
    answer = _forget("/" if what == "on" else "/kiosk")
    if what == "on":
        secure = p.settings.PUBLIC_URL.startswith("https:")
        answer.set_cookie(
            render.KIOSK, "1", max_age=A_YEAR, httponly=True, samesite="lax", secure=secure
        )
    else:
        answer.delete_cookie(render.KIOSK)
    return answer


@pages.post("/leave")
async def leave() -> Response:
    return _forget("/")


def _forget(on: str) -> Response:
    """The next person finds no way into what was said: talk, application or desk."""
    answer = RedirectResponse(on, 303)
    for name, path in KEYS:
        answer.delete_cookie(name, path)
    return answer
