"""Server-sent events: look, say what changed, sleep until woken. Nothing is held meanwhile."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import Query, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from router.parts import Parts

BEAT = timedelta(seconds=15)  # a page that hears nothing for three beats connects anew
POLL_MAX = 25.0  # seconds
After = Annotated[int, Query(ge=0, le=1_000_000_000)]  # the last line that the page has

# What is new since the last look.
Look = Callable[[], Awaitable[Sequence[ServerSentEvent]]]


class Gone(Exception):
    """The reader may no longer look, e.g. the ticket was given back."""


def stream(p: Parts, topics: Sequence[str], look: Look) -> EventSourceResponse:
    async def events() -> AsyncIterator[ServerSentEvent]:
        async with p.bus.waiting_for(*topics) as waiter:
            yield ServerSentEvent(event="beat", data="", retry=1000)
            while True:
                try:
                    news = await look()
                except Gone:
                    yield ServerSentEvent(event="gone", data="gone")
                    return
                for event in news:
                    yield event
                if not await waiter.wait(BEAT):
                    yield ServerSentEvent(event="beat", data="")

    return EventSourceResponse(events(), headers={"Cache-Control": "no-store"}, ping=3600)


def resume_after(request: Request, after: int) -> int:
    """The browser's own memory of the last event wins over the page's."""
    told = request.headers.get("last-event-id", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else after


class Changed:
    """Remembers what a region showed, so that only changes are sent."""

    def __init__(self) -> None:
        self._shown: dict[str, str] = {}

    def events(
        self, regions: dict[str, str], keys: dict[str, str] | None = None
    ) -> list[ServerSentEvent]:
        """`keys` stand for regions whose HTML changes with the clock."""
        now = {**regions, **(keys or {})}
        fresh = [name for name in regions if self._shown.get(name) != now[name]]
        self._shown = now
        return [ServerSentEvent(event=name, data=regions[name]) for name in fresh]


async def poll(
    p: Parts, topic: str, look: Callable[[], Awaitable[tuple[str, str]]], wait: float
) -> str:
    """Lines as soon as there are any, else after `wait` seconds; panels always."""
    async with p.bus.waiting_for(topic) as waiter:
        lines, panels = await look()
        before = panels
        while not lines and panels == before and wait > 0:
            if not await waiter.wait(timedelta(seconds=wait)):
                break
            lines, panels = await look()
    return lines + panels
