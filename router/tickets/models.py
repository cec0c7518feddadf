"""Tickets, their append-only history and the lawyers' notes."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from router.crypto import Sealed, SealedJson
from router.db import Base, new_id


def _partial(name: str, where: str, *columns: str) -> Index:
    """Of a few tickets alone, so that a million closed ones cost nothing.

    Taken by queries that say `where` in these very words: no bound value tells SQLite as much. No
    index begins with the status: without statistics SQLite would take it for any condition.
    """
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


class Ticket(Base):
    """工单: one citizen's trouble on its way to one person or place. `status`: see status.py."""

    __tablename__ = "tickets"
    __table_args__ = (
        _partial("ix_tickets_queue", "status = 'open'", "urgency", "created_at", "id"),
        _partial(
            "ix_tickets_waiting", "status = 'open'", "place", "wants", "urgency", "created_at", "id"
        ),
        _partial("ix_tickets_live", "status != 'closed'", "created_at"),
        _partial(
            "ix_tickets_unseen",
            "status = 'open' AND place IS NULL",
            "urgency",
            "created_at",
            "id",
        ),
        Index("ix_tickets_owner", "owner", "closed_at"),
        Index("ix_tickets_closed", "closed_at", "destination"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    opened_by: Mapped[str] = mapped_column(unique=True)  # key of what opened it: once only
    screening_id: Mapped[str | None]
    destination: Mapped[str]  # file name in data/destinations
    delivery: Mapped[str]  # offer | queue | application | transfer | information | notice
    status: Mapped[str]
    urgency: Mapped[int]  # see urgency.py: the lowest goes first
    matter: Mapped[str | None]  # label of the dispute, for matching
    region: Mapped[str]
    language: Mapped[str | None]  # a dialect, where the citizen is not at home in 普通话
    post: Mapped[str] = mapped_column(default="web")  # window | hotline | web | kiosk
    opponent_index: Mapped[str | None]  # blind index of the other party's name, see router/names.py
    place: Mapped[str | None]  # while OPEN: whose lawyers it waits for, see dispatch/keys.py
    wants: Mapped[str | None]  # while OPEN: which of them; both absent: not looked at yet
    merged_into: Mapped[str | None]  # the ticket that goes on with it
    summary_sealed: Mapped[bytes | None]
    summary = Sealed()  # one line for the desk
    intake_sealed: Mapped[bytes | None]
    intake = Sealed()  # JSON: the conversation's intake when the ticket was opened
    call_back_sealed: Mapped[bytes | None]
    call_back = SealedJson()  # 回电: number, and name and when where they were told
    call_back_at: Mapped[datetime | None]  # asked for
    call_back_done_at: Mapped[datetime | None]  # somebody has called
    offered_to: Mapped[str | None]  # lawyer id, while OFFERED
    owner: Mapped[str | None]  # lawyer id, while ACCEPTED
    outcome: Mapped[str | None]  # while CLOSED, see OUTCOMES
    alarmed_at: Mapped[datetime | None]  # nobody could be offered it: the supervisor is told
    created_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class TicketEvent(Base):
    """Append-only: every move of a ticket, with who and why."""

    __tablename__ = "ticket_events"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), index=True)
    at: Mapped[datetime]
    move: Mapped[str]  # opened | offered | accepted | declined | expired | returned | closed | ...
    was: Mapped[str | None]
    now: Mapped[str]
    by: Mapped[str | None]  # lawyer id; absent: the system
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), index=True)
    lawyer_id: Mapped[str]
    text_sealed: Mapped[bytes | None]
    text = Sealed()
    created_at: Mapped[datetime]
