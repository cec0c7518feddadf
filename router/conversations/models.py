"""Conversations and their messages: the transcript, the order and the duplicates live here."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from router.crypto import Sealed, SealedJson
from router.db import Base, new_id

BY_TELEPHONE = "referral"  # a channel: nobody reads this conversation, the lawyer telephones
HOTLINE = "hotline"  # a channel: the citizen listens and speaks


class Conversation(Base):
    """One citizen on one channel. `case_no` counts troubles: each has its sender in Rasa."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    channel: Mapped[str]  # folder name in router/channels, or BY_TELEPHONE
    reference: Mapped[str] = mapped_column(unique=True)  # shown to the citizen, e.g. JY-7KQ2-9XMD
    token_hash: Mapped[str] = mapped_column(index=True)  # sha256 of the session token
    token_expires_at: Mapped[datetime]
    region: Mapped[str]
    status: Mapped[str] = mapped_column(default="open")  # open | closed
    case_no: Mapped[int] = mapped_column(default=1)
    last_seq: Mapped[int] = mapped_column(default=0)
    next_client_seq: Mapped[int] = mapped_column(default=1)  # the client message to be handled next
    bot_troubled: Mapped[bool] = mapped_column(default=False)  # the citizen has been told so
    leased_by: Mapped[str | None]  # process handling the turns now
    leased_until: Mapped[datetime | None]
    intake_sealed: Mapped[bytes | None]
    intake = Sealed()  # JSON: what the dialogue knows of the case now, see routing/service.py
    consent_at: Mapped[datetime | None]
    learning_at: Mapped[datetime | None]  # since when the machine may learn from it; asked apart
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


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
