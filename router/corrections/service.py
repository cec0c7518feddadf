"""Storing corrections, as far as the citizen lets the machine learn from the talk."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.conversations.models import Conversation
from router.corrections.models import Correction
from router.db import new_id


@dataclass(frozen=True)
class Corrected:
    """What the closing form says. `values` has the corrected facts only: name: [heard, given]."""

    heard: str | None
    given: str
    values: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def untouched(self) -> bool:
        return self.heard == self.given and not self.values


async def store(
    session: AsyncSession,
    ticket_id: str,
    conversation_id: str,
    lawyer_id: str,
    said: Corrected,
    now: datetime,
) -> None:
    agreed = await session.scalar(
        select(Conversation.learning_at).where(Conversation.id == conversation_id)
    )
    row = Correction(
        id=new_id(),
        ticket_id=ticket_id,
        lawyer_id=lawyer_id,
        heard=said.heard,
        given=said.given,
        changed=sorted(said.values),
        created_at=now,
    )
    row.values = said.values if agreed else {}
    session.add(row)


async def agree(session: AsyncSession, conversation_id: str, agreed: bool, now: datetime) -> None:
    """The citizen lets the machine learn, or no longer: then forget() what was kept for it."""
    await session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(learning_at=now if agreed else None)
    )


async def forget(session: AsyncSession, tickets: Sequence[str]) -> None:
    theirs = Correction.ticket_id.in_(tickets)
    await session.execute(update(Correction).where(theirs).values(values_sealed=None))
