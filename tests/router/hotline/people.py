"""People with telephones, as a test speaks of them; a carrier moves the lines they hold."""

from __future__ import annotations

import asyncio
import io
import wave
from typing import Any, Protocol

from tests.fakes import until


def sounding(words: str) -> bytes:
    """A WAV whose samples are the words: what stands for a sound."""
    said = words.encode()
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(said + b" " * (len(said) % 2))
    return out.getvalue()


class Line:
    """One telephone in one call, at a carrier that is played."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.state = "ringing"  # ringing | talking | over
        self.heard: list[str] = []
        self.slowly: list[str] = []  # of that
        self.asked: asyncio.Future[dict[str, str]] | None = None  # it listens
        self.room: str | None = None
        self.held = False
        self.marked = 0

    # --- what the person does

    async def answers(self) -> Line:
        raise NotImplementedError

    async def hangs_up(self, how: str = "normal") -> None:
        raise NotImplementedError

    async def stars(self) -> None:
        raise NotImplementedError

    async def presses(self, keys: str) -> None:
        await self._replies({"keys": keys})

    async def says(self, text: str, sure: float = 0.9) -> None:
        await self._replies({"speech": text, "sure": str(sure)})

    async def is_silent(self) -> None:
        await self._replies({})

    async def _replies(self, what: dict[str, str]) -> None:
        async def listening() -> bool:
            return self.asked is not None and not self.asked.done()

        await until(listening)
        self.marked = len(self.heard)
        assert self.asked
        self.asked.set_result(what)

    # --- what the person notices

    async def hears(self, words: str) -> str:
        """Since they last did something."""

        async def told() -> str | None:
            return next((one for one in self.heard[self.marked :] if words in one), None)

        try:
            found: str = await until(told)
        except AssertionError:
            raise AssertionError(f"{self.number}: {words!r} not in {self.heard}") from None
        return found

    async def is_over(self) -> None:
        async def over() -> bool:
            return self.state == "over"

        await until(over)


class World(Protocol):
    """What the shared tests of the port need of a carrier."""

    async def dials(self, number: str, to: str = "") -> Line: ...

    async def rings(self, number: str) -> Line:
        """Waits until that telephone rings."""

    async def together(self, *lines: Line) -> None:
        """Waits until these, and nobody else, are in one room."""

    def dialled(self) -> list[str]: ...

    refuses: dict[str, Any]
