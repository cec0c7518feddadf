"""Rows of followers: found or made, what they may still be sent, forgotten when they leave."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Integer, Table, and_, bindparam, case, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from router import crypto
from router.channels.wechat import unagreed
from router.channels.wechat.messages import Message
from router.channels.wechat.models import Consent, Follower, Parcel
from router.conversations.models import Conversation, Door, Evidence
from router.db import Database, new_id
from router.gateway.lines import Core, conversations, messages

Allowed = tuple[int, timedelta]
# What an action of the follower allows: customer-service messages, and for how long.
BY_WORD = (5, timedelta(hours=48))
BY_PRESS = (3, timedelta(minutes=1))
_PRESSES = frozenset({"click", "scancode_push", "scancode_waitmsg", "subscribe", "scan"})

table: Table = Follower.__table__  # type: ignore[assignment]
_F = table.c
_KNOWN = (
    select(
        table,
        select(messages.c.seq)
        .where(messages.c.platform_key == bindparam("key"))
        .scalar_subquery()
        .label("seen"),
        conversations.c.consent_at.label("agreed_at"),
    )
    .outerjoin(conversations, conversations.c.id == _F.conversation_id)
    .where(_F.person_index.in_(bindparam("indices", expanding=True)))
)
_AGREED = (
    select(table)
    .join(conversations, conversations.c.id == _F.conversation_id)
    .where(
        _F.person_index.in_(bindparam("indices", expanding=True)),
        conversations.c.consent_at.is_not(None),
    )
)
_NOW, _UNTIL = (bindparam(name, type_=_F.quota_until.type) for name in ("now", "until"))
_COUNT = bindparam("count", type_=Integer)
_GRANT = (
    update(table)
    .where(_F.id == bindparam("follower"))
    .values(
        # counts do not add: the larger count and the longer time hold
        quota=case((and_(_F.quota_until > _NOW, _F.quota > _COUNT), _F.quota), else_=_COUNT),
        quota_until=case((_F.quota_until > _UNTIL, _F.quota_until), else_=_UNTIL),
        left_at=None,
    )
)


@dataclass(frozen=True)
class Known:
    """A follower at the moment of a message."""

    follower: Follower
    seen: bool = False  # this very message is in the transcript
    agreed: bool = True  # to our keeping what they say; or they have no talk yet


def granted(message: Message) -> Allowed | None:
    if message.kind == "event":
        return BY_PRESS if message.event in _PRESSES else None
    return BY_PRESS if message.text("bizmsgmenuid") else BY_WORD


def person_index(account: str, openid: str) -> list[str]:
    return crypto.current().indices(f"{account}|{openid}", "wechat person")


async def find(session: AsyncSession, account: str, openid: str) -> Follower | None:
    is_theirs = Follower.person_index.in_(person_index(account, openid))
    found: Follower | None = await session.scalar(select(Follower).where(is_theirs))
    return found


async def agreed(s: Core, indices: Iterable[str]) -> dict[str, Follower]:
    """Who of these, by their index, has a talk and agreed to our keeping it."""
    found = await s.execute(_AGREED, {"indices": list(indices)})
    return {row.person_index: Follower(**row._mapping) for row in found}


async def _look(db: Database, message: Message) -> Known | None:
    given = {"indices": person_index(message.account, message.openid), "key": message.key}
    async with db.look() as s:
        row = (await s.execute(_KNOWN, given)).one_or_none()
    if row is None:
        return None
    columns = dict(row._mapping)
    seen, agreed_at = columns.pop("seen"), columns.pop("agreed_at")
    follower = Follower(**columns)
    return Known(follower, seen is not None, bool(agreed_at or not follower.conversation_id))


async def found_or_made(db: Database, message: Message, now: datetime) -> Known:
    if known := await _look(db, message):
        return known
    index = person_index(message.account, message.openid)[0]
    new = Follower(id=new_id(), account=message.account, person_index=index, created_at=now)
    new.openid = message.openid
    try:
        async with db.write(soon=True) as s:
            s.add(new)
    except IntegrityError:  # a copy of the same message was faster
        if other := await _look(db, message):
            return other
        raise
    return Known(new)


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


async def grant(s: Core, follower_id: str, allowed: Allowed, now: datetime) -> None:
    """They have done something: so much may be sent to them again."""
    await grant_all(s, [(follower_id, allowed)], now)


async def grant_all(s: Core, granted: Sequence[tuple[str, Allowed]], now: datetime) -> None:
    given = [
        {"follower": follower, "count": count, "now": now, "until": now + span}
        for follower, (count, span) in granted
    ]
    if given:
        await s.execute(_GRANT, given)


async def forget(session: AsyncSession, follower: Follower, now: datetime) -> None:
    """They have left or taken their leave back: the platform wants their data deleted.

    A case they agreed to stays under its reference, as a case's own retention says.
    """
    conversation_id = follower.conversation_id
    follower.person_index, follower.openid, follower.held, follower.choices = None, "", {}, {}
    follower.consent_key = None
    follower.quota, follower.quota_until, follower.left_at = 0, None, now
    await session.execute(delete(Consent).where(Consent.follower_id == follower.id))
    if conversation_id is None:
        return
    theirs = Parcel.conversation_id == conversation_id
    unsent = update(Parcel).where(theirs, Parcel.state == "waiting")
    await session.execute(unsent.values(state="undeliverable", settled_at=now))
    await session.execute(update(Parcel).where(theirs).values(text_sealed=None))
    await session.execute(delete(Door).where(Door.conversation_id == conversation_id))
    unfetched = Evidence.conversation_id == conversation_id, Evidence.state == "awaited"
    lost = update(Evidence).where(*unfetched)
    await session.execute(lost.values(state="lost", source_sealed=None))
    talk = await session.get(Conversation, conversation_id)
    if talk:
        await unagreed.erase(session, talk)
