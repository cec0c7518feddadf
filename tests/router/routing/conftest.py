"""Routing over a real law, real destinations and a real dispatch, without the other parts."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.responses import JSONResponse

from router.bus import Bus
from router.destinations.registry import Destinations
from router.dispatch.service import Dispatch
from router.errors import RouterError
from router.events import Events
from router.lawbook import LawBook
from router.routing.endpoints import routes
from router.routing.service import Routing
from tests import factories


@pytest.fixture
def dispatch(db, clock, settings) -> Dispatch:
    return Dispatch(db, clock, Bus(None), Events(), settings)


@pytest.fixture
def lawbook(db, clock, settings) -> LawBook:
    return LawBook(db, clock, Bus(None), settings.REGION)


@pytest.fixture
def routing(db, clock, settings, dispatch, lawbook) -> Routing:
    return Routing(db, clock, Bus(None), lawbook, Destinations.load(), dispatch, settings)


@pytest.fixture
async def citizen(db, clock):
    return await factories.conversation(db, clock)


class OnlyRouting:
    """As much of Parts as /internal needs."""

    def __init__(self, routing, settings) -> None:
        self.routing, self.settings = routing, settings


@pytest.fixture
async def actions(routing, settings) -> AsyncIterator[httpx.AsyncClient]:
    """The action server's way in."""
    settings.SERVICE_TOKEN = SecretStr("between us")
    app = FastAPI()
    app.state.parts = OnlyRouting(routing, settings)
    app.router.routes.extend(routes)

    @app.exception_handler(RouterError)
    async def explain(request, error):
        body = {"error": error.sentence, "code": error.code}
        return JSONResponse(body, status_code=error.status)

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://test",
        headers={"Authorization": "Bearer between us"},
    ) as client:
        yield client
