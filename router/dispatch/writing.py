"""What a look has decided, for all its tickets in a few statements. Core and made once each.

The tickets are locked and were open when they were; a condition on their status would only lead
PostgreSQL from the few asked for to an index of all that are open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.db import UTCDateTime
from router.dispatch import openings, timers
from router.dispatch.models import Offer, Timer
from router.errors import NoRoom
from router.tickets.models import Ticket, TicketEvent
from router.tickets.status import Status

_T: Table = Ticket.__table__  # type: ignore[assignment]
_O: Table = Offer.__table__  # type: ignore[assignment]
_D: Table = Timer.__table__  # type: ignore[assignment]
_LOG = insert(TicketEvent.__table__)  # type: ignore[arg-type]
_OFFER, _TIMER = insert(_O), insert(_D)
_DROP = delete(_D).where(_D.c.id.in_(bindparam("timers", expanding=True)))
_OFFERED_TO = (
    select(_O.c.lawyer_id)
    .where(_O.c.ticket_id == _T.c.id, _O.c.id.in_(bindparam("offers", expanding=True)))
    .scalar_subquery()
)
_GIVE = (
    update(_T)
    .where(_T.c.id.in_(bindparam("tickets", expanding=True)))
    .values(status=Status.OFFERED.value, offered_to=_OFFERED_TO, place=None, wants=None)
)
_WAIT = (
    update(_T)
    .where(_T.c.id == bindparam("ticket"))
    .values(
        place=bindparam("at", type_=String),
        wants=bindparam("wish", type_=String),
        alarmed_at=func.coalesce(_T.c.alarmed_at, bindparam("now", type_=UTCDateTime)),
    )
)


@dataclass(frozen=True)
class Waits:
    ticket: Ticket
    place: str
    wants: str
    again: datetime  # looked at


async def drop_timers(s: AsyncSession, tickets: Sequence[str]) -> None:
    """Those that their looks hung on."""
    await s.execute(_DROP, {"timers": [timers.ask_again_id(ticket) for ticket in tickets]})


async def offers(s: AsyncSession, made: Sequence[tuple[Ticket, Offer]], now: datetime) -> None:
    """Raises NoRoom where a lawyer was faster full or gone than asked."""
    await s.execute(_OFFER, [_row(offer) for _, offer in made])
    await s.execute(_TIMER, [timers.expiry(offer) for _, offer in made])
    if not await openings.reserve_all(s, [offer for _, offer in made], now):
        raise NoRoom()
    told = {"tickets": [t.id for t, _ in made], "offers": [offer.id for _, offer in made]}
    await s.execute(_GIVE, told)
    to = Status.OFFERED.value
    await s.execute(_LOG, [_event(t, now, "offered", to, {"to": o.lawyer_id}) for t, o in made])


async def waits(s: AsyncSession, those: Sequence[Waits], now: datetime) -> None:
    """On an alarm, which is logged once."""
    rows = [{"ticket": w.ticket.id, "at": w.place, "wish": w.wants, "now": now} for w in those]
    await s.execute(_WAIT, rows)
    await s.execute(_TIMER, [timers.asking(w.ticket.id, w.again) for w in those])
    new = [w.ticket for w in those if not w.ticket.alarmed_at]
    if new:
        await s.execute(_LOG, [_event(t, now, "alarmed", t.status, {}) for t in new])


def _row(offer: Offer) -> dict[str, object]:
    names = ("id", "ticket_id", "lawyer_id", "status", "created_at", "expires_at")
    return {name: getattr(offer, name) for name in names}


def _event(
    ticket: Ticket, at: datetime, move: str, now: str, data: dict[str, object]
) -> dict[str, object]:
    return {
        "ticket_id": ticket.id, "at": at, "move": move, "was": ticket.status, "now": now,
        "by": None, "data": data,
    }  # fmt: skip
