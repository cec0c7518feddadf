"""A citizen's turn: stock Rasa against ours, over the whole stack and over bare Rasa, in one run.

    ./jieyuan bench turns              about 25 minutes, most of it training the stock pipeline
    ./jieyuan bench turns --quick      fewer turns, stock trained for 1 epoch only

Both sides run the same router, action server, Valkey, domain and training data; only Rasa
differs: `stock` is `rasa run` with Jieba, DIET and TED and Rasa's SQL tracker store, `ours` is
bot/server.py. The epochs of a model change what it answers, not how fast.
"""

import argparse
import asyncio
import platform
import statistics
import tempfile
import time
import uuid
from pathlib import Path

import httpx

from bench.stack import Side, Stack, running, train_ours, train_stock

LINES = (
    "老板拖欠我三个月工资一直不给,我在工地上干活",
    "没有请律师",
    "不知道",
    "一共欠了两万四",
    "为什么问这个",
    "不对,是两万六",
)
SENDERS = (1, 8, 32)


class Talker:
    """Writes and waits for the bot's answer, over the web channel or straight to Rasa."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        limits = httpx.Limits(max_connections=4)
        self.http = httpx.AsyncClient(timeout=120, limits=limits)

    async def begin(self) -> None:
        answer = await self.http.post(
            f"{self.stack.url}/api/web/conversations", json={"consent": True}
        )
        self.id = answer.json()["id"]
        self.base = f"{self.stack.url}/api/web/conversations/{self.id}/messages"
        self.sent, self.seen = 0, 0

    async def through_the_stack(self, text: str) -> float:
        began = time.perf_counter()
        self.sent += 1
        message = {"id": uuid.uuid4().hex, "seq": self.sent, "text": text}
        accepted = (await self.http.post(self.base, json=message)).json()
        self.seen = accepted["seq"]
        while True:
            page = {"after": self.seen, "wait": 20}
            lines = (await self.http.get(self.base, params=page)).json()["messages"]
            self.seen = max([self.seen, *(line["seq"] for line in lines)])
            if any(line["who"] == "bot" for line in lines):
                return time.perf_counter() - began

    async def straight_to_rasa(self, text: str) -> float:
        began = time.perf_counter()
        answer = await self.http.post(
            f"{self.stack.rasa_url}/webhooks/rest/webhook",
            json={"sender": f"{self.id}-1", "message": text,
                  "metadata": {"message_id": uuid.uuid4().hex}},
        )  # fmt: skip
        if not answer.json():
            raise SystemExit("Rasa stayed silent: the figures would mean nothing")
        return time.perf_counter() - began


async def load(stack: Stack, senders: int, turns: int, way: str) -> tuple[float, list[float]]:
    """Turns a second and each turn's seconds; every sender has conversations of six lines."""

    async def one(count: int) -> list[float]:
        talker, took = Talker(stack), []
        for turn in range(count):
            if turn % len(LINES) == 0:
                await talker.begin()
            took.append(await getattr(talker, way)(LINES[turn % len(LINES)]))
        await talker.http.aclose()
        return took

    began = time.perf_counter()
    each = await asyncio.gather(*(one(max(turns // senders, 6)) for _ in range(senders)))
    seconds = time.perf_counter() - began
    all_turns = [took for sender in each for took in sender]
    return len(all_turns) / seconds, all_turns


async def growth(stack: Stack) -> tuple[float, float]:
    """Median milliseconds of a bare Rasa turn in a case of about 100 and of about 2,000 events."""
    talker = Talker(stack)
    await talker.begin()
    took = [await talker.straight_to_rasa(LINES[turn % len(LINES)]) for turn in range(320)]
    await talker.http.aclose()
    early, late = took[10:24], took[300:320]  # six to eight events a turn
    return statistics.median(early) * 1000, statistics.median(late) * 1000


async def measure(side: Side, folder: Path, turns: int) -> dict[str, object]:
    figures: dict[str, object] = {"training, s": f"{side.train_seconds:.0f}"}
    began = time.perf_counter()
    async with running(side, folder / side.name) as stack:
        talker = Talker(stack)
        await talker.begin()
        await talker.through_the_stack(LINES[0])
        await talker.http.aclose()
        figures["start to first reply, s"] = f"{time.perf_counter() - began:.1f}"
        for way, title in (("through_the_stack", "whole stack"), ("straight_to_rasa", "bare Rasa")):
            for senders in SENDERS:
                rounds = [await load(stack, senders, turns, way) for _ in range(3)]
                rates = sorted(rate for rate, _ in rounds)
                took = sorted(ms * 1000 for _, turn in rounds for ms in turn)
                figures[f"{title}, {senders} senders, turns/s (min median max)"] = " ".join(
                    f"{rate:.1f}" for rate in rates
                )
                figures[f"{title}, {senders} senders, ms p50 p99"] = (
                    f"{took[len(took) // 2]:.0f} {took[int(len(took) * 0.99)]:.0f}"
                )
        early, late = await growth(stack)
        figures["turn at 100 and 2,000 events, ms (ratio)"] = (
            f"{early:.0f} {late:.0f} ({late / early:.2f})"
        )
        memory = stack.memory()
        figures["memory after the load, MB PSS"] = (
            " ".join(f"{name} {mb}" for name, mb in memory.items()) + f" = {sum(memory.values())}"
        )
    return figures


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    turns, epochs = (96, 1) if options.quick else (288, 100)
    with tempfile.TemporaryDirectory(prefix="jieyuan-bench-") as name:
        folder = Path(name)
        print("training ours …", flush=True)
        ours = await train_ours(folder)
        print(f"training stock ({epochs} epochs) …", flush=True)
        stock = await train_stock(folder, epochs)
        results = {}
        for side in (stock, ours):
            print(f"measuring {side.name} …", flush=True)
            results[side.name] = await measure(side, folder, turns)
    print(f"\n{platform.machine()}, {turns} turns a round, 3 rounds, stock trained {epochs} epochs")
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
