"""Screenings as they were decided: facts, day, version of the law, findings. Enough to replay."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from router.crypto import Sealed
from router.db import Base, new_id


class Screening(Base):
    __tablename__ = "screenings"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    message_key: Mapped[str] = mapped_column(unique=True)  # the citizen's message that led to it
    apply_date: Mapped[date]
    outcome: Mapped[str]
    facts_sealed: Mapped[bytes | None]
    facts = Sealed()  # JSON object, names of router/eligibility/facts.py
    decision_sealed: Mapped[bytes | None]
    decision = Sealed()  # JSON of Decision.to_dict()
    law_version: Mapped[str]  # fingerprint of data/law
    context: Mapped[dict[str, Any]] = mapped_column(default=dict)  # matter label; nothing personal
    created_at: Mapped[datetime]
