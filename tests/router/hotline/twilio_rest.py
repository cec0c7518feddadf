"""The played Twilio's REST: takes only what Twilio's published description of a request allows, and
answers its documented errors."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import phonenumbers

from tests.router.hotline.fake_texts import error
from tests.router.hotline.twilio_line import TwilioLine

if TYPE_CHECKING:
    from tests.router.hotline.fake_twilio import FakeTwilio

REQUESTS = json.loads(Path(__file__).with_name("twilio_requests.json").read_text())


class Rest:
    def __init__(self, carrier: FakeTwilio) -> None:
        self.carrier = carrier

    async def answer(self, request: httpx.Request) -> httpx.Response:
        path = urlsplit(str(request.url)).path
        path = path.removeprefix(f"/2010-04-01/Accounts/{self.carrier.sid}/")
        if path.endswith(".wav"):
            sid = path.removesuffix(".wav").split("/")[-1]
            there = self.carrier.recordings.get(sid)
            return httpx.Response(200, content=there) if there else httpx.Response(404)
        given: dict[str, Any] = {}
        source = request.url.query if request.method == "GET" else request.content
        for name, value in parse_qsl(source.decode()):
            given[name] = [*given[name], value] if name in given else [value]
        operation, ids = _operation(request.method, path)
        self.carrier.requests.append((operation, path, given))
        if fault := _unfit(operation, given):
            self.carrier.faults.append(fault)
            return error(400, 20001, fault)
        if planned := self.carrier.refuses.get(operation):
            status, code, takes_effect = planned.pop(0)
            if takes_effect:
                await self._effect(operation, ids, given)
            if status == 0:
                raise httpx.ReadTimeout("15 s")
            return error(status, code, "refused")
        return await self._effect(operation, ids, given)

    async def _unknown(self, *_: object) -> httpx.Response:
        return error(404, 20404, "not found")

    async def _effect(
        self, operation: str, ids: list[str], given: dict[str, Any]
    ) -> httpx.Response:
        if operation == "POST Calls.json":
            return await self._create(given)
        if operation == "GET Calls.json":
            rows = [
                self._row(ln) for ln in self.carrier.lines.values()
                if not ln.inbound and ln.number in given.get("To", [ln.number])
            ]  # fmt: skip
            return httpx.Response(200, json={"calls": rows, "next_page_uri": None})
        if operation.endswith(" Messages.json"):
            return await self.carrier.texts.take(operation, given)
        line = self.carrier.lines.get(ids[0])
        if operation == "GET Calls/{Sid}.json":
            return httpx.Response(200, json=self._row(line)) if line else await self._unknown()
        if operation == "POST Calls/{Sid}.json":
            return await self._update(line, given)
        if operation == "POST Conferences/{ConferenceSid}/Participants/{CallSid}.json":
            return await self._participant(ids, given)
        if operation == "POST Calls/{CallSid}/Recordings.json":
            if line is None or line.state == "over":
                return error(400, 21220, "not in progress")
            sid = f"RE{next(self.carrier.numbers):032x}"
            line.recording = sid, given["RecordingStatusCallback"][0]
            return httpx.Response(201, json={"sid": sid})
        if operation == "POST Calls/{CallSid}/Recordings/{Sid}.json":
            assert line and ids[1] == "Twilio.CURRENT"
            await self.carrier.stop_recording(line)
            return httpx.Response(200, json={"status": "stopped"})
        if operation == "DELETE Recordings/{Sid}.json":
            gone = self.carrier.recordings.pop(ids[0], None)
            return httpx.Response(204) if gone else await self._unknown()
        return await self._unknown()

    async def _create(self, given: dict[str, Any]) -> httpx.Response:
        to = given["To"][0]
        known = phonenumbers.parse(to, None) if to.startswith("+") else None
        if known is None:
            code = 13224 if len(to) < 7 else 21211
            return error(400, code, "number")
        line = TwilioLine(self.carrier, to, given["Url"][0], given["StatusCallback"][0])
        self.carrier.lines[line.sid] = line
        wait, now = timedelta(0), self.carrier.clock.now()
        if self.carrier.each_second:
            wait = max(self.carrier.next_call - now, wait)
            self.carrier.next_call = now + wait + timedelta(seconds=1)
        line.state = line.status = "queued"
        self.carrier.meanwhile(self._ring(line, wait))
        return httpx.Response(201, json=self._row(line))

    async def _ring(self, line: TwilioLine, wait: timedelta) -> None:
        """One new call a second begins to ring; the others stand in a queue."""
        await self.carrier.clock.sleep(wait)
        if line.state == "queued":
            line.state = line.status = "ringing"
            await self.carrier.tell_status(line, "ringing")

    async def _update(self, line: TwilioLine | None, given: dict[str, Any]) -> httpx.Response:
        if line is None:
            return await self._unknown()
        if line.state == "over":
            return error(400, 21220, "not in progress")
        if "Status" in given:
            await self.carrier.ends(line, "normal" if line.state == "talking" else "canceled")
        elif line.state != "talking":
            return error(400, 21220, "not in progress")
        else:
            await self.carrier.leaves(line)
            line.asked = None
            line.go(given["Url"][0])
        return httpx.Response(200, json=self._row(line))

    async def _participant(self, ids: list[str], given: dict[str, Any]) -> httpx.Response:
        for room in self.carrier.rooms.values():
            for line in room["members"]:
                if room["sid"] == ids[0] and ids[1] in (line.label, line.sid):
                    line.held = given["Hold"][0] == "true"
                    said = "participant-hold" if line.held else "participant-unhold"
                    await self.carrier.tell_room(room, line, said)
                    return httpx.Response(200, json={"call_sid": line.sid, "hold": line.held})
        return await self._unknown()

    def _row(self, line: TwilioLine) -> dict[str, Any]:
        return {"sid": line.sid, "to": line.number, "status": line.status}


def _operation(method: str, path: str) -> tuple[str, list[str]]:
    for operation in REQUESTS:
        kind, _, pattern = operation.partition(" ")
        want, have = pattern.removesuffix(".json").split("/"), path.removesuffix(".json").split("/")
        if kind == method and len(want) == len(have):
            fits = [w.startswith("{") or w == h for w, h in zip(want, have, strict=True)]
            if all(fits):
                return operation, [h for w, h in zip(want, have, strict=True) if w[0] == "{"]
    raise AssertionError(f"Twilio has no {method} {path}")


def _unfit(operation: str, given: dict[str, Any]) -> str | None:
    """What Twilio's own description of this request does not allow."""
    known = REQUESTS[operation]
    for name in known["required"]:
        if name not in given:
            return f"{operation}: {name} is missing"
    for name, values in given.items():
        plain = name.rstrip("<>")
        if plain not in known["fields"]:
            return f"{operation}: no {name}"
        rule = known["fields"][plain]
        allowed = rule.get("enum") or rule.get("list", {}).get("enum")
        if allowed and not set(values) <= set(allowed):
            return f"{operation}: {name}={values}"
        if len(values) > 1 and "list" not in rule:
            return f"{operation}: {name} twice"
    return None
