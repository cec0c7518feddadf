"""Changes of the roster: leave, a shift given to a colleague or exchanged, a plan put in.

A supervisor makes them, so a swap is one move. Everything here runs inside a write transaction.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from router.db import new_id
from router.errors import BadRequest, NotFound, ShiftMovedOn, ShiftsOverlap
from router.lawyers.columns import POSTS, SEATS
from router.lawyers.hours import LONGEST, Span, clash
from router.lawyers.models import Lawyer, Shift
from router.lawyers.pattern import Planned


class Put(NamedTuple):
    """What became of a plan."""

    added: int
    kept: int  # were there already, whatever has been changed on them since
    clashing: list[Planned]  # left out: the lawyer has another shift then
    unknown: list[str]  # logins of no lawyer; then nothing was put in


class _Seat(NamedTuple):
    """What a shift is, whoever has it."""

    starts_at: datetime
    ends_at: datetime
    post: str
    seat: str

    @classmethod
    def of(cls, shift: Shift) -> "_Seat":
        return cls(shift.starts_at, shift.ends_at, shift.post, shift.seat)


async def one_writer(session: AsyncSession) -> None:
    """Two at once could each find a lawyer free. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(120349)"))


async def leave(session: AsyncSession, shift_id: str, now: datetime) -> Shift:
    """The hours are free again: the gap alarm shows them if nobody else has them."""
    shift = await _planned(session, shift_id, now)
    shift.state = "leave"
    return shift


async def back(session: AsyncSession, shift_id: str, now: datetime) -> Shift:
    """Leave taken back. Raises ShiftsOverlap if they have another shift by now."""
    shift = await _of_state(session, shift_id, "leave", now)
    await _must_be_free(session, shift.lawyer_id, _Seat.of(shift))
    shift.state = "planned"
    return shift


async def give(session: AsyncSession, shift_id: str, to: str, now: datetime) -> Shift:
    """The lawyer `to` has the shift instead; the row of who had it stays. Returns the new one."""
    shift = await _planned(session, shift_id, now)
    shift.state = "swapped"
    return await _take(session, _Seat.of(shift), to)


async def exchange(session: AsyncSession, one_id: str, other_id: str, now: datetime) -> None:
    """Two lawyers have each other's shift."""
    one, other = [await _planned(session, shift_id, now) for shift_id in (one_id, other_id)]
    swapped = [(_Seat.of(one), other.lawyer_id), (_Seat.of(other), one.lawyer_id)]
    one.state = other.state = "swapped"
    for seat, lawyer_id in swapped:
        await _take(session, seat, lawyer_id)


async def make(session: AsyncSession, shift_id: str, what: str, other: str, now: datetime) -> None:
    """`what`: leave, back, give (`other`: a lawyer) or exchange (`other`: their shift)."""
    if what == "leave":
        await leave(session, shift_id, now)
    elif what == "back":
        await back(session, shift_id, now)
    elif what == "give":
        await give(session, shift_id, other, now)
    elif what == "exchange":
        await exchange(session, shift_id, other, now)
    else:
        raise BadRequest(what=what)


async def add(
    session: AsyncSession, lawyer_id: str, span: Span, post: str, seat: str, now: datetime
) -> Shift:
    """One more shift. Raises BadRequest for an unknown post or seat, ShiftMovedOn for one that is
    over, ShiftsOverlap where the lawyer has another then, NotFound for no lawyer."""
    if post not in POSTS or seat not in SEATS:
        raise BadRequest(post=post, seat=seat)
    if span.ends_at <= now:
        raise ShiftMovedOn(lawyer=lawyer_id)
    await one_writer(session)
    return await _take(session, _Seat(*span, post, seat), lawyer_id)


async def repost(session: AsyncSession, shift_id: str, post: str, seat: str, now: datetime) -> None:
    """The same hours at another post or on another seat. Raises BadRequest for an unknown one."""
    if post not in POSTS or seat not in SEATS:
        raise BadRequest(post=post, seat=seat)
    shift = await _planned(session, shift_id, now)
    shift.post, shift.seat = post, seat


