"""The only writer of an application's state. Each move is one conditional update, one line of
history, the timer of the clock that now runs and one of who must hear of it, in one transaction."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from router.applications import clocks, lanes, organs, reminding
from router.applications.casework import opening
from router.applications.errors import ApplicationMovedOn
from router.applications.models import Application, ApplicationEvent
from router.applications.status import NEXT, OBJECTABLE, State
from router.claim import claim
from router.db import new_id
from router.dispatch import timers
from router.dispatch.models import Timer
from router.errors import NotFound

CLOCK, TELL = "application_clock", "application_tell"  # kinds of timers
GRANTED = (State.ACCEPTED, State.ASSIGNED)
NO_DRAFT: Final[dict[str, Any]] = {"drafted_by": None, "draft_sealed": None}


def clock_id(application_id: str) -> str:
    return f"application-{application_id}"


async def locked(session: AsyncSession, application_id: str) -> Application:
    """Raises NotFound."""
    found = await session.get(
        Application, application_id, populate_existing=True, with_for_update=True
    )
    if found is None:
        raise NotFound(application=application_id)
    return found


async def open_new(
    session: AsyncSession,
    application: Application,
    now: datetime,
    by: str | None,
    state: State = State.DRAFT,
    due: datetime | None = None,
) -> None:
    """`due`: the end of the clock that an organ's notice starts."""
    application.status, application.seq, application.created_at = state.value, 1, now
    application.due_at = due
    session.add(application)
    await session.flush()
    name = clocks.running(state, application.lane)
    if due is not None and name:
        run(session, application, name, due, now)
    if state in GRANTED:
        await opening.given(session, application, now)
    _note(session, application, state.value, now, None, by, "")


async def move(
    session: AsyncSession,
    application: Application,
    to: State,
    now: datetime,
    *,
    by: str | None = None,
    words: str = "",
    due: datetime | None = None,
    sets: dict[str, Any] | None = None,
) -> None:
    """`due`: the end of the clock that runs from now. Raises ApplicationMovedOn when the table does
    not allow the move or somebody was faster."""
    was = State(application.status)
    if to not in NEXT[was]:
        raise ApplicationMovedOn(application=application.id, now=was, to=to)
    if to is State.ASSIGNED and due is None and clocks.running(to, application.lane):
        due = clocks.due("contract", now)
    fresh = {"status": to.value, "due_at": due, "warned_at": None, "overdue_at": None}
    if application.draft.get("to") not in NEXT[to]:  # it can follow no more, or this is it
        fresh |= NO_DRAFT
    await _claim(session, application, fresh | (sets or {}))
    await timers.drop(session, clock_id(application.id))
    await reminding.drop(session, application.id)
    name = clocks.running(to, application.lane)
    if due is not None and name and to not in OBJECTABLE:  # nobody here owes an objection
        run(session, application, name, due, now)
    if due is not None and to in reminding.OWED:
        reminding.wind(session, application, reminding.OWED[to], due, now)
    if to in GRANTED:
        await opening.given(session, application, now)
    event = _note(session, application, to.value, now, was, by, words)
    await organs.follow(session, application, to, now, by, words)
    if by is not None and application.lane == lanes.APPLIED:
        _tell(session, event, now)


def _tell(session: AsyncSession, event: ApplicationEvent, now: datetime) -> None:
    told = {"event": event.id}
    session.add(Timer(id=f"{TELL}-{event.id}", due_at=now, kind=TELL, data=told))


def run(
    session: AsyncSession, application: Application, name: str, due: datetime, now: datetime
) -> None:
    """Winds the timer of this clock."""
    first = clocks.warn_at(name, due)
    _wind(session, application, max(first, now) if first else due)


def custody(session: AsyncSession, application: Application, now: datetime) -> None:
    """Our lawyer takes down what a detained person applies for: it is here in time (39(2))."""
    asked = application.helped.get("at")
    if not asked or application.due_at or application.form.get("who") != "detained":
        return
    application.due_at = clocks.due("custody", datetime.fromisoformat(asked))
    run(session, application, "custody", application.due_at, now)


async def note(
    session: AsyncSession,
    application: Application,
    how: str,
    now: datetime,
    *,
    by: str | None = None,
    words: str = "",
    sets: dict[str, Any] | None = None,
    tells: bool = False,
    ends_clock: bool = False,
) -> None:
    """What leaves the state as it is (NOTES): one conditional update, one line of history. Raises
    ApplicationMovedOn. `tells`: the applicant hears of it."""
    over = {"due_at": None, "warned_at": None, "overdue_at": None} if ends_clock else {}
    await _claim(session, application, over | (sets or {}))
    if ends_clock:
        await timers.drop(session, clock_id(application.id))
    event = _note(session, application, how, now, State(application.status), by, words)
    if tells:
        _tell(session, event, now)


async def strike(session: AsyncSession, application: Application, now: datetime) -> None:
    """Its clock's timer has fired: the staff are warned, then alarmed, each once."""
    due = application.due_at
    if due is None:
        return
    late = now > due
    done = application.overdue_at if late else application.warned_at
    if done is None:
        name = "overdue" if late else "warned"
        await _claim(session, application, {f"{name}_at": now})
        _note(session, application, name, now, State(application.status), None, "")
    if not late:
        _wind(session, application, due)


async def remind(session: AsyncSession, application: Application, name: str, now: datetime) -> None:
    """What the applicant owes is due soon: they hear of it."""
    prior = name == "prior"
    due = application.prior_due_at if prior else application.due_at
    if due is None or now > due:
        return
    how = reminding.PRIOR_REMINDED if prior else reminding.REMINDED
    words = reminding.words_of(name, due)
    await note(session, application, how, now, words=words, tells=True)


def _wind(session: AsyncSession, application: Application, at: datetime) -> None:
    data = {"application": application.id}
    late = application.due_at is not None and at >= application.due_at
    due = at + timers.RESUME if late else at  # the last day counts to its last second
    session.add(Timer(id=clock_id(application.id), due_at=due, kind=CLOCK, data=data))


async def _claim(session: AsyncSession, application: Application, values: dict[str, Any]) -> None:
    if not await claim(session, application, values):
        raise ApplicationMovedOn(application=application.id)


def _note(
    session: AsyncSession, application: Application, how: str, now: datetime,
    was: State | None, by: str | None, words: str,
) -> ApplicationEvent:  # fmt: skip
    event = ApplicationEvent(
        id=new_id(),
        application_id=application.id,
        seq=application.seq,
        at=now,
        move=how,
        was=was,
        now=application.status,
        by=by,
    )
    event.words = words
    session.add(event)
    return event
