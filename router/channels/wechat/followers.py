"""Rows of followers: found or made, what they may still be sent, forgotten when they leave."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from router import crypto
from router.channels.wechat.messages import Message
from router.channels.wechat.models import Follower, Parcel
from router.db import Database, new_id

# What an action of the follower allows: customer-service messages, and for how long.
BY_WORD = (5, timedelta(hours=48))
BY_PRESS = (3, timedelta(minutes=1))
_PRESSES = frozenset({"click", "scancode_push", "scancode_waitmsg", "subscribe", "scan"})


def granted(message: Message) -> tuple[int, timedelta] | None:
    if message.kind == "event":
        return BY_PRESS if message.event in _PRESSES else None
    return BY_PRESS if message.text("bizmsgmenuid") else BY_WORD


def person_index(account: str, openid: str) -> list[str]:
    return crypto.current().indices(f"{account}|{openid}", "wechat person")


async def find(session: AsyncSession, account: str, openid: str) -> Follower | None:
    is_theirs = Follower.person_index.in_(person_index(account, openid))
    found: Follower | None = await session.scalar(select(Follower).where(is_theirs))
    return found


async def found_or_made(db: Database, account: str, openid: str, now: datetime) -> Follower:
    async with db.read() as s:
        if known := await find(s, account, openid):
            return known
    index = person_index(account, openid)[0]
    new = Follower(id=new_id(), account=account, person_index=index, created_at=now)
    new.openid = openid
    try:
        async with db.write(soon=True) as s:
            s.add(new)
    except IntegrityError:  # a copy of the same message was faster
        async with db.read() as s:
            other = await find(s, account, openid)
        if other is None:
            raise
        return other
    return new


async def locked(session: AsyncSession, follower_id: str) -> Follower | None:
    """As it stands in the database, and nobody else's until the transaction ends."""
    query = (
        select(Follower)
        .where(Follower.id == follower_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found: Follower | None = await session.scalar(query)
    return found


def left(follower: Follower, now: datetime) -> int:
    """Customer-service messages that may go to them now."""
    until = follower.quota_until
    return follower.quota if until and until > now else 0


def grant(follower: Follower, grant: tuple[int, timedelta], now: datetime) -> None:
    """Counts do not add: the larger count and the longer time hold."""
    count, span = grant
    follower.quota = max(left(follower, now), count)
    until = now + span
    follower.quota_until = max(follower.quota_until or until, until)
    follower.left_at = None


async def forget(session: AsyncSession, follower: Follower, now: datetime) -> None:
    """They have left: nothing can be sent, and the platform wants their data deleted.

    The case stays under its reference, as a case's own retention says.
    """
    follower.person_index, follower.openid, follower.held, follower.choices = None, "", {}, {}
    follower.quota, follower.quota_until, follower.left_at = 0, None, now
    if follower.conversation_id:
        waiting = update(Parcel).where(
            Parcel.conversation_id == follower.conversation_id, Parcel.state == "waiting"
        )
        await session.execute(waiting.values(state="undeliverable", settled_at=now))
