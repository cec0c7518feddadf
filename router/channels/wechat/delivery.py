"""What became of a lawyer's words, for the desk."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from router.channels.wechat import followers
from router.channels.wechat.models import Follower, Parcel
from router.conversations.models import Message


@dataclass(frozen=True)
class Delivery:
    arrived: int  # lines of the lawyers that the platform took
    waiting: list[datetime]  # when those were said that it has not taken yet
    lost: int  # that can never arrive
    left: int  # messages that may go now
    until: datetime | None  # when the follower's last word stops allowing any
    gone: bool  # they no longer follow


async def of(session: AsyncSession, conversation_id: str, now: datetime) -> Delivery | None:
    """None: the talk is not on WeChat."""
    query = select(Follower).where(Follower.conversation_id == conversation_id)
    follower: Follower | None = await session.scalar(query)
    if follower is None:
        return None
    rows = await session.execute(
        select(Message.created_at, func.min(Parcel.state), func.max(Parcel.state))
        .outerjoin(
            Parcel, (Parcel.conversation_id == conversation_id) & (Parcel.seq == Message.seq)
        )
        .where(Message.conversation_id == conversation_id, Message.who == "lawyer")
        .group_by(Message.seq, Message.created_at)
        .order_by(Message.seq)
    )
    arrived, lost, waiting = 0, 0, []
    for said_at, *states in rows:
        if None in states or "waiting" in states:
            waiting.append(said_at)
        elif "undeliverable" in states:
            lost += 1
        else:
            arrived += 1
    left = followers.left(follower, now)
    until = follower.quota_until if left else None
    return Delivery(arrived, waiting, lost, left, until, follower.left_at is not None)
