"""From lines of the transcript to parcels, and what becomes of them. Inside the caller's
transaction; a line whose conversation says `carry_at` is not forgotten by any crash.

Locks are taken in one order everywhere: conversations by id, followers, parcels.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Table, bindparam, case, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from router.channels.wechat import followers, plan, words
from router.channels.wechat.models import Follower, Parcel
from router.conversations.models import Message
from router.db import new_id
from router.gateway.lines import conversations, messages
from router.gateway.words import FIRST_QUESTION, SLOW

table: Table = Parcel.__table__  # type: ignore[assignment]
_C, _F, _M, _P = conversations.c, followers.table.c, messages.c, table.c
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_LOCK = (
    select(_C.last_seq, followers.table)
    .join(followers.table, _F.conversation_id == _C.id)
    .where(_C.id.in_(_IDS))
    .order_by(_C.id)
)
_LOCKED = _LOCK.with_for_update(key_share=True)
_LOCKED_FREE = _LOCK.with_for_update(key_share=True, skip_locked=True)
_UNTAKEN = (
    select(messages)
    .join(conversations, _C.id == _M.conversation_id)
    .where(_M.conversation_id.in_(_IDS), _M.seq > _C.carried_seq)
    .order_by(_M.conversation_id, _M.seq)
)
_WAITING = (
    select(table)
    .where(_P.conversation_id.in_(_IDS), _P.state == "waiting")
    .order_by(_P.conversation_id, _P.seq, _P.part)
)
_REPLIED = select(table).where(_P.reply_key == bindparam("key")).order_by(_P.seq, _P.part)
_TAKEN = (
    update(conversations)
    .where(_C.id == bindparam("b_id"))
    .values(carried_seq=bindparam("b_seq"), carry_at=bindparam("b_at", type_=_C.carry_at.type))
)
_HELD = (
    update(followers.table)
    .where(_F.id == bindparam("b_id"))
    .values(
        quota=_F.quota - bindparam("b_spent", type_=_F.quota.type),
        choices_sealed=bindparam("b_choices", type_=_F.choices_sealed.type),
        carrying_until=bindparam("b_until", type_=_F.carrying_until.type),
    )
)


@dataclass
class Load:
    """What waits for one follower; conversation and follower are locked."""

    follower: Follower
    conversation_id: str
    last_seq: int
    fresh: list[Parcel] = field(default_factory=list)  # of lines that nobody took over before
    pieces: list[plan.Piece] = field(default_factory=list)  # all that wait, in order
    spent: int = 0  # customer-service messages

    @property
    def under_way(self) -> datetime | None:
        """Until when another one may be sending to them."""
        return self.follower.carrying_until


async def loads(s: AsyncConnection, ids: Sequence[str], free_only: bool = False) -> list[Load]:
    """Of these conversations, with their lines made into parcels; `free_only`: those that
    somebody else has locked are left out."""
    lock = _LOCKED_FREE if free_only else _LOCKED
    found: dict[str, Load] = {}
    for row in await s.execute(lock, {"ids": ids}):
        columns = dict(row._mapping)
        last_seq = columns.pop("last_seq")
        follower = Follower(**columns)
        found[str(follower.conversation_id)] = Load(
            follower, str(follower.conversation_id), last_seq
        )
    if not found:
        return []
    theirs = {"ids": list(found)}
    fresh: dict[str, list[Message]] = defaultdict(list)
    for row in await s.execute(_UNTAKEN, theirs):
        fresh[row.conversation_id].append(Message(**row._mapping))
    for row in await s.execute(_WAITING, theirs):
        found[row.conversation_id].pieces.append(_piece(Parcel(**row._mapping)))
    for conversation_id, lines in fresh.items():
        _take(found[conversation_id], lines)
    return list(found.values())


def _take(load: Load, lines: Sequence[Message]) -> None:
    load.fresh = [parcel for line in _worth_saying(lines) for parcel in _parcels(line)]
    load.pieces += [_piece(parcel) for parcel in load.fresh]
    if bot := [line for line in lines if line.who == "bot"]:
        choices = words.choices_of(bot[-1])
        load.follower.choices = {"say": choices} if choices else {}


async def store(s: AsyncConnection, found: Sequence[tuple[Load, datetime | None]]) -> None:
    """What became of them, and when the channel looks at each next."""
    fresh = [parcel for load, _ in found for parcel in load.fresh]
    if fresh:
        names = table.c.keys()
        rows = [{name: getattr(parcel, name) for name in names} for parcel in fresh]
        await s.execute(insert(table), rows)
    taken = [
        {"b_id": load.conversation_id, "b_seq": load.last_seq, "b_at": at} for load, at in found
    ]
    await s.execute(_TAKEN, taken)
    held = [
        {
            "b_id": load.follower.id,
            "b_spent": load.spent,
            "b_choices": load.follower.choices_sealed,
            "b_until": load.follower.carrying_until,
        }
        for load, _ in found
    ]
    await s.execute(_HELD, held)


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
            news=words.news_of(line),
            tries=0,
        )
        parcel.text = text
        made.append(parcel)
    return made


def _piece(row: Parcel) -> plan.Piece:
    news = "" if row.noticed_at else row.news or ""
    return plan.Piece(row.id, plan.Rank(row.rank), row.text, row.by_bot, news)


async def replied(s: AsyncConnection, key: str) -> str:
    """What a copy of this message was answered with already; the same goes out again."""
    rows = await s.execute(_REPLIED, {"key": key})
    return plan.BETWEEN.join(Parcel(**row._mapping).text for row in rows)


async def settle(
    s: AsyncConnection, ids: Sequence[str], state: str, now: datetime, key: str | None = None
) -> None:
    await s.execute(
        update(table)
        .where(_P.id.in_(ids), _P.state == "waiting")
        .values(state=state, settled_at=now, reply_key=key, fault=None)
    )


async def failed(s: AsyncConnection, ids: Sequence[str], fault: int) -> None:
    await s.execute(update(table).where(_P.id.in_(ids)).values(fault=fault, tries=_P.tries + 1))


async def noticed(s: AsyncConnection, ids: Sequence[str], now: datetime) -> None:
    await s.execute(update(table).where(_P.id.in_(ids)).values(noticed_at=now))


async def carried(
    s: AsyncConnection, ids: Iterable[str], now: datetime, again: datetime | None = None
) -> bool:
    """Nobody sends to them any more. True: something is to be looked at, `again` or what came
    meanwhile."""
    talks = sorted(ids)
    came = case((_C.last_seq > _C.carried_seq, literal(now, _C.carry_at.type)), else_=None)
    of_talks = update(conversations).where(_C.id.in_(talks)).values(carry_at=again or came)
    moments = (await s.execute(of_talks.returning(_C.carry_at))).scalars().all()
    of_followers = update(followers.table).where(_F.conversation_id.in_(talks))
    await s.execute(of_followers.values(carrying_until=None))
    return any(moments)
