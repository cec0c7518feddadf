"""Stand-ins for the outside world, shared by all tests: clock, bot, routing."""

import asyncio
import heapq
import itertools
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from router.errors import BotUnavailable

Json = dict[str, Any]


class FakeClock:
    """Stands still until advance(); sleepers wake in the order of their moments."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)) -> None:
        self._now = start  # a Monday, 09:00 in China
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._set_by = timedelta(0)

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._set_by).timestamp()

    def jump(self, span: timedelta) -> None:
        """Somebody sets the clock; no time passes."""
        self._now += span
        self._set_by += span

    async def sleep(self, span: timedelta) -> None:
        if span <= timedelta(0):
            await asyncio.sleep(0)
            return
        wake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + span, next(self._order), wake))
        await wake

    async def advance(self, span: timedelta) -> None:
        target = self._now + span
        await settle()
        while self._sleepers and self._sleepers[0][0] <= target:
            due, _, wake = heapq.heappop(self._sleepers)
            self._now = max(self._now, due)
            if not wake.done():
                wake.set_result(None)
                await settle()
        self._now = target
        await settle()

    async def leap(self, span: timedelta) -> None:
        """Over a long time at once: who sleeps wakes a single time, at its end."""
        self._now += span
        while self._sleepers and self._sleepers[0][0] <= self._now:
            _, _, wake = heapq.heappop(self._sleepers)
            if not wake.done():
                wake.set_result(None)
        await settle()

    async def pass_by(self, seconds: int) -> None:
        """Second by second, with time between for work in the database's threads."""
        for _ in range(seconds):
            await self.advance(timedelta(seconds=1))
            await asyncio.sleep(0.02)


async def settle() -> None:
    """Lets tasks that are ready run. Work in the database's threads may take longer: until()."""
    for _ in range(20):
        await asyncio.sleep(0)


async def until(holds: Callable[[], Any], at_most: float = 10) -> Any:
    """Waits for something that other tasks bring about; `holds` may be a coroutine function."""
    end = asyncio.get_running_loop().time() + at_most
    while True:
        value = holds()
        if asyncio.iscoroutine(value):
            value = await value
        if value:
            return value
        if asyncio.get_running_loop().time() > end:
            raise AssertionError(f"did not come about within {at_most} s")
        await asyncio.sleep(0.005)


class FakeBot:
    """A Rasa that says what the test wants and, like Rasa, plays whatever it is sent.

    It remembers each turn (`played`) and can tell it by message id, as Rasa's tracker does.
    `mode`: well | dead (refuses) | error (5xx) | silent (answers nothing, the turn counts).
    `hold()` lets a turn wait until `release()`: before Rasa has played it or after.
    """

    def __init__(self) -> None:
        self.mode = "well"
        self.answer: Callable[[str], list[Json]] = lambda text: [{"text": f"收到:{text}"}]
        self.turns: list[tuple[str, str, str]] = []  # sender, message id, text
        self.metadata: list[Json] = []
        self._answers: dict[tuple[str, str], list[Json]] = {}
        self._gates: dict[str, asyncio.Event] = {}
        self.asked: list[str] = []  # message ids looked up in the tracker
        self.at_once: Counter[str] = Counter()
        self.most_at_once = 0

    @property
    def texts(self) -> list[str]:
        return [text for _, _, text in self.turns]

    def times_played(self, message_id: str) -> int:
        return sum(turn[1] == message_id for turn in self.turns)

    async def close(self) -> None:
        """It has no connections."""

    def hold(self, where: str = "before") -> None:
        self._gates[where] = asyncio.Event()

    def release(self) -> None:
        gates, self._gates = self._gates, {}
        for gate in gates.values():
            gate.set()

    async def say(self, sender: str, text: str, metadata: Json) -> list[Json]:
        self.at_once[sender] += 1
        self.most_at_once = max(self.most_at_once, self.at_once[sender])
        try:
            return await self._play(sender, text, metadata)
        finally:
            self.at_once[sender] -= 1

    async def _play(self, sender: str, text: str, metadata: Json) -> list[Json]:
        self._refuse_when_ill()
        if gate := self._gates.get("before"):
            await gate.wait()
            self._refuse_when_ill()
        message_id = metadata["message_id"]
        self.turns.append((sender, message_id, text))
        self.metadata.append(metadata)
        answer = [] if self.mode == "silent" else self.answer(text)
        self._answers[sender, message_id] = answer
        if gate := self._gates.get("after"):
            await gate.wait()
        return answer

    async def answered(self, sender: str, message_id: str) -> list[Json] | None:
        self._refuse_when_ill()
        self.asked.append(message_id)
        return self._answers.get((sender, message_id))

    async def alive(self) -> bool:
        return self.mode not in ("dead", "error")

    def _refuse_when_ill(self) -> None:
        if self.mode in ("dead", "error"):
            raise BotUnavailable(because=self.mode)


class FakeRouting:
    """Remembers what the gateway asked for; each key has one effect, as in the real one."""

    def __init__(self) -> None:
        self.tickets: dict[str, Json] = {}
        self.alarms: dict[str, list[str]] = {}

    async def open_ticket(
        self,
        conversation_id: str,
        key: str,
        destination: str,
        note: str | None = None,
        urgency: int | None = None,
    ) -> Json:
        return self.tickets.setdefault(
            key,
            {
                "conversation": conversation_id,
                "destination": destination,
                "text": "正在为您找值班律师。",
                "status": "offered",
            },
        )

    async def alarm(self, conversation_id: str, key: str, danger: list[str]) -> None:
        self.alarms.setdefault(key, danger)
