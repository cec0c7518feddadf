"""/healthz: this process lives. /readyz: which part is not ready. /metrics: for Prometheus."""

import time
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from redis.exceptions import RedisError
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from router.lawyers.hours import posts_to_cover
from router.lawyers.roster import uncovered
from router.parts import Parts, parts
from router.tickets.models import Ticket

api = APIRouter()

REQUESTS = Histogram("jieyuan_request_seconds", "Requests by route", ["method", "route", "status"])
ERRORS = Counter("jieyuan_errors_total", "Errors by code", ["code"])
UNCOVERED = Gauge(
    "jieyuan_uncovered_seconds", "Promised seconds of the next 24 hours without a shift", ["post"]
)
TICKETS = Gauge("jieyuan_tickets", "Tickets by status", ["status"])


@api.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@api.get("/readyz")
async def readyz(p: Annotated[Parts, Depends(parts)], response: Response) -> dict[str, str]:
    """200 when every part answers, else 503; the body names each part: "ok" or what is wrong."""
    state = {
        "database": await _database(p),
        "redis": await _redis(p),
        "bot": "ok" if await p.gateway.bot.alive() else "not answering",
    }
    if any(value != "ok" for value in state.values()):
        response.status_code = 503
    return state


@api.get("/metrics")
async def metrics(p: Annotated[Parts, Depends(parts)]) -> Response:
    async with p.db.read() as session:
        rows = await session.execute(select(Ticket.status, func.count()).group_by(Ticket.status))
        TICKETS.clear()
        for status, count in rows:
            TICKETS.labels(status).set(count)
        now, posts = p.clock.now(), posts_to_cover()
        found = await uncovered(session, now, now + timedelta(days=1), posts)
    for post in posts:
        gaps = (gap.ends_at - gap.starts_at for gap in found if gap.post == post)
        UNCOVERED.labels(post).set(sum(gaps, timedelta()).total_seconds())
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)


async def _database(p: Parts) -> str:
    try:
        async with p.db.read() as session:
            await session.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError) as error:
        return f"not answering: {type(error).__name__}"
    return "ok"


async def _redis(p: Parts) -> str:
    if p.bus.redis is None:
        return "ok"
    try:
        await p.bus.redis.ping()
    except (RedisError, OSError) as error:
        return f"not answering: {type(error).__name__}"
    return "ok"


class Measured:
    """ASGI middleware: how long each route took until its answer began."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began = time.perf_counter()

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                # the route's pattern, never the URL: a URL may carry an id
                route = getattr(scope.get("route"), "path", "other")
                seconds = time.perf_counter() - began
                REQUESTS.labels(scope["method"], route, message["status"]).observe(seconds)
            await send(message)

        await self.app(scope, receive, watched)
