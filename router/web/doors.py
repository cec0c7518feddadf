"""Ways into the same talk in this browser: a one-time link with one button, and WeChat's OAuth."""

from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Depends, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from router.channels.wechat.login import GOOD_FOR, BeginAgain
from router.errors import SessionExpired
from router.parts import Parts, parts
from router.web import render
from router.web.origin import same_origin

pages = APIRouter(dependencies=[Depends(same_origin)])
P = Annotated[Parts, Depends(parts)]
LOGIN = "jy_wechat"  # cookie of a browser that is on its way through the platform
DoorToken = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{43}$")]


@pages.get("/go/{token}")
async def door(request: Request, token: DoorToken) -> Response:
    """Looks at nothing and uses nothing up."""
    return render.page(request, "citizen/door.html", token=token)


@pages.post("/go/{token}")
async def enter(request: Request, p: P, token: DoorToken) -> Response:
    await _not_too_often(request, p)
    return _to_the_talk(p, await p.gateway.doors.enter(token))


@pages.get("/wechat/{name}/page")
async def ask_wechat(request: Request, p: P, name: str, again: bool = False) -> Response:
    """From the account's menu: the platform tells who opens it."""
    await _not_too_often(request, p)
    begun = await p.wechat.login.begin(name, again)
    response = RedirectResponse(begun.url, 302)
    response.set_cookie(
        LOGIN, begun.browser, max_age=int(GOOD_FOR.total_seconds()), path="/wechat", **_safe(p)
    )
    return response


@pages.get("/wechat/{name}/page/back")
async def back_from_wechat(
    request: Request,
    p: P,
    name: str,
    state: Annotated[str, Query(max_length=128)] = "",
    code: Annotated[str, Query(max_length=512)] = "",
    browser: Annotated[str, Cookie(alias=LOGIN)] = "",
    session: Annotated[str | None, Cookie(alias="jy_session")] = None,
) -> Response:
    """Without a talk of theirs: the page where one begins."""
    await _not_too_often(request, p)
    try:
        conversation_id = await p.wechat.login.finish(name, state, code, browser)
    except BeginAgain:
        return RedirectResponse(f"/wechat/{name}/page?again=1", 302)
    if conversation_id is None or await _opens(p, session, conversation_id):
        response = RedirectResponse("/", 303)
    else:
        async with p.db.write() as s:
            token = await p.gateway.doors.let_in(s, conversation_id)
        response = _to_the_talk(p, token)
    response.delete_cookie(LOGIN, path="/wechat")
    return response


@pages.post("/wechat-code")
async def code_for_wechat(
    request: Request, p: P, session: Annotated[str | None, Cookie(alias="jy_session")] = None
) -> Response:
    """What the citizen sends to the account to go on there; only this browser sees it."""
    await _not_too_often(request, p)
    talk = await p.gateway.find(session)
    code = await p.gateway.doors.code(talk.id, talk.reference)
    labels = [one.label for one in p.wechat.accounts.values()]
    line = f"{talk.reference} {code}"
    return render.page(request, "citizen/wechat.html", line=line, labels=labels)


async def _not_too_often(request: Request, p: Parts) -> None:
    address = request.client.host if request.client else "?"
    await p.limits.check("session", address, p.settings.SESSION_RATE)


async def _opens(p: Parts, session: str | None, conversation_id: str) -> bool:
    """This browser is there already: another one need not be let out."""
    try:
        return (await p.gateway.find(session)).id == conversation_id
    except SessionExpired:
        return False


def _to_the_talk(p: Parts, session_token: str) -> RedirectResponse:
    response = RedirectResponse("/", 303)
    lasts = int(p.settings.SESSION_TTL.total_seconds())
    response.set_cookie("jy_session", session_token, max_age=lasts, **_safe(p))
    return response


def _safe(p: Parts) -> dict[str, Any]:
    https = p.settings.PUBLIC_URL.startswith("https:")
    return {"httponly": True, "samesite": "lax", "secure": https}
