"""What became of a lawyer's words, for the desk."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from router.channels.wechat import followers, former
from router.channels.wechat.models import Follower, Former, Parcel
from router.conversations.models import Message


@dataclass(frozen=True)
class Delivery:
    arrived: int  # lines of the lawyers that the platform took
    waiting: list[datetime]  # when those were said that it has not taken yet
    lost: int  # that can never arrive
    left: int  # messages that may go now
    until: datetime | None  # when the follower's last word stops allowing any
    gone: bool  # they no longer follow
    moved: bool = False  # they have gone on to another talk: the words are said again there


async def of(session: AsyncSession, conversation_id: str, now: datetime) -> Delivery | None:
    """None: the talk is not on WeChat."""
    query = select(Follower).where(Follower.conversation_id == conversation_id)
    follower: Follower | None = await session.scalar(query)
    left_it = None if follower else await session.get(Former, conversation_id)
    if left_it:
        follower = await session.get(Follower, left_it.follower_id)
    if follower is None:
        return None
    again = await _said_again(session, follower) if left_it else {}
    rows = await session.execute(
        select(Message.id, Message.created_at, func.min(Parcel.state), func.max(Parcel.state))
        .outerjoin(
            Parcel, (Parcel.conversation_id == conversation_id) & (Parcel.seq == Message.seq)
        )
        .where(Message.conversation_id == conversation_id, Message.who == "lawyer")
        .group_by(Message.id, Message.seq, Message.created_at)
        .order_by(Message.seq)
    )
    arrived, lost, waiting = 0, 0, []
    for line_id, said_at, *seen in rows:
        states = again.get(former.key_of(line_id), seen)
        if None in states or "waiting" in states or "forwarded" in states:
            waiting.append(said_at)
        elif "undeliverable" in states:
            lost += 1
        else:
            arrived += 1
    left = followers.left(follower, now)
    until = follower.quota_until if left else None
    gone = follower.left_at is not None
    return Delivery(arrived, waiting, lost, left, until, gone, left_it is not None)


async def _said_again(session: AsyncSession, follower: Follower) -> dict[str, list[str]]:
    """By the line's key, in what states its parcels are."""
    here = Message.conversation_id == follower.conversation_id
    query = (
        select(Message.platform_key, Parcel.state)
        .join(
            Parcel,
            (Parcel.conversation_id == Message.conversation_id) & (Parcel.seq == Message.seq),
        )
        .where(here, Message.platform_key.startswith(former.key_of("")))
    )
    found: dict[str, list[str]] = {}
    for key, state in await session.execute(query):
        found.setdefault(str(key), []).append(state)
    return found
