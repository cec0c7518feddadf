"""A citizen left without a word: the ticket goes to somebody else.

The timer runs from the moment a lawyer has the ticket and anew from each of their words. If the
last word is theirs, the citizen may still be typing: three times as long, then it comes back too.
Whom the lawyer telephones hears more than we see: no timer.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.conversations.models import BY_TELEPHONE, HOTLINE, Conversation, Message
from router.dispatch import timers
from router.dispatch.models import Timer
from router.tickets.models import Ticket

PATIENCE = 3


def timer_id(ticket_id: str) -> str:
    return f"silence-{ticket_id}"


async def begins(s: AsyncSession, ticket: Ticket, minutes: int, now: datetime) -> None:
    channel = select(Conversation.channel).where(Conversation.id == ticket.conversation_id)
    if await s.scalar(channel) in (BY_TELEPHONE, HOTLINE):
        return
    data = {"ticket": ticket.id, "minutes": minutes}
    due = now + timedelta(minutes=minutes)
    s.add(Timer(id=timer_id(ticket.id), due_at=due, kind="silence", data=data))


async def ends(s: AsyncSession, ticket_id: str) -> None:
    await timers.drop(s, timer_id(ticket_id))


async def spoke(s: AsyncSession, ticket_id: str, now: datetime) -> None:
    """A word of the lawyer to the citizen."""
    timer = await s.get(Timer, timer_id(ticket_id))
    if timer:
        timer.due_at = now + timedelta(minutes=int(timer.data["minutes"]))
        timer.data = {**timer.data, "patient": False}


async def is_patient(s: AsyncSession, ticket: Ticket, now: datetime) -> bool:
    """True: it is the citizen's turn, and they get their time."""
    timer = await s.get(Timer, timer_id(ticket.id), populate_existing=True)
    if timer is None or timer.due_at > now:
        return True  # another process was faster, or a word has just been said
    last = await s.scalar(
        select(Message.who)
        .where(
            Message.conversation_id == ticket.conversation_id,
            Message.who.in_(("citizen", "lawyer")),
        )
        .order_by(Message.seq.desc())
        .limit(1)
    )
    if last != "lawyer" or timer.data.get("patient"):
        return False
    timer.due_at = now + PATIENCE * timedelta(minutes=int(timer.data["minutes"]))
    timer.data = {**timer.data, "patient": True}
    return True
