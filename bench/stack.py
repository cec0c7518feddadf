"""Starts a whole stack with one or the other Rasa in it: both sides differ in nothing else."""

import asyncio
import itertools
import os
import re
import shutil
import socket
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from bot.train import fingerprint
from router.cli import up
from router.cli.environment import BOT_PYTHON, child_environment
from router.cli.supervisor import Child, Supervisor
from router.secrets import rasa_token
from router.settings import ROOT, Settings

STOCK = ROOT / "bench" / "stock"
RATES = {"SESSION_RATE": "1000000/minute", "MESSAGE_RATE": "1000000/second"}


@dataclass
class Side:
    name: str
    model: Path
    train_seconds: float


@dataclass
class Stack:
    side: Side
    url: str
    rasa_url: str
    supervisor: Supervisor

    def memory(self) -> dict[str, int]:
        """Proportional set size in MB by process: shared pages are counted once."""
        found = {}
        for child in self.supervisor.children:
            process = psutil.Process(child.process.pid)
            family = [process, *process.children(recursive=True)]
            found[child.name] = sum(p.memory_full_info().pss for p in family) // 1_000_000
        found["bench (as up)"] = psutil.Process().memory_full_info().pss // 1_000_000
        return found


@asynccontextmanager
async def running(side: Side, state: Path):
    os.environ.update(RATES)
    settings = Settings(STATE_DIR=state)
    supervisor = Supervisor(state / "logs", print, ROOT)
    if not await up._prepare(settings, state):
        raise SystemExit("the database could not be prepared")
    port = _free_port()
    stack = Stack(side, f"http://127.0.0.1:{port}", "", supervisor)
    try:
        for child, title, at_most in up._children(settings, "127.0.0.1", port, state):
            if child.name == "rasa":
                stack.rasa_url = child.environment["RASA_URL"]
                child = _with_rasa(child, side, state, settings)
            await supervisor.start(child)
            if not await supervisor.wait_ready(child, at_most):
                raise SystemExit(f"{title}: not ready, see {state}/logs")
        yield stack
    finally:
        await supervisor.stop()


def _with_rasa(child: Child, side: Side, state: Path, settings: Settings) -> Child:
    if side.name == "ours":
        command = list(child.command)
        place = command.index("--models")
        command[place : place + 2] = ["--model", str(side.model)]
        return replace(child, command=command)
    port = child.environment["RASA_URL"].rsplit(":", 1)[1]
    environment = {**child.environment, "STOCK_TRACKER_DB": str(state / "stock.db"),
                   "PYTHONPATH": f"{ROOT}{os.pathsep}{jieba_folder()}"}  # fmt: skip
    command = [
        BOT_PYTHON.parent / "rasa", "run", "--enable-api", "-i", "127.0.0.1", "-p", port,
        "--model", side.model, "--endpoints", STOCK / "endpoints.yml",
        "--credentials", STOCK / "credentials.yml",
        "--auth-token", rasa_token(settings).get_secret_value(),
    ]  # fmt: skip
    return replace(child, command=command, environment=environment)


async def train_stock(out: Path, epochs: int, every: int = 1) -> Side:
    """Real Rasa, real TensorFlow, its own command line; `every` second, third … sentence."""
    config = out / "stock-config.yml"
    config.write_text(
        (STOCK / "config.yml").read_text().replace("epochs: 100", f"epochs: {epochs}")
    )
    domain = out / "stock-domain"  # its ResponseSelector wants the texts of each matter
    for folder in ("domain", "phrases"):
        shutil.copytree(ROOT / "bot" / folder, domain, dirs_exist_ok=True)
    data = out / "stock-data"
    shutil.copytree(ROOT / "data" / "training", data)
    for file in (data / "nlu").glob("*.yml"):
        told = re.compile(r"^    - .*\n", re.MULTILINE)
        count = itertools.count()
        text = told.sub(
            lambda line, n=count: line[0] if next(n) % every == 0 else "", file.read_text("utf-8")
        )
        file.write_text(text, "utf-8")
    seconds = await _timed(
        [BOT_PYTHON.parent / "rasa", "train", "--config", config, "--domain", domain,
         "--data", data, "--out", out, "--fixed-model-name", "stock"],
        out / "train-stock.log",
    )  # fmt: skip
    return Side("stock", out / "stock.tar.gz", seconds)


async def train_ours(out: Path) -> Side:
    seconds = await _timed([BOT_PYTHON, "-m", "bot.train", "--out", out], out / "train-ours.log")
    return Side("ours", out / f"{fingerprint()}.tar.gz", seconds)


async def _timed(command: list[object], log: Path) -> float:
    began = time.perf_counter()
    environment = child_environment(PYTHONPATH=f"{ROOT}{os.pathsep}{jieba_folder()}")
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *map(str, command), cwd=ROOT, env=environment, stdout=file, stderr=file
        )
        if await process.wait() != 0:
            raise SystemExit(f"training failed, see {log}")
    return time.perf_counter() - began


def jieba_folder() -> Path:
    """Jieba beside the environment, not in it: only the stock pipeline needs it."""
    folder = ROOT / ".tools" / "bench-jieba"
    if not (folder / "jieba").exists():
        import subprocess

        subprocess.run(
            [BOT_PYTHON, "-m", "ensurepip", "--default-pip"], check=True, capture_output=True
        )
        subprocess.run(
            [BOT_PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "--no-binary=jieba",
             "--target", folder, "-r", STOCK / "requirements.lock"],
            check=True,
        )  # fmt: skip
    return folder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
