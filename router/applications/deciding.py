"""What people decide of an application: each decision with its letter, its clock and its trace."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router import audit
from router.applications import asking, assigning, clocks, moves
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
        due = clocks.due("assignment", self._clock.now())
        letter, sets = {"kind": "grant", "reasons": reasons}, {"lawyer_id": None}
        await self._decide(application_id, by, S.ACCEPTED, letter, due, sets)

    async def refuse(
        self, application_id: str, by: str, reasons: str, cites: Sequence[str]
    ) -> None:
        known = [cite for cite in cites if cite in self._lawbook.current.articles]
        if not reasons or not known:
            raise BadDecision()
        due = clocks.due("objection", self._clock.now())
        until = china_date(due).isoformat()
        letter = {"kind": "refusal", "reasons": reasons, "cites": known, "until": until}
        await self._decide(application_id, by, S.REFUSED, letter, due)

    async def transfer(self, application_id: str, by: str, to: str, reasons: str) -> None:
        if not to or not reasons:
            raise BadDecision()
        letter = {"kind": "transfer", "to": to, "reasons": reasons, "receipt": new_code("ZB")}
        await self._decide(application_id, by, S.TRANSFERRED, letter, None)

    async def uphold(self, application_id: str, by: str, reasons: str) -> None:
        if not reasons:
            raise BadDecision()
        letter = {"kind": "upheld", "reasons": reasons}
        await self._decide(application_id, by, S.UPHELD, letter, None)

    async def _decide(
        self, application_id: str, by: str, to: State, letter: dict[str, Any],
        due: datetime | None, sets: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        now = self._clock.now()
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            if to is S.ACCEPTED and application.status not in (*UNDER_REVIEW, S.OBJECTED):
                raise ApplicationMovedOn(application=application_id)
            if application.status == S.OBJECTED:
                await _another(s, application, by)
            words = str(letter.get("reasons") or "；".join(letter.get("missing", ())))
            await moves.move(s, application, to, now, by=by, words=words, due=due, sets=sets)
            application.decision = {**letter, "at": now.isoformat()}
            await audit.record(s, now, by, f"application_{to.value}", application.id)
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


async def _another(s: AsyncSession, application: Application, by: str) -> None:
    """Who decided does not answer the objection to it, where there is another who can."""
    decided = await s.scalar(
        select(ApplicationEvent.by)
        .where(
            ApplicationEvent.application_id == application.id,
            ApplicationEvent.move.in_([state.value for state in OBJECTABLE]),
        )
        .order_by(ApplicationEvent.seq.desc())
        .limit(1)
    )
    others = select(Lawyer.id).where(Lawyer.role == "supervisor", Lawyer.id != by).limit(1)
    if decided == by and await s.scalar(others):
        raise SamePerson(application=application.id)
