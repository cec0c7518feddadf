"""What waits: in which order, at which place, and who of it can be offered now."""

from collections.abc import Sequence

from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from router.dispatch.ground import Ground
from router.dispatch.offers import Offers
from router.lawyers.models import Lawyer
from router.tickets.models import Ticket
from router.tickets.service import locked, note_event
from router.tickets.status import Status

S = Status


class Queue:
    def __init__(self, ground: Ground, offers: Offers) -> None:
        self._g, self._offers = ground, offers

    async def drain(self, asked: Sequence[str] = ()) -> None:
        """Offers what waits, urgent first, then the oldest. `asked`: look at these in any case."""
        free, waiting = await self._waiting(asked)
        for ticket_id, unseen in waiting:
            if (free or unseen) and await self._offers.offer(ticket_id):
                free = await self._somebody_free()

    async def _waiting(self, asked: Sequence[str]) -> tuple[bool, list[tuple[str, bool]]]:
        """In the order of the queue; true: to be looked at although no lawyer is free."""
        async with self._g.db.read() as s:
            found = await s.execute(
                select(Ticket.id, Ticket.alarmed_at.is_(None))
                .where(Ticket.status == S.OPEN.value)
                .order_by(Ticket.urgency, Ticket.created_at, Ticket.id)
            )
            queue = [(ticket_id, new or ticket_id in asked) for ticket_id, new in found]
        left = set(asked) - {ticket_id for ticket_id, _ in queue}  # only their timers are left
        return await self._somebody_free(), [*queue, *((t, True) for t in sorted(left))]

    async def _somebody_free(self) -> bool:
        async with self._g.db.read() as s:
            free = exists().where(
                Lawyer.on_duty, Lawyer.role == "lawyer", Lawyer.load < Lawyer.capacity
            )
            return bool(await s.scalar(select(free)))

    async def position(self, session: AsyncSession, ticket_id: str) -> int | None:
        """1 is the next to be offered; None: it does not wait."""
        ticket = await session.get(Ticket, ticket_id)
        if ticket is None or ticket.status != S.OPEN:
            return None
        ahead = await session.scalar(
            select(func.count()).where(
                Ticket.status == S.OPEN.value,
                or_(
                    Ticket.urgency < ticket.urgency,
                    (Ticket.urgency == ticket.urgency) & (Ticket.created_at < ticket.created_at),
                    (Ticket.urgency == ticket.urgency)
                    & (Ticket.created_at == ticket.created_at)
                    & (Ticket.id < ticket.id),
                ),
            )
        )
        return (ahead or 0) + 1

    async def urge(self, ticket_id: str, urgency: int, data: dict[str, object]) -> bool:
        """False: it is as urgent as that already."""
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            ticket, _ = await locked(s, ticket_id)
            if ticket.urgency <= urgency:
                return False
            ticket.urgency = urgency
            note_event(s, ticket, "urged", now, was=Status(ticket.status), data=data)
        await self._g.tell(ticket, [], ticket.offered_to or ticket.owner)
        return True
