"""A whole running system for tests, its parts to be killed, and a citizen who writes to it."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import httpx

from router.cli.environment import child_environment
from router.cli.train import model_path, train
from router.settings import ROOT


class System:
    """`./jieyuan up` as a process: `start()`, `kill("rasa")`, `stop()`."""

    def __init__(self, state: Path, port: int, **settings: str) -> None:
        self.state, self.port, self.settings = state, port, settings
        self.url = f"http://127.0.0.1:{port}"
        self.logins: list[tuple[str, str, str]] = []  # role, login, password
        self.output: list[str] = []
        self.process: subprocess.Popen[str] | None = None

    def start(self, at_most: float = 300) -> None:
        assert train(ROOT / ".jieyuan") == 0  # once for all tests
        trained = model_path(ROOT / ".jieyuan")
        models = self.state / "models"
        models.mkdir(parents=True, exist_ok=True)
        for name in (trained.name, trained.name.replace(".tar.gz", ".json")):
            if not (models / name).exists():
                shutil.copy(trained.with_name(name), models / name)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "router.cli", "up",
             "--state", str(self.state), "--port", str(self.port)],
            cwd=ROOT, env=child_environment(**self.settings), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        ready = threading.Event()
        threading.Thread(target=self._read, args=(self.process, ready), daemon=True).start()
        if not ready.wait(at_most) or self.process.poll() is not None:
            self.stop()
            raise RuntimeError("up did not get ready:\n" + "".join(self.output))

    def _read(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        for line in process.stdout:
            self.output.append(line)
            if found := re.match(r"\s+(律师|主管)\s+\S+\t(\S+)\t(\S+)", line):
                self.logins.append((found[1], found[2], found[3]))
            if line.startswith("ready:"):
                ready.set()
        ready.set()  # it ended

    def stop(self, sign: int = signal.SIGTERM) -> float:
        """Asks up to end; the seconds it took."""
        began = time.monotonic()
        if self.process and self.process.poll() is None:
            self.process.send_signal(sign)
            self.process.wait()
        return time.monotonic() - began

    def pid(self, name: str) -> int:
        return int((self.state / "logs" / f"{name}.pid").read_text())

    def kill(self, name: str) -> int:
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    async def readiness(self) -> tuple[int, dict[str, str]]:
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{self.url}/readyz", timeout=5)
        return answer.status_code, answer.json()

    async def ready_again(self, at_most: float = 90) -> None:
        """Until every part answers."""
        async with asyncio.timeout(at_most), httpx.AsyncClient() as client:
            while True:
                try:
                    if (await client.get(f"{self.url}/readyz", timeout=5)).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.2)


class Citizen:
    """One conversation over the web channel's JSON API."""

    def __init__(self, url: str) -> None:
        self.client = httpx.AsyncClient(base_url=url, timeout=30)
        self.seen = 0
        self.sent = 0
        self.transcript: list[dict] = []

    async def begin(self) -> "Citizen":
        answer = await self.client.post("/api/web/conversations", json={"consent": True})
        answer.raise_for_status()
        self.id, self.reference = answer.json()["id"], answer.json()["reference"]
        self.base = f"/api/web/conversations/{self.id}"
        await self.read()
        return self

    async def send(self, text: str) -> dict:
        """Hands a message in, as the page does: again and again until it is accepted."""
        self.sent += 1
        message = {"id": str(uuid.uuid4()), "seq": self.sent, "text": text}
        for _ in range(200):
            try:
                answer = await self.client.post(f"{self.base}/messages", json=message)
                if answer.status_code < 500:
                    answer.raise_for_status()
                    return answer.json()
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)
        raise AssertionError("the message was never accepted")

    async def read(self, wait: float = 0) -> list[dict]:
        """What came since the last look."""
        try:
            answer = await self.client.get(
                f"{self.base}/messages", params={"after": self.seen, "wait": wait}
            )
            answer.raise_for_status()
        except httpx.TransportError:
            await asyncio.sleep(0.2)
            return []
        new = answer.json()["messages"]
        self.transcript += new
        self.seen = max([self.seen, *(line["seq"] for line in new)])
        return new

    async def hear(self, wanted, at_most: float = 60) -> dict:
        """The next line for which `wanted(line)` is true."""
        async with asyncio.timeout(at_most):
            while True:
                for line in await self.read(wait=5):
                    if wanted(line):
                        return line

    async def say(self, text: str, at_most: float = 60) -> dict:
        """Sends, and returns the bot's answer."""
        await self.send(text)
        return await self.hear(lambda line: line["who"] == "bot", at_most)

    async def state(self) -> dict:
        return (await self.client.get(self.base)).json()

    async def end(self) -> None:
        await self.client.aclose()


class Lawyer:
    """A duty lawyer at the desk page, without a browser: its forms and what it shows."""

    def __init__(self, url: str, login: str, password: str) -> None:
        self.login, self.password = login, password
        self.client = httpx.AsyncClient(base_url=url, timeout=30, headers={"Origin": url})

    async def begin(self) -> "Lawyer":
        answer = await self.client.post(
            "/desk/login", data={"login": self.login, "password": self.password}
        )
        assert answer.status_code == 303, answer.text
        return self

    async def duty(self, on: bool) -> None:
        answer = await self._post("/desk/duty", on="yes" if on else "no")
        assert answer.status_code == 303, answer.text

    async def offered(self) -> str | None:
        """The id of the offer that the desk shows now."""
        try:
            page = (await self.client.get("/desk")).text
        except httpx.TransportError:
            return None
        found = re.search(r'data-offer="(\w+)"', page)
        return found[1] if found else None

    async def accept(self, offer: str) -> str:
        answer = await self._post(f"/desk/offers/{offer}/accept")
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def close(self, case: str, outcome: str) -> None:
        answer = await self._post(f"{case}/close", outcome=outcome)
        assert answer.status_code < 400, answer.text

    async def end(self) -> None:
        await self.duty(False)
        await self.client.aclose()

    async def _post(self, path: str, **form: str) -> httpx.Response:
        return await self.client.post(path, data=form)
