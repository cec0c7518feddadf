"""What every change of dispatch has in common: where it is kept, what time it is, who is told."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from router.bus import Bus
from router.clock import Clock
from router.db import Database
from router.dispatch import timers
from router.dispatch.rules import Queues
from router.events import Event, Events
from router.tickets.models import Ticket

log = logging.getLogger(__name__)
# In its transaction: the closed ticket, by whom, when
Closing = Callable[[AsyncSession, Ticket, str, datetime], Awaitable[None]]
# Ids of lawyers who are on the telephone now, or whose telephone rings
Telephoning = Callable[[AsyncSession, datetime], Awaitable[Sequence[str]]]


@dataclass(frozen=True)
class Ground:
    db: Database
    clock: Clock
    bus: Bus
    events: Events
    ttl: timedelta  # of an offer
    pause: timedelta  # until who let a ticket pass is asked for it once more
    grace: timedelta  # after a shift, for what is in hand
    queues: Queues
    closing: list[Closing] = field(default_factory=list)  # what a close does beyond this room
    telephoning: list[Telephoning] = field(default_factory=list)

    async def on_telephone(self, s: AsyncSession) -> frozenset[str]:
        """Whom nobody need ring; nobody telephones with two, however many chats they may have."""
        now = self.clock.now()
        return frozenset([one for tell in self.telephoning for one in await tell(s, now)])

    async def tell(self, ticket: Ticket, news: Iterable[Event], lawyer_id: str | None) -> None:
        """After the commit: events first, so that who is woken finds their lines."""
        for event in news:
            try:
                await self.events.publish([event])
            except Exception:  # what was committed stands, whoever could not hear of it
                log.exception("event.failed", extra={"event": type(event).__name__})
        topics = ["board", timers.TOPIC, f"conversation:{ticket.conversation_id}"]
        for topic in [*topics, f"lawyer:{lawyer_id}"] if lawyer_id else topics:
            await self.bus.wake(topic)
