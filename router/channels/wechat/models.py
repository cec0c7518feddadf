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


class Former(Base):
    """A talk that a follower has left for another one: what is still said in it is brought there,
    see former.py."""

    __tablename__ = "wechat_former"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    follower_id: Mapped[str] = mapped_column(ForeignKey("wechat_followers.id"), index=True)
    joined_to: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    left_at: Mapped[datetime]


class Join(Base):
    """What a follower sent to go on with a case of the web or the telephone, see joining.py.

    asked (a code goes by SMS, if all fits) | wrong | held (too many) | joined
    """

    __tablename__ = "wechat_joins"
    __table_args__ = (
        Index("ix_wechat_joins_follower", "follower_id", "created_at"),
        Index("ix_wechat_joins_about", "about", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(unique=True)  # the platform's: a copy is answered the same
    follower_id: Mapped[str] = mapped_column(ForeignKey("wechat_followers.id"))
    about: Mapped[str]  # blind index of the reference or the number they named
    state: Mapped[str]
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"))
    created_at: Mapped[datetime]


class PageLogin(Base):
    """An OAuth on its way through the platform; gone when it comes back, see login.py."""

    __tablename__ = "wechat_logins"

    hash: Mapped[str] = mapped_column(primary_key=True)  # sha256 of the state parameter
    browser_hash: Mapped[str]  # of the cookie: nobody finishes what another one began
    account: Mapped[str]
    again: Mapped[bool]  # begun anew after a code that was bad
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Parcel(Base):
    """A piece of a transcript's line, at most one message long.

    waiting | sent (the platform took it) | replied (in the answer to `reply_key`) | undeliverable
    | forwarded (said again in the talk that the follower went on to)
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
    news: Mapped[str | None]  # what a notice may tell of it: see templates.News
    noticed_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    fault: Mapped[int | None]  # the platform's last error code
    settled_at: Mapped[datetime | None]
