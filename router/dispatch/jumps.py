"""A clock that is set while we run: what was to last seconds still lasts seconds.

Without this an hour forward would end every offer and every lawyer's patience at once, an hour back
would keep each offer with one lawyer for an hour. Safe to do in every process.
"""

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.clock import Clock
from router.dispatch.models import Offer, Timer
from router.dispatch.rules import USUAL

NOTICED = timedelta(seconds=10)


class Watch:
    """Compares the wall's clock with one that nobody can set."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen = clock.now(), clock.monotonic()

    def jumped(self) -> bool:
        """Since the last time this was asked."""
        wall, steady = self._seen
        self._seen = now, ticks = self._clock.now(), self._clock.monotonic()
        return abs(now - wall - timedelta(seconds=ticks - steady)) >= NOTICED


async def settle(s: AsyncSession, now: datetime, ttl: timedelta, pause: timedelta) -> None:
    """What fell due by the jump gets its time anew, what moved out of reach comes back."""
    silence = timedelta(minutes=USUAL.silence)
    for kind, span in (("offer_expires", ttl), ("ask_again", pause), ("silence", silence)):
        late = [Timer.due_at <= now]
        if kind != "silence":  # of a length of its own; late by the jump does no harm
            late.append(Timer.due_at > now + span)
        moved = update(Timer).where(Timer.kind == kind, or_(*late))
        await s.execute(moved.values(due_at=now + span))
    shown = or_(Offer.expires_at <= now, Offer.expires_at > now + ttl)
    under_way = select(Timer.id).where(Timer.kind == "offer_expires")
    moved = update(Offer).where(Offer.id.in_(under_way), shown)
    await s.execute(moved.values(expires_at=now + ttl))
