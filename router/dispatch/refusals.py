"""Who let a ticket pass (declined, did not answer, gave it back) and may not yet be asked again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Exists, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from router.dispatch.models import Offer
from router.lawyers.models import Lawyer
from router.tickets.models import Ticket

LET_PASS = ("declined", "expired", "returned")
NEVER_AGAIN = "interest"  # 利害关系: their reason stands, whatever time has passed


@dataclass(frozen=True)
class Refusals:
    """Of one ticket, by lawyer: how often, when last, and whether for good."""

    times: dict[str, int]
    last: dict[str, datetime]
    for_good: frozenset[str]

    @classmethod
    def of(cls, offers: Iterable[Offer]) -> "Refusals":
        times: dict[str, int] = {}
        last: dict[str, datetime] = {}
        for offer in offers:
            at = offer.answered_at or offer.created_at
            times[offer.lawyer_id] = times.get(offer.lawyer_id, 0) + 1
            last[offer.lawyer_id] = max(at, last.get(offer.lawyer_id, at))
        for_good = {o.lawyer_id for o in offers if o.reason == NEVER_AGAIN}
        return cls(times, last, frozenset(for_good))

    def rested(self, lawyer: Lawyer, now: datetime, pause: timedelta) -> bool:
        """True for who never refused. `abs`: a clock that was put back makes nobody wait longer."""
        if lawyer.id in self.for_good:
            return False
        last = self.last.get(lawyer.id)
        if last is None or abs(now - last) >= pause:
            return True
        return lawyer.duty_since is not None and lawyer.duty_since > last


async def of(s: AsyncSession, ticket_id: str) -> Refusals:
    past = select(Offer).where(Offer.ticket_id == ticket_id, Offer.status.in_(LET_PASS))
    return Refusals.of(list(await s.scalars(past)))


def refused_by(lawyer: Lawyer, now: datetime, pause: timedelta) -> Exists:
    """The same of one lawyer and any ticket, as a condition."""
    since = lawyer.duty_since or now - pause
    return exists().where(
        Offer.ticket_id == Ticket.id,
        Offer.lawyer_id == lawyer.id,
        Offer.status.in_(LET_PASS),
        or_(
            Offer.reason == NEVER_AGAIN,
            (Offer.answered_at > now - pause)
            & (Offer.answered_at < now + pause)
            & (Offer.answered_at >= since),
        ),
    )
