"""Applications for legal aid with their append-only history and papers."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from router.crypto import Sealed, SealedJson
from router.db import Base, new_id


class Application(Base):
    """法律援助申请, grown from one trouble of a conversation. `status`: see status.py."""

    __tablename__ = "applications"
    __table_args__ = (
        Index("ix_applications_queue", "status", "due_at"),
        Index("ix_applications_referral", "referral_id", unique=True),
        Index("ix_applications_created_at", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    reference: Mapped[str] = mapped_column(unique=True)  # 申请编号, e.g. SQ-7KQ2-9XMD
    grown_from: Mapped[str] = mapped_column(unique=True)  # conversation and trouble: once only
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    ticket_id: Mapped[str | None] = mapped_column(ForeignKey("tickets.id"))  # closed so, if any
    screening_id: Mapped[str | None]
    lane: Mapped[str] = mapped_column(default="applied")  # see lanes.py
    referral_id: Mapped[str | None]  # an organ has sent it and is told how it goes on
    notice_sealed: Mapped[bytes | None]
    notice = SealedJson()  # what the organ wrote, see lanes.py
    case_index: Mapped[str | None] = mapped_column(index=True)  # blind index of the 案号
    region: Mapped[str]
    matter: Mapped[str | None]  # label of the dispute
    status: Mapped[str]
    seq: Mapped[int] = mapped_column(default=1)  # number of its newest event
    form_sealed: Mapped[bytes | None]
    form = SealedJson()  # field -> answer, see blocks.py
    promise_sealed: Mapped[bytes | None]
    promise = SealedJson()  # 个人诚信承诺: version, text, at, channel, by
    decision_sealed: Mapped[bytes | None]
    decision = SealedJson()  # the newest letter: kind, reasons, cites, missing, to
    drafted_by: Mapped[str | None] = mapped_column(index=True)  # waits for a second person
    draft_sealed: Mapped[bytes | None]
    draft = SealedJson()  # to, letter, number of its event, at; see second.py
    code_index: Mapped[str]  # blind index of the one-time code
    access_hash: Mapped[str | None] = mapped_column(index=True)  # sha256 of the browser's token
    access_until: Mapped[datetime | None]
    helper: Mapped[str | None]  # who of the staff types for the applicant
    helped_sealed: Mapped[bytes | None]
    helped = SealedJson()  # where, whose consent, when
    lawyer_id: Mapped[str | None] = mapped_column(ForeignKey("lawyers.id"), index=True)
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]  # to supplement
    supplied_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]  # of the clock that runs
    warned_at: Mapped[datetime | None]  # it will soon be broken; while it runs
    overdue_at: Mapped[datetime | None]  # it is
    prior_due_at: Mapped[datetime | None]  # 先行提供: until when what is missing comes later
    prior_warned_at: Mapped[datetime | None]
    prior_overdue_at: Mapped[datetime | None]


class ApplicationEvent(Base):
    """Append-only: every move of an application, with who and why."""

    __tablename__ = "application_events"
    __table_args__ = (UniqueConstraint("application_id", "seq"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"))
    seq: Mapped[int]
    at: Mapped[datetime]
    move: Mapped[str]  # the new state, or what left it as it was, see status.py
    was: Mapped[str | None]
    now: Mapped[str]
    by: Mapped[str | None]  # lawyer id; absent: the applicant or the system
    words_sealed: Mapped[bytes | None]
    words = Sealed()


class Paper(Base):
    """材料: which evidence answers which line of the checklist."""

    __tablename__ = "application_papers"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    evidence_id: Mapped[str] = mapped_column(ForeignKey("evidence.id"), unique=True)
    item: Mapped[str]  # of data/applications/papers.yml
    created_at: Mapped[datetime]


class Ask(Base):
    """征询: a lawyer or a firm is asked to take a case; one at a time, see asking.py."""

    __tablename__ = "application_asks"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    lawyer_id: Mapped[str | None] = mapped_column(ForeignKey("lawyers.id"), index=True)
    firm_id: Mapped[str | None] = mapped_column(ForeignKey("firms.id"), index=True)
    state: Mapped[str]  # asked | accepted | declined | silent | withdrawn
    asked_by: Mapped[str | None]  # absent: the system, after somebody declined
    asked_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    reason_sealed: Mapped[bytes | None]
    reason = Sealed()  # why it was declined
