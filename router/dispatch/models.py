"""Offers and timers: rows in the same transaction as the ticket they belong to."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from router.db import Base, new_id


class Offer(Base):
    """派单: one ticket shown to one lawyer.

    pending | accepted | returned (given back later) | declined | expired | withdrawn (off duty).
    """

    __tablename__ = "offers"
    __table_args__ = (Index("ix_offers_lawyer", "lawyer_id", "status"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), index=True)
    lawyer_id: Mapped[str] = mapped_column(ForeignKey("lawyers.id"))
    status: Mapped[str] = mapped_column(default="pending")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class Timer(Base):
    """Something due at a moment; deleted in the transaction that does it."""

    __tablename__ = "timers"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    due_at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str]  # offer_expires | ask_again | shift_ends
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
