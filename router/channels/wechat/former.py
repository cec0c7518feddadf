"""What is still said in a talk that a follower has left for another one: it is said again there,
with its number, so that no word of an old case is lost."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.channels.wechat import words
from router.channels.wechat.models import Follower, Former, Parcel
from router.conversations.models import Conversation, Message
from router.db import Database
from router.gateway import lines
from router.gateway.lines import Draft

TOLD_AGAIN = "（编号 {reference}）{text}"


def key_of(line_id: str) -> str:
    return f"former:{line_id}"


async def forward(db: Database, ids: Collection[str], now: datetime) -> None:
    """Of these talks those that somebody has left; each in a transaction of its own."""
    async with db.read() as s:
        found = await s.scalars(select(Former).where(Former.conversation_id.in_(ids)))
        left = [(one.conversation_id, one.follower_id) for one in found]
    for conversation_id, follower_id in left:
        await _forward(db, conversation_id, follower_id, now)


async def _forward(db: Database, old_id: str, follower_id: str, now: datetime) -> None:
    async with db.write() as s:
        follower = await s.get_one(Follower, follower_id)
        here = follower.conversation_id
        both = select(Conversation).where(Conversation.id.in_({old_id, here or old_id}))
        talks = await s.scalars(both.order_by(Conversation.id).with_for_update())
        old = next(one for one in talks if one.id == old_id)
        there = here and here != old_id and follower.left_at is None
        unsaid = await _unsaid(s, old) if there else []
        if here and unsaid:
            row = await lines.number(s, here, len(unsaid), now)
            assert row
            again = [_again(old.reference, line) for line in unsaid]
            await lines.store(s, here, again, row.last_seq - len(unsaid) + 1, now)
        waiting = Parcel.conversation_id == old_id, Parcel.state == "waiting"
        await s.execute(update(Parcel).where(*waiting).values(state="forwarded", settled_at=now))
        old.carried_seq, old.carry_at = old.last_seq, None


async def _unsaid(s: AsyncSession, old: Conversation) -> list[Message]:
    """Nobody took it over, or it waits; what the citizen said they know."""
    waiting = select(Parcel.seq).where(Parcel.conversation_id == old.id, Parcel.state == "waiting")
    query = (
        select(Message)
        .where(
            Message.conversation_id == old.id,
            Message.who != "citizen",
            or_(Message.seq > (old.carried_seq or 0), Message.seq.in_(waiting)),
        )
        .order_by(Message.seq)
    )
    return list(await s.scalars(query))


def _again(reference: str, line: Message) -> Draft:
    kind = words.kept_kind(line)
    text = TOLD_AGAIN.format(reference=reference, text=words.shown(line))
    extra = {"kind": kind} if kind else {}
    return Draft("system", text, extra, platform_key=key_of(line.id))


async def joined(s: AsyncSession, conversation_id: str) -> list[str]:
    """The other talks of a citizen who has shown that both are theirs."""
    before = select(Former.conversation_id).where(Former.joined_to == conversation_id)
    after = select(Former.joined_to).where(
        Former.conversation_id == conversation_id, Former.joined_to.is_not(None)
    )
    return [str(one) for query in (before, after) for one in await s.scalars(query)]
