"""A carrier that behaves as Twilio does: fetches our TwiML with signed requests, follows the verbs,
tells of everything late, twice and out of order, and takes only requests that Twilio would take."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from twilio.request_validator import RequestValidator

from tests.fakes import until
from tests.router.hotline.fake_texts import TwilioMessages
from tests.router.hotline.people import Line, sounding
from tests.router.hotline.twilio_documents import Documents
from tests.router.hotline.twilio_line import TwilioLine
from tests.router.hotline.twilio_rest import Rest

ENDINGS = {
    "normal": "completed", "failed": "failed", "busy": "busy", "no_answer": "no-answer",
    "canceled": "canceled",
}  # fmt: skip


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
        self.transport = httpx.MockTransport(Rest(self).answer)
        self.documents = Documents(self)
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
        self.overrides = ""  # behind the voice URL
        self.fallback: str | None = None  # the static TwiML behind the fallback URL
        self.sent: list[tuple[str, dict[str, str]]] = []
        self.texts = TwilioMessages(self._deliver)

    def open(self, app: httpx.AsyncClient) -> None:
        self.app = app

    # --- people

    async def dials(self, number: str, to: str = "") -> Line:
        line = TwilioLine(
            self, number, f"{self.public}/hotline/twilio/voice{self.overrides}",
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

    def about(self, line: TwilioLine) -> dict[str, str]:
        ours = self.number
        pair = {"From": line.number, "To": ours} if line.inbound else {
            "From": ours, "To": line.number
        }  # fmt: skip
        return {
            "CallSid": line.sid, "AccountSid": self.sid, "CallStatus": line.status,
            "Direction": "inbound" if line.inbound else "outbound-api",
            "ApiVersion": "2010-04-01", **pair,
        }  # fmt: skip

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
        await self.tell_room(room, line, "participant-join")

    async def leaves(self, line: TwilioLine) -> None:
        if line.room is None:
            return
        room = self.rooms[line.room]
        if line in room["members"]:
            room["members"].remove(line)
        line.room, line.held = None, False
        await self.tell_room(room, line, "participant-leave")

    async def tell_room(self, room: dict[str, Any], line: TwilioLine, what: str) -> None:
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
        await self.stop_recording(line)
        if line.task and line.task is not asyncio.current_task():
            line.task.cancel()
        await self.tell_status(line, line.status)

    async def stop_recording(self, line: TwilioLine) -> None:
        if line.recording:
            (sid, url), line.recording = line.recording, None
            self.recordings[sid] = sounding("\n".join(line.heard))
            told = {"RecordingSid": sid, "RecordingStatus": "completed", "CallSid": line.sid}
            await self._deliver(url, told)

    async def tell_status(self, line: TwilioLine, said: str) -> None:
        if not line.status_url:
            return
        told = {
            **self.about(line), "CallStatus": said, "SequenceNumber": str(next(line.sequence)),
            "CallbackSource": "call-progress-events",
        }  # fmt: skip
        await self._deliver(line.status_url, told)

    async def _deliver(self, url: str, told: dict[str, str]) -> None:
        if self.lost(told):
            return
        for _ in range(1 + self.untidy * self.rng.randint(0, 2)):
            late = self.rng.random() * 0.05 if self.untidy else 0
            self.meanwhile(self._later(url, told, late))

    def meanwhile(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.deliveries.add(task)
        task.add_done_callback(self.deliveries.discard)

    async def _later(self, url: str, told: dict[str, str], late: float) -> None:
        await asyncio.sleep(late)
        with suppress(httpx.HTTPError, OSError, RuntimeError):  # the last: the test is over
            await self.post(url, told)

    async def close(self) -> None:
        tasks = [*self.deliveries, *(ln.task for ln in self.lines.values() if ln.task)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
