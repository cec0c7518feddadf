"""A citizen's turn: stock Rasa against ours, over the whole stack and over bare Rasa, in one run.

    ./jieyuan bench turns              hours, most of it training the stock pipeline
    ./jieyuan bench turns --quick      shorter; stock trained for 1 epoch on every 5th sentence

Both sides run the same router, action server, Valkey, domain and training data; only Rasa
differs: `stock` is `rasa run` with Jieba, DIET and TED and Rasa's SQL tracker store, `ours` is
bot/server.py. Epochs and sentences of a model change what it answers, hardly how fast.
"""

import argparse
import asyncio
import platform
import random
import statistics
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp

from bench.stack import Side, Stack, running, train_ours, train_stock

LINES = (
    "老板拖欠我三个月工资一直不给,我在工地上干活",
    "没有请律师",
    "不知道",
    "一共欠了{sum}元",
    "为什么问这个",
    "不对,是{sum}元",
)
SENDERS, ROUNDS = (1, 8, 32), 3


def line(turn: int) -> str:
    """Sums differ, as people's do: what the bot remembers of short replies is no help with them."""
    return LINES[turn % len(LINES)].format(sum=random.randrange(1000, 100_000))


class Talker:
    """Writes and waits for the bot's answer, over the web channel or straight to Rasa."""

    def __init__(self, stack: Stack, http: aiohttp.ClientSession) -> None:
        self.stack, self.http = stack, http

    async def begin(self) -> None:
        base = f"{self.stack.url}/api/web/conversations"
        async with self.http.post(base, json={"consent": True}) as answer:
            self.id = (await answer.json())["id"]
            cookie = answer.cookies["jy_session"]
        self.cookie = {"Cookie": f"{cookie.key}={cookie.value}"}
        self.base = f"{base}/{self.id}/messages"
        self.sent, self.seen = 0, 0

    async def through_the_stack(self, text: str) -> float:
        began = time.perf_counter()
        self.sent += 1
        message = {"id": uuid.uuid4().hex, "seq": self.sent, "text": text}
        async with self.http.post(self.base, json=message, headers=self.cookie) as answer:
            self.seen = (await answer.json())["seq"]
        while True:
            page = {"after": self.seen, "wait": 20}
            async with self.http.get(self.base, params=page, headers=self.cookie) as answer:
                lines = (await answer.json())["messages"]
            self.seen = max([self.seen, *(line["seq"] for line in lines)])
            if any(line["who"] == "bot" for line in lines):
                return time.perf_counter() - began

    async def straight_to_rasa(self, text: str) -> float:
        began = time.perf_counter()
        message = {
            "sender": f"{self.id}-1",
            "message": text,
            "metadata": {"message_id": uuid.uuid4().hex},
        }
        url = f"{self.stack.rasa_url}/webhooks/rest/webhook"
        async with self.http.post(url, json=message) as answer:
            if not await answer.json():
                raise SystemExit("Rasa stayed silent: the figures would mean nothing")
        return time.perf_counter() - began


@asynccontextmanager
async def talker(stack: Stack) -> AsyncIterator[Talker]:
    timeout = aiohttp.ClientTimeout(total=120)
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=timeout) as http:
        yield Talker(stack, http)


async def load(stack: Stack, senders: int, seconds: float, way: str) -> tuple[float, list[float]]:
    """Turns a second and each turn's seconds; every sender has conversations of six lines."""
    took: list[float] = []

    async def one(end: float) -> None:
        async with talker(stack) as citizen:
            while True:
                await citizen.begin()
                for turn in range(len(LINES)):
                    took.append(await getattr(citizen, way)(line(turn)))
                    if time.perf_counter() > end:
                        return

    began = time.perf_counter()
    await asyncio.gather(*(one(began + seconds) for _ in range(senders)))
    return len(took) / (time.perf_counter() - began), took


async def growth(stack: Stack) -> tuple[float, float]:
    """Median milliseconds of a bare Rasa turn in a case of about 100 and of about 2,000 events."""
    async with talker(stack) as citizen:
        await citizen.begin()
        took = [await citizen.straight_to_rasa(line(turn)) for turn in range(320)]
    early, late = took[10:24], took[300:320]  # six to eight events a turn
    return statistics.median(early) * 1000, statistics.median(late) * 1000


