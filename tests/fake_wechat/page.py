"""For a person: a page like the chat."""

import asyncio
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from tests.fake_wechat.platform import Platform


def pages(platform: Platform, account: str) -> list[Route]:
    """One follower, `me`; the page asks twice a second what the screen shows. `account`: its
    address at the router."""
    me, busy = "oDEMO_follower_0001", set()
    platform.viewer = me
    html = (Path(__file__).parent / "page.html").read_text()

    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse(html)

    async def screen(request: Request) -> JSONResponse:
        window = platform.windows[me]
        left = window.left if window.until > platform.now() else 0
        lines = [vars(one) for one in platform.screens[me]]
        return JSONResponse(
            {"lines": lines, "waiting": len(busy), "left": left, "page": f"{account}/page"}
        )

    async def act(request: Request) -> JSONResponse:
        asked = await request.json()
        do = {"say": platform.says, "press": platform.presses}.get(asked["do"])
        work = (
            do(me, asked["text"])
            if do
            else platform.delivers(platform.event(me, asked["do"], EventKey=""))
        )
        task = asyncio.create_task(work)
        busy.add(task)
        task.add_done_callback(busy.discard)
        return JSONResponse({})

    return [
        Route("/", page),
        Route("/screen", screen),
        Route("/act", act, methods=["POST"]),
    ]
