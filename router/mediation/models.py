"""Committees and their mediators; mediations with both sides' consents and their history."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from router.crypto import Sealed, SealedJson
from router.db import Base, new_id

KINDS = {"village": "村居", "township": "乡镇街道", "county": "县区", "industry": "行业专业"}


class Committee(Base):
    """人民调解委员会."""

    __tablename__ = "committees"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]  # see KINDS
    region: Mapped[str] = mapped_column(index=True)  # county 6 digits, township 9, village 12
    places: Mapped[list[str]] = mapped_column(default=list)  # how people name what it serves
    matters: Mapped[list[str]] = mapped_column(default=list)  # matter labels; empty: all
    phone: Mapped[str]
    address: Mapped[str]


class Mediator(Base):
    """调解员: a sign-in of role mediator, with weekly hours and whether they are there at all."""

    __tablename__ = "mediators"

    id: Mapped[str] = mapped_column(ForeignKey("lawyers.id"), primary_key=True)
    committee_id: Mapped[str] = mapped_column(ForeignKey("committees.id"), index=True)
    hours: Mapped[str]  # as people write them, see hours.py
    present: Mapped[bool] = mapped_column(default=True)  # the switch: listed but absent is no


class Mediation(Base):
    """调解: of one referral. `status`: see status.py."""

    __tablename__ = "mediations"
    __table_args__ = (
        Index("ix_mediations_desk", "committee_id", "status"),
        Index("ix_mediations_created_at", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    referral_id: Mapped[str] = mapped_column(ForeignKey("referrals.id"), unique=True)
    committee_id: Mapped[str | None] = mapped_column(ForeignKey("committees.id"))  # none: barred
    status: Mapped[str]
    seq: Mapped[int] = mapped_column(default=1)  # number of its newest event
    paper_sealed: Mapped[bytes | None]
    paper = SealedJson()  # what the agreement says, see document.FIELDS
    form: Mapped[str | None]  # of an agreement: oral | written
    effective_on: Mapped[date | None]  # the day in China from which it binds
    confirm_by: Mapped[date | None]  # the last day on which both may ask the court
    alarmed_at: Mapped[datetime | None]  # it may come to violence
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # agreement or failure


class MediationConsent(Base):
    """Append-only; of each side the newest counts."""

    __tablename__ = "mediation_consents"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    mediation_id: Mapped[str] = mapped_column(ForeignKey("mediations.id"), index=True)
    side: Mapped[str]  # applicant | respondent
    agreed: Mapped[bool]
    way: Mapped[str]  # see WAYS
    by: Mapped[str | None]  # who wrote it down; absent: the citizen in the dialogue
    at: Mapped[datetime]


class MediationEvent(Base):
    """Append-only: every move of a mediation, with who and why."""

    __tablename__ = "mediation_events"
    __table_args__ = (UniqueConstraint("mediation_id", "seq"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    mediation_id: Mapped[str] = mapped_column(ForeignKey("mediations.id"))
    seq: Mapped[int]  # 1, 2, 3 … within the mediation
    at: Mapped[datetime]
    move: Mapped[str]  # a state, or consent | alarmed | reminded | given_to
    was: Mapped[str | None]
    now: Mapped[str]
    by: Mapped[str | None]  # lawyer id; absent: the system
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)  # nothing personal
    words_sealed: Mapped[bytes | None]
    words = Sealed()  # why, what was said


class MediationDoor(Base):
    """A way in without an account: to one mediation, in one browser. See doors.py."""

    __tablename__ = "mediation_doors"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    mediation_id: Mapped[str] = mapped_column(ForeignKey("mediations.id"), index=True)
    side: Mapped[str]  # committee | respondent
    code_index: Mapped[str] = mapped_column(unique=True)  # blind index of the one-time code
    told_sealed: Mapped[bytes | None]
    told = SealedJson()  # code until it is used, number for messages, about: what the guest reads
    guest_hash: Mapped[str | None] = mapped_column(index=True)  # sha256 of the browser's token
    by: Mapped[str]  # who opened it
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    entered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]  # taken back, or a newer one stands for it
    sent_at: Mapped[datetime | None]  # by short message
    fault: Mapped[str | None]  # why the message could not be sent


class MediationMeeting(Base):
    """约好的调解时间. `state`: offered to choose from, set, or off."""

    __tablename__ = "mediation_meetings"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    mediation_id: Mapped[str] = mapped_column(ForeignKey("mediations.id"), index=True)
    state: Mapped[str]
    at: Mapped[datetime]
    place_sealed: Mapped[bytes | None]
    place = Sealed()
