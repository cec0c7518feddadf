"""A carrier that behaves as Twilio does: fetches our TwiML with signed requests, follows the verbs,
tells of everything late, twice and out of order, and takes only requests that Twilio would take."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import xml.etree.ElementTree as ET
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import phonenumbers
from twilio.request_validator import RequestValidator

from tests.fakes import until
from tests.router.hotline.fake_texts import TwilioMessages, error
from tests.router.hotline.people import Line, sounding

REQUESTS = json.loads(Path(__file__).with_name("twilio_requests.json").read_text())
ENDINGS = {
    "normal": "completed", "failed": "failed", "busy": "busy", "no_answer": "no-answer",
    "canceled": "canceled",
}  # fmt: skip
SPOKEN = {("cmn-CN", "Polly.Zhiyu-Neural")}
RECOGNISED = {"cmn-Hans-CN"}


class TwilioLine(Line):
    def __init__(self, carrier: FakeTwilio, number: str, url: str, status_url: str) -> None:
        super().__init__(number)
        self.carrier, self.url, self.status_url = carrier, url, status_url
        self.sid = f"CA{next(carrier.numbers):032x}"
        self.label = ""
        self.sequence = itertools.count()
        self.task: asyncio.Task[None] | None = None
        self.out_url: tuple[str, bool] | None = None  # of the Dial: action, whether * leads out
        self.inbound = False
        self.status = "ringing"
        self.recording: tuple[str, str] | None = None  # its id, and who is told when it is over

    async def answers(self) -> Line:
        self.state, self.status = "talking", "in-progress"
        await self.carrier.tell_status(self, "in-progress")
        self.go(self.url)
        return self

    async def hangs_up(self, how: str = "normal") -> None:
        await self.carrier.ends(self, how)

    async def stars(self) -> None:
        async def inside() -> bool:
            return self.room is not None

        await until(inside)
        self.marked = len(self.heard)
        assert self.out_url
        url, star = self.out_url
        assert star, "hangupOnStar is not set"
        await self.carrier.leaves(self)
        self.go(url, {"DialCallStatus": "answered"})

    def go(self, url: str, params: dict[str, str] | None = None) -> None:
        """Whatever it does, it drops it and fetches this."""
        if self.task and self.task is not asyncio.current_task():
            self.task.cancel()
        self.task = asyncio.create_task(self.carrier.follow(self, url, params or {}))


class FakeTwilio:
    def __init__(self, settings: Any, clock: Any, folder: Path, rng: random.Random) -> None:
        self.sid = settings.TWILIO_ACCOUNT_SID
        self.token = settings.TWILIO_AUTH_TOKEN.get_secret_value()
        self.public, self.number = settings.PUBLIC_URL, settings.HOTLINE_NUMBER
        self.numbers = itertools.count(1)
        self.rng = rng
        self.lines: dict[str, TwilioLine] = {}
        self.rooms: dict[str, dict[str, Any]] = {}
        self.app: httpx.AsyncClient | None = None
        self.transport = httpx.MockTransport(self._rest)
        self.requests: list[tuple[str, str, dict[str, Any]]] = []
        self.refuses: dict[str, Any] = {}  # operation -> [(status, code, takes effect)]
        self.clock, self.next_call = clock, clock.now()
        self.each_second = False  # new calls ring one a second, as without a contract
        self.untidy = False  # callbacks twice, late, out of order
        self.recordings: dict[str, bytes] = {}
        self.lost: Callable[[dict[str, str]], bool] = lambda told: False
        self.deliveries: set[asyncio.Task[None]] = set()
        self.faults: list[str] = []
        self.answers: list[int] = []
        self.time = 1_772_413_200
        self.fallback: str | None = None  # the static TwiML behind the fallback URL
        self.sent: list[tuple[str, dict[str, str]]] = []
        self.texts = TwilioMessages(self._deliver)

    def open(self, app: httpx.AsyncClient) -> None:
        self.app = app

    # --- people

    async def dials(self, number: str, to: str = "") -> Line:
        line = TwilioLine(
            self, number, f"{self.public}/hotline/twilio/voice",
            f"{self.public}/hotline/twilio/status",
        )  # fmt: skip
        line.inbound, line.state, line.status = True, "talking", "in-progress"
        self.lines[line.sid] = line
        line.go(line.url, {"To": to or self.number})
        return line

    async def rings(self, number: str) -> Line:
        def ringing() -> Line | None:
            return next(
                (ln for ln in self.lines.values()
                 if ln.number == number and ln.state == "ringing"), None
            )  # fmt: skip

        return await until(ringing)

    async def together(self, *lines: Line) -> None:
        def inside() -> bool:
            rooms = {line.room for line in lines}
            if len(rooms) != 1 or None in rooms:
                return False
            members = self.rooms[next(iter(rooms))]["members"]
            return set(members) == set(lines)

        await until(inside)

    def dialled(self) -> list[str]:
        return [line.number for line in self.lines.values() if not line.inbound]

    # --- to the application, signed

    async def post(self, url: str, params: dict[str, str], again: bool = False) -> httpx.Response:
        signature = RequestValidator(self.token).compute_signature(url, params)
        headers = {"X-Twilio-Signature": signature}
        if again:
            headers["I-Twilio-Idempotency-Token"] = "again"
        assert self.app
        self.sent.append((url, params))
        return await self.app.post(url, data=params, headers=headers)

    def _about(self, line: TwilioLine) -> dict[str, str]:
        ours = self.number
        pair = {"From": line.number, "To": ours} if line.inbound else {
            "From": ours, "To": line.number
        }  # fmt: skip
        return {
            "CallSid": line.sid, "AccountSid": self.sid, "CallStatus": line.status,
            "Direction": "inbound" if line.inbound else "outbound-api",
            "ApiVersion": "2010-04-01", **pair,
        }  # fmt: skip

    async def follow(self, line: TwilioLine, url: str, params: dict[str, str]) -> None:
        """One document after the other, until the line does something else or is over."""
        while line.state == "talking":
            answer = await self._fetch(line, url, params)
            if answer is None:
                return await self.ends(line, "failed")
            following = await self._perform(line, answer)
            if following is None:
                return
            url, params = following

    async def _fetch(self, line: TwilioLine, url: str, params: dict[str, str]) -> str | None:
        url = url.partition("#")[0]
        for again in (False, True):
            try:
                told = {**self._about(line), **params}
                answer = await self._in_time(self.post(url, told, again))
            except (httpx.HTTPError, OSError):
                continue
            self.answers.append(answer.status_code)
            if answer.status_code < 300:
                return answer.text
        self.faults.append(f"11200 {url}")
        return self.fallback

    async def _in_time(self, answer: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
        """Who has not answered after 15 seconds is hung up on."""
        asked = asyncio.create_task(answer)
        patience = asyncio.create_task(self.clock.sleep(timedelta(seconds=15)))
        try:
            await asyncio.wait({asked, patience}, return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                raise httpx.ReadTimeout("11200: 15 s")
            return asked.result()
        finally:
            asked.cancel()
            patience.cancel()

    async def _perform(self, line: TwilioLine, text: str) -> tuple[str, dict[str, str]] | None:
        """Where to go on; None: nowhere."""
        for verb in ET.fromstring(text):
            match verb.tag:
                case "Say":
                    self._say(line, verb)
                case "Play":
                    line.heard.append(f"<{verb.text}>")
                case "Gather":
                    if (found := await self._gather(line, verb)) is not None:
                        return verb.attrib["action"], found
                case "Redirect":
                    return str(verb.text), {}
                case "Dial":
                    return await self._dial(line, verb)
                case "Hangup":
                    await self.ends(line, "normal")
                    return None
                case "Pause" | "Record":
                    await asyncio.sleep(0.01)
        await self.ends(line, "normal")
        return None

    def _say(self, line: TwilioLine, verb: ET.Element) -> None:
        if (verb.attrib.get("language"), verb.attrib.get("voice")) not in SPOKEN:
            self.faults.append(f"13520 {verb.attrib}")
        line.heard.append("".join(verb.itertext()))

    async def _gather(self, line: TwilioLine, verb: ET.Element) -> dict[str, str] | None:
        assert set(child.tag for child in verb) <= {"Say", "Play", "Pause"}
        if "speech" in verb.attrib["input"] and verb.attrib["language"] not in RECOGNISED:
            self.faults.append(f"language {verb.attrib['language']}")
        for child in verb:
            self._say(line, child)
        line.asked = asyncio.get_running_loop().create_future()
        told = await line.asked
        line.asked = None
        if "keys" in told:
            return {"Digits": told["keys"].rstrip("#")}
        if "speech" in told:
            assert "speech" in verb.attrib["input"], "speech is not listened for"
            return {
                "SpeechResult": told["speech"], "Confidence": told["sure"],
                "Language": verb.attrib["language"],
            }  # fmt: skip
        return {} if verb.attrib.get("actionOnEmptyResult") == "true" else None

    async def _dial(self, line: TwilioLine, verb: ET.Element) -> tuple[str, dict[str, str]] | None:
        place = verb.find("Conference")
        if place is None:  # a number: only the static fallback does that
            other = TwilioLine(self, "".join(verb.itertext()).strip(), "", "")
            other.state = "ringing"
            self.lines[other.sid] = other
            await asyncio.Event().wait()
        assert place is not None
        line.label, line.out_url = place.attrib["participantLabel"], (
            verb.attrib["action"], verb.attrib.get("hangupOnStar") == "true"
        )  # fmt: skip
        await self.joins(line, str(place.text), place.attrib["statusCallback"])
        await asyncio.Event().wait()  # until a hang-up, a star or a REST call
        return None

    # --- rooms

    async def joins(self, line: TwilioLine, name: str, url: str) -> None:
        room = self.rooms.get(name)
        if room is None or not room["members"]:
            sid = f"CF{next(self.numbers):032x}"
            room = {"sid": sid, "members": [], "seq": 0, "url": url, "name": name}
            self.rooms[name] = room
            self.time += 1
        if any(one.label == line.label for one in room["members"]):
            self.faults.append("16025")
            return
        room["members"].append(line)
        line.room = name
        await self._tell_room(room, line, "participant-join")

    async def leaves(self, line: TwilioLine) -> None:
        if line.room is None:
            return
        room = self.rooms[line.room]
        if line in room["members"]:
            room["members"].remove(line)
        line.room, line.held = None, False
        await self._tell_room(room, line, "participant-leave")

    async def _tell_room(self, room: dict[str, Any], line: TwilioLine, what: str) -> None:
        room["seq"] += 1
        told = {
            "ConferenceSid": room["sid"], "FriendlyName": room["name"],
            "StatusCallbackEvent": what, "SequenceNumber": str(room["seq"]),
            "ParticipantLabel": line.label, "CallSid": line.sid, "AccountSid": self.sid,
            "Timestamp": str(self.time),
        }  # fmt: skip
        await self._deliver(room["url"], told)

    # --- the end, and what is told

    async def ends(self, line: TwilioLine, how: str) -> None:
        if line.state == "over":
            return
        line.state, line.status = "over", ENDINGS[how]
        await self.leaves(line)
        await self._stop_recording(line)
        if line.task and line.task is not asyncio.current_task():
            line.task.cancel()
        await self.tell_status(line, line.status)

    async def _stop_recording(self, line: TwilioLine) -> None:
        if line.recording:
            (sid, url), line.recording = line.recording, None
            self.recordings[sid] = sounding("\n".join(line.heard))
            told = {"RecordingSid": sid, "RecordingStatus": "completed", "CallSid": line.sid}
            await self._deliver(url, told)

    async def tell_status(self, line: TwilioLine, said: str) -> None:
        if not line.status_url:
            return
        told = {
            **self._about(line), "CallStatus": said, "SequenceNumber": str(next(line.sequence)),
            "CallbackSource": "call-progress-events",
        }  # fmt: skip
        await self._deliver(line.status_url, told)

    async def _deliver(self, url: str, told: dict[str, str]) -> None:
        if self.lost(told):
            return
        for _ in range(1 + self.untidy * self.rng.randint(0, 2)):
            late = self.rng.random() * 0.05 if self.untidy else 0
            self._meanwhile(self._later(url, told, late))

    def _meanwhile(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.deliveries.add(task)
        task.add_done_callback(self.deliveries.discard)

    async def _later(self, url: str, told: dict[str, str], late: float) -> None:
        await asyncio.sleep(late)
        with suppress(httpx.HTTPError, OSError, RuntimeError):  # the last: the test is over
            await self.post(url, told)

    # --- REST

    async def _rest(self, request: httpx.Request) -> httpx.Response:
        path = urlsplit(str(request.url)).path
        path = path.removeprefix(f"/2010-04-01/Accounts/{self.sid}/")
        if path.endswith(".wav"):
            sid = path.removesuffix(".wav").split("/")[-1]
            there = self.recordings.get(sid)
            return httpx.Response(200, content=there) if there else httpx.Response(404)
        given: dict[str, Any] = {}
        source = request.url.query if request.method == "GET" else request.content
        for name, value in parse_qsl(source.decode()):
            given[name] = [*given[name], value] if name in given else [value]
        operation, ids = _operation(request.method, path)
        self.requests.append((operation, path, given))
        if fault := _unfit(operation, given):
            self.faults.append(fault)
            return error(400, 20001, fault)
        if planned := self.refuses.get(operation):
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
                self._row(ln) for ln in self.lines.values()
                if not ln.inbound and ln.number in given.get("To", [ln.number])
            ]  # fmt: skip
            return httpx.Response(200, json={"calls": rows, "next_page_uri": None})
        if operation.endswith(" Messages.json"):
            return await self.texts.take(operation, given)
        line = self.lines.get(ids[0])
        if operation == "GET Calls/{Sid}.json":
            return httpx.Response(200, json=self._row(line)) if line else await self._unknown()
        if operation == "POST Calls/{Sid}.json":
            return await self._update(line, given)
        if operation == "POST Conferences/{ConferenceSid}/Participants/{CallSid}.json":
            return await self._participant(ids, given)
        if operation == "POST Calls/{CallSid}/Recordings.json":
            if line is None or line.state == "over":
                return error(400, 21220, "not in progress")
            sid = f"RE{next(self.numbers):032x}"
            line.recording = sid, given["RecordingStatusCallback"][0]
            return httpx.Response(201, json={"sid": sid})
        if operation == "POST Calls/{CallSid}/Recordings/{Sid}.json":
            assert line and ids[1] == "Twilio.CURRENT"
            await self._stop_recording(line)
            return httpx.Response(200, json={"status": "stopped"})
        if operation == "DELETE Recordings/{Sid}.json":
            gone = self.recordings.pop(ids[0], None)
            return httpx.Response(204) if gone else await self._unknown()
        return await self._unknown()

    async def _create(self, given: dict[str, Any]) -> httpx.Response:
        to = given["To"][0]
        known = phonenumbers.parse(to, None) if to.startswith("+") else None
        if known is None:
            code = 13224 if len(to) < 7 else 21211
            return error(400, code, "number")
        line = TwilioLine(self, to, given["Url"][0], given["StatusCallback"][0])
        self.lines[line.sid] = line
        wait, now = timedelta(0), self.clock.now()
        if self.each_second:
            wait = max(self.next_call - now, wait)
            self.next_call = now + wait + timedelta(seconds=1)
        line.state = line.status = "queued"
        self._meanwhile(self._ring(line, wait))
        return httpx.Response(201, json=self._row(line))

    async def _ring(self, line: TwilioLine, wait: timedelta) -> None:
        """One new call a second begins to ring; the others stand in a queue."""
        await self.clock.sleep(wait)
        if line.state == "queued":
            line.state = line.status = "ringing"
            await self.tell_status(line, "ringing")

    async def _update(self, line: TwilioLine | None, given: dict[str, Any]) -> httpx.Response:
        if line is None:
            return await self._unknown()
        if line.state == "over":
            return error(400, 21220, "not in progress")
        if "Status" in given:
            await self.ends(line, "normal" if line.state == "talking" else "canceled")
        elif line.state != "talking":
            return error(400, 21220, "not in progress")
        else:
            await self.leaves(line)
            line.asked = None
            line.go(given["Url"][0])
        return httpx.Response(200, json=self._row(line))

    async def _participant(self, ids: list[str], given: dict[str, Any]) -> httpx.Response:
        for room in self.rooms.values():
            for line in room["members"]:
                if room["sid"] == ids[0] and ids[1] in (line.label, line.sid):
                    line.held = given["Hold"][0] == "true"
                    said = "participant-hold" if line.held else "participant-unhold"
                    await self._tell_room(room, line, said)
                    return httpx.Response(200, json={"call_sid": line.sid, "hold": line.held})
        return await self._unknown()

    def _row(self, line: TwilioLine) -> dict[str, Any]:
        return {"sid": line.sid, "to": line.number, "status": line.status}

    async def close(self) -> None:
        tasks = [*self.deliveries, *(ln.task for ln in self.lines.values() if ln.task)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


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
