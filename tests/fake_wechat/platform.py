"""All of it together, listening on this machine."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from tests.fake_wechat.delivery import Delivery
from tests.fake_wechat.interface import Interface
from tests.fake_wechat.login import Login


class Platform(Delivery, Interface, Login):
    def app(self, more: list[Route] | None = None) -> Starlette:
        return Starlette(routes=[*self.interface(), *self.login(), *(more or [])])

    @asynccontextmanager
    async def running(self, port: int = 0, more: list[Route] | None = None) -> AsyncIterator[str]:
        """Its URL, while it listens on this machine."""
        options = uvicorn.Config(
            self.app(more), "127.0.0.1", port, log_level="error", lifespan="off"
        )
        server = uvicorn.Server(options)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        finally:
            server.should_exit = True
            with contextlib.suppress(asyncio.CancelledError):
                await serving
