"""The only writer of a mediation's state. Each move is one conditional update, one line of history
and, where the citizen must hear of it, a timer: all in the caller's transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from router.claim import claim
from router.db import new_id
from router.dispatch import timers
from router.dispatch.models import Timer
from router.mediation import clocks
from router.mediation.errors import MediationMovedOn
from router.mediation.models import Mediation, MediationEvent
from router.mediation.status import FAILED, NEXT, SUCCESS, State

TELL, CONFIRM = "mediation_tell", "mediation_confirm"  # kinds of timers


def timer_id(kind: str, row_id: str) -> str:
    return f"{kind}-{row_id}"


async def open_new(
    session: AsyncSession, mediation: Mediation, now: datetime, words: str = ""
) -> None:
    """Stores a new mediation in the state it has, with its first event."""
    mediation.created_at, mediation.seq = now, 1
    if mediation.status == State.BARRED:
        mediation.ended_at = now
    session.add(mediation)
    await session.flush()
    _note(session, mediation, mediation.status, now, was=None, words=words)


async def move(
    session: AsyncSession,
    mediation: Mediation,
    to: State,
    now: datetime,
    by: str | None = None,
    *,
    sets: dict[str, Any] | None = None,
    data: dict[str, Any] | None = None,
    words: str = "",
) -> None:
    """Raises MediationMovedOn when the table does not allow it or somebody else was faster."""
    was = State(mediation.status)
    if to not in NEXT[was]:
        raise MediationMovedOn(mediation=mediation.id, now=was, to=to)
    values: dict[str, Any] = {**(sets or {}), "status": to.value}
    if to in FAILED or (to in SUCCESS and mediation.ended_at is None):
        values["ended_at"] = now
    await _claim(session, mediation, values)
    if to is State.AGREEMENT:
        _begin_clock(session, mediation, now)
    elif was is State.AGREEMENT:
        await timers.drop(session, timer_id(CONFIRM, mediation.id))
    _note(session, mediation, to.value, now, was=was, by=by, data=data, words=words)


async def note(
    session: AsyncSession,
    mediation: Mediation,
    how: str,
    now: datetime,
    by: str | None = None,
    *,
    sets: dict[str, Any] | None = None,
    data: dict[str, Any] | None = None,
    words: str = "",
    tells: bool = True,
) -> None:
    """A line of history of what changes no state: consent, alarmed, reminded, given_to."""
    await _claim(session, mediation, sets or {})
    was = State(mediation.status)
    _note(session, mediation, how, now, was=was, by=by, data=data, words=words, tells=tells)


def _begin_clock(session: AsyncSession, mediation: Mediation, now: datetime) -> None:
    assert mediation.confirm_by
    session.add(
        Timer(
            id=timer_id(CONFIRM, mediation.id),
            due_at=clocks.next_look(now, mediation.confirm_by),
            kind=CONFIRM,
            data={"mediation": mediation.id},
        )
    )


async def _claim(session: AsyncSession, mediation: Mediation, values: dict[str, Any]) -> None:
    if not await claim(session, mediation, values):
        raise MediationMovedOn(mediation=mediation.id)


def _note(
    session: AsyncSession,
    mediation: Mediation,
    how: str,
    now: datetime,
    *,
    was: State | None,
    by: str | None = None,
    data: dict[str, Any] | None = None,
    words: str = "",
    tells: bool = True,
) -> None:
    event = MediationEvent(
        id=new_id(),
        mediation_id=mediation.id,
        seq=mediation.seq,
        at=now,
        move=how,
        was=was,
        now=mediation.status,
        by=by,
        data=data or {},
    )
    event.words = words
    session.add(event)
    if tells:
        told = timer_id(TELL, event.id)
        session.add(Timer(id=told, due_at=now, kind=TELL, data={"event": event.id}))