async def put_in(session: AsyncSession, plan: Iterable[Planned]) -> Put:
    """Adds what is not there yet. A day that was changed by hand keeps its changes."""
    await one_writer(session)
    wanted = list(plan)
    ids = await lawyer_ids(session)
    unknown = sorted({one.login for one in wanted} - ids.keys())
    if unknown or not wanted:
        return Put(0, 0, [], unknown)
    known, taken = await _around(session, [one.span for one in wanted])
    rows, clashing = [], []
    for one in wanted:
        lawyer_id = ids[one.login]
        if (lawyer_id, one.span.starts_at) in known:
            continue
        if clash([one.span], taken[lawyer_id]):
            clashing.append(one)
            continue
        taken[lawyer_id].append(one.span)
        rows.append(
            {
                "id": new_id(), "lawyer_id": lawyer_id, "starts_at": one.span.starts_at,
                "ends_at": one.span.ends_at, "post": one.post, "seat": one.seat,
            }
        )  # fmt: skip
    if rows:
        await session.execute(insert(Shift), rows)
    return Put(len(rows), len(wanted) - len(rows) - len(clashing), clashing, [])


async def lawyer_ids(session: AsyncSession) -> Mapping[str, str]:
    """login -> id of every duty lawyer."""
    found = await session.execute(select(Lawyer.login, Lawyer.id).where(Lawyer.role == "lawyer"))
    return {login: lawyer_id for login, lawyer_id in found}


async def _around(
    session: AsyncSession, spans: list[Span]
) -> tuple[set[tuple[str, datetime]], dict[str, list[Span]]]:
    """The (lawyer, start) of every shift near the spans, and each lawyer's planned spans."""
    first = min(span.starts_at for span in spans) - LONGEST
    found = await session.execute(
        select(Shift.lawyer_id, Shift.starts_at, Shift.ends_at, Shift.state).where(
            Shift.starts_at > first, Shift.starts_at < max(span.ends_at for span in spans)
        )
    )
    known: set[tuple[str, datetime]] = set()
    taken: dict[str, list[Span]] = defaultdict(list)
    for lawyer_id, begin, end, state in found:
        known.add((lawyer_id, begin))
        if state == "planned":
            taken[lawyer_id].append(Span(begin, end))
    return known, taken


async def _planned(session: AsyncSession, shift_id: str, now: datetime) -> Shift:
    return await _of_state(session, shift_id, "planned", now)


async def _of_state(session: AsyncSession, shift_id: str, state: str, now: datetime) -> Shift:
    await one_writer(session)
    shift = await session.get(Shift, shift_id, populate_existing=True)
    if shift is None:
        raise NotFound(shift=shift_id)
    if shift.state != state or shift.ends_at <= now:
        raise ShiftMovedOn(shift=shift_id)
    return shift


async def _take(session: AsyncSession, seat: _Seat, lawyer_id: str) -> Shift:
    lawyer = await session.get(Lawyer, lawyer_id)
    if lawyer is None or lawyer.role != "lawyer":
        raise NotFound(lawyer=lawyer_id)
    await session.flush()  # what was given away counts no more
    await _must_be_free(session, lawyer_id, seat)
    theirs = await session.scalar(
        select(Shift).where(Shift.lawyer_id == lawyer_id, Shift.starts_at == seat.starts_at)
    )
    if theirs is None:  # else it was theirs before, or they were on leave
        theirs = Shift(id=new_id(), lawyer_id=lawyer_id, starts_at=seat.starts_at)
        session.add(theirs)
    theirs.ends_at, theirs.post, theirs.seat = seat.ends_at, seat.post, seat.seat
    theirs.state = "planned"
    return theirs


async def _must_be_free(session: AsyncSession, lawyer_id: str, seat: _Seat) -> None:
    other = await session.scalar(
        select(Shift.id)
        .where(
            Shift.lawyer_id == lawyer_id, Shift.state == "planned",
            Shift.starts_at < seat.ends_at, Shift.ends_at > seat.starts_at,
        )
        .limit(1)
    )  # fmt: skip
    if other is not None:
        raise ShiftsOverlap(lawyer=lawyer_id, shift=other)
