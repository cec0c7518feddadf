"""Plays the exchange: telephones, rooms, keys and speech. A real gateway has its own here.

It gets commands in order for each leg and tells the gateway what happened; it knows nothing of
HTTP, journals or signatures.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Tell = Callable[..., None]  # (call_id, type, leg_id, **data of the event)


class Phone:
    """One telephone in one call."""

    def __init__(self, exchange: Exchange, call_id: str, leg_id: str, number: str) -> None:
        self.exchange, self.call_id, self.leg_id, self.number = exchange, call_id, leg_id, number
        self.state = "ringing"  # ringing | talking | over
        self.heard: list[str] = []
        self.slowly: list[str] = []  # of that
        self.asked: asyncio.Future[dict[str, str]] | None = None
        self.room: str | None = None
        self.star: bool = False
        self.held = False
        self.label = ""
        self.recording: str | None = None
        self._queue: list[Json] = []
        self._busy: asyncio.Task[None] | None = None

    def hear(self, said: list[str], slow: bool) -> None:
        self.heard.extend(said)
        self.slowly.extend(said if slow else [])
        for one in said:
            self.exchange.watch(self, f"（慢）{one}" if slow else one)

    def tell(self, kind: str, **more: Any) -> None:
        self.exchange.tell(self.call_id, kind, self.leg_id, **more)

    # --- the person at it

    def pick_up(self) -> None:
        self.state = "talking"
        self.tell("leg.answered", state="answered")

    def put_down(self, cause: str = "normal") -> None:
        if self.state == "over":
            return
        self.state = "over"
        self.leave()
        self.stop_recording()
        if self._busy and self._busy is not asyncio.current_task():
            self._busy.cancel()
        self.tell("leg.ended", state="ended", cause=cause)

    def press_star(self) -> None:
        """In the room: out of it, where the command allowed it."""
        if self.room and self.star:
            self.leave(tell=False)
            self.tell("conf.star", state="answered")

    # --- commands

    def do(self, command: Json) -> None:
        if command["args"].get("replace"):
            self._queue.clear()
            if self._busy:
                self._busy.cancel()
                self._busy = None
            if self.asked and not self.asked.done():
                self.asked.cancel()
            self.asked = None
            self.leave()
        self._queue.append(command)
        if self._busy is None or self._busy.done():
            self._busy = asyncio.create_task(self._work())

    async def _work(self) -> None:
        while self._queue and self.state != "over":
            command = self._queue.pop(0)
            match command["verb"]:
                case "leg.answer":
                    self.pick_up()
                case "leg.play":
                    self.hear(command["args"]["text"], bool(command["args"].get("slow")))
                case "leg.collect":
                    await self._collect(command)
                case "leg.hangup":
                    self.put_down("normal" if self.state == "talking" else "canceled")
                case "leg.hold" | "leg.unhold":
                    self.held = command["verb"] == "leg.hold"
                    said = "held" if self.held else "in_conference"
                    self.tell("leg.held" if self.held else "leg.unheld", state=said)
                case "conf.add":
                    self._join(command)
                case "conf.remove":
                    self.leave()
                case "rec.start":
                    self.recording = str(command["args"]["rec_id"])
                case "rec.stop":
                    self.stop_recording()

    async def _collect(self, command: Json) -> None:
        self.hear(command["args"]["text"], bool(command["args"].get("slow")))
        self.asked = asyncio.get_running_loop().create_future()
        told = await self.asked
        self.asked = None
        if "speech" in told and "asr" in command["args"]:
            data = {"text": told["speech"], "confidence": float(told["sure"])}
            self.tell("asr.final", data=data, caused_by=command["command_id"])
        else:
            data = {"digits": told.get("keys", "").rstrip("#"), "timeout": "keys" not in told}
            self.tell("leg.digits", data=data, caused_by=command["command_id"])

    def _join(self, command: Json) -> None:
        args = command["args"]
        self.room, self.label, self.star = args["conf_id"], args["label"], bool(args.get("star"))
        self.exchange.rooms.setdefault(args["conf_id"], []).append(self)
        self.tell("conf.joined", state="in_conference", caused_by=command["command_id"])

    def stop_recording(self) -> None:
        if self.recording:
            sound = "\n".join(self.heard).encode()  # what stands for the sound here
            self.exchange.recordings[self.recording] = sound
            self.tell("rec.ready", data={"rec_id": self.recording})
            self.recording = None

    def leave(self, tell: bool = True) -> None:
        if self.room is None:
            return
        members = self.exchange.rooms[self.room]
        if self in members:
            members.remove(self)
        self.room, self.held = None, False
        if tell:
            self.tell("conf.left", state="answered")


class Exchange:
    def __init__(self, phone: type[Phone] = Phone) -> None:
        self._phone = phone
        self.phones: dict[str, Phone] = {}
        self.rooms: dict[str, list[Phone]] = {}
        self.recordings: dict[str, bytes] = {}
        self.tell: Tell = lambda *a, **k: None  # the gateway puts itself here
        self.watch: Callable[[Phone, str], None] = lambda phone, said: None

    def dials_in(self, number: str, to: str) -> Phone:
        """Somebody calls us."""
        phone = self._phone(self, uuid.uuid4().hex, uuid.uuid4().hex, number)
        self.phones[phone.leg_id] = phone
        phone.tell("call.incoming", state="ringing", data={"from": number, "to": to})
        return phone

    def originate(self, command: Json) -> None:
        args = command["args"]
        phone = self._phone(self, command["call_id"], command["leg_id"], args["to"])
        self.phones[phone.leg_id] = phone
        phone.tell("leg.created", state="created", caused_by=command["command_id"])
        phone.tell("leg.ringing", state="ringing")
