"""From lines of the transcript to parcels, and what becomes of them. Inside the caller's
transaction; a line whose conversation says `carry_at` is not forgotten by any crash."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.channels.wechat import plan, words
from router.channels.wechat.models import Follower, Parcel
from router.conversations.models import Conversation, Message
from router.db import new_id
from router.gateway.words import FIRST_QUESTION, SLOW


async def take(session: AsyncSession, follower: Follower) -> bool:
    """Makes parcels of the lines that nobody took over yet, in their order.

    False: a line of the citizen among them is still being answered.
    """
    conversation_id = follower.conversation_id
    if conversation_id is None:
        return True
    await session.execute(
        select(Conversation.id).where(Conversation.id == conversation_id).with_for_update()
    )
    lines = await untaken(session, conversation_id)
    if not lines:
        return True
    said = [line for line in lines if line.who != "citizen"]
    for line in _worth_saying(lines):
        session.add_all(_parcels(line))
    if bot := [line for line in said if line.who == "bot"]:
        choices = words.choices_of(bot[-1])
        follower.choices = {"say": choices} if choices else {}
    last = lines[-1].seq
    await session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(
            carried_seq=last,
            # a line that came meanwhile keeps its moment
            carry_at=case((Conversation.last_seq > last, Conversation.carry_at), else_=None),
        )
        .execution_options(synchronize_session=False)
    )
    await session.flush()
    return not any(line.turn == "waiting" for line in lines)


async def untaken(session: AsyncSession, conversation_id: str) -> list[Message]:
    """Lines behind the last one that was taken over, the citizen's own included."""
    taken = select(Conversation.carried_seq).where(Conversation.id == conversation_id)
    rows = await session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.seq > taken.scalar_subquery())
        .order_by(Message.seq)
    )
    return list(rows)


def _worth_saying(lines: Sequence[Message]) -> list[Message]:
    """What is to be said of them, without what a later line of the same moment has overtaken."""
    answered = any(line.who == "bot" and line.in_reply_to for line in lines)
    told = any(line.who == "citizen" for line in lines)
    overtaken = {SLOW} if answered else set()
    overtaken |= {FIRST_QUESTION} if told else set()
    return [line for line in lines if line.who != "citizen" and line.text not in overtaken]


def _parcels(line: Message) -> list[Parcel]:
    made = []
    for part, text in enumerate(plan.split(words.shown(line))):
        parcel = Parcel(
            id=new_id(),
            conversation_id=line.conversation_id,
            seq=line.seq,
            part=part,
            rank=int(words.rank_of(line)),
            by_bot=line.who == "bot",
            state="waiting",
            tries=0,
        )
        parcel.text = text
        made.append(parcel)
    return made


async def waiting(session: AsyncSession, conversation_id: str) -> list[plan.Piece]:
    rows = await session.scalars(
        select(Parcel)
        .where(Parcel.conversation_id == conversation_id, Parcel.state == "waiting")
        .order_by(Parcel.seq, Parcel.part)
    )
    return [plan.Piece(row.id, plan.Rank(row.rank), row.text, row.by_bot) for row in rows]


async def replied(session: AsyncSession, key: str) -> str:
    """What a copy of this message was answered with already; the same goes out again."""
    rows = await session.scalars(
        select(Parcel).where(Parcel.reply_key == key).order_by(Parcel.seq, Parcel.part)
    )
    return plan.BETWEEN.join(row.text for row in rows)


async def settle(
    session: AsyncSession, ids: Sequence[str], state: str, now: datetime, key: str | None = None
) -> None:
    await session.execute(
        update(Parcel)
        .where(Parcel.id.in_(ids), Parcel.state == "waiting")
        .values(state=state, settled_at=now, reply_key=key, fault=None)
    )


async def failed(session: AsyncSession, ids: Sequence[str], fault: int) -> None:
    await session.execute(
        update(Parcel).where(Parcel.id.in_(ids)).values(fault=fault, tries=Parcel.tries + 1)
    )


async def look_at(session: AsyncSession, conversation_id: str, when: datetime | None) -> None:
    """When the channel looks at it next; a line that came meanwhile may ask for an earlier look."""
    await session.execute(
        update(Conversation)
        .where(
            Conversation.id == conversation_id, Conversation.last_seq == Conversation.carried_seq
        )
        .values(carry_at=when)
        .execution_options(synchronize_session=False)
    )
