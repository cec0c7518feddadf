"""Tickets: the only writer of a status, and the history that every move leaves."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Select, Table, bindparam, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from router.db import new_id
from router.errors import ImpossibleMove, NotFound, TicketMovedOn
from router.tickets.models import Note, Ticket, TicketEvent
from router.tickets.status import FIRST, LIVE, NEXT, SPEAKER, Status

OPEN = text("tickets.status = 'open'")  # in the words of the indices, see models.py
NOT_CLOSED = text("tickets.status != 'closed'")

_T: Table = Ticket.__table__  # type: ignore[assignment]
_ASKED: BindParameter[str] = bindparam("asked", expanding=True)
_OTHERS = _T.alias()
_FAMILIES: Select[Ticket] = (
    select(Ticket)
    .where(
        _T.c.conversation_id.in_(select(_OTHERS.c.conversation_id).where(_OTHERS.c.id.in_(_ASKED))),
        or_(_T.c.status.in_([s.value for s in LIVE]), _T.c.id.in_(_ASKED)),
    )
    .order_by(_T.c.id)
    .execution_options(populate_existing=True)
)
_FAMILY_IDS = _FAMILIES.with_only_columns(_T.c.id)


async def move(
    session: AsyncSession,
    ticket: Ticket,
    to: Status,
    how: str,
    at: datetime,
    *,
    by: str | None = None,
    sets: dict[str, Any] | None = None,
    data: dict[str, Any] | None = None,
    **still: object,
) -> None:
    """One conditional update, one line of history. `still` must hold too, e.g. owner=lawyer_id.

    `sets` are columns that change with the status.
    """
    was = Status(ticket.status)
    if to not in NEXT[was]:
        raise ImpossibleMove(ticket=ticket.id, now=was, to=to)
    changed = {"status": to.value, **(sets or {})}
    claim = update(_T).filter_by(id=ticket.id, status=was.value, **still).values(changed)
    if (await session.execute(claim)).rowcount != 1:  # type: ignore[attr-defined]
        raise TicketMovedOn(ticket=ticket.id)
    for column, value in changed.items():
        set_committed_value(ticket, column, value)
    note_event(session, ticket, how, at, was=was, by=by, data=data)


def note_event(
    session: AsyncSession,
    ticket: Ticket,
    how: str,
    at: datetime,
    *,
    was: Status | None,
    by: str | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """A line of history, also for what changes no status (alarmed, urgent)."""
    session.add(
        TicketEvent(
            ticket_id=ticket.id, at=at, move=how, was=was, now=ticket.status, by=by, data=data or {}
        )
    )


def ended(sets: dict[str, Any]) -> dict[str, Any]:
    """Of the columns that change with an end, what the history has to tell."""
    return {key: sets[key] for key in ("outcome", "merged_into") if key in sets}


def open_new(session: AsyncSession, ticket: Ticket, at: datetime) -> None:
    """Puts a new ticket where its delivery begins."""
    ticket.status = FIRST[ticket.delivery].value
    ticket.created_at = at
    if ticket.status == Status.CLOSED:
        ticket.closed_at, ticket.outcome = at, "guided"
    session.add(ticket)
    data = {"urgency": int(ticket.urgency)}
    note_event(session, ticket, "opened", at, was=None, data=data)


def add_note(
    session: AsyncSession, ticket_id: str, lawyer_id: str, text: str, at: datetime
) -> Note:
    """Free words of a lawyer: encrypted, never in the history's plain data."""
    note = Note(id=new_id(), ticket_id=ticket_id, lawyer_id=lawyer_id, created_at=at)
    note.text = text
    session.add(note)
    return note


async def get(session: AsyncSession, ticket_id: str) -> Ticket:
    ticket = await session.get(Ticket, ticket_id)
    if ticket is None:
        raise NotFound(ticket=ticket_id)
    return ticket


async def locked(
    session: AsyncSession, ticket_id: str, wait: bool = True
) -> tuple[Ticket, list[Ticket]]:
    """The ticket and the other live ones of its conversation, row-locked on PostgreSQL.

    Without `wait` raises TicketMovedOn for one that somebody else has locked.
    """
    found = {one.id: one for one in await all_locked(session, [ticket_id], wait)}
    if not wait:
        theirs = await session.scalars(_FAMILY_IDS, {"asked": [ticket_id]})
        if len(found) < len(theirs.all()):
            raise TicketMovedOn(ticket=ticket_id)
    if ticket_id not in found:
        raise NotFound(ticket=ticket_id)
    return found.pop(ticket_id), list(found.values())


async def all_locked(
    session: AsyncSession, ids: Sequence[str], wait: bool = True
) -> Sequence[Ticket]:
    """The tickets and the other live ones of their conversations.

    Always in the order of their ids, before any lawyer: then two moves cannot block each other.
    """
    locks = _FAMILIES.with_for_update(skip_locked=not wait)
    return (await session.scalars(locks, {"asked": list(ids)})).all()


def speaker(tickets: Iterable[Ticket]) -> str:
    """Who holds the floor of the conversation that these tickets belong to."""
    return "lawyer" if any(SPEAKER[Status(t.status)] == "lawyer" for t in tickets) else "bot"


async def of_conversation(session: AsyncSession, conversation_id: str) -> list[Ticket]:
    """Newest first."""
    rows = await session.scalars(
        select(Ticket)
        .where(Ticket.conversation_id == conversation_id)
        .order_by(Ticket.created_at.desc(), Ticket.id)
    )
    return list(rows)
