"""Offers and timers: rows in the same transaction as the ticket they belong to."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from router.db import Base, new_id


class Offer(Base):
    """派单: one ticket shown to one lawyer.

    pending | accepted | returned (given back later) | declined | expired | taken_back (by the
    supervisor) | withdrawn (off duty) | forgotten (may be asked as if never asked).
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
    reason: Mapped[str | None]  # of a decline, see DECLINES; of a return, see work.py


class Opening(Base):
    """空位: a lawyer on duty, once for each kind of ticket they are there for (keys.py).

    What the choice of a lawyer needs, so that it reads a few rows however many lawyers there are.
    `free` is 1 while they can take one more.
    """

    __tablename__ = "openings"
    __table_args__ = tuple(
        Index(f"ix_openings_{ring}", "key", ring, "tier", "free", "idle_since", "lawyer_id")
        if ring != "nation"
        else Index("ix_openings_nation", "key", "tier", "free", "idle_since", "lawyer_id")
        for ring in ("region", "city", "province", "nation")
    )

    lawyer_id: Mapped[str] = mapped_column(ForeignKey("lawyers.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    region: Mapped[str]
    city: Mapped[str]
    province: Mapped[str]
    tier: Mapped[int]  # 0 duty, 1 reserve
    free: Mapped[int]
    idle_since: Mapped[datetime]


class Timer(Base):
    """Something due at a moment; deleted in the transaction that does it."""

    __tablename__ = "timers"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    due_at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str]  # see service.py
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
