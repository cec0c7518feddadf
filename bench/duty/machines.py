"""Machines as network namespaces on one bridge; PostgreSQL and Redis on a machine of their own."""

import asyncio
import fcntl
import os
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.duty.routers import Part, free_port

NAMES = {"store": 10, "a": 11, "b": 12}  # and the last part of their addresses


def impossible() -> str | None:
    """Why there can be no namespaces here; None: there can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not shutil.which("ip"):
        return "there is no `ip` (apt install iproute2)"
    if not _servers():
        return "there is no PostgreSQL (apt install postgresql)"
    probe = f"jy-probe-{os.getpid()}"
    tried = subprocess.run(["ip", "netns", "add", probe], capture_output=True, text=True)
    if tried.returncode:
        return f"no network namespaces here: {tried.stderr.strip()}"
    _ip("netns", "del", probe)
    return None


def _servers() -> list[Path]:
    return sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@dataclass
class Machine:
    net: "Network"
    role: str

    @property
    def name(self) -> str:
        return f"jy{self.net.number}-{self.role}"

    @property
    def host(self) -> str:
        return f"{self.net.prefix}.{NAMES[self.role]}"

    @property
    def inside(self) -> list[str]:
        return ["ip", "netns", "exec", self.name]

    def build(self) -> None:
        _ip("netns", "add", self.name)
        _ip("link", "add", f"{self.name}-o", "type", "veth", "peer", "name", f"{self.name}-i")
        _ip("link", "set", f"{self.name}-i", "netns", self.name)
        _ip("link", "set", f"{self.name}-o", "master", self.net.bridge, "up")
        _ip("-n", self.name, "addr", "add", f"{self.host}/24", "dev", f"{self.name}-i")
        _ip("-n", self.name, "link", "set", f"{self.name}-i", "up")
        _ip("-n", self.name, "link", "set", "lo", "up")

    def remove(self) -> None:
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True)
        subprocess.run(["ip", "link", "del", f"{self.name}-o"], capture_output=True)

    def cut(self) -> None:
        _ip("link", "set", f"{self.name}-o", "down")

    def heal(self) -> None:
        _ip("link", "set", f"{self.name}-o", "up")

    def connections(self, port: int) -> set[int]:
        """Our ends of what this machine takes for open to that port."""
        told = subprocess.run(
            [*self.inside, "ss", "-Htn", "state", "established", f"( dport = :{port} )"],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return {int(line.split()[2].rpartition(":")[2]) for line in told.stdout.splitlines()}


class Network:
    """A number of its own, and with it names and addresses: two runs at once do not meet."""

    number = 0

    def __init__(self) -> None:
        self._held = ExitStack()
        self.machines = [Machine(self, role) for role in NAMES]

    @property
    def prefix(self) -> str:
        return f"10.77.{self.number}"

    @property
    def bridge(self) -> str:
        return f"jy{self.number}"

    def __enter__(self) -> "Network":
        self.number = next(n for n in range(1, 255) if self._take(n))
        self._remove()  # what a run that was killed has left
        _ip("link", "add", "name", self.bridge, "type", "bridge")
        _ip("addr", "add", f"{self.prefix}.1/24", "dev", self.bridge)
        _ip("link", "set", self.bridge, "up")
        for machine in self.machines:
            machine.build()
        return self

    def __exit__(self, *_: object) -> None:
        self._remove()
        self._held.close()

    def _take(self, number: int) -> bool:
        """The lock goes with the process, however that ends."""
        lock = (Path(tempfile.gettempdir()) / f"jieyuan-net-{number}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._held.enter_context(lock)
        return True

    def _remove(self) -> None:
        for machine in self.machines:
            machine.remove()
        subprocess.run(["ip", "link", "del", self.bridge], capture_output=True)


async def postgresql(folder: Path, at: Machine) -> tuple[Part, str]:
    """A server of its own on that machine, started; and a url on it."""
    programs, data, port = _servers()[-1], folder / "postgresql", free_port()
    data.mkdir()
    folder.chmod(0o755)  # noqa: ASYNC240
    shutil.chown(data, "postgres")
    as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
    made = await asyncio.create_subprocess_exec(
        *as_postgres, str(programs / "initdb"), "-D", str(data), "-A", "trust", "-N",
        stdout=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip
    if await made.wait():
        raise SystemExit("initdb failed")
    with (data / "pg_hba.conf").open("a") as file:
        file.write(f"host all all {at.net.prefix}.0/24 trust\n")
    options = ["-D", str(data), "-p", str(port), "-c", f"listen_addresses={at.host}"]
    command = [*as_postgres, str(programs / "postgres"), *options, "-k", str(data)]
    server = Part(command, folder / "postgresql.log", inside=at.inside)
    await server.start()
    ready = [str(programs / "pg_isready"), "-q", "-h", at.host, "-p", str(port)]
    async with asyncio.timeout(60):
        while (await (await asyncio.create_subprocess_exec(*ready)).wait()) != 0:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    return server, f"postgresql+asyncpg://postgres@{at.host}:{port}/postgres"
