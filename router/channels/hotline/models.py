"""Calls, their legs, what happened to them, and what is still to be done. Numbers are sealed."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from router import crypto
from router.crypto import Sealed, SealedJson
from router.db import Base, new_id


def number_indices(number: str) -> list[str]:
    """Blind indices of a telephone number, the current key's first."""
    return crypto.current().indices(number, "telephone")


class Call(Base):
    """来电: one citizen's talk by telephone. `state`, and who is in it: states.py."""

    __tablename__ = "calls"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    carrier: Mapped[str]  # twilio | cti
    entry: Mapped[str]  # citizen | police (110 passes it on) | call_back (we call the citizen)
    state: Mapped[str]
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    ticket_id: Mapped[str | None] = mapped_column(index=True)  # the duty lawyer's
    caller_sealed: Mapped[bytes | None]
    caller = Sealed()  # the citizen's number; empty: withheld
    caller_index: Mapped[str | None] = mapped_column(index=True)
    incident_sealed: Mapped[bytes | None]
    incident = Sealed()  # 110's own number of it
    consent: Mapped[bool | None]  # to recording; none: not asked yet
    texts: Mapped[bool] = mapped_column(default=False)  # the citizen wants short messages
    misheard: Mapped[int] = mapped_column(default=0)  # in a row
    slow: Mapped[bool] = mapped_column(default=False)  # spoken slowly from here on
    served: Mapped[bool] = mapped_column(default=False)  # a lawyer has been in the room with them
    police: Mapped[bool] = mapped_column(default=False)  # and 110
    room_ref: Mapped[str | None]  # the carrier's own id of the room
    seq: Mapped[int] = mapped_column(default=0)  # of the carrier's events, where it numbers them
    outcome: Mapped[str | None]  # of ended, see outcomes.py
    created_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]


class Leg(Base):
    """One telephone in a call."""

    __tablename__ = "legs"
    __table_args__ = (
        Index("ix_legs_call", "call_id", "state"),
        Index(
            "ix_legs_open",
            "created_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.id"))
    role: Mapped[str]
    state: Mapped[str]
    ref: Mapped[str | None] = mapped_column(unique=True)  # the carrier's own id
    number_sealed: Mapped[bytes | None]
    number = Sealed()
    script_sealed: Mapped[bytes | None]
    script = SealedJson()  # what it hears now, or will when it answers: port.Script
    script_no: Mapped[int] = mapped_column(default=0)
    heard_sealed: Mapped[bytes | None]
    heard = Sealed()  # the citizen's last words, until the dialogue has them
    expected_until: Mapped[datetime | None]  # the carrier waits for our answer: it carries it
    room: Mapped[str | None]  # the meeting it was told of last, its place in it, its seconds:
    room_seq: Mapped[int] = mapped_column(default=0)  # what is told late changes nothing
    room_at: Mapped[int] = mapped_column(default=0)
    lawyer_id: Mapped[str | None]
    offer_id: Mapped[str | None] = mapped_column(index=True)
    took: Mapped[bool] = mapped_column(default=False)  # a lawyer who has the ticket
    tries: Mapped[int] = mapped_column(default=1)  # to have this person on the line
    cause: Mapped[str | None]  # of ended
    created_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class CallEvent(Base):
    """Append-only: what the carrier told and what we made of it; who was on when."""

    __tablename__ = "call_events"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(unique=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.id"), index=True)
    leg_id: Mapped[str | None]
    kind: Mapped[str]
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)


class CallTask(Base):
    """What a move has decided and the world does not know yet: written with the move, done after
    it, and by another process if this one dies."""

    __tablename__ = "call_tasks"
    __table_args__ = (Index("ix_call_tasks_open", "done_at", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(unique=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.id"), index=True)
    leg_id: Mapped[str | None]
    verb: Mapped[str]
    args: Mapped[dict[str, Any]] = mapped_column(default=dict)  # nothing personal
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    fault: Mapped[str | None]  # why it never will be done


class Recording(Base):
    """The sound of a call, fetched from the carrier and deleted there; ours until `keep_until`.
    Written after its last part: what is here is whole."""

    __tablename__ = "recordings"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.id"))
    conversation_id: Mapped[str | None] = mapped_column(index=True)  # the case
    ref: Mapped[str] = mapped_column(unique=True)  # the carrier's own id
    kind: Mapped[str]  # its class: consultation
    sha256: Mapped[str]  # of the sound as it was fetched
    size: Mapped[int]  # bytes
    created_at: Mapped[datetime]
    keep_until: Mapped[datetime] = mapped_column(index=True)
    deleted_at: Mapped[datetime | None]
    words_sealed: Mapped[bytes | None]
    words = Sealed()  # what a speech model heard in it; gone with the sound


class RecordingPart(Base):
    """A piece of a recording's sound, sealed as recordings.py does it."""

    __tablename__ = "recording_parts"

    recording_id: Mapped[str] = mapped_column(primary_key=True)  # its recording comes last
    begins: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # byte of the sound
    size: Mapped[int]  # bytes
    sealed: Mapped[bytes]


class TextMessage(Base):
    """短信. To a caller the call has number and words; to others the number stands here."""

    __tablename__ = "text_messages"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(unique=True)  # call and template: each once; see sms/cases.py
    call_id: Mapped[str | None] = mapped_column(ForeignKey("calls.id"), index=True)
    conversation_id: Mapped[str | None] = mapped_column(  # the case, where there is no call
        ForeignKey("conversations.id"), index=True
    )
    number_sealed: Mapped[bytes | None]
    number = Sealed()  # until it is sent or given up
    template: Mapped[str]  # of sms/words.py
    state: Mapped[str]  # ordered | sent | delivered | failed
    ref: Mapped[str | None]  # the carrier's own id
    fault: Mapped[str | None]  # of failed: the carrier's code
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class Nonce(Base):
    """A gateway's request that was believed; the same one again is not."""

    __tablename__ = "cti_nonces"

    nonce: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(index=True)
