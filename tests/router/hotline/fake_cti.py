"""The reference gateway as a carrier of the tests: the real one, its exchange played by them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import httpx

from reference.cti_gateway.exchange import Exchange, Phone
from reference.cti_gateway.gateway import Gateway
from reference.cti_gateway.journal import Journal
from tests.fakes import until
from tests.router.hotline.people import Line


class CtiLine(Phone, Line):
    """A telephone at the exchange, with a person of the tests at it."""

    def __init__(self, exchange: Exchange, call_id: str, leg_id: str, number: str) -> None:
        Phone.__init__(self, exchange, call_id, leg_id, number)
        self.marked = 0

    async def answers(self) -> Line:
        self.pick_up()
        return self

    async def hangs_up(self, how: str = "normal") -> None:
        self.put_down(how)

    async def stars(self) -> None:
        await until(lambda: self.room is not None)
        self.marked = len(self.heard)
        self.press_star()


class FakeCti:
    def __init__(self, settings: Any, clock: Any, folder: Path, rng: random.Random) -> None:
        self.settings, self.clock, self.folder = settings, clock, folder
        self.exchange = Exchange(CtiLine)
        self.gateway: Gateway | None = None
        self.app: httpx.AsyncClient | None = None
        self.transport = httpx.MockTransport(self._reach)
        self.refuses: dict[str, Any] = {}

    async def _reach(self, request: httpx.Request) -> httpx.Response:
        assert self.gateway
        inside = httpx.ASGITransport(self.gateway.api, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=inside, base_url="http://gateway") as client:
            answer = await client.send(
                client.build_request(
                    request.method, request.url, content=request.content, headers=request.headers
                )
            )
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)

    @property
    def recordings(self) -> dict[str, bytes]:
        return self.exchange.recordings

    def open(self, app: httpx.AsyncClient) -> None:
        self.app = app
        self.boot()

    def boot(self) -> None:
        """A gateway process on the same journal; the exchange and its telephones go on."""
        assert self.app
        secrets = self.settings.CTI_SECRET_OUT, self.settings.CTI_SECRET_IN
        self.gateway = Gateway(
            Journal(self.folder / "gateway.db"), self.exchange, self.app,
            key=self.settings.CTI_KEY,
            secret_in=secrets[0].get_secret_value(), secret_out=secrets[1].get_secret_value(),
            now=lambda: self.clock.now().timestamp(), pauses=(0.02,),
        )  # fmt: skip
        self.gateway.start(heartbeat=False)

    async def dials(self, number: str, to: str = "") -> Line:
        phone: Any = self.exchange.dials_in(number, to or self.settings.HOTLINE_NUMBER)
        phone.came_in = True
        assert isinstance(phone, CtiLine)
        return phone

    async def rings(self, number: str) -> Line:
        def ringing() -> Line | None:
            return next(
                (phone for phone in self.exchange.phones.values()
                 if phone.number == number and phone.state == "ringing"), None
            )  # fmt: skip

        return await until(ringing)

    async def together(self, *lines: Line) -> None:
        def inside() -> bool:
            rooms = {line.room for line in lines}
            if len(rooms) != 1 or None in rooms:
                return False
            return set(self.exchange.rooms[next(iter(rooms))]) == set(lines)

        await until(inside)

    def dialled(self) -> list[str]:
        return [
            phone.number for phone in self.exchange.phones.values()
            if not getattr(phone, "came_in", False)
        ]  # fmt: skip

    async def close(self) -> None:
        if self.gateway:
            await self.gateway.stop()
