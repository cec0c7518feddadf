"""Keeps a handful of child processes alive: starts, watches, restarts with back-off, stops.

Why not supervisord or circus: they know no readiness, so nothing could wait for Rasa's model, and
a child of theirs outlives a killed parent.
"""

import asyncio
import ctypes
import logging
import os
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from logging.handlers import RotatingFileHandler
from pathlib import Path

BACK_OFF = (0.2, 1.0, 2.0, 4.0, 8.0, 15.0)  # seconds before the n-th restart in a row
STEADY = 60.0  # seconds alive after which the back-off starts anew
GRACE = 7.0  # seconds a child has to stop by itself; the whole stop stays under 10
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    name: str
    command: Sequence[str | Path]
    environment: dict[str, str]
    ready: Callable[[], Awaitable[bool]]
    process: asyncio.subprocess.Process | None = None
    restarts: int = 0
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


class Supervisor:
    def __init__(self, logs: Path, say: Callable[[str], None], cwd: Path) -> None:
        self.logs, self.say, self.cwd = logs, say, cwd
        self.children: list[Child] = []
        self.stopping = asyncio.Event()

    async def start(self, child: Child) -> None:
        self.children.append(child)
        child.tasks.append(asyncio.create_task(self._keep_alive(child)))

    async def wait_ready(self, child: Child, at_most: float) -> bool:
        """True when the child answers; False when the time is over or all is being stopped."""
        until = time.monotonic() + at_most
        while time.monotonic() < until and not self.stopping.is_set():
            if child.process and child.process.returncode is None and await child.ready():
                return True
            await asyncio.sleep(0.2)
        return False

    async def stop(self) -> None:
        """Asks every child to end, last started first, and kills what is left after GRACE."""
        self.stopping.set()
        running = [c.process for c in reversed(self.children) if c.process]
        running = [p for p in running if p.returncode is None]
        for process in running:
            process.terminate()
        if running:
            await asyncio.wait([asyncio.create_task(p.wait()) for p in running], timeout=GRACE)
        for process in running:
            if process.returncode is None:
                process.kill()
        await asyncio.gather(
            *(task for c in self.children for task in c.tasks), return_exceptions=True
        )

    async def _keep_alive(self, child: Child) -> None:
        log = _log_file(self.logs / f"{child.name}.log")
        failures = 0
        while not self.stopping.is_set():
            began = time.monotonic()
            status = await self._run(child, log)
            if self.stopping.is_set():
                return
            failures = 0 if time.monotonic() - began > STEADY else failures + 1
            pause = BACK_OFF[min(failures, len(BACK_OFF) - 1)]
            child.restarts += 1
            self.say(f"{child.name} 意外停止(状态 {status}),{pause:g} 秒后重新启动")
            try:
                await asyncio.wait_for(self.stopping.wait(), pause)
            except TimeoutError:
                continue

    async def _run(self, child: Child, log: logging.Logger) -> int | str:
        """Until it ends: its status, or why it could not be started."""
        try:
            process = await asyncio.create_subprocess_exec(
                *map(str, child.command),
                env=child.environment,
                cwd=self.cwd,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                limit=1 << 20,
                start_new_session=True,  # Ctrl-C is ours to pass on
                preexec_fn=partial(die_with, os.getpid()),
            )
        except OSError as error:
            return error.strerror or type(error).__name__
        child.process = process
        if self.stopping.is_set():
            process.kill()  # stop() has looked already and did not see this one
        with suppress(OSError):  # a full disk is no reason to leave it unwatched
            (self.logs / f"{child.name}.pid").write_text(str(process.pid))
        assert process.stdout
        async for line in Lines(process.stdout):
            log.info(line)
        return await process.wait()


class Lines:
    """Lines of a child's output; one over the limit is cut, never an end of the watching."""

    def __init__(self, stream: asyncio.StreamReader) -> None:
        self.stream = stream

    def __aiter__(self) -> "Lines":
        return self

    async def __anext__(self) -> str:
        try:
            line = await self.stream.readline()
        except ValueError:
            return "(一行过长的输出已略去)"
        if not line:
            raise StopAsyncIteration
        return line.decode(errors="replace").rstrip("\n")


def _log_file(path: Path) -> logging.Logger:
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=10_000_000, backupCount=3, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(message)s"))
    log = logging.Logger(path.stem)
    log.addHandler(handler)
    return log


def die_with(parent: int) -> None:
    """In a child before it starts: the kernel kills it when `parent` is killed (Linux only)."""
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    except (AttributeError, OSError):
        return
    if os.getppid() != parent:  # it was gone before we asked
        os.kill(os.getpid(), signal.SIGKILL)
