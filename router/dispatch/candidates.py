"""Filter: which duty lawyers may be offered a ticket now."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.dispatch.models import Offer
from router.dispatch.strategies.longest_idle import Candidate
from router.lawyers.models import Lawyer
from router.tickets.models import Ticket

LET_PASS = ("declined", "expired", "returned")


async def find(
    session: AsyncSession,
    ticket: Ticket,
    siblings: Sequence[Ticket],
    now: datetime,
    pause: timedelta,
) -> list[Candidate]:
    """One person per citizen: while somebody is asked for or owns another ticket of the same
    conversation, this one goes to nobody else."""
    on_duty = await session.scalars(
        select(Lawyer).where(Lawyer.on_duty, Lawyer.role == "lawyer").order_by(Lawyer.id)
    )
    past = await session.scalars(
        select(Offer).where(Offer.ticket_id == ticket.id, Offer.status.in_(LET_PASS))
    )
    person = next((t.offered_to or t.owner for t in siblings if t.status != "open"), None)
    return fit(list(on_duty), list(past), ticket, person, now, pause)


def fit(
    on_duty: Iterable[Lawyer],
    past: Iterable[Offer],
    ticket: Ticket,
    person: str | None,
    now: datetime,
    pause: timedelta,
) -> list[Candidate]:
    """Pure. Who let the ticket pass is asked again after the pause, or when back on duty."""
    let_pass: dict[str, list[datetime]] = defaultdict(list)
    for offer in past:
        let_pass[offer.lawyer_id].append(offer.answered_at or offer.created_at)

    def rested(lawyer: Lawyer) -> bool:
        last = max(let_pass[lawyer.id], default=None)
        if last is None or now >= last + pause:
            return True
        return lawyer.duty_since is not None and lawyer.duty_since > last

    pool = list(on_duty)
    if person:
        pool = [lawyer for lawyer in pool if lawyer.id == person]
    elif ticket.urgency > 0:  # in danger anybody will do
        pool = _of_the_field(pool, ticket.matter)
    return [
        Candidate(lawyer.id, lawyer.idle_since, len(let_pass[lawyer.id]))
        for lawyer in pool
        if lawyer.load < lawyer.capacity and rested(lawyer)
    ]


def _of_the_field(pool: list[Lawyer], matter: str | None) -> list[Lawyer]:
    """Who takes such matters; where nobody on duty does, everybody: advice has no condition."""
    return [w for w in pool if not w.fields or matter is None or matter in w.fields] or pool
