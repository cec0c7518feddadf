"""Partners with their keys, and referrals with their append-only history."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from router.crypto import Sealed
from router.db import Base, new_id


class Partner(Base):
    """合作单位: another organ's computer, which may send us referrals or answer ours."""

    __tablename__ = "partners"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)  # short, for files and commands, e.g. 12345
    label: Mapped[str]  # what people read
    region: Mapped[str]  # of what it sends, unless it says another
    days: Mapped[int]  # within which we answer what it sends
    url: Mapped[str | None]  # where we push to; only the operator sets it
    secret_sealed: Mapped[bytes | None]
    secret = Sealed()  # signs what we push
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]  # its keys open nothing, and nothing is pushed to it


class PartnerKey(Base):
    __tablename__ = "partner_keys"

    id: Mapped[str] = mapped_column(primary_key=True)  # the key's first part, to name it by
    partner_id: Mapped[str] = mapped_column(ForeignKey("partners.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)  # sha256 of the key
    secret_sealed: Mapped[bytes | None]
    secret = Sealed()  # the key, where its owner signs with it instead of showing it: scope call
    scopes: Mapped[list[str]]  # send | answer | call
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Referral(Base):
    """转办: a case on its way from one organ to another. `status`: see status.py."""

    __tablename__ = "referrals"
    __table_args__ = (
        UniqueConstraint("partner_id", "number"),
        Index("ix_referrals_queue", "status", "due_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    receipt: Mapped[str] = mapped_column(unique=True)  # 回执号, e.g. ZB-7KQ2-9XMD
    direction: Mapped[str]  # out: we sent it; in: it was sent to us
    partner_id: Mapped[str | None] = mapped_column(ForeignKey("partners.id"))  # none: by paper
    number: Mapped[str | None]  # the sender's own; in only, one referral each
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), index=True)
    destination: Mapped[str]  # file name in data/destinations
    organ: Mapped[str]  # who has it or sent it, for people
    status: Mapped[str]
    seq: Mapped[int] = mapped_column(default=1)  # number of its newest event
    body_sealed: Mapped[bytes | None]
    body = Sealed()  # JSON of an inbound one, as it came
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    overdue_at: Mapped[datetime | None]  # the alarm; while LIVE
    unreached_at: Mapped[datetime | None]  # since when the partner's computer does not answer


class ReferralEvent(Base):
    """Append-only: every move of a referral, with who and why."""

    __tablename__ = "referral_events"
    __table_args__ = (UniqueConstraint("referral_id", "seq"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    referral_id: Mapped[str] = mapped_column(ForeignKey("referrals.id"))
    seq: Mapped[int]  # 1, 2, 3 … within the referral
    at: Mapped[datetime]
    move: Mapped[str]  # opened | accepted | returned | closed | overdue | said
    was: Mapped[str | None]
    now: Mapped[str]
    by: Mapped[str | None]  # lawyer id or "partner:<name>"; absent: the system
    outcome: Mapped[str | None]  # of closed
    words_sealed: Mapped[bytes | None]
    words = Sealed()  # why it was returned, what to know about the end
