"""As much of an HTTP client as the platform's side of a storm needs: who measures another process
on two cores must not eat what it measures. aiohttp's costs several times as much a request."""

import asyncio
from urllib.parse import urlencode, urlsplit


class Cut(Exception):
    """The connection ended before the answer did."""


class _Line(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self.open = True
        self._came = bytearray()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self.open = False
        if self._answer and not self._answer.done():
            self._answer.set_exception(Cut())

    def data_received(self, data: bytes) -> None:
        self._came += data
        head, found, body = self._came.partition(b"\r\n\r\n")
        if not found or self._answer is None or self._answer.done():
            return
        lower = head.lower()
        at = lower.find(b"\r\ncontent-length:")
        length = int(lower[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(body) >= length:
            if b"\r\nconnection: close" in lower:
                self.close()
            self._answer.set_result((int(head[9:12]), bytes(body[:length])))

    async def send(self, request: bytes) -> tuple[int, bytes]:
        self._came.clear()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        self.open = False
        self._transport.close()


class Wire:
    """To some servers of this machine, over connections that are kept."""

    def __init__(self) -> None:
        self._free: dict[tuple[str, int], list[_Line]] = {}

    async def post(
        self, url: str, query: dict[str, str], body: bytes, within: float
    ) -> tuple[int, bytes]:
        """Status and body. Raises TimeoutError, Cut, OSError; then the connection is given up."""
        to = urlsplit(url)
        request = (
            f"POST {to.path}?{urlencode(query)} HTTP/1.1\r\nHost: {to.netloc}\r\n"
            f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body
        free = self._free.setdefault((str(to.hostname), to.port or 80), [])
        async with asyncio.timeout(within):
            while free and not free[-1].open:
                free.pop()
            line = free.pop() if free else await self._line(str(to.hostname), to.port or 80)
            try:
                answer = await line.send(request)
            except BaseException:
                line.close()
                raise
        if line.open:
            free.append(line)
        return answer

    @staticmethod
    async def _line(host: str, port: int) -> _Line:
        return (await asyncio.get_running_loop().create_connection(_Line, host, port))[1]

    def close(self) -> None:
        for free in self._free.values():
            for line in free:
                line.close()
