"""Followers of an account, and what is on its way to them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from router.crypto import Sealed, SealedJson
from router.db import Base, new_id


class Follower(Base):
    """A person as one account knows them. Who unsubscribes leaves a row that names nobody."""

    __tablename__ = "wechat_followers"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    account: Mapped[str]  # name of its file
    person_index: Mapped[str | None] = mapped_column(unique=True)  # of account and openid, blind
    openid_sealed: Mapped[bytes | None]
    openid = Sealed()
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    held_sealed: Mapped[bytes | None]
    held = SealedJson()  # {"lines": [[key, text]]} said before consent was given
    choices_sealed: Mapped[bytes | None]
    choices = SealedJson()  # {"say": [...]} what 1, 2, 3 mean now
    consent_key: Mapped[str | None]  # platform key of the yes: its copies say nothing else
    quota: Mapped[int] = mapped_column(default=0)  # customer-service messages left
    quota_until: Mapped[datetime | None]
    carrying_until: Mapped[datetime | None]  # a process sends to them; if it dies, no longer
    created_at: Mapped[datetime]
    left_at: Mapped[datetime | None]  # unsubscribed


class Consent(Base):
    """A follower wants to be told of news by this template when nothing else may be sent."""

    __tablename__ = "wechat_consents"
    __table_args__ = (UniqueConstraint("follower_id", "template"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    follower_id: Mapped[str] = mapped_column(ForeignKey("wechat_followers.id"))
    template: Mapped[str]  # the platform's id
    sends: Mapped[int | None]  # that are left; None: until taken back
    given_at: Mapped[datetime]


class Parcel(Base):
    """A piece of a transcript's line, at most one message long.

    waiting | sent (the platform took it) | replied (in the answer to `reply_key`) | undeliverable
    """

    __tablename__ = "wechat_parcels"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq", "part"),
        Index(
            "ix_wechat_parcels_waiting",
            "conversation_id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    seq: Mapped[int]  # the line's
    part: Mapped[int]
    rank: Mapped[int]  # see plan.Rank
    by_bot: Mapped[bool]
    text_sealed: Mapped[bytes | None]
    text = Sealed()
    state: Mapped[str] = mapped_column(default="waiting")
    reply_key: Mapped[str | None] = mapped_column(index=True)
    news: Mapped[str | None]  # what a notice may tell of it: accepted | returned | closed
    noticed_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    fault: Mapped[int | None]  # the platform's last error code
    settled_at: Mapped[datetime | None]
