"""A citizen's tickets until now: who let this one pass, who advised them earlier."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Table, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from router.dispatch.models import Offer
from router.dispatch.refusals import LET_PASS, Refusals
from router.tickets.models import Ticket

_O: Table = Offer.__table__  # type: ignore[assignment]
_T: Table = Ticket.__table__  # type: ignore[assignment]
_OFFERED = (_O.c.lawyer_id, _O.c.status, _O.c.reason, _O.c.answered_at, _O.c.created_at)
_PAST = (
    select(_T.c.id, _T.c.conversation_id, _T.c.closed_at, _T.c.owner, *_OFFERED)
    .outerjoin(_O, _O.c.ticket_id == _T.c.id)
    .where(_T.c.conversation_id.in_(bindparam("conversations", expanding=True)))
)


@dataclass(frozen=True)
class Past:
    refusals: Refusals
    asked: bool  # somebody was asked for it
    earlier: str | None  # the citizen's own lawyer: of the ticket of theirs that was closed last


async def of(s: AsyncSession, tickets: Sequence[Ticket]) -> dict[str, Past]:
    """By ticket."""
    talks = list({ticket.conversation_id for ticket in tickets})
    rows = (await s.execute(_PAST, {"conversations": talks})).all()
    found = {}
    for ticket in tickets:
        offers = [row for row in rows if row.id == ticket.id and row.lawyer_id]
        ended = [
            (row.closed_at, row.owner)
            for row in rows
            if row.conversation_id == ticket.conversation_id and row.closed_at and row.owner
        ]
        refusals = Refusals.of([row for row in offers if row.status in LET_PASS])
        _, earlier = max(ended, default=(None, None))
        found[ticket.id] = Past(refusals, bool(offers), earlier)
    return found
