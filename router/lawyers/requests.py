"""What lawyers ask of the roster: leave, a shift given to a colleague or exchanged for theirs. A
supervisor grants or refuses; until then the roster stays as it is. Inside a write transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from router.db import new_id
from router.errors import BadRequest, NotFound, ShiftMovedOn
from router.lawyers import changes
from router.lawyers.models import Lawyer, Shift, ShiftRequest

WHAT = ("leave", "give", "exchange")
WAITS = ShiftRequest.answer.is_(None)


class Asked(NamedTuple):
    """A request with everything that its words need."""

    request: ShiftRequest
    shift: Shift
    asker: Lawyer
    colleague: Lawyer | None  # give, exchange
    theirs: Shift | None  # exchange


async def ask(
    session: AsyncSession, shift_id: str, lawyer_id: str, what: str, other: str, now: datetime
) -> ShiftRequest:
    """Of one's own shift, in place of what was asked of it before."""
    await changes.one_writer(session)
    shift = await _own(session, shift_id, lawyer_id)
    if shift.state != "planned" or shift.ends_at <= now:
        raise ShiftMovedOn(shift=shift_id)
    if what not in WHAT:
        raise BadRequest(what=what)
    if what == "give":
        colleague = await session.get(Lawyer, other)
        if colleague is None or colleague.role != "lawyer" or other == lawyer_id:
            raise NotFound(lawyer=other)
    elif what == "exchange":
        theirs = await session.get(Shift, other)
        if theirs is None or theirs.lawyer_id == lawyer_id:
            raise NotFound(shift=other)
        if theirs.state != "planned" or theirs.ends_at <= now:
            raise ShiftMovedOn(shift=other)
    await _end(session, shift_id, "withdrawn", lawyer_id, now)
    asked = ShiftRequest(
        id=new_id(), shift_id=shift_id, what=what, asked_at=now,
        other=None if what == "leave" else other,
    )  # fmt: skip
    session.add(asked)
    return asked


async def withdraw(session: AsyncSession, shift_id: str, lawyer_id: str, now: datetime) -> None:
    await changes.one_writer(session)
    await _own(session, shift_id, lawyer_id)
    await _end(session, shift_id, "withdrawn", lawyer_id, now)


async def answer(
    session: AsyncSession, request_id: str, granted: bool, by: str, now: datetime
) -> ShiftRequest:
    """Granted, the roster changes with it. Raises ShiftMovedOn, ShiftsOverlap as changes.py."""
    await changes.one_writer(session)
    asked = await session.get(ShiftRequest, request_id, populate_existing=True)
    if asked is None:
        raise NotFound(request=request_id)
    if asked.answer is not None:
        raise ShiftMovedOn(request=request_id)
    if granted:
        await changes.make(session, asked.shift_id, asked.what, asked.other or "", now)
    asked.answer = "granted" if granted else "refused"
    asked.answered_by, asked.answered_at = by, now
    return asked


async def waiting(session: AsyncSession, now: datetime) -> list[Asked]:
    """What a supervisor has not answered of shifts that are not over, the soonest shift first."""
    rows = await session.execute(
        _whole().where(WAITS, Shift.state == "planned", Shift.ends_at > now)
        .order_by(Shift.starts_at, ShiftRequest.id)
    )  # fmt: skip
    return [Asked(*row) for row in rows]


async def count(session: AsyncSession, now: datetime) -> int:
    """How many of those."""
    found = (
        select(func.count())
        .select_from(ShiftRequest)
        .join(Shift, Shift.id == ShiftRequest.shift_id)
        .where(WAITS, Shift.state == "planned", Shift.ends_at > now)
    )
    return await session.scalar(found) or 0


async def newest(session: AsyncSession, shift_ids: Sequence[str]) -> dict[str, Asked]:
    """The last request of each shift, answered or not."""
    rows = await session.execute(
        _whole().where(ShiftRequest.shift_id.in_(shift_ids)).order_by(ShiftRequest.asked_at)
    )
    return {row[0].shift_id: Asked(*row) for row in rows}


def _whole() -> Select[ShiftRequest, Shift, Lawyer, Lawyer, Shift]:
    theirs, colleague = aliased(Shift), aliased(Lawyer)
    return (
        select(ShiftRequest, Shift, Lawyer, colleague, theirs)
        .join(Shift, Shift.id == ShiftRequest.shift_id)
        .join(Lawyer, Lawyer.id == Shift.lawyer_id)
        .outerjoin(theirs, theirs.id == ShiftRequest.other)
        .outerjoin(colleague, colleague.id == func.coalesce(theirs.lawyer_id, ShiftRequest.other))
    )


async def _own(session: AsyncSession, shift_id: str, lawyer_id: str) -> Shift:
    shift = await session.get(Shift, shift_id, populate_existing=True)
    if shift is None or shift.lawyer_id != lawyer_id:
        raise NotFound(shift=shift_id)
    return shift


async def _end(session: AsyncSession, shift_id: str, how: str, by: str, now: datetime) -> None:
    of_shift = select(ShiftRequest).where(ShiftRequest.shift_id == shift_id, WAITS)
    for asked in await session.scalars(of_shift):
        asked.answer, asked.answered_by, asked.answered_at = how, by, now
