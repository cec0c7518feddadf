"""A telephone in one call of the played Twilio."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

from tests.fakes import until
from tests.router.hotline.people import Line

if TYPE_CHECKING:
    from tests.router.hotline.fake_twilio import FakeTwilio


class TwilioLine(Line):
    def __init__(self, carrier: FakeTwilio, number: str, url: str, status_url: str) -> None:
        super().__init__(number)
        self.carrier, self.url, self.status_url = carrier, url, status_url
        self.sid = f"CA{next(carrier.numbers):032x}"
        self.label = ""
        self.sequence = itertools.count()
        self.task: asyncio.Task[None] | None = None
        self.out_url: tuple[str, bool] | None = None  # of the Dial: action, whether * leads out
        self.inbound = False
        self.status = "ringing"
        self.recording: tuple[str, str] | None = None  # its id, and who is told when it is over

    async def answers(self) -> Line:
        self.state, self.status = "talking", "in-progress"
        await self.carrier.tell_status(self, "in-progress")
        self.go(self.url)
        return self

    async def hangs_up(self, how: str = "normal") -> None:
        await self.carrier.ends(self, how)

    async def stars(self) -> None:
        async def inside() -> bool:
            return self.room is not None

        await until(inside)
        self.marked = len(self.heard)
        assert self.out_url
        url, star = self.out_url
        assert star, "hangupOnStar is not set"
        await self.carrier.leaves(self)
        self.go(url, {"DialCallStatus": "answered"})

    def go(self, url: str, params: dict[str, str] | None = None) -> None:
        """Whatever it does, it drops it and fetches this."""
        if self.task and self.task is not asyncio.current_task():
            self.task.cancel()
        self.task = asyncio.create_task(self.carrier.documents.follow(self, url, params or {}))
