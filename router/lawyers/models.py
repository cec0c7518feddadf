"""Firms, duty lawyers and supervisors, and their sign-ins."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from router.db import Base, new_id


class Firm(Base):
    __tablename__ = "firms"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)


class Lawyer(Base):
    """值班律师 (role lawyer) or 主管 (role supervisor). `load` counts offers and tickets held."""

    __tablename__ = "lawyers"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    firm_id: Mapped[str | None] = mapped_column(ForeignKey("firms.id"))
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(default="lawyer")
    password_hash: Mapped[str]  # argon2id
    fields: Mapped[list[str]] = mapped_column(default=list)  # matter labels; empty: all
    region: Mapped[str]
    capacity: Mapped[int] = mapped_column(default=3)  # chats at once
    load: Mapped[int] = mapped_column(default=0)
    on_duty: Mapped[bool] = mapped_column(default=False)
    duty_since: Mapped[datetime | None]  # on duty since; what was declined before may come again
    idle_since: Mapped[datetime]  # the longest idle is offered first


class StaffSession(Base):
    __tablename__ = "staff_sessions"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    lawyer_id: Mapped[str] = mapped_column(ForeignKey("lawyers.id"))
    expires_at: Mapped[datetime]
