"""A domestic exchange as a carrier, through the gateway beside it: one command, one effect."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from router.channels.hotline.cti import envelope
from router.channels.hotline.port import CarrierError, Line, Script
from router.channels.hotline.states import Cause
from router.clock import Clock
from router.settings import Settings

EXPIRES_S = 15  # a command that comes later is not carried out


class Cti:
    name = "cti"

    def __init__(
        self, settings: Settings, clock: Clock, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        secret = settings.CTI_SECRET_OUT
        assert settings.CTI_URL and secret
        self._key, self._secret = settings.CTI_KEY, secret.get_secret_value()
        self._settings, self._clock = settings, clock
        self.boot_id: object = None  # of the gateway, as its heartbeat told last
        self._http = httpx.AsyncClient(
            base_url=settings.CTI_URL.rstrip("/"), transport=transport, timeout=5
        )

    async def close(self) -> None:
        await self._http.aclose()

    def dials(self, number: str) -> bool:
        return bool(number)

    async def call_out(self, line: Line, to: str, ring_s: int, again: bool) -> str | None:
        """We choose the leg's id, so a lost answer needs no search: the command is its own key."""
        args = {"to": to, "caller_id": self._settings.HOTLINE_NUMBER, "ring_s": ring_s}
        await self._command(line, "leg.originate", args, f"{line.leg_id}:out")
        return line.leg_id

    async def run(self, line: Line, script: Script, no: int) -> None:
        if no == 1:
            await self._pick_up(line)
        key = f"{line.leg_id}:{no}"
        say: dict[str, Any] = {"text": list(script.say), "slow": script.slow, "replace": True}
        if script.then == "listen":
            ears: dict[str, Any] = {
                "dtmf": {"max": script.keys, "end": "#", "timeout_s": script.seconds}
            }
            if script.speech:
                ears["asr"] = {"lang": "cmn-Hans-CN"}
            await self._command(line, "leg.collect", {**say, **ears}, f"{key}:collect")
            return
        if script.say:
            await self._command(line, "leg.play", say, f"{key}:play")
        if script.then == "hang_up":
            await self._command(line, "leg.hangup", {"reason": "normal"}, f"{key}:hangup")
        else:
            place = {
                "conf_id": line.call_id, "label": line.leg_id, "end_on_leave": False,
                "star": script.menu, "replace": not script.say,
            }  # fmt: skip
            await self._command(line, "conf.add", place, f"{key}:join")

    async def _pick_up(self, line: Line) -> None:
        """Of a call that comes in; who was called has done so."""
        try:
            await self._command(line, "leg.answer", {}, f"{line.leg_id}:answer")
        except CarrierError as error:
            if not error.gone:
                raise

    async def hold(self, line: Line, on: bool) -> None:
        verb = "leg.hold" if on else "leg.unhold"
        await self._command(line, verb, {}, f"{line.leg_id}:{verb}:{self._now()}")

    async def hang_up(self, line: Line) -> None:
        args = {"reason": "normal", "replace": True}
        await self._command(line, "leg.hangup", args, f"{line.leg_id}:end")

    async def record(self, line: Line, on: bool) -> None:
        verb = "rec.start" if on else "rec.stop"
        args = {"rec_id": f"{line.call_id}-{line.leg_id}", "channels": 2}
        await self._command(line, verb, args, f"{line.leg_id}:{verb}:{self._now()}")

    async def fetch(self, recording: str) -> AsyncIterator[bytes]:
        path = f"/v1/recordings/{recording}"
        try:
            async with self._http.stream("GET", path, headers=self._headers("GET", path)) as answer:
                answer.raise_for_status()
                async for piece in answer.aiter_bytes():
                    yield piece
        except httpx.HTTPError as error:
            raise CarrierError(type(error).__name__, wait=1.0) from None

    async def delete(self, recording: str) -> None:
        try:
            await self._answer("DELETE", f"/v1/recordings/{recording}", b"")
        except CarrierError as error:
            if not error.gone:
                raise

    async def ended(self, line: Line) -> Cause | None:
        try:
            told = await self._send("GET", f"/v1/calls/{line.call_id}", b"")
        except CarrierError as error:
            if error.gone:
                return Cause.FAILED
            raise
        leg = told.get("legs", {}).get(line.leg_id)
        if leg is None:
            return Cause.FAILED
        return Cause(leg["cause"]) if leg["state"] == "ended" else None

    async def snapshot(self, call_id: str) -> dict[str, Any]:
        return await self._send("GET", f"/v1/calls/{call_id}", b"")

    def _now(self) -> int:
        return int(self._clock.now().timestamp())

    async def _command(self, line: Line, verb: str, args: dict[str, Any], key: str) -> None:
        body = {
            "command_id": key, "call_id": line.call_id, "leg_id": line.leg_id, "verb": verb,
            "args": args, "issued_at": 0, "expires_at": self._now() + EXPIRES_S,
        }  # fmt: skip
        await self._send("POST", "/v1/commands", json.dumps(body, ensure_ascii=False).encode())

    async def _send(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        found: dict[str, Any] = (await self._answer(method, path, body)).json()
        return found

    def _headers(self, method: str, path: str, body: bytes = b"") -> dict[str, str]:
        return envelope.headers(self._key, self._secret, self._now(), method, path, body)

    async def _answer(self, method: str, path: str, body: bytes) -> httpx.Response:
        headers = self._headers(method, path, body) | {"Content-Type": "application/json"}
        try:
            answer = await self._http.request(method, path, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise CarrierError(type(error).__name__, wait=1.0) from None  # its key makes it safe
        if answer.status_code < 300:
            return answer
        code = str(answer.status_code)
        if answer.status_code in (404, 409):
            raise CarrierError(code, gone=True)
        if answer.status_code == 429 or answer.status_code >= 500:
            raise CarrierError(code, wait=float(answer.headers.get("Retry-After", 1)))
        raise CarrierError(code)
