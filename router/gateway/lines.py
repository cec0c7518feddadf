"""Lines of the transcript: numbered, stored, read. All of it inside the caller's transaction.

The statements are Core and made once: several of them run for every message.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    Row,
    Table,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from router.conversations.models import Conversation, Message
from router.db import new_id
from router.tickets.models import Ticket
from router.tickets.status import SPEAKER

Core = AsyncSession | AsyncConnection  # whichever the caller's transaction has

conversations: Table = Conversation.__table__  # type: ignore[assignment]
messages: Table = Message.__table__  # type: ignore[assignment]
tickets: Table = Ticket.__table__  # type: ignore[assignment]

# What the channel may hand over in the answer to the citizen's own message, it need not send.
CARRY_AFTER = timedelta(milliseconds=300)

_C, _M, _T = conversations.c, messages.c, tickets.c
_ID: BindParameter[str] = bindparam("conversation")

_NUMBER = (
    update(conversations)
    .where(_C.id == _ID)
    .values(
        last_seq=_C.last_seq + bindparam("how_many"),
        updated_at=bindparam("now"),
        carry_at=case(
            (_C.carried_seq.is_not(None), bindparam("carry", type_=_C.carry_at.type)),
            else_=_C.carry_at,
        ),
    )
    .returning(
        _C.last_seq, _C.status, _C.case_no, _C.next_client_seq, _C.leased_by, _C.bot_troubled
    )
)
_FREE = _C.leased_by.is_(None)
_NUMBER_AND_LEASE = _NUMBER.values(
    leased_by=case((_FREE, bindparam("token")), else_=_C.leased_by),
    leased_until=case(
        (_FREE, bindparam("until", type_=_C.leased_until.type)), else_=_C.leased_until
    ),
)
_BY_LAWYER = or_(*(_T.status == status for status, who in SPEAKER.items() if who == "lawyer"))
_WITH_LAWYER = (_T.conversation_id == _ID, _BY_LAWYER)
_SEEN_AND_LAWYERS = union_all(
    select(_M.platform_key.label("one"), literal(True).label("seen")).where(
        _M.platform_key.in_(bindparam("keys", expanding=True))
    ),
    select(_T.conversation_id, literal(False)).where(
        _T.conversation_id.in_(bindparam("ids", expanding=True)), _BY_LAWYER
    ),
)
_OWNED = select(_T.id).where(*_WITH_LAWYER).limit(1)
_OWNED_LOCKED = _OWNED.with_for_update(read=True)
_SEEN = select(
    select(_M.seq).where(_M.platform_key == bindparam("key")).scalar_subquery(),
    exists().where(*_WITH_LAWYER),
)
_WAITS = exists().where(_M.turn == "waiting", _M.conversation_id == _ID)
_STATE = select(exists().where(*_WITH_LAWYER), _WAITS, _C.bot_troubled).where(_C.id == _ID)
_WAITING = (
    select(messages)
    .where(_M.turn == "waiting", _M.conversation_id == _ID)
    .order_by(func.coalesce(_M.client_seq, 0), _M.seq)
    .limit(50)
)
_FLOORS_AND_WAITING = (
    select(
        _C.id,
        select(_T.id)
        .where(_T.conversation_id == _C.id, _BY_LAWYER)
        .limit(1)
        .with_for_update(read=True)
        .correlate(conversations)
        .scalar_subquery()
        .label("owned"),
        _M.id.label("line"),
    )
    .outerjoin(messages, and_(_M.conversation_id == _C.id, _M.turn == "waiting"))
    .where(_C.id.in_(bindparam("ids", expanding=True)))
)
_STORE = insert(messages)
_AFTER = _M.conversation_id == _ID, _M.seq > bindparam("after")
_TRANSCRIPT = select(Message).where(*_AFTER).order_by(_M.seq)
_SINCE = select(messages).where(*_AFTER).order_by(_M.seq)


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
    session: Core, conversation_id: str, how_many: int, now: datetime
) -> Row[Any] | None:
    """Takes the next numbers, and with them the conversation's lock; None: no such one."""
    given = {
        "conversation": conversation_id,
        "how_many": how_many,
        "now": now,
        "carry": now + CARRY_AFTER,
    }
    return (await session.execute(_NUMBER, given)).one_or_none()


async def number_and_lease(
    session: Core,
    conversation_id: str,
    how_many: int,
    now: datetime,
    token: str,
    until: datetime,
) -> Row[Any] | None:
    """And takes the lease under this token, where nobody has it."""
    given = {
        "conversation": conversation_id,
        "how_many": how_many,
        "now": now,
        "carry": now + CARRY_AFTER,
        "token": token,
        "until": until,
    }
    return (await session.execute(_NUMBER_AND_LEASE, given)).one_or_none()


