"""What every change of dispatch has in common: where it is kept, what time it is, who is told."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from router.bus import Bus
from router.clock import Clock
from router.db import Database
from router.dispatch import timers
from router.events import Event, Events
from router.lawyers.models import Lawyer
from router.tickets.models import Ticket

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ground:
    db: Database
    clock: Clock
    bus: Bus
    events: Events
    ttl: timedelta  # of an offer
    pause: timedelta  # until who let a ticket pass is asked for it once more

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


async def free(s: AsyncSession, lawyer_id: str, now: datetime) -> None:
    """One thing less in hand, and to the end of the line."""
    await s.execute(
        update(Lawyer)
        .where(Lawyer.id == lawyer_id)
        .values(load=Lawyer.load - 1, idle_since=now)
        .execution_options(synchronize_session=False)
    )


async def busy(s: AsyncSession, lawyer_id: str, now: datetime) -> None:
    await s.execute(
        update(Lawyer)
        .where(Lawyer.id == lawyer_id)
        .values(idle_since=now)
        .execution_options(synchronize_session=False)
    )
