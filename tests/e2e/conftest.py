"""A real router process, a scripted Rasa, and real browsers in front of them."""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.e2e.people import Citizen, Staff

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--autoplay-policy=user-gesture-required",
]  # fmt: skip
HOW = (
    "浏览器测试需要 Chromium:apt-get install chromium fonts-noto-cjk,"
    "或设环境变量 CHROMIUM=/路径/chromium;页面组件:npm ci"
)
TOKEN = "a-token-of-the-tests"


def missing() -> str | None:
    if not CHROMIUM:
        return HOW
    packages = [ROOT / "node_modules" / name for name in ("htmx.org", "htmx-ext-sse", "axe-core")]
    return None if all(package.is_dir() for package in packages) else HOW


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def on_database(url: str, *statements: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


async def fresh_database(server: str) -> str:
    """The URL of an empty database on the PostgreSQL of TEST_DATABASE_URL."""
    name = "jieyuan_e2e"
    await on_database(
        server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}"
    )
    return server.rsplit("/", 1)[0] + f"/{name}"


@dataclass
class Stack:
    """One router process and its scripted Rasa."""

    state: Path
    url: str = ""
    logins: dict[str, str] = field(default_factory=dict)  # login -> password
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self) -> None:
        self.port, self.rasa_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.state.mkdir(parents=True, exist_ok=True)
        self.environment = {
            **os.environ, "PYTHONPATH": str(ROOT), "STATE_DIR": str(self.state),
            "JIEYUAN_ENV": "demo", "SERVICE_TOKEN": TOKEN, "PUBLIC_URL": self.url,
            "RASA_URL": f"http://127.0.0.1:{self.rasa_port}", "ROUTER_URL": self.url,
            "SESSION_RATE": "1000/minute", "LOGIN_RATE": "1000/minute",
            "OFFICE_LOGIN_RATE": "1000/minute",
        }  # fmt: skip
        self.environment.pop("DATABASE_URL", None)
        self.environment.pop("REDIS_URL", None)
        self.database = f"sqlite+aiosqlite:///{self.state / 'jieyuan.db'}"
        if server := os.environ.get("TEST_DATABASE_URL"):
            self.database = asyncio.run(fresh_database(server))
            self.environment["DATABASE_URL"] = self.database
        if redis := os.environ.get("TEST_REDIS_URL"):
            self.environment["REDIS_URL"] = redis
        said = self._run("prepare")
        self.logins = dict(re.findall(r"\t(\S+)\t(\S+)$", said, re.M))
        self.start_rasa()
        self.start_router()

    def start_rasa(self) -> None:
        script = Path(__file__).with_name("fake_rasa.py")
        self._start("rasa", [str(script)], f"http://127.0.0.1:{self.rasa_port}/version",
                    PORT=str(self.rasa_port))  # fmt: skip

    def start_router(self) -> None:
        self._start("router", ["-m", "router.cli", "serve", "--port", str(self.port)],
                    f"{self.url}/healthz")  # fmt: skip

    def kill(self, name: str) -> None:
        process = self.running.pop(name)
        process.kill()
        process.wait()

    def stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.wait(timeout=20)

    def clear(self) -> None:
        """Nobody on duty, nothing waiting: what an earlier test left behind is gone."""
        asyncio.run(
            on_database(
                self.database,
                "UPDATE tickets SET status='closed', offered_to=NULL WHERE status!='closed'",
                "UPDATE offers SET status='withdrawn' WHERE status='pending'",
                "UPDATE lawyers SET on_duty=false, load=0",
                "DELETE FROM timers",
            )
        )

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "router.cli", *command], cwd=ROOT, env=self.environment,
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _start(self, name: str, command: list[str], url: str, **more: str) -> None:
        log = (self.state / f"{name}.log").open("ab")
        self.running[name] = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env={**self.environment, **more},
            stdout=log, stderr=log,
        )  # fmt: skip
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                if httpx.get(url, trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            if self.running[name].poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"{name}: " + (self.state / f"{name}.log").read_text()[-3000:])


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    it = Stack(tmp_path_factory.mktemp("web") / "state")
    it.start()
    yield it
    it.stop()


@pytest.fixture
def quiet(stack: Stack) -> None:
    stack.clear()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[object]:
    assert missing() is None, missing()
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="session")
async def citizen(browser, stack, quiet) -> AsyncIterator[Citizen]:
    """At a small, old phone."""
    context = await browser.new_context(
        viewport={"width": 360, "height": 640}, locale="zh-CN", has_touch=True
    )
    yield Citizen(await context.new_page(), stack.url)
    await context.close()


async def sit_down(browser, stack: Stack, login: str) -> Staff:
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    staff = Staff(await context.new_page(), stack.url)
    await staff.sign_in(login, stack.logins[login])
    return staff


@pytest_asyncio.fixture(loop_scope="session")
async def lawyer(browser, stack, quiet) -> AsyncIterator[Staff]:
    """The only one on duty."""
    staff = await sit_down(browser, stack, "lushi01")
    await staff.go_on_duty()
    yield staff
    await staff.page.context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def supervisor(browser, stack, quiet) -> AsyncIterator[Staff]:
    staff = await sit_down(browser, stack, "zhuguan")
    yield staff
    await staff.page.context.close()
