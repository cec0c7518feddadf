"""What follows once aid is given: the case in a lawyer's hands, and the review of closed files."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from router.crypto import Sealed
from router.db import Base, new_id


class AidCase(Base):
    """受援案件: one of each application that aid was given to. Money in 分."""

    __tablename__ = "aid_cases"
    __table_args__ = (
        Index("ix_aid_cases_accepted_at", "accepted_at"),
        Index("ix_aid_cases_ended_on", "ended_on"),
    )

    id: Mapped[str] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    accepted_at: Mapped[datetime]
    contract_on: Mapped[date | None]  # 委托协议 signed
    ended_on: Mapped[date | None]  # the matter is over
    outcome: Mapped[str | None]  # see ending.ENDS
    recovered: Mapped[int | None] = mapped_column(BigInteger)  # for the recipient
    waived: Mapped[int | None] = mapped_column(BigInteger)  # court and other fees let off
    report_sealed: Mapped[bytes | None]
    report = Sealed()  # 办案情况报告
    report_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]  # the recipient, whether they are satisfied
    satisfied: Mapped[str | None]  # see ending.ANSWERS
    satisfied_at: Mapped[datetime | None]
    satisfied_by: Mapped[str | None]  # who of the staff asked by telephone; absent: the recipient


class CaseGroup(Base):
    """人群: to be counted, by a blind index, so that the database alone tells of nobody."""

    __tablename__ = "aid_case_groups"

    case_id: Mapped[str] = mapped_column(ForeignKey("aid_cases.id"), primary_key=True)
    group_index: Mapped[str] = mapped_column(primary_key=True, index=True)


class QualityDraw(Base):
    """抽查: which of the files closed in a span are looked at; the seed draws the same again."""

    __tablename__ = "quality_draws"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    drawn_at: Mapped[datetime]
    by: Mapped[str] = mapped_column(ForeignKey("lawyers.id"))
    seed: Mapped[str]
    since: Mapped[date]  # the first and the last day on which a file was closed
    until: Mapped[date]
    size: Mapped[int]  # how many were asked for


class QualityReview(Base):
    """质量评查 of one file; drawn once in its life."""

    __tablename__ = "quality_reviews"
    __table_args__ = (UniqueConstraint("application_id"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    draw_id: Mapped[str] = mapped_column(ForeignKey("quality_draws.id"), index=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"))
    reviewer: Mapped[str | None] = mapped_column(ForeignKey("lawyers.id"), index=True)
    grade: Mapped[str | None]  # see quality.GRADES
    graded_at: Mapped[datetime | None]
    reasons_sealed: Mapped[bytes | None]
    reasons = Sealed()
