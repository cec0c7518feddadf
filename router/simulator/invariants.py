"""What must hold in every committed state, asked of the tables alone."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, exists, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.sql import Select

from router.dispatch import rebuild
from router.dispatch.models import Offer, Timer
from router.lawyers.models import Lawyer
from router.tickets.models import Ticket, TicketEvent
from router.tickets.status import Status

S = Status


@dataclass(frozen=True)
class Broken:
    """`what` is one of the sentences below; `which` a ticket's or a lawyer's id, or a sentence."""

    at: datetime
    what: str
    which: str


def _pending(of: type[Ticket] = Ticket) -> Select[int]:
    of_ticket = Offer.ticket_id == of.id
    return select(func.count()).where(of_ticket, Offer.status == "pending")


def _rules() -> dict[str, Select[str]]:
    """Each finds the rows that break it."""
    pending = _pending().scalar_subquery()
    offer = aliased(Offer)
    holds = exists().where(offer.ticket_id == Ticket.id, offer.status == "accepted")
    asked = exists().where(
        offer.ticket_id == Ticket.id,
        offer.status == "pending",
        offer.lawyer_id == Ticket.offered_to,
        Timer.id == offer.id,
    )
    looked_at = exists().where(Timer.id == literal("ask-").concat(Ticket.id))
    in_hand = (
        select(func.count()).where(Offer.lawyer_id == Lawyer.id, Offer.status == "pending")
    ).scalar_subquery() + (
        select(func.count()).where(Ticket.owner == Lawyer.id, Ticket.status == S.ACCEPTED)
    ).scalar_subquery()
    lawyers = select(Lawyer.id).where(or_(Lawyer.load > 0, Lawyer.on_duty))
    return {
        "一件工单有两个派单": select(Ticket.id).where(
            Ticket.status.in_([S.OPEN, S.OFFERED, S.ACCEPTED]), pending > 1
        ),
        "已接的工单没有主人": select(Ticket.id).where(
            Ticket.status == S.ACCEPTED, or_(Ticket.owner.is_(None), ~holds, pending > 0)
        ),
        "派单中的工单没有派单或没有计时": select(Ticket.id).where(
            Ticket.status == S.OFFERED, ~asked
        ),
        "等待的工单没有人会再看": select(Ticket.id).where(
            Ticket.status == S.OPEN, or_(~looked_at, pending > 0)
        ),
        "超过律师的上限": lawyers.where(Lawyer.load > Lawyer.capacity),
        "律师手上的件数不对": lawyers.where(Lawyer.load != in_hand),
    }


RULES = {what: rows.limit(5) for what, rows in _rules().items()}  # made once


async def check(session: AsyncSession, now: datetime) -> list[Broken]:
    """All rules over what is live."""
    found = []
    for what, rows in RULES.items():
        found += [Broken(now, what, which) for which in await session.scalars(rows)]
    return found


def _before() -> Select[str]:
    """Of the ticket just offered: who alike waits since before, with an older or more urgent claim,
    and was never offered to that lawyer: they would have taken that one as well."""
    before, line = aliased(Ticket), aliased(TicketEvent)
    older = and_(before.urgency == Ticket.urgency, before.created_at < Ticket.created_at)
    asked = Offer.ticket_id == before.id, Offer.lawyer_id == bindparam("lawyer")
    came_now = line.ticket_id == before.id, line.at >= bindparam("now")
    return (
        select(before.id)
        .join(Ticket, Ticket.id == bindparam("ticket"))
        .where(
            before.status == S.OPEN,
            or_(before.urgency < Ticket.urgency, older),
            before.matter.is_not_distinct_from(Ticket.matter),
            before.region == Ticket.region,
            before.language.is_not_distinct_from(Ticket.language),
            ~exists().where(*asked),
            ~exists().where(*came_now),
        )
        .limit(1)
    )


_BEFORE = _before()


async def passed_over(
    session: AsyncSession, ticket_id: str, lawyer_id: str, now: datetime
) -> list[Broken]:
    """Asked in the moment of an offer."""
    given = {"ticket": ticket_id, "lawyer": lawyer_id, "now": now}
    rows = await session.scalars(_BEFORE, given)
    return [Broken(now, "急的或先来的被越过", which) for which in rows]


async def rebuilt(session: AsyncSession, now: datetime) -> list[Broken]:
    """The tables beside what the append-only log alone tells."""
    told = await rebuild.compare(session)
    return [Broken(now, "从记录重建的状态和现状不同", what) for what in told.differences]
