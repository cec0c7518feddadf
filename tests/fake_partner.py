"""A partner's computer, as docs/referrals.md describes it: sends referrals, answers ours, and takes
what is pushed to it. Run it beside `./jieyuan up`, or inside a test:

    ./jieyuan partners add 12345 "12345 热线" --days 5 --send --answer --url http://127.0.0.1:9100/
    .venv/bin/python -m tests.fake_partner --key KEY --secret SECRET [--answer accepted]
"""

import argparse
import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Json = dict[str, Any]
FIVE_MINUTES = 300
EXAMPLE: Json = {
    "number": "12345-2026-000123",
    "person": {"name": "张三", "phone": "13900000000", "call_when": "下午"},
    "told": "来电人说在工地干活，老板欠了三个月工资没给。",
    "matter": "labour_pay",
    "opponent": "某建筑公司",
}


class Organ:
    """What one organ's computer knows, and how it behaves."""

    def __init__(self, secret: str, now: Callable[[], float] = time.time) -> None:
        self.secret, self.now = secret, now
        self.taken: dict[str, Json] = {}  # by Idempotency-Key
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.refused: list[str] = []  # why
        self.answers: list[int] = []  # statuses for the next calls, before the work is done
        self.lose_answers = 0  # calls whose work is done and whose answer gets lost
        self.slow: asyncio.Event | None = None  # set: hold every call until it is
        self.on_new: Callable[[Json], Any] | None = None

    @property
    def told(self) -> list[Json]:
        """Each push once, however often it came."""
        return list(self.taken.values())

    def states(self, receipt: str) -> list[str]:
        """In the order of the referral's own numbers, not of arrival."""
        about = [one for one in self.told if one["receipt"] == receipt]
        return [one["state"] for one in sorted(about, key=lambda one: one["seq"])]

    def fault_of(self, headers: Any, body: bytes) -> str | None:
        moment = headers.get("x-jieyuan-timestamp", "")
        if not moment.isdigit() or abs(self.now() - int(moment)) > FIVE_MINUTES:
            return "too old"
        signed = hmac.new(self.secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
        given = headers.get("x-jieyuan-signature", "")
        if not hmac.compare_digest(given, f"v1={signed.hexdigest()}"):
            return "not theirs"
        return None

    async def take(self, request: Request) -> Response:
        body = await request.body()
        self.calls.append((dict(request.headers), body))
        if self.slow:
            await self.slow.wait()
        if self.answers and (status := self.answers.pop(0)) != 200:
            return Response(status_code=status, headers={"Location": "/elsewhere"})
        if fault := self.fault_of(request.headers, body):
            self.refused.append(fault)
            return JSONResponse({"error": fault}, 401)
        key, told = request.headers["idempotency-key"], json.loads(body)
        new = key not in self.taken
        self.taken.setdefault(key, told)
        if new and told["type"] == "referral.new" and self.on_new:
            await self.on_new(told)
        if self.lose_answers:
            self.lose_answers -= 1
            return Response(status_code=502)
        return JSONResponse({"taken": True, "new": new})

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self.take, methods=["GET", "POST"])])

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


class Way:
    """The organ's way to us: its key, and our three addresses."""

    def __init__(self, client: httpx.AsyncClient, key: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {key}"}

    async def send(self, **given: Any) -> httpx.Response:
        return await self.post(json.dumps({**EXAMPLE, **given}, ensure_ascii=False))

    async def post(self, body: str | bytes) -> httpx.Response:
        return await self.client.post("/api/referrals", content=body, headers=self.headers)

    async def look(self, receipt: str) -> httpx.Response:
        return await self.client.get(f"/api/referrals/{receipt}", headers=self.headers)

    async def answer(self, receipt: str, to: str, **more: Any) -> httpx.Response:
        where = f"/api/referrals/{receipt}/answers"
        return await self.client.post(where, json={"to": to, **more}, headers=self.headers)


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--router", default="http://127.0.0.1:8000")
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--key", required=True)
    parser.add_argument("--secret", required=True)
    parser.add_argument("--answer", choices=["accepted", "returned"], help="to what comes")
    parser.add_argument("--send", action="store_true", help="the example, first thing")
    options = parser.parse_args()
    organ = Organ(options.secret)
    async with httpx.AsyncClient(base_url=options.router, trust_env=False) as client:
        way = Way(client, options.key)

        async def answer(told: Json) -> None:
            words = {"words": "不属于本单位管辖。"} if options.answer == "returned" else {}
            print((await way.answer(told["receipt"], options.answer, **words)).text)

        organ.on_new = answer if options.answer else None
        async with organ.running(options.port) as url:
            print(f"listening on {url}")
            if options.send:
                print((await way.send()).text)
            shown = 0
            while True:
                await asyncio.sleep(0.5)
                for told in organ.told[shown:]:
                    print(json.dumps(told, ensure_ascii=False))
                shown = len(organ.told)


if __name__ == "__main__":
    asyncio.run(_main())
