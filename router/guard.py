"""What holds for every request: a limit to its body, and answers that no cache keeps."""

from collections.abc import Mapping
from types import MappingProxyType

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from router.errors import TooLarge


class BodyLimit:
    """ASGI middleware. Counts what really arrives: a Content-Length may be absent or lie.

    A small body is read whole before anything else runs. On the few paths that take a file it is
    counted as it comes: whoever may not send it is refused before it is read.
    """

    def __init__(
        self, app: ASGIApp, at_most: int, larger: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        """Bytes; `larger` by path, for the few that take a file. There a body that is too large
        raises TooLarge in whoever reads it."""
        self.app, self.at_most, self.larger = app, at_most, larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        at_most = self.larger.get(scope["path"], self.at_most)
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if not told.isdigit() or int(told) > at_most:
            return await self._refuse(scope, receive, send)
        if scope["path"] in self.larger:
            return await self.app(scope, _counted(receive, at_most), send)
        body, more = bytearray(), True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > at_most:
                return await self._refuse(scope, receive, send)
        whole: Message | None = {"type": "http.request", "body": bytes(body), "more_body": False}

        async def replay() -> Message:
            nonlocal whole
            message, whole = whole, None
            return message or await receive()

        await self.app(scope, replay, send)

    @staticmethod
    async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
        error = TooLarge()
        body = {"error": error.sentence, "code": error.code}
        await JSONResponse(body, status_code=error.status)(scope, receive, send)


def _counted(receive: Receive, at_most: int) -> Receive:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > at_most:
            raise TooLarge()
        return message

    return counted


class Private:
    """ASGI middleware. What a citizen said stays in no cache, unless an answer says otherwise."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Cache-Control", "no-store")
                headers.setdefault("X-Content-Type-Options", "nosniff")
            await send(message)

        await self.app(scope, receive, guarded)
