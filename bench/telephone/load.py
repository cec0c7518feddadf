"""Callers at once against one router process: webhooks answered, lawyers rung, how fast."""

import asyncio
import contextlib
import os
import random
import re
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import uvloop
from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from bench.duty.rounds import Rounds, Run

ACCOUNT, TOKEN = "AC" + "5" * 32, "5" * 32
RUNG = "rung"  # file: when the carrier was asked to ring whom
WORDS = "老板拖欠我三个月工资"
THINKS = (2.0, 5.0)  # seconds until a caller answers: the shortest question takes 7 s to hear
NEXT = re.compile(r'action="([^"]+)"')
EACH = 2  # calls of a caller, one after the other
WITH_TURN = "with a turn of the dialogue behind it"
WARM = 3  # calls before it is measured: an office's router is started once a week
RANG = re.compile(r"/Calls/CA(\w+)\.json$")
AGAIN = re.compile(r"<Redirect[^>]*>([^<]+)<")


# The other side: Twilio's REST, which only notes when it is asked to ring


class Carrier:
    """Its lawyers let it ring. What we hang up it tells of, as Twilio does."""

    def __init__(self, notes: Path, base: str) -> None:
        self.notes = notes.open("a", buffering=1)  # leg and moment a line
        self.base, self.door = base, httpx.AsyncClient(base_url=base, timeout=30)
        self.transport = httpx.MockTransport(self._answer)
        self.tells: set[asyncio.Task[None]] = set()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        form = parse_qs(request.content.decode())
        if request.method == "POST" and request.url.path.endswith("/Calls.json"):
            leg = form["Url"][0].split("/legs/")[1].split("/")[0]
            self.notes.write(f"{leg} {time.monotonic()}\n")
            return httpx.Response(201, json={"sid": f"CA{leg}", "status": "queued"})
        if "Status" in form and (found := RANG.search(request.url.path)):
            task = asyncio.create_task(self._over(found[1]))
            self.tells.add(task)
            task.add_done_callback(self.tells.discard)
        return httpx.Response(200, json={"sid": "RE1", "status": "in-progress"})

    async def _over(self, leg: str) -> None:
        path = f"/hotline/twilio/legs/{leg}/status"
        form = {"CallSid": f"CA{leg}", "CallStatus": "canceled", "SequenceNumber": "2"}
        signed = RequestValidator(TOKEN).compute_signature(self.base + path, form)
        with contextlib.suppress(httpx.HTTPError):  # the round is over
            await self.door.post(path, data=form, headers={"X-Twilio-Signature": signed})


async def serve(port: int, folder: Path, lawyers: int, dialogue: float) -> None:
    """One router process. `dialogue`: seconds that the played assistant takes."""
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
    carrier = Carrier(folder / RUNG, settings.PUBLIC_URL)
    app = build_app(
        settings, bot=Parrot(dialogue),
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
    def __init__(self, door: httpx.AsyncClient, base: str, figures: "Figures") -> None:
        self.door, self.base, self.figures = door, base, figures
        self.sid, self.asked_at = f"CA{random.getrandbits(128):032x}", 0.0

    async def calls(self) -> None:
        said: Sequence[dict[str, str]] = (
            {"Digits": "1"}, {"SpeechResult": WORDS, "Confidence": "0.9"}, {"Digits": "0"}, {},
        )  # fmt: skip
        number = f"+86138{random.randrange(10**8):08}"
        about = {"CallSid": self.sid, "AccountSid": ACCOUNT, "From": number, "To": "+15005550006"}
        text = await self._post("/hotline/twilio/voice", about, self.figures.took)
        for one in said:
            await asyncio.sleep(random.uniform(*THINKS))
            if one.get("Digits") == "0":
                self.asked_at = time.monotonic()
            told = self.figures.talked if "SpeechResult" in one else self.figures.took
            path = urlsplit(NEXT.findall(text)[0]).path
            text = await self._post(path, {**about, **one}, told)
        await asyncio.sleep(random.uniform(*THINKS))
        gone = {**about, "CallStatus": "completed", "SequenceNumber": "3"}
        await self._post("/hotline/twilio/status", gone, self.figures.took)

    async def _post(self, path: str, form: dict[str, str], told: list[float]) -> str:
        """The document that asks for the next answer."""
        signed = RequestValidator(TOKEN).compute_signature(self.base + path, form)
        began = time.monotonic()
        answer = await self.door.post(path, data=form, headers={"X-Twilio-Signature": signed})
        answer.raise_for_status()
        told.append(time.monotonic() - began)
        if again := AGAIN.findall(answer.text):
            await asyncio.sleep(1)
            return await self._post(urlsplit(again[0]).path, form, told)
        return answer.text


@dataclass
class Figures:
    """Seconds that the carrier waited for the answer to each webhook."""

    took: list[float] = field(default_factory=list)
    talked: list[float] = field(default_factory=list)  # with the dialogue's turn behind it
    rings: list[float] = field(default_factory=list)  # from key 0


async def measure(callers: int, rounds: int, dialogue: float) -> int:
    """Prints the figures; how many calls failed or rang nobody. Each round has an office of its
    own: nobody picks up, so what earlier callers left behind would ring from lawyer to lawyer."""
    found, left, busy = Rounds(), 0, []
    for _ in range(rounds):
        figures, failed, worked = await _round(callers, dialogue)
        named = {"webhook answered": figures.took, WITH_TURN: figures.talked,
                 "from key 0 to the lawyer's ring": figures.rings}  # fmt: skip
        for what, took in named.items():
            found.add(what, Run(took))
        left += failed + callers * EACH - len(figures.rings)
        busy.append(1000 * worked / (callers * EACH))
    print(
        f"{callers} callers at once, each {EACH} times, {rounds} rounds: median [best–worst round];"
        f" {left} calls failed or rang nobody; the router's CPU: {statistics.median(busy):.0f} ms"
        f" a call; the assistant's turn is played: {1000 * dialogue:.0f} ms"
    )
    found.show()
    return left


async def _round(callers: int, dialogue: float) -> tuple["Figures", int, float]:
    """The figures, how many calls failed, the router's seconds of CPU."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        about = (str(port), name, str(callers * EACH + WARM), str(dialogue))
        told = [sys.executable, "-m", "bench.telephone.load", *about]
        router = subprocess.Popen(told, env=os.environ)  # noqa: ASYNC220
        figures = Figures()
        try:
            all_of_them, failed = await _calls(f"http://127.0.0.1:{port}", callers, figures)
            busy = _cpu(router.pid)
        finally:
            router.send_signal(signal.SIGTERM)
            await asyncio.to_thread(router.wait)
        figures.rings = _rings(folder, all_of_them)
        return figures, failed, busy


def _cpu(pid: int) -> float:
    """Seconds it has computed, its start among them."""
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


async def _calls(base: str, callers: int, figures: Figures) -> tuple[list[Caller], int]:
    limits = httpx.Limits(max_connections=callers, max_keepalive_connections=callers)
    made: list[Caller] = []
    async with httpx.AsyncClient(base_url=base, limits=limits, timeout=30) as door:
        await _ready(door)
        warm = (Caller(door, base, Figures()).calls() for _ in range(WARM))
        await asyncio.gather(*warm)

        async def one_after_the_other() -> int:
            await asyncio.sleep(random.uniform(0, THINKS[1]))
            failed = 0
            for _ in range(EACH):
                made.append(caller := Caller(door, base, figures))
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


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
