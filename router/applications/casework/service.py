"""办案: the lawyer's steps from the assignment to the file's closing, and the recipient's word.
Each is one transaction; the application is locked first, its case after it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router import audit
from router.applications import clocks, lanes, moves
from router.applications.casework.ending import ANSWERS, ENDS
from router.applications.casework.models import AidCase
from router.applications.errors import ApplicationMovedOn, BadCaseDay, BadDecision
from router.applications.models import Application
from router.applications.status import State
from router.clock import Clock, china_date
from router.db import Database

PROGRESS, NEWS, SIGNED = "progress", "news", "signed"  # moves that change no state
MOST = 500  # characters of a line of progress


@dataclass(frozen=True)
class End:
    """How a case ended. Money in 分; `words` are for the recipient."""

    on: date
    outcome: str  # see ending.ENDS
    recovered: int
    waived: int
    words: str


class Casework:
    def __init__(
        self, db: Database, clock: Clock, wake: Callable[[Application], Awaitable[None]]
    ) -> None:
        self._db, self._clock, self._wake = db, clock, wake

    async def signed(self, application_id: str, by: str, on: date) -> None:
        """The 委托协议 is signed: the clock of five days has been kept. Raises BadCaseDay."""
        async with self._case(application_id, by, "aid_contract") as (s, it, case, now):
            signs = it.lane == lanes.APPLIED and case.contract_on is None
            if it.status != State.ASSIGNED or not signs:
                raise ApplicationMovedOn(application=it.id, now=it.status)
            self._possible(on, case)
            case.contract_on = on
            words = f"{on.month}月{on.day}日签订"
            await moves.note(s, it, SIGNED, now, by=by, words=words, ends_clock=True)

    async def progress(
        self, application_id: str, by: str, on: date, words: str, for_recipient: bool
    ) -> None:
        """A dated line; the recipient reads what is meant for them (法律援助法 46)."""
        if not words or len(words) > MOST:
            raise BadDecision()
        async with self._case(application_id, by, "aid_progress") as (s, it, case, now):
            if it.status != State.ASSIGNED:
                raise ApplicationMovedOn(application=it.id, now=it.status)
            self._possible(on, case)
            how = NEWS if for_recipient else PROGRESS
            said = f"{on.month}月{on.day}日：{words}"
            await moves.note(s, it, how, now, by=by, words=said, tells=for_recipient)

    async def end(self, application_id: str, by: str, end: End) -> None:
        """The matter is over: who applied is told and asked, the organ that notified is told; the
        report's clock begins on its last day."""
        if not end.words or end.outcome not in ENDS or min(end.recovered, end.waived) < 0:
            raise BadDecision()
        async with self._case(application_id, by, "aid_ended") as (s, it, case, now):
            self._possible(end.on, case)
            due = clocks.due_from("report", end.on)
            await moves.move(s, it, State.ENDED, now, by=by, words=end.words, due=due)
            it.decision = {**it.decision, "result": end.words}
            case.ended_on, case.outcome = end.on, end.outcome
            case.asked_at = now if it.referral_id is None else None  # else no talk is theirs
            case.recovered, case.waived = end.recovered, end.waived

    async def report(self, application_id: str, by: str, words: str) -> None:
        """The report on the case is handed in (法律援助法 50): the file is closed."""
        if not words:
            raise BadDecision()
        async with self._case(application_id, by, "aid_report") as (s, it, case, now):
            await moves.move(s, it, State.CLOSED, now, by=by)
            case.report, case.report_at = words, now

    async def rate(self, application_id: str, answer: str, by: str | None = None) -> bool:
        """What the recipient says of the aid, once. `by`: who of the staff asked by telephone,
        never the lawyer whose case it is; who could not be asked in a talk is asked so. False:
        nothing was asked, or it was answered."""
        if answer not in ANSWERS:
            raise BadDecision()
        now = self._clock.now()
        asked = AidCase.asked_at if by is None else AidCase.ended_on
        open_question = asked.is_not(None), AidCase.satisfied.is_(None)
        sets = {"satisfied": answer, "satisfied_at": now, "satisfied_by": by,
                "asked_at": func.coalesce(AidCase.asked_at, now)}  # fmt: skip
        async with self._db.write() as s:
            query = update(AidCase).where(AidCase.id == application_id, *open_question)
            done = await s.execute(query.values(**sets))
            if by is not None:
                await audit.record(s, now, by, "aid_asked", application_id)
        return bool(done.rowcount == 1)  # type: ignore[attr-defined]

    async def rate_in(self, conversation_id: str, answer: str) -> bool:
        """The same, said in the talk: of the case there that was asked about last. False: none
        was; a line that is played again counts once."""
        query = (
            select(AidCase.id)
            .join(Application, Application.id == AidCase.id)
            .where(Application.conversation_id == conversation_id, AidCase.asked_at.is_not(None))
            .order_by(AidCase.satisfied.is_not(None), AidCase.asked_at.desc())
        )
        async with self._db.read() as s:
            found = await s.scalar(query.limit(1))
        if found is not None:
            await self.rate(found, answer)
        return found is not None

    def _possible(self, day: date, case: AidCase) -> None:
        """From the day on which aid was given to today."""
        if not china_date(case.accepted_at) <= day <= china_date(self._clock.now()):
            raise BadCaseDay(application=case.id)

    @asynccontextmanager
    async def _case(
        self, application_id: str, by: str, action: str
    ) -> AsyncIterator[tuple[AsyncSession, Application, AidCase, datetime]]:
        now = self._clock.now()
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            case = await s.get(AidCase, application_id)
            if case is None:  # granted in no way that we know
                raise ApplicationMovedOn(application=application_id, now=application.status)
            await audit.record(s, now, by, action, application_id)
            yield s, application, case, now
        await self._wake(application)
