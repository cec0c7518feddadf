"""News of a case by template or subscribe message, when nothing else may be sent any more.

Only to who wants it; it says that something has happened and nothing of the case. Its text waits
and comes when they open the account. https://developers.weixin.qq.com/doc/service (订阅通知)
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from router.channels.wechat import metrics, parcels
from router.channels.wechat.messages import Message
from router.channels.wechat.models import Consent, Follower
from router.channels.wechat.plan import Piece
from router.channels.wechat.post import PlatformRefused
from router.channels.wechat.templates import Notices, Template
from router.clock import CHINA
from router.db import Database, new_id
from router.gateway.lines import conversations

log = logging.getLogger(__name__)
WHAT: dict[str, str] = {
    "accepted": "律师已接手",
    "returned": "转办被退回",
    "closed": "已办结",
    "papers": "需补充材料",
    "decided": "已有决定",
    "assigned": "已指派律师",
    "near": "期限快到了",
}
PATHS = {
    "subscribe": "/cgi-bin/message/subscribe/bizsend",
    "template": "/cgi-bin/message/template/send",
}
REFUSED, UNKNOWN_TEMPLATE, GONE = 43101, 40037, frozenset({43004, 40003, 50005})

_TABLE: Table = Consent.__table__  # type: ignore[assignment]
_K = _TABLE.c
Consents = Mapping[str, Collection[str]]  # templates by follower


@dataclass(frozen=True)
class Notice:
    """To be sent once for these pieces, which stay waiting."""

    ids: tuple[str, ...]
    template: Template
    path: str
    what: str


def due(config: Notices, pieces: Sequence[Piece], wanted: Collection[str]) -> list[Notice]:
    """One for all news of the moment; it tells the last of them."""
    news = [piece for piece in pieces if piece.news]
    for piece in reversed(news):
        template = config.templates.get(piece.news)  # type: ignore[call-overload]
        if template and template.id in wanted:
            ids = tuple(one.id for one in news)
            return [Notice(ids, template, PATHS[config.way], WHAT[piece.news])]
    return []


async def body(db: Database, follower: Follower, notice: Notice, now: datetime) -> dict[str, Any]:
    async with db.look() as s:
        its = select(conversations.c.reference)
        found = await s.execute(its.where(conversations.c.id == follower.conversation_id))
    moment = now.astimezone(CHINA)
    values = {
        "what": notice.what,
        "reference": found.scalar_one(),
        "time": f"{moment:%Y}年{moment.month}月{moment.day}日 {moment:%H:%M}",
    }
    told: dict[str, Any] = {
        "touser": follower.openid,
        "template_id": notice.template.id,
        "data": {name: {"value": values[of]} for name, of in notice.template.fields.items()},
    }
    if notice.path == PATHS["template"]:
        told["client_msg_id"] = notice.ids[-1]  # the platform drops a repetition
    return told


# --- who wants them


async def consents(s: AsyncConnection, of: Sequence[Follower]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    if of:
        theirs = _K.follower_id.in_([follower.id for follower in of])
        for row in await s.execute(select(_K.follower_id, _K.template).where(theirs)):
            found.setdefault(row.follower_id, set()).add(row.template)
    return found


async def agree(
    s: AsyncConnection, follower_id: str, template: str, at: datetime, lasting: bool
) -> None:
    """`at`: when they said so; the same yes once more adds nothing."""
    theirs = _K.follower_id == follower_id, _K.template == template
    known = (await s.execute(select(_K.sends, _K.given_at).where(*theirs))).one_or_none()
    if known is None:
        new = {"id": new_id(), "follower_id": follower_id, "template": template, "given_at": at}
        await s.execute(insert(_TABLE).values(new | {"sends": None if lasting else 1}))
    elif known.given_at < at:
        sends = None if lasting or known.sends is None else known.sends + 1
        await s.execute(update(_TABLE).where(*theirs).values(sends=sends, given_at=at))


async def take_back(s: AsyncConnection, follower_id: str, template: str | None = None) -> None:
    """One, or all."""
    given = delete(_TABLE).where(_K.follower_id == follower_id)
    await s.execute(given.where(_K.template == template) if template else given)


async def heard(
    s: AsyncConnection, config: Notices, follower_id: str, message: Message, at: datetime
) -> None:
    """What they pressed in the platform's own dialogue, for each of our templates."""
    ours = {one.id for one in config.templates.values()}
    for item in _items(message):
        template, answer = str(item.get("TemplateId", "")), item.get("SubscribeStatusString")
        if template not in ours:
            continue
        if answer == "accept":
            await agree(s, follower_id, template, at, config.lasting)
        elif answer == "reject":
            await take_back(s, follower_id, template)


def _items(message: Message) -> list[dict[str, Any]]:
    """XML has them one level deeper than JSON, and one of them is no list."""
    inner = [
        one["List"] for one in message.fields.values() if isinstance(one, dict) and "List" in one
    ]
    found = [message.fields.get("List"), *inner]
    flat = [one for some in found for one in (some if isinstance(some, list) else [some])]
    return [one for one in flat if isinstance(one, dict)]


# --- what became of one


async def spent(s: AsyncConnection, follower: Follower, notice: Notice, now: datetime) -> None:
    theirs = _K.follower_id == follower.id, _K.template == notice.template.id
    await s.execute(update(_TABLE).where(*theirs).values(sends=_K.sends - 1))
    await s.execute(delete(_TABLE).where(*theirs, _K.sends <= 0))
    await parcels.noticed(s, notice.ids, now)


async def refused(
    s: AsyncConnection, follower: Follower, notice: Notice, why: PlatformRefused
) -> None:
    metrics.SENT.labels("notice refused").inc()
    if why.code == REFUSED:
        await take_back(s, follower.id, notice.template.id)
    elif why.code in GONE:
        await take_back(s, follower.id)
    elif why.code == UNKNOWN_TEMPLATE:
        told = {"account": follower.account, "template": notice.template.id}
        log.error("wechat.template_unknown", extra=told)
