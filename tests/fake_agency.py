"""Computers of other organs and of a carrier, as docs/agencies.md describes them: signed both ways.
Run one beside `./jieyuan up` for a demonstration:

    .venv/bin/python -m tests.fake_agency --as means --port 9201 --secret SECRET
"""

import argparse
import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from router import peers
from router.referrals import signing

Json = dict[str, Any]
LOW_INCOME = [{"name": "最低生活保障", "value": "在册，3 人户"}]


def signed(secret: str, now: float, told: Json, status: int = 200) -> Response:
    body = json.dumps(told, ensure_ascii=False).encode()
    headers = {
        signing.TIMESTAMP: str(int(now)),
        signing.SIGNATURE: signing.sign(secret, int(now), body),
    }
    return Response(body, status, headers, "application/json")


class FakeAgency:
    """`does`: means | identity | courier. What it answers next can be set."""

    def __init__(self, does: str, secret: str, now: Callable[[], float] = time.time) -> None:
        self.does, self.secret, self.now = does, secret, now
        self.calls: list[Json] = []
        self.facts: list[Json] = LOW_INCOME
        self.status = 200
        self.forged = False  # somebody else answers in its place
        self.slow: asyncio.Event | None = None
        self.faces: set[str] = set()  # inquiries whose person has been to its page

    async def take(self, request: Request) -> Response:
        body = await request.body()
        moment = time_of(self.now())
        if not peers.genuine(self.secret, request.headers.get, body, moment):
            return Response(status_code=401)
        told = json.loads(body)
        self.calls.append(told)
        if self.slow:
            await self.slow.wait()
        secret = "somebody else's" if self.forged else self.secret
        return signed(secret, self.now(), self._answer(told), self.status)

    def _answer(self, told: Json) -> Json:
        if self.does == "courier":
            return {"order": told["order"], "waybill": f"SF{told['order'][:10].upper()}"}
        mine = {"inquiry": told["inquiry"], "as_of": "2026-03-01"}
        if self.does == "identity" and told["inquiry"] not in self.faces:
            return mine | {"state": "waiting", "url": "https://face.example.gov.cn/go/1"}
        if self.does == "identity":
            return mine | {"facts": [{"name": "姓名和号码", "value": "一致"},
                                     {"name": "人脸核验", "value": "通过"}]}  # fmt: skip
        return mine | {"facts": self.facts}

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self.take, methods=["POST"])])

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator[str]:
        """Its URL, while it listens on this machine."""
        options = uvicorn.Config(self.app(), "127.0.0.1", port, log_level="error", lifespan="off")
        server = uvicorn.Server(options)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
        finally:
            server.should_exit = True
            await serving


def time_of(seconds: float) -> Any:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC)


def news(secret: str, now: float, waybill: str, state: str, at: str) -> tuple[bytes, Json]:
    """Body and headers of what a carrier tells us."""
    body = json.dumps({"waybill": waybill, "state": state, "at": at}).encode()
    return body, dict(signed(secret, now, json.loads(body)).headers) | {
        signing.SIGNATURE: signing.sign(secret, int(now), body)
    }


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--as", dest="does", choices=["means", "identity", "courier"], required=True
    )
    parser.add_argument("--port", type=int, default=9201)
    parser.add_argument("--secret", required=True)
    options = parser.parse_args()
    async with FakeAgency(options.does, options.secret).running(options.port) as url:
        print(f"listening on {url}")
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main())
