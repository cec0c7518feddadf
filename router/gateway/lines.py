"""Lines of the transcript: numbered, stored, read. All of it inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.db import new_id
from router.gateway.models import Conversation, Message
from router.tickets.models import Ticket
from router.tickets.status import SPEAKER

# Core tables, not mapped classes: these run several times per message
conversations: Table = Conversation.__table__  # type: ignore[assignment]
messages: Table = Message.__table__  # type: ignore[assignment]
tickets: Table = Ticket.__table__  # type: ignore[assignment]

WITH_LAWYER = [status for status, who in SPEAKER.items() if who == "lawyer"]


@dataclass
class Draft:
    who: str
    text: str
    extra: dict[str, Any] = field(default_factory=dict)
    author: str | None = None
    in_reply_to: str | None = None
    platform_key: str | None = None
    client_seq: int | None = None
    turn: str | None = None
    id: str = field(default_factory=new_id)


def topic(conversation_id: str) -> str:
    """What the bus is woken with when a conversation has news."""
    return f"conversation:{conversation_id}"


async def number(
    session: AsyncSession, conversation_id: str, how_many: int, now: datetime, **also: Any
) -> Row[Any] | None:
    """Takes the next numbers, and with them the conversation's lock; None: no such one."""
    taken = await session.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(last_seq=conversations.c.last_seq + how_many, updated_at=now, **also)
        .returning(
            conversations.c.last_seq, conversations.c.status, conversations.c.case_no,
            conversations.c.next_client_seq, conversations.c.leased_by,
            conversations.c.bot_troubled,
        )
    )
    return taken.one_or_none()


def store(
    session: AsyncSession, conversation_id: str, drafts: Sequence[Draft], first_seq: int,
    now: datetime,
) -> list[Message]:
    """Written at the next flush, in one statement."""
    lines = [
        Message(
            id=draft.id, conversation_id=conversation_id, seq=seq, who=draft.who,
            author=draft.author, text=draft.text, extra=draft.extra,
            platform_key=draft.platform_key, client_seq=draft.client_seq, turn=draft.turn,
            in_reply_to=draft.in_reply_to, attempts=0, created_at=now,
        )
        for seq, draft in enumerate(drafts, first_seq)
    ]
    session.add_all(lines)
    return lines


async def speaker(session: AsyncSession, conversation_id: str, lock: bool = False) -> str:
    """Who holds the floor: a lawyer as long as one owns a ticket of the conversation.

    Any of its tickets, not the newest: an alarm during the talk opens another one. `lock`: the
    floor stays theirs until the caller's line is in.
    """
    owned = (
        select(Ticket.id)
        .where(Ticket.conversation_id == conversation_id, Ticket.status.in_(WITH_LAWYER))
        .limit(1)
    )
    if lock:
        owned = owned.with_for_update(read=True)
    return "lawyer" if await session.scalar(owned) else "bot"


async def seen(
    session: AsyncSession, conversation_id: str, platform_key: str
) -> tuple[int | None, str]:
    """The place that a message with this key has already, and who holds the floor."""
    seq = select(messages.c.seq).where(messages.c.platform_key == platform_key)
    owned = exists().where(
        tickets.c.conversation_id == conversation_id, tickets.c.status.in_(WITH_LAWYER)
    )
    found = await session.execute(select(seq.scalar_subquery(), owned))
    first, lawyer = found.one()
    return first, "lawyer" if lawyer else "bot"


async def by_key(session: AsyncSession, platform_key: str) -> Message | None:
    return await session.scalar(select(Message).where(Message.platform_key == platform_key))


async def transcript(
    session: AsyncSession, conversation_id: str, after: int = 0
) -> list[Message]:
    found = await session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.seq > after)
        .order_by(Message.seq)
    )
    return list(found)


async def waiting(session: AsyncSession, conversation_id: str) -> list[Message]:
    """The citizen's lines that nobody has dealt with, in the citizen's own order."""
    found = await session.scalars(
        select(Message)
        .where(Message.turn == "waiting", Message.conversation_id == conversation_id)
        .order_by(func.coalesce(Message.client_seq, 0), Message.seq)
        .limit(50)
    )
    return list(found)


async def last_client_seq(session: AsyncSession, conversation_id: str) -> int:
    last = select(func.max(Message.client_seq)).where(Message.conversation_id == conversation_id)
    return await session.scalar(last) or 0