async def store(
    session: Core,
    conversation_id: str,
    drafts: Sequence[Draft],
    first_seq: int,
    now: datetime,
) -> list[Message]:
    made = rows(conversation_id, drafts, first_seq, now)
    await insert_all(session, made)
    return made


def rows(
    conversation_id: str, drafts: Sequence[Draft], first_seq: int, now: datetime
) -> list[Message]:
    return [
        Message(
            id=draft.id,
            conversation_id=conversation_id,
            seq=seq,
            who=draft.who,
            author=draft.author,
            text=draft.text,
            extra=draft.extra,
            platform_key=draft.platform_key,
            client_seq=draft.client_seq,
            turn=draft.turn,
            in_reply_to=draft.in_reply_to,
            attempts=0,
            created_at=now,
        )
        for seq, draft in enumerate(drafts, first_seq)
    ]


async def insert_all(session: Core, made: Sequence[Message]) -> None:
    if made:
        names = messages.c.keys()
        await session.execute(
            _STORE, [{name: getattr(one, name) for name in names} for one in made]
        )


async def speaker(session: Core, conversation_id: str, lock: bool = False) -> str:
    """Who holds the floor: a lawyer as long as one owns a ticket of the conversation.

    Any of its tickets, not the newest: an alarm during the talk opens another one. `lock`: the
    floor stays theirs until the caller's line is in.
    """
    owned = _OWNED_LOCKED if lock else _OWNED
    found = await session.scalar(owned, {"conversation": conversation_id})
    return "lawyer" if found else "bot"


async def floors_and_waiting(
    session: Core, ids: Sequence[str]
) -> tuple[set[str], dict[str, set[str]]]:
    """Of conversations that the caller has locked: speaker(lock=True) is a lawyer in the first;
    the citizen's lines that wait in each."""
    lawyers, waits = set(), defaultdict(set)
    for conversation_id, owned, line in await session.execute(_FLOORS_AND_WAITING, {"ids": ids}):
        if owned:
            lawyers.add(conversation_id)
        if line:
            waits[conversation_id].add(line)
    return lawyers, waits


async def seen_and_lawyers(
    session: Core, ids: Sequence[str], keys: Sequence[str]
) -> tuple[set[str], set[str]]:
    """seen() for many: which of the keys are in, and in which conversations a lawyer speaks."""
    found = (await session.execute(_SEEN_AND_LAWYERS, {"ids": ids, "keys": keys})).all()
    return {row.one for row in found if row.seen}, {row.one for row in found if not row.seen}


async def seen(session: Core, conversation_id: str, platform_key: str) -> tuple[int | None, str]:
    """The place that a message with this key has already, and who holds the floor."""
    given = {"conversation": conversation_id, "key": platform_key}
    first, lawyer = (await session.execute(_SEEN, given)).one()
    return first, "lawyer" if lawyer else "bot"


async def state(session: Core, conversation_id: str) -> tuple[str, bool]:
    """Who holds the floor, and whether the bot thinks: a line waits, and no trouble was told."""
    given = {"conversation": conversation_id}
    lawyer, waits, troubled = (await session.execute(_STATE, given)).one()
    return "lawyer" if lawyer else "bot", bool(waits and not troubled and not lawyer)


async def by_key(session: AsyncSession, platform_key: str) -> Message | None:
    return await session.scalar(select(Message).where(Message.platform_key == platform_key))


async def transcript(session: AsyncSession, conversation_id: str, after: int = 0) -> list[Message]:
    given = {"conversation": conversation_id, "after": after}
    return list(await session.scalars(_TRANSCRIPT, given))


async def since(session: Core, conversation_id: str, after: int) -> list[Message]:
    """transcript() for who only shows it: these rows belong to no session."""
    found = await session.execute(_SINCE, {"conversation": conversation_id, "after": after})
    return [Message(**row._mapping) for row in found]


async def waiting(session: Core, conversation_id: str) -> list[Message]:
    """The citizen's lines that nobody has dealt with, in the citizen's own order."""
    found = await session.execute(_WAITING, {"conversation": conversation_id})
    return [Message(**row._mapping) for row in found]


async def last_client_seq(session: AsyncSession, conversation_id: str) -> int:
    last = select(func.max(Message.client_seq)).where(Message.conversation_id == conversation_id)
    return await session.scalar(last) or 0
