"""What a waiting citizen may honestly be told: their place, how long it takes, who comes when."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from router.clock import CHINA, china_date
from router.dispatch.keys import Wish
from router.dispatch.models import Opening
from router.lawyers.roster import next_start
from router.tickets.models import Ticket
from router.tickets.service import OPEN
from router.tickets.status import Status
from router.tickets.urgency import Urgency

RECENT: Final = timedelta(hours=1)
FEW: Final = 5  # of fewer talks than these in the last hour nothing can be said
STEP: Final = 5  # minutes: as exact as the figure is
UNKNOWN = "还要等多久，现在不好说。"
LEAVE = (
    "您可以先把想说的写在这里，也可以留下电话，写“请律师回电”；"
    "律师上岗后先看您写的，再回复您或给您回电。"
)


@dataclass(frozen=True)
class Outlook:
    position: int  # 1 is the next to be offered
    minutes: int | None  # about; None: too few talks to say, or nobody on duty
    on_duty: bool  # somebody, though not free
    starts_at: datetime | None  # of the next shift, where nobody is on duty


async def position(s: AsyncSession, ticket: Ticket) -> int | None:
    """None: it does not wait."""
    if ticket.status != Status.OPEN:
        return None
    ahead = await s.scalar(
        select(func.count()).where(
            OPEN,
            or_(
                Ticket.urgency < ticket.urgency,
                (Ticket.urgency == ticket.urgency) & (Ticket.created_at < ticket.created_at),
                (Ticket.urgency == ticket.urgency)
                & (Ticket.created_at == ticket.created_at)
                & (Ticket.id < ticket.id),
            ),
        )
    )
    return (ahead or 0) + 1


async def of(s: AsyncSession, ticket: Ticket, now: datetime) -> Outlook | None:
    """None: it does not wait."""
    place = await position(s, ticket)
    if place is None:
        return None
    # who is at another post only is of no help here, except in danger
    wish = Wish() if ticket.urgency == Urgency.DANGER else Wish(ticket.post)
    if await s.scalar(select(exists().where(Opening.key.in_(wish.keys())))):
        return Outlook(place, await _minutes(s, ticket, place, now), True, None)
    here = await next_start(s, now, ticket.post, ticket.region)
    starts = here or await next_start(s, now, ticket.post)
    return Outlook(place, None, False, starts)


async def _minutes(s: AsyncSession, ticket: Ticket, place: int, now: datetime) -> int | None:
    """By how many talks of this queue lawyers have brought to an end in the last hour."""
    ended = await s.scalar(
        select(func.count()).where(
            Ticket.closed_at > now - RECENT,
            Ticket.closed_at <= now,
            Ticket.destination == ticket.destination,
            Ticket.owner.is_not(None),
        )
    )
    if not ended or ended < FEW:
        return None
    return STEP * math.ceil(place * (RECENT / timedelta(minutes=STEP)) / ended)


def words(outlook: Outlook, now: datetime) -> str:
    """The sentences after "您排在第N位"."""
    if outlook.on_duty:
        if outlook.minutes is None:
            return UNKNOWN
        return f"按最近一小时的接待速度，大约还要等 {outlook.minutes} 分钟。"
    if outlook.starts_at is None:
        return UNKNOWN + LEAVE
    return f"{next_shift(outlook.starts_at, now)}{LEAVE}"


def next_shift(at: datetime, now: datetime) -> str:
    return f"下一班律师{_moment(at, now)}上岗。"


def _moment(at: datetime, now: datetime) -> str:
    local = at.astimezone(CHINA)
    days = (china_date(at) - china_date(now)).days
    day = {0: "今天", 1: "明天"}.get(days, f"{local.month}月{local.day}日")
    return f"{day} {local:%H:%M} "