async def alone(side: Side, folder: Path, seconds: float) -> dict[str, str]:
    """What is measured while nothing of the other side runs."""
    figures = {"training, s": f"{side.train_seconds:.0f}"}
    began = time.perf_counter()
    async with running(side, folder / f"{side.name}-alone") as stack:
        async with talker(stack) as citizen:
            await citizen.begin()
            await citizen.through_the_stack(line(0))
        figures["start to first reply, s"] = f"{time.perf_counter() - began:.1f}"
        await load(stack, 8, seconds, "through_the_stack")
        early, late = await growth(stack)
        figures["turn at 100 and 2,000 events, ms (ratio)"] = (
            f"{early:.0f} {late:.0f} ({late / early:.2f})"
        )
        memory = stack.memory()
        figures["memory after the load, MB PSS"] = (
            " ".join(f"{name} {mb}" for name, mb in memory.items()) + f" = {sum(memory.values())}"
        )
    return figures


async def in_turns(sides: list[Side], folder: Path, seconds: float) -> dict[str, dict[str, str]]:
    """Turns a second, a round of one side after a round of the other; who waits uses nothing."""
    figures: dict[str, dict[str, str]] = {side.name: {} for side in sides}
    async with AsyncExitStack() as both:
        stacks = [
            await both.enter_async_context(running(side, folder / side.name)) for side in sides
        ]
        for way, title in (("through_the_stack", "whole stack"), ("straight_to_rasa", "bare Rasa")):
            for senders in SENDERS:
                rounds: dict[str, list[tuple[float, list[float]]]] = {s.name: [] for s in sides}
                for _ in range(ROUNDS):
                    for stack in stacks:
                        done = await load(stack, senders, seconds, way)
                        rounds[stack.side.name].append(done)
                for name, done_rounds in rounds.items():
                    rates = sorted(rate for rate, _ in done_rounds)
                    took = sorted(turn * 1000 for _, turns in done_rounds for turn in turns)
                    figures[name][f"{title}, {senders} senders, turns/s (min median max)"] = (
                        " ".join(f"{rate:.1f}" for rate in rates)
                    )
                    figures[name][f"{title}, {senders} senders, ms p50 p99"] = (
                        f"{took[len(took) // 2]:.0f} {took[int(len(took) * 0.99)]:.0f}"
                    )
    return figures


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    seconds, epochs, every = (6, 1, 5) if options.quick else (20, 100, 1)
    with tempfile.TemporaryDirectory(prefix="jieyuan-bench-") as name:
        folder = Path(name)
        print("training ours …", flush=True)
        ours = await train_ours(folder)
        print(f"training stock ({epochs} epochs, 1 sentence of {every}) …", flush=True)
        stock = await train_stock(folder, epochs, every)
        results = {}
        for side in (stock, ours):
            print(f"measuring {side.name} alone …", flush=True)
            results[side.name] = await alone(side, folder, seconds)
        print("measuring both in turns …", flush=True)
        for name, figures in (await in_turns([stock, ours], folder, seconds)).items():
            results[name] |= figures
    trained = f"stock trained {epochs} epochs on 1 sentence of {every}"
    report(results, f"{ROUNDS} rounds of {seconds} s, {trained}")


def report(results: dict[str, dict[str, str]], how: str) -> None:
    print(f"\n{platform.machine()}, {how}")
    width = max(len(row) for row in results["ours"])
    print(f"{'':{width}}  {'stock':>28}  {'ours':>28}  ours/stock (medians)")
    for row in results["ours"]:
        stock, ours = results["stock"][row], results["ours"][row]
        times = f"{middle(ours) / middle(stock):.2f}" if "turns/s" in row else ""
        print(f"{row:{width}}  {stock!s:>28}  {ours!s:>28}  {times}")


def middle(rates: object) -> float:
    """Of "min median max"."""
    return float(str(rates).split()[1])


if __name__ == "__main__":
    asyncio.run(main())
