"""利益冲突: nobody may advise a citizen against their own firm's client or their earlier case's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, Table, bindparam, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from router.lawyers.models import Client, Lawyer
from router.tickets.models import Ticket, TicketEvent
from router.tickets.service import note_event
from router.tickets.status import Status

_C: Table = Client.__table__  # type: ignore[assignment]
_T: Table = Ticket.__table__  # type: ignore[assignment]


@dataclass(frozen=True)
class Excluded:
    firms: frozenset[str] = frozenset()
    lawyers: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.firms or self.lawyers)

    def bars(self, lawyer: Lawyer) -> bool:
        return lawyer.id in self.lawyers or lawyer.firm_id in self.firms


async def index_of(s: AsyncSession, indices: Sequence[str]) -> str:
    """Of a name's blind indices (one a data key) the one that clients are found under."""
    known = await s.scalar(select(Client.name_index).where(Client.name_index.in_(indices)).limit(1))
    return known or indices[0]


async def excluded(s: AsyncSession, ticket: Ticket, now: datetime) -> Excluded:
    """Who acts for the other party; written into the ticket's history before anybody is asked."""
    if ticket.opponent_index is None:
        return Excluded()
    found = await acting_for(s, [ticket.opponent_index])
    if found:
        await _record(s, ticket, found, now)
    return found


async def acting_for(s: AsyncSession, indices: Sequence[str]) -> Excluded:
    """Whose client it is; `indices`: of the name, see router/names.py."""
    clients = await s.execute(
        select(Client.firm_id, Client.lawyer_id).where(Client.name_index.in_(indices))
    )
    pairs = clients.all()
    return Excluded(
        frozenset(firm for firm, _ in pairs if firm),
        frozenset(lawyer for _, lawyer in pairs if lawyer),
    )


async def _record(s: AsyncSession, ticket: Ticket, found: Excluded, now: datetime) -> None:
    """Once, and again when it has changed."""
    data = {"firms": sorted(found.firms), "lawyers": sorted(found.lawyers)}
    last = await s.scalar(
        select(TicketEvent.data)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.move == "excluded")
        .order_by(TicketEvent.id.desc())
        .limit(1)
    )
    if last != data:
        note_event(s, ticket, "excluded", now, was=Status(ticket.status), data=data)
        await s.flush()


# The same of one lawyer (:me, of :firm) and any ticket, as a condition
OTHER_SIDE = exists().where(
    _C.c.name_index == _T.c.opponent_index,
    or_(
        _C.c.lawyer_id == bindparam("me", type_=String),
        _C.c.firm_id == bindparam("firm", type_=String),
    ),
)
