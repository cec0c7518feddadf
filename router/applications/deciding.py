"""What people decide of an application: each decision with its letter, its clock and its trace."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Any

from router import audit
from router.applications import assigning, clocks, moves
from router.applications.errors import BadDecision
from router.applications.models import Application
from router.applications.status import State
from router.clock import Clock, china_date
from router.codes import new_code
from router.db import Database
from router.lawbook import LawBook

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
        if not missing or until <= china_date(now):
            raise BadDecision()
        last = clocks.last_day(until, 0)
        letter = {"kind": "supplement", "missing": list(missing), "until": last.isoformat()}
        due = clocks.end_of(last)
        sets = {"asked_at": now}
        await self._decide(application_id, by, S.SUPPLEMENT, letter, due, sets)

    async def accept(self, application_id: str, by: str, reasons: str) -> None:
        due = clocks.due("assignment", self._clock.now())
        await self._decide(
            application_id, by, S.ACCEPTED, {"kind": "grant", "reasons": reasons}, due
        )

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
            lawyer = await assigning.fit(s, application, lawyer_id)
            words, sets = f"{lawyer.name}律师", {"lawyer_id": lawyer_id}
            await moves.move(s, application, S.ASSIGNED, now, by=by, words=words, sets=sets)
            await audit.record(s, now, by, "application_assigned", application.id)
        await self._wake(application)
