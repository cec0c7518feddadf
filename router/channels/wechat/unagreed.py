"""Who said of a danger before agreeing to anything: their words are kept for bringing help, and no
longer than the office's span for them once nobody helps any more."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.channels.wechat.models import Parcel
from router.clock import Clock
from router.conversations.models import Conversation
from router.db import Database
from router.dispatch import timers
from router.dispatch.models import Timer
from router.gateway.lines import messages
from router.tickets.models import Ticket
from router.tickets.status import Status

TIMER = "unagreed"
LOOK_AGAIN = timedelta(days=1)


class Unagreed:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def fire(self, timer: Timer) -> None:
        async with self._db.write() as s:
            locked = select(Conversation).where(Conversation.id == timer.data["conversation"])
            talk = await s.scalar(locked.with_for_update())
            if talk and await helped(s, talk.id) and talk.consent_at is None:
                await timers.put_off(s, timer.id, self._clock.now() + LOOK_AGAIN)
                return
            if talk:
                await erase(s, talk)
            await timers.drop(s, timer.id)


def watch(s: AsyncSession, conversation_id: str, due: datetime) -> None:
    timer_id = f"unagreed-{conversation_id}"
    s.add(Timer(id=timer_id, due_at=due, kind=TIMER, data={"conversation": conversation_id}))


async def erase(s: AsyncSession, talk: Conversation) -> None:
    """Unless they have agreed since, or somebody helps them."""
    if talk.consent_at is not None or await helped(s, talk.id):
        return
    erased = update(messages).where(messages.c.conversation_id == talk.id)
    await s.execute(erased.values(text_sealed=None, extra_sealed=None, turn=None))
    theirs = update(Parcel).where(Parcel.conversation_id == talk.id)
    await s.execute(theirs.values(text_sealed=None))
    talk.intake = ""


async def helped(s: AsyncSession, conversation_id: str) -> bool:
    """Somebody is being brought to who said of a danger, without having agreed to anything."""
    going_on = Ticket.conversation_id == conversation_id, Ticket.status != Status.CLOSED
    return await s.scalar(select(Ticket.id).where(*going_on).limit(1)) is not None
