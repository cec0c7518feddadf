"""Machines as network namespaces on one bridge; PostgreSQL and Redis on a machine of their own."""

import asyncio
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from bench.duty.routers import Part, free_port

NET = "10.77.61"
BRIDGE = "jybr"


def impossible() -> str | None:
    """Why there can be no namespaces here; None: there can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not shutil.which("ip"):
        return "there is no `ip` (apt install iproute2)"
    if not _servers():
        return "there is no PostgreSQL (apt install postgresql)"
    tried = subprocess.run(["ip", "netns", "add", "jy-probe"], capture_output=True, text=True)
    if tried.returncode:
        return f"no network namespaces here: {tried.stderr.strip()}"
    _ip("netns", "del", "jy-probe")
    return None


def _servers() -> list[Path]:
    return sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@dataclass
class Machine:
    name: str
    number: int

    @property
    def host(self) -> str:
        return f"{NET}.{self.number}"

    @property
    def inside(self) -> list[str]:
        return ["ip", "netns", "exec", self.name]

    def build(self) -> None:
        _ip("netns", "add", self.name)
        _ip("link", "add", f"{self.name}-o", "type", "veth", "peer", "name", f"{self.name}-i")
        _ip("link", "set", f"{self.name}-i", "netns", self.name)
        _ip("link", "set", f"{self.name}-o", "master", BRIDGE, "up")
        _ip("-n", self.name, "addr", "add", f"{self.host}/24", "dev", f"{self.name}-i")
        _ip("-n", self.name, "link", "set", f"{self.name}-i", "up")
        _ip("-n", self.name, "link", "set", "lo", "up")

    def cut(self) -> None:
        _ip("link", "set", f"{self.name}-o", "down")

    def heal(self) -> None:
        _ip("link", "set", f"{self.name}-o", "up")


@dataclass
class Network:
    machines: list[Machine] = field(
        default_factory=lambda: [Machine("jy-store", 10), Machine("jy-a", 11), Machine("jy-b", 12)]
    )

    def __enter__(self) -> "Network":
        self.__exit__()  # what a run that was killed has left
        _ip("link", "add", "name", BRIDGE, "type", "bridge")
        _ip("addr", "add", f"{NET}.1/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        for machine in self.machines:
            machine.build()
        return self

    def __exit__(self, *_: object) -> None:
        for machine in self.machines:
            subprocess.run(["ip", "netns", "del", machine.name], capture_output=True)
            subprocess.run(["ip", "link", "del", f"{machine.name}-o"], capture_output=True)
        subprocess.run(["ip", "link", "del", BRIDGE], capture_output=True)


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
        file.write(f"host all all {NET}.0/24 trust\n")
    options = ["-D", str(data), "-p", str(port), "-c", f"listen_addresses={at.host}"]
    command = [*as_postgres, str(programs / "postgres"), *options, "-k", str(data)]
    server = Part(command, folder / "postgresql.log", inside=at.inside)
    await server.start()
    ready = [str(programs / "pg_isready"), "-q", "-h", at.host, "-p", str(port)]
    async with asyncio.timeout(60):
        while (await (await asyncio.create_subprocess_exec(*ready)).wait()) != 0:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    return server, f"postgresql+asyncpg://postgres@{at.host}:{port}/postgres"
