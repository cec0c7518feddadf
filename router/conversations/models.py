"""Conversations and their messages: the transcript, the order and the duplicates live here."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from router.crypto import Sealed, SealedJson
from router.db import Base, new_id

BY_TELEPHONE = "referral"  # a channel: nobody reads this conversation, the lawyer telephones
HOTLINE = "hotline"  # a channel: the citizen listens and speaks
KIOSK = "kiosk"  # a channel: the web page on a machine that many use, and leave


class Conversation(Base):
    """One citizen on one channel. `case_no` counts troubles: each has its sender in Rasa."""

    __tablename__ = "conversations"
    __table_args__ = (
        Index(
            "ix_conversations_carry",
            "carry_at",
            sqlite_where=text("carry_at IS NOT NULL"),
            postgresql_where=text("carry_at IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    channel: Mapped[str]  # folder name in router/channels, BY_TELEPHONE or KIOSK
    reference: Mapped[str] = mapped_column(unique=True)  # shown to the citizen, e.g. JY-7KQ2-9XMD
    token_hash: Mapped[str] = mapped_column(index=True)  # sha256 of the session token
    token_expires_at: Mapped[datetime]
    region: Mapped[str]
    status: Mapped[str] = mapped_column(default="open")  # open | closed
    case_no: Mapped[int] = mapped_column(default=1)
    last_seq: Mapped[int] = mapped_column(default=0)
    next_client_seq: Mapped[int] = mapped_column(default=1)  # the client message to be handled next
    bot_troubled: Mapped[bool] = mapped_column(default=False)  # the citizen has been told so
    carried_seq: Mapped[int | None]  # the last line its channel took over; None: it is fetched
    carry_at: Mapped[datetime | None]  # when the channel looks for lines that it is to carry
    leased_by: Mapped[str | None]  # process handling the turns now
    leased_until: Mapped[datetime | None]
    intake_sealed: Mapped[bytes | None]
    intake = Sealed()  # JSON: what the dialogue knows of the case now, see routing/service.py
    consent_at: Mapped[datetime | None]
    learning_at: Mapped[datetime | None]  # since when the machine may learn from it; asked apart
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Door(Base):
    """A one-time way to this talk on the web page, see gateway/doors.py."""

    __tablename__ = "doors"

    hash: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    expires_at: Mapped[datetime]


class Evidence(Base):
    """A picture, a voice or a paper of the citizen's. awaited | kept | refused | lost"""

    __tablename__ = "evidence"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    kind: Mapped[str]  # image | voice | video | shortvideo | file
    state: Mapped[str] = mapped_column(default="awaited")
    mime: Mapped[str | None]  # by content
    size: Mapped[int | None]  # bytes
    scan: Mapped[str | None]  # for viruses: clean | infected | waiting; none: never looked at
    source_sealed: Mapped[bytes | None]
    source = Sealed()  # where the channel fetches it, while awaited
    content_sealed: Mapped[bytes | None] = mapped_column(deferred=True)
    created_at: Mapped[datetime]


class Message(Base):
    """One line of the transcript, numbered per conversation. `who`: citizen|bot|system|lawyer."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        Index("ix_messages_pending", "turn", "conversation_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    seq: Mapped[int]
    who: Mapped[str]
    author: Mapped[str | None]  # lawyer id, when a lawyer wrote it
    text_sealed: Mapped[bytes | None]
    text = Sealed()
    extra_sealed: Mapped[bytes | None]
    extra = SealedJson()  # kind, buttons, the decision's card, marks of danger
    platform_key: Mapped[str | None] = mapped_column(unique=True)  # channel:sender:message id
    client_seq: Mapped[int | None]  # the citizen's own numbering
    turn: Mapped[str | None]  # citizen's lines: waiting | handled | to_person
    attempts: Mapped[int] = mapped_column(default=0)  # a second one asks Rasa first what it knows
    in_reply_to: Mapped[str | None] = mapped_column(index=True)  # id of the citizen's line
    created_at: Mapped[datetime]
