"""Callers at once against one router process: webhooks answered, lawyers rung, how fast."""

import asyncio
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from pydantic import SecretStr
from twilio.request_validator import RequestValidator

ACCOUNT, TOKEN = "AC" + "5" * 32, "5" * 32
RUNG = "rung"  # file: when the carrier was asked to ring whom
WORDS = "老板拖欠我三个月工资"
THINKS = (0.5, 1.5)  # seconds until a caller answers: quicker than people, so harder
NEXT = re.compile(r'action="([^"]+)"')
AGAIN = re.compile(r"<Redirect[^>]*>([^<]+)<")


# The other side: Twilio's REST, which only notes when it is asked to ring


class Carrier:
    def __init__(self, notes: Path) -> None:
        self.notes = notes.open("a", buffering=1)  # leg and moment a line
        self.transport = httpx.MockTransport(self._answer)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        form = parse_qs(request.content.decode())
        if request.method == "POST" and request.url.path.endswith("/Calls.json"):
            leg = form["Url"][0].split("/legs/")[1].split("/")[0]
            self.notes.write(f"{leg} {time.monotonic()}\n")
            return httpx.Response(201, json={"sid": f"CA{leg}", "status": "queued"})
        return httpx.Response(200, json={"sid": "RE1", "status": "in-progress"})


async def serve(port: int, folder: Path, lawyers: int) -> None:
    """One router process."""
    import uvicorn

    from bench.telephone.switch import Parrot
    from router.app import build_app
    from router.channels.hotline.twilio.carrier import Twilio
    from router.clock import SystemClock
    from router.db import Database
    from router.lawyers.models import Lawyer
    from router.settings import Settings
    from tests import factories
    from tests.conftest import make_tables

    settings = Settings(
        STATE_DIR=folder, PUBLIC_URL=f"http://127.0.0.1:{port}", HOTLINE_CARRIER="twilio",
        HOTLINE_NUMBER="+15005550006", TWILIO_ACCOUNT_SID=ACCOUNT,
        TWILIO_AUTH_TOKEN=SecretStr(TOKEN), CALL_OUT_RATE="1000000/hour", REDIS_URL=None,
    )  # fmt: skip
    await make_tables(settings.database_url)
    carrier = Carrier(folder / RUNG)
    app = build_app(
        settings, bot=Parrot(),
        carriers=lambda p: {"twilio": Twilio(p.settings, p.db, p.clock, carrier.transport)},
    )  # fmt: skip
    db: Database = app.state.parts.db
    for n in range(lawyers):
        row = await factories.lawyer(db, SystemClock(), f"律师{n}")
        async with db.write() as s:
            (await s.get_one(Lawyer, row.id)).phone = f"+86139{n:08}"
    config = uvicorn.Config(app, port=port, log_level="error", access_log=False)
    await uvicorn.Server(config).serve()


# The callers


class Caller:
    def __init__(self, door: httpx.AsyncClient, base: str, took: list[float]) -> None:
        self.door, self.base, self.took = door, base, took
        self.sid, self.asked_at = f"CA{random.getrandbits(128):032x}", 0.0

    async def calls(self) -> None:
        said: Sequence[dict[str, str]] = (
            {"Digits": "1"}, {"SpeechResult": WORDS, "Confidence": "0.9"}, {"Digits": "0"},
        )  # fmt: skip
        number = f"+86138{random.randrange(10**8):08}"
        about = {"CallSid": self.sid, "AccountSid": ACCOUNT, "From": number, "To": "+15005550006"}
        text = await self._post("/hotline/twilio/voice", about)
        for one in said:
            await asyncio.sleep(random.uniform(*THINKS))
            if "Digits" in one and one["Digits"] == "0":
                self.asked_at = time.monotonic()
            text = await self._post(urlsplit(NEXT.findall(text)[0]).path, {**about, **one})
        await asyncio.sleep(random.uniform(*THINKS))
        gone = {**about, "CallStatus": "completed", "SequenceNumber": "3"}
        await self._post("/hotline/twilio/status", gone, heard=False)

    async def _post(self, path: str, form: dict[str, str], heard: bool = True) -> str:
        """The document that asks for the next answer."""
        signed = RequestValidator(TOKEN).compute_signature(self.base + path, form)
        began = time.monotonic()
        answer = await self.door.post(path, data=form, headers={"X-Twilio-Signature": signed})
        answer.raise_for_status()
        if not heard:
            return ""
        self.took.append(time.monotonic() - began)
        if again := AGAIN.findall(answer.text):
            await asyncio.sleep(1)
            return await self._post(urlsplit(again[0]).path, form)
        return answer.text


async def measure(callers: int, rounds: int) -> int:
    """Prints the figures; how many calls failed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        total = callers * rounds
        told = [sys.executable, "-m", "bench.telephone.load", str(port), name, str(total)]
        router = subprocess.Popen(told, env=os.environ)  # noqa: ASYNC220
        took: list[float] = []
        try:
            all_of_them, failed = await _calls(f"http://127.0.0.1:{port}", callers, rounds, took)
        finally:
            router.send_signal(signal.SIGTERM)
            await asyncio.to_thread(router.wait)
        rings = _rings(folder, all_of_them)
    print(
        f"{callers} calls at once, {total} in all, {failed} failed\n"
        f"  webhook answered: {_told(took)} ({len(took)} webhooks)\n"
        f"  from key 0 to the lawyer's ring: {_told(rings)} ({len(rings)} of {total} rung)",
        flush=True,
    )
    return failed + total - len(rings)


async def _calls(
    base: str, callers: int, rounds: int, took: list[float]
) -> tuple[list[Caller], int]:
    limits = httpx.Limits(max_connections=callers, max_keepalive_connections=callers)
    made: list[Caller] = []
    async with httpx.AsyncClient(base_url=base, limits=limits, timeout=30) as door:
        await _ready(door)

        async def one_after_the_other() -> int:
            await asyncio.sleep(random.uniform(0, THINKS[1]))
            failed = 0
            for _ in range(rounds):
                made.append(caller := Caller(door, base, took))
                try:
                    await caller.calls()
                except (httpx.HTTPError, IndexError):
                    failed += 1
            return failed

        failures = await asyncio.gather(*(one_after_the_other() for _ in range(callers)))
        await asyncio.sleep(2)
    return made, sum(failures)


async def _ready(door: httpx.AsyncClient) -> None:
    for _ in range(600):
        try:
            if (await door.get("/healthz")).status_code < 500:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.2)
    raise TimeoutError("the router did not start")


def _rings(folder: Path, callers: list[Caller]) -> list[float]:
    """Of each call: from its key 0 to the first ring of a lawyer after it."""
    rung = [line.split() for line in (folder / RUNG).read_text().splitlines()]
    with sqlite3.connect(folder / "jieyuan.db") as db:
        call_of = dict(db.execute("SELECT id, call_id FROM legs").fetchall())
        call_of_ref = dict(db.execute("SELECT ref, call_id FROM legs").fetchall())
    first: dict[str, float] = {}
    for leg, at in rung:
        first.setdefault(call_of[leg], float(at))
    found: list[Any] = [(c.asked_at, first.get(call_of_ref.get(c.sid))) for c in callers]
    return [at - asked for asked, at in found if asked and at]


def _told(seconds: list[float]) -> str:
    if not seconds:
        return "none"
    ordered = sorted(seconds)

    def share(part: float) -> str:
        return f"{1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))]:.0f} ms"

    return f"p50 {share(0.5)}, p99 {share(0.99)}, most {share(1)}"


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
