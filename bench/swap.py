"""Changing the model under load: what the citizens who are writing meanwhile notice of it.

    ./jieyuan bench swap            about 3 minutes

Four citizens write without a pause, over the whole stack, while the model is changed three times:
`follow` is ours (bot/follow.py: loaded beside, then taken), `put` is Rasa's own `PUT /model`, and
`restart` ends the process, which the supervisor starts again.
"""

import argparse
import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import aiohttp
import psutil

from bench.stack import Side, Stack, _free_port
from bench.turns import Talker, talker
from bot import models
from router.cli.environment import child_environment
from router.cli.train import model_path, train
from router.secrets import rasa_token
from router.settings import ROOT, Settings

OTHER = "f" * 32
CITIZENS, SWAPS, APART = 4, 3, 12.0  # seconds between two swaps
PACE = 0.55  # seconds a citizen needs for a line; the gateway allows 20 in 10
FIRST = "老板拖欠我三个月工资一直不给,我在工地上干活"


class Office:
    """`./jieyuan up` with two models that read the same."""

    def __init__(self, state: Path) -> None:
        self.state, self.folder, self.port = state, state / "models", _free_port()
        self.token = rasa_token(Settings(STATE_DIR=state)).get_secret_value()

    async def start(self) -> None:
        self.folder.mkdir(parents=True)
        shared = model_path(ROOT / ".jieyuan")
        self.first = shared.name.removesuffix(".tar.gz")
        card = models.card_of(shared.parent, self.first)
        assert card
        for name in (self.first, OTHER):
            shutil.copy(shared, models.file_of(self.folder, name))
            models.keep_card(self.folder, replace(card, id=name))
        options = ["--state", str(self.state), "--port", str(self.port)]
        self.up = await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", "router.cli", "up", *options],
            cwd=ROOT,
            env=child_environment(),
            stdout=asyncio.subprocess.PIPE,
        )

    def rasa(self) -> psutil.Process:
        return psutil.Process(int((self.state / "logs" / "rasa.pid").read_text()))

    def rasa_url(self) -> str:
        words = self.rasa().cmdline()
        return f"http://127.0.0.1:{words[words.index('--port') + 1]}"

    async def swap(self, way: str, to: str) -> None:
        if way == "follow":
            models.choose(self.folder, to, "bench")
            while models.answering(self.folder).get("model") != to:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        elif way == "put":
            body = {"model_file": str(models.file_of(self.folder, to))}
            url = f"{self.rasa_url()}/model?token={self.token}"
            async with aiohttp.ClientSession() as http, http.put(url, json=body) as answer:
                assert answer.status == 204, await answer.text()
        else:
            self.rasa().terminate()


async def measure(office: Office, way: str) -> str:
    """Turns, those never answered or answered by the system's excuse, waits in milliseconds."""
    url = f"http://127.0.0.1:{office.port}"
    took: list[float] = []
    excuses = 0
    over = asyncio.Event()

    async def writes(citizen: Talker) -> None:
        nonlocal excuses
        await citizen.begin()
        await citizen.through_the_stack(FIRST)
        while not over.is_set():
            began = time.perf_counter()
            took.append(await citizen.through_the_stack("为什么问这个"))
            await asyncio.sleep(max(PACE - (time.perf_counter() - began), 0))
        async with citizen.http.get(citizen.base, headers=citizen.cookie) as answer:
            lines = (await answer.json())["messages"]
        excuses += sum(line["who"] == "system" for line in lines) - 1  # the consent's line

    stack = Stack(Side("ours", model_path(ROOT / ".jieyuan"), 0), url, "", None)
    before = office.rasa().memory_info().rss
    swaps: list[float] = []
    async with asyncio.TaskGroup() as tasks:
        for _ in range(CITIZENS):
            tasks.create_task(_with_talker(stack, writes))
        for number in range(SWAPS):
            await asyncio.sleep(APART)
            began = time.perf_counter()
            await office.swap(way, (OTHER, office.first)[number % 2])
            swaps.append(time.perf_counter() - began)
        await asyncio.sleep(APART)
        over.set()
    grown = (office.rasa().memory_info().rss - before) / 1e6
    return (
        f"{way:8} {len(took):5} turns, {excuses:2} excuses, wait p50 "
        f"{statistics.median(took) * 1000:6.0f} ms, worst {max(took) * 1000:8.0f} ms, "
        f"taken after {statistics.mean(swaps):5.2f} s, memory {grown:+6.0f} MB"
    )


async def _with_talker(stack: Stack, work) -> None:
    async with talker(stack) as citizen:
        await work(citizen)


async def _main(ways: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder) / "state")
        await office.start()
        try:
            assert office.up.stdout
            async for line in office.up.stdout:
                if line.startswith(b"ready:"):
                    break
            for way in ways:
                print(await measure(office, way), flush=True)
        finally:
            office.up.terminate()
            await office.up.communicate()


def main() -> None:
    parser = argparse.ArgumentParser(prog="./jieyuan bench swap", description=__doc__)
    parser.add_argument("ways", nargs="*", default=["follow", "put", "restart"])
    ways = parser.parse_args().ways
    assert train(ROOT / ".jieyuan") == 0
    asyncio.run(_main(ways))


if __name__ == "__main__":
    main()
