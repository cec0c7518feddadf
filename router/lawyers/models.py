"""Firms, duty lawyers and supervisors, their shifts, clients and sign-ins."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from router.crypto import Sealed
from router.db import Base, new_id

POSTS = ("window", "hotline", "web", "kiosk")


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
    password_hash: Mapped[str]  # argon2id; empty: cannot sign in yet
    fields: Mapped[list[str]] = mapped_column(default=list)  # matter labels; empty: all
    languages: Mapped[list[str]] = mapped_column(default=list)  # dialects beside 普通话
    posts: Mapped[list[str]] = mapped_column(default=list)  # see POSTS; empty: all
    tier: Mapped[str] = mapped_column(default="duty")  # duty | reserve: asked after the duty team
    defends_since: Mapped[date | None]  # practises criminal defence since; none: not told
    region: Mapped[str] = mapped_column(index=True)
    capacity: Mapped[int] = mapped_column(default=3)  # chats at once
    load: Mapped[int] = mapped_column(default=0)
    missed: Mapped[int] = mapped_column(default=0, index=True)  # offers unanswered in a row
    on_duty: Mapped[bool] = mapped_column(default=False)  # checked in
    post: Mapped[str | None]  # while on a shift: where; none: at all of their posts
    duty_since: Mapped[datetime | None]  # on duty since; what was declined before may come again
    idle_since: Mapped[datetime]  # the longest idle is offered first
    phone_sealed: Mapped[bytes | None]
    phone = Sealed()  # where the hotline calls them on a cloud seat
    seat_phone_sealed: Mapped[bytes | None]
    seat_phone = Sealed()  # their seat at the centre

    @property
    def stands_at(self) -> list[str]:
        """The posts they can be asked at now; none: all."""
        return [self.post] if self.post else self.posts


class Shift(Base):
    """A block of hours of one lawyer at one post; a day may have several, never two at once.

    One that was taken leave of or given to a colleague stays, in that state, and covers nothing.
    """

    __tablename__ = "shifts"
    __table_args__ = (
        UniqueConstraint("lawyer_id", "starts_at"),
        Index("ix_shifts_cover", "starts_at", "ends_at", "post", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    lawyer_id: Mapped[str] = mapped_column(ForeignKey("lawyers.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]  # the first moment that is not theirs
    post: Mapped[str] = mapped_column(default="web")
    seat: Mapped[str] = mapped_column(default="fixed")  # fixed: at the centre | cloud: anywhere
    state: Mapped[str] = mapped_column(default="planned")  # planned | leave | swapped


class ShiftRequest(Base):
    """申请: what a lawyer asks a supervisor to change of a shift of theirs; once at a time."""

    __tablename__ = "shift_requests"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    shift_id: Mapped[str] = mapped_column(ForeignKey("shifts.id"), index=True)
    what: Mapped[str]  # leave | give | exchange, as in changes.py
    other: Mapped[str | None]  # give: the colleague; exchange: their shift
    asked_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(index=True)  # granted | refused | withdrawn
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]


class Client(Base):
    """Whom a firm (or one of its lawyers) acts for: nobody of the firm may advise against them."""

    __tablename__ = "clients"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    firm_id: Mapped[str | None] = mapped_column(ForeignKey("firms.id"), index=True)
    lawyer_id: Mapped[str | None] = mapped_column(ForeignKey("lawyers.id"), index=True)
    name_sealed: Mapped[bytes | None]
    name = Sealed()
    name_index: Mapped[str] = mapped_column(index=True)  # see router/names.py


class StaffSession(Base):
    __tablename__ = "staff_sessions"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    lawyer_id: Mapped[str] = mapped_column(ForeignKey("lawyers.id"))
    expires_at: Mapped[datetime]
