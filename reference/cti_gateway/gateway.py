"""The gateway: takes signed commands, each once; journals every event before it sends it; repeats
what nobody acknowledged, in order for each call, also after it was restarted."""

import asyncio
import contextlib
import json
import logging
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reference.cti_gateway.exchange import Exchange
from reference.cti_gateway.journal import Journal
from router.channels.hotline.cti import envelope

log = logging.getLogger(__name__)
Json = dict[str, Any]
PAUSES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 300)  # seconds between repetitions
GIVE_UP_S = 24 * 3600
HEARTBEAT_S = 10
VERBS = (
    "leg.originate", "leg.answer", "leg.hangup", "leg.play", "leg.collect", "leg.hold",
    "leg.unhold", "conf.add", "conf.remove", "rec.start", "rec.stop",
)  # fmt: skip
NEEDS_LINE = ("leg.play", "leg.collect", "conf.add", "leg.hold", "leg.unhold")


class Gateway:
    def __init__(
        self,
        journal: Journal,
        exchange: Exchange,
        app: httpx.AsyncClient,
        *,
        key: str,
        secret_in: str,
        secret_out: str,
        path: str = "/hotline/cti/events",
        now: Callable[[], float] = time.time,
        pauses: tuple[float, ...] = PAUSES,
    ) -> None:
        """`secret_in` signs the commands we get, `secret_out` the events we send to `app`."""
        self._journal, self._exchange, self._app = journal, exchange, app
        self._key, self._in, self._out, self._path = key, secret_in, secret_out, path
        self._now, self._pauses = now, pauses
        self._nonces: dict[str, float] = {}
        self._senders: dict[str, asyncio.Task[None]] = {}
        self._beats: asyncio.Task[None] | None = None
        exchange.tell = self.tell
        self.api = Starlette(
            routes=[
                Route("/v1/commands", self._command, methods=["POST"]),
                Route("/v1/calls/{call_id}", self._snapshot),
                Route("/v1/recordings/{rec_id}", self._recording, methods=["GET", "DELETE"]),
                Route("/v1/capabilities", self._capabilities),
            ]
        )

    def start(self, heartbeat: bool = True) -> None:
        """What was owed when we stopped is sent now."""
        for call_id in self._journal.calls_owed():
            self._send_soon(call_id)
        if heartbeat:
            self._beats = asyncio.create_task(self._beat())

    async def stop(self) -> None:
        tasks = [*self._senders.values(), *([self._beats] if self._beats else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- events

    def tell(
        self, call_id: str, kind: str, leg_id: str, *, state: str | None = None,
        cause: str | None = None, data: Json | None = None, caused_by: str | None = None,
    ) -> None:  # fmt: skip
        """On disk first, then to the application."""
        if state:
            self._journal.leg(leg_id, call_id, state, cause)
        seq = self._journal.next_seq(call_id)
        event = {
            "event_id": uuid.uuid4().hex, "call_id": call_id, "seq": seq, "type": kind,
            "leg_id": leg_id, "state": state, "cause": cause, "data": data or {},
            "caused_by": caused_by, "occurred_at": int(self._now()),
        }  # fmt: skip
        self._journal.write(call_id, seq, event)
        self._send_soon(call_id)

    def _send_soon(self, call_id: str) -> None:
        sender = self._senders.get(call_id)
        if sender is None or sender.done():
            self._senders[call_id] = asyncio.create_task(self._send_all(call_id))

    async def _send_all(self, call_id: str) -> None:
        """One in flight a call: they arrive in order or not yet."""
        tries, since = 0, self._now()
        while (event := self._journal.owed(call_id)) is not None:
            status = await self.post(event)
            if 200 <= status < 300 or status == 410 or self._now() - since > GIVE_UP_S:
                self._journal.acknowledge(call_id, event["seq"])
                tries, since = 0, self._now()
                continue
            if status in (401, 403):
                log.error("the application refuses our signature")
            await asyncio.sleep(self._pauses[min(tries, len(self._pauses) - 1)])
            tries += 1

    async def post(self, event: Json) -> int:
        """The same body each time, a fresh signature. 0: not reached."""
        body = json.dumps(event, ensure_ascii=False, sort_keys=True).encode()
        about = self._key, self._out, int(self._now()), "POST", self._path, body
        with contextlib.suppress(httpx.HTTPError):
            headers = {**envelope.headers(*about), "Content-Type": "application/json"}
            answer = await self._app.post(self._path, content=body, headers=headers, timeout=5)
            return answer.status_code
        return 0

    async def _beat(self) -> None:
        while True:
            await self.beat()
            await asyncio.sleep(HEARTBEAT_S)

    async def beat(self) -> None:
        """Another boot_id than before: the application asks for every live call."""
        data = {"boot_id": self._journal.boot, "calls": self._journal.live_calls()}
        await self.post({"type": "sidecar.heartbeat", "data": data})

    # --- commands

    async def _signed(self, request: Request) -> bytes | None:
        body, path = await request.body(), request.url.path
        if request.url.query:
            path += f"?{request.url.query}"
        now = self._now()
        try:
            known = {self._key: self._in}
            nonce = envelope.check(request.headers, known, int(now), request.method, path, body)
        except envelope.Refused:
            return None
        self._nonces = {k: at for k, at in self._nonces.items() if at > now - envelope.KEEP_S}
        if nonce in self._nonces:
            return None
        self._nonces[nonce] = now
        return body

    async def _command(self, request: Request) -> JSONResponse:
        body = await self._signed(request)
        if body is None:
            return JSONResponse({"error": "signature"}, 401)
        command: Json = json.loads(body)
        said = json.dumps([command["verb"], command.get("leg_id"), command["args"]], sort_keys=True)
        if known := self._journal.answered(command["command_id"]):
            if known[0] != said:
                return JSONResponse({"error": "id_reused"}, 409)
            return JSONResponse(known[2], known[1])
        status, answer = self._take(command)
        self._journal.answer(command["command_id"], said, status, answer)
        if status == 202:
            self._carry_out(command)
        return JSONResponse(answer, status)

    def _take(self, command: Json) -> tuple[int, Json]:
        verb, leg = command["verb"], self._exchange.phones.get(command.get("leg_id") or "")
        if verb not in VERBS:
            return 422, {"error": "unsupported"}
        if command["expires_at"] < self._now():
            return 410, {"error": "expired"}
        if verb != "leg.originate":
            if leg is None:
                return 404, {"error": "no_such_leg"}
            wrong = leg.state == "over" or (verb in NEEDS_LINE and leg.state != "talking")
            if wrong or (verb == "leg.answer" and leg.state != "ringing"):
                return 409, {"error": "wrong_state", "state": leg.state}
        return 202, {"accepted": True, "seq": self._journal.next_seq(command["call_id"]) - 1}

    def _carry_out(self, command: Json) -> None:
        if command["verb"] == "leg.originate":
            self._exchange.originate(command)
        elif command["verb"] == "leg.answer":
            self._exchange.phones[command["leg_id"]].pick_up()
        else:
            self._exchange.phones[command["leg_id"]].do(command)

    async def _snapshot(self, request: Request) -> JSONResponse:
        if await self._signed(request) is None:
            return JSONResponse({"error": "signature"}, 401)
        found = self._journal.snapshot(request.path_params["call_id"])
        return JSONResponse(found or {"error": "no_such_call"}, 200 if found else 404)

    async def _recording(self, request: Request) -> Response:
        if await self._signed(request) is None:
            return JSONResponse({"error": "signature"}, 401)
        kept, rec_id = self._exchange.recordings, request.path_params["rec_id"]
        if rec_id not in kept:
            return JSONResponse({"error": "no_such_recording"}, 404)
        if request.method == "DELETE":
            del kept[rec_id]
            return Response(status_code=204)
        return Response(kept[rec_id], media_type="audio/wav")

    async def _capabilities(self, request: Request) -> JSONResponse:
        if await self._signed(request) is None:
            return JSONResponse({"error": "signature"}, 401)
        return JSONResponse({"verbs": list(VERBS), "short_numbers": True, "max_legs": 200})
