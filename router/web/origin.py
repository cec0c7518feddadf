"""Refuses a POST that another site made the browser send."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from router.errors import RouterError
from router.parts import Parts, parts


class ForeignOrigin(RouterError):
    """这个请求不是从本站页面发出的，没有执行。请回到本站页面再试。"""

    status = 403


async def same_origin(request: Request, p: Annotated[Parts, Depends(parts)]) -> None:
    if request.method in {"GET", "HEAD"}:
        return
    origin = request.headers.get("origin")
    if origin is None:
        ours = request.headers.get("sec-fetch-site") == "same-origin"
    else:
        # behind a proxy the Host may be an inner name; PUBLIC_URL is how people reach us
        ours = urlsplit(origin).netloc in {
            request.headers.get("host"),
            urlsplit(p.settings.PUBLIC_URL).netloc,
        }
    if not ours:
        raise ForeignOrigin(origin=origin)
