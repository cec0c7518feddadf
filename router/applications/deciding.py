"""What people decide of an application: each decision with its letter, its clock and its trace."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router import audit
from router.applications import asking, assigning, clocks, ending, moves, second
from router.applications.errors import ApplicationMovedOn, BadDecision, SamePerson
from router.applications.models import Application, ApplicationEvent
from router.applications.status import OBJECTABLE, UNDER_REVIEW, State
from router.clock import Clock, china_date
from router.codes import new_code
from router.db import Database
from router.lawbook import LawBook
from router.lawyers.models import Lawyer

S = State


class Review:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        lawbook: LawBook,
        wake: Callable[[Application], Awaitable[None]],
    ) -> None:
        self._db, self._clock, self._lawbook, self._wake = db, clock, lawbook, wake

    async def ask_more(
        self, application_id: str, by: str, missing: Sequence[str], until: date
    ) -> None:
        """Once, everything: 法律援助法 43(2)."""
        now = self._clock.now()
        last = clocks.given("supplement", until, china_date(now))
        if not missing or last is None:
            raise BadDecision()
        letter = {"kind": "supplement", "missing": list(missing), "until": last.isoformat()}
        due = clocks.end_of(last)
        sets = {"asked_at": now}
        await self._decide(application_id, by, S.SUPPLEMENT, letter, due, sets)

    async def accept(self, application_id: str, by: str, reasons: str) -> None:
        await self._decide(application_id, by, S.ACCEPTED, {"kind": "grant", "reasons": reasons})

    async def refuse(
        self, application_id: str, by: str, reasons: str, cites: Sequence[str]
    ) -> None:
        known = [cite for cite in cites if cite in self._lawbook.current.articles]
        if not reasons or not known:
            raise BadDecision()
        letter = {"kind": "refusal", "reasons": reasons, "cites": known}
        await self._decide(application_id, by, S.REFUSED, letter)

    async def transfer(self, application_id: str, by: str, to: str, reasons: str) -> None:
        if not to or not reasons:
            raise BadDecision()
        letter = {"kind": "transfer", "to": to, "reasons": reasons, "receipt": new_code("ZB")}
        await self._decide(application_id, by, S.TRANSFERRED, letter)

    async def uphold(self, application_id: str, by: str, reasons: str) -> None:
        if not reasons:
            raise BadDecision()
        letter = {"kind": "upheld", "reasons": reasons}
        await self._decide(application_id, by, S.UPHELD, letter)

    async def _decide(
        self, application_id: str, by: str, to: State, letter: dict[str, Any],
        due: datetime | None = None, sets: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """`due`: where people have chosen it, else as the clock's rule says. Where two must agree
        this is a draft."""
        now = self._clock.now()
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            if to is S.ACCEPTED and application.status not in (*UNDER_REVIEW, S.OBJECTED):
                raise ApplicationMovedOn(application=application_id)
            if application.status == S.OBJECTED:
                await _another(s, application, by)
            second.free(application)
            if second.wanted(application, to):
                await second.keep(s, application, to, letter, by, now)
            else:
                await _settle(s, application, to, letter, by, now, due, sets)
        await self._wake(application)

    async def confirm(self, application_id: str, by: str, number: int) -> None:
        """The second person: now it is decided, and from now on its clock runs. `number`: of the
        draft that was read. Raises ApplicationMovedOn, OwnDraft."""
        now = self._clock.now()
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            to, letter = second.taken(application, number, by)
            if to is S.TERMINATED:
                await ending.stop(s, application, letter, by, now)
            else:
                await _settle(s, application, to, letter, by, now)
        await self._wake(application)

    async def send_back(self, application_id: str, by: str, number: int, reasons: str) -> None:
        now = self._clock.now()
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            await second.back(s, application, number, by, reasons, now)
        await self._wake(application)

    async def assign(self, application_id: str, by: str, lawyer_id: str) -> None:
        """Raises ConflictOfInterest: their firm acts for the other party."""
        now = self._clock.now()
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            await asking.withdraw(s, application, now)
            await assigning.give(s, application, lawyer_id, by, now)
            await audit.record(s, now, by, "application_assigned", application.id)
        await self._wake(application)


async def _settle(
    s: AsyncSession, application: Application, to: State, letter: dict[str, Any], by: str,
    now: datetime, due: datetime | None = None, sets: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    name = clocks.RUNNING.get(to)
    due = clocks.due(name, now) if name and due is None else due
    if to is S.REFUSED and due:
        letter = {**letter, "until": china_date(due).isoformat()}
    if to is S.ACCEPTED:
        sets = {"lawyer_id": None}
    words = str(letter.get("reasons") or "；".join(letter.get("missing", ())))
    await moves.move(s, application, to, now, by=by, words=words, due=due, sets=sets)
    application.decision = {**letter, "at": now.isoformat()}
    await audit.record(s, now, by, f"application_{to.value}", application.id)


async def _another(s: AsyncSession, application: Application, by: str) -> None:
    """Who decided, or drafted it, does not answer the objection, where there is another who can."""
    last = await s.scalar(
        select(ApplicationEvent.by)
        .where(
            ApplicationEvent.application_id == application.id,
            ApplicationEvent.move.in_([state.value for state in OBJECTABLE]),
        )
        .order_by(ApplicationEvent.seq.desc())
        .limit(1)
    )
    decided = [one for one in (last, application.decision.get("drafted_by")) if one]
    others = select(Lawyer.id).where(Lawyer.role == "supervisor", Lawyer.id.not_in(decided))
    if by in decided and await s.scalar(others.limit(1)):
        raise SamePerson(application=application.id)
