"""先行提供、终止、更换: aid before the papers are there (法律援助法 44), aid that ends before the
case does (48), and another lawyer (55)."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from router import audit
from router.applications import asking, clocks, moves, reminding, second
from router.applications.errors import ApplicationMovedOn, BadDecision, NotUrgent
from router.applications.models import Application
from router.applications.status import State
from router.clock import Clock, china_date
from router.db import Database
from router.dispatch import timers
from router.dispatch.models import Timer
from router.lawbook import LawBook

S = State
PRIOR: Final = "application_prior"  # kind of timer
PRIOR_FROM: Final = (S.SUBMITTED, S.SUPPLEMENT, S.SUPPLEMENTED)
LIMITATION: Final = "LAL 44(1)(1)"
PRIOR_GROUNDS: Final = (LIMITATION, "LAL 44(1)(2)")
LOCAL: Final = "LAL 44(1)(3)"  # what other law adds: the region's own text, see urgent: there
GROUNDS: Final = tuple(f"LAL 48(1)({number})" for number in range(1, 8))


def prior_id(application_id: str) -> str:
    return f"prior-{application_id}"


class Ending:
    def __init__(
        self, db: Database, clock: Clock, lawbook: LawBook,
        wake: Callable[[Application], Awaitable[None]],
    ) -> None:  # fmt: skip
        self._db, self._clock, self._lawbook, self._wake = db, clock, lawbook, wake

    def prior_grounds(self, region: str) -> tuple[str, ...]:
        """Articles, to choose from: the law's own, and those of the region's text."""
        local = self._lawbook.current.regions.get(region)
        return (*PRIOR_GROUNDS, *(local.urgent if local else ()))

    async def prior(
        self, application_id: str, by: str, ground: str, ends: date | None, reasons: str,
        missing: Sequence[str], until: date,
    ) -> None:  # fmt: skip
        """Aid now; `missing` comes `until` then. `ends`: the last day of the limitation period,
        where that is the ground. Raises NotUrgent, BadDecision."""
        now = self._clock.now()
        today = china_date(now)
        last = clocks.given("prior", until, today)
        if not reasons or last is None:
            raise BadDecision()
        if ground == LIMITATION:
            _urgent(ends, today)
        letter = {
            "kind": "prior", "reasons": reasons,
            "cites": [*([] if ground in PRIOR_GROUNDS else [LOCAL]), ground, "LAL 44(2)"],
            "missing": list(missing), "until": last.isoformat(), "at": now.isoformat(),
        }  # fmt: skip
        due, later = clocks.due("assignment", now), clocks.end_of(last)
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            if ground not in self.prior_grounds(application.region):
                raise BadDecision()
            if application.status not in PRIOR_FROM:
                raise ApplicationMovedOn(application=application_id)
            second.free(application)
            sets = {"prior_due_at": later, "prior_warned_at": None, "prior_overdue_at": None}
            words = f"先行提供：{reasons}"
            await moves.move(
                s, application, S.ACCEPTED, now, by=by, words=words, due=due, sets=sets
            )
            application.decision = letter
            first = clocks.warn_at("prior", later) or later
            data = {"application": application.id}
            at = max(first, now)
            s.add(Timer(id=prior_id(application.id), due_at=at, kind=PRIOR, data=data))
            reminding.wind(s, application, "prior", later, now)
            await audit.record(s, now, by, "application_prior", application.id)
        await self._wake(application)

    async def prior_supplied(self, application_id: str, words: str) -> None:
        """The applicant says that everything is there now."""
        now = self._clock.now()
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            if application.prior_due_at is None:
                raise ApplicationMovedOn(application=application_id)
            await moves.note(s, application, "prior_supplied", now, words=words)
            await reminding.drop(s, application_id, "prior")
        await self._wake(application)

    async def prior_confirmed(self, application_id: str, by: str) -> None:
        """A person has read it: the aid goes on as any other."""
        now = self._clock.now()
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            if application.prior_due_at is None:
                raise ApplicationMovedOn(application=application_id)
            await moves.note(s, application, "prior_confirmed", now, by=by, sets=_PRIOR_OVER)
            await timers.drop(s, prior_id(application_id))
            await reminding.drop(s, application_id, "prior")
            await audit.record(s, now, by, "application_prior_confirmed", application_id)
        await self._wake(application)

    async def strike(self, timer: Timer) -> None:
        """What should come later is not there: the staff are warned, then alarmed, each once."""
        now = self._clock.now()
        async with self._db.write() as s:
            application = await moves.locked(s, str(timer.data["application"]))
            found = await s.get(Timer, timer.id)
            if found is None or found.due_at != timer.due_at:
                return  # somebody else was faster
            await timers.drop(s, timer.id)
            due = application.prior_due_at
            if due is None:
                return
            how = "prior_overdue" if now > due else "prior_warned"
            await moves.note(s, application, how, now, sets={f"{how}_at": now})
            if now <= due:
                at = due + timers.RESUME
                s.add(Timer(id=timer.id, due_at=at, kind=PRIOR, data=timer.data))
        await self._wake(application)

    async def terminate(self, application_id: str, by: str, ground: str, reasons: str) -> None:
        """LAL 48(1). Where two must agree this is a draft."""
        if ground not in GROUNDS or not reasons:
            raise BadDecision()
        now = self._clock.now()
        letter = {"kind": "termination", "reasons": reasons, "cites": [ground]}
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            second.free(application)
            if second.wanted(application, S.TERMINATED):
                await second.keep(s, application, S.TERMINATED, letter, by, now)
            else:
                await stop(s, application, letter, by, now)
        await self._wake(application)

    async def report(self, application_id: str, by: str, words: str) -> None:
        """The lawyer has seen what may end the aid (LAL 48(2)): the reviewer decides."""
        if not words:
            raise BadDecision()
        now = self._clock.now()
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            if application.status != S.ASSIGNED:
                raise ApplicationMovedOn(application=application_id)
            sets = {"warned_at": now}
            await moves.note(s, application, "reported", now, by=by, words=words, sets=sets)
        await self._wake(application)

    async def change(self, application_id: str, by: str, reasons: str) -> None:
        """Another lawyer is to be assigned, within the same clock as the first (LAL 55)."""
        if not reasons:
            raise BadDecision()
        now = self._clock.now()
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            if application.status != S.ASSIGNED:
                raise ApplicationMovedOn(application=application_id)
            name = clocks.running(S.ACCEPTED, application.lane) or "assignment"
            due, sets = clocks.due(name, now), {"lawyer_id": None}
            words = f"更换律师：{reasons}"
            await moves.move(
                s, application, S.ACCEPTED, now, by=by, words=words, due=due, sets=sets
            )
            await audit.record(s, now, by, "application_change", application_id)
        await self._wake(application)

    async def send_back(self, application_id: str, by: str, reasons: str) -> None:
        """An organ's notice that is not for us."""
        if not reasons:
            raise BadDecision()
        now = self._clock.now()
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            if application.referral_id is None or application.lane == "applied":
                raise ApplicationMovedOn(application=application_id)
            second.free(application)
            await asking.withdraw(s, application, now)
            await moves.move(s, application, S.RETURNED, now, by=by, words=reasons)
            application.decision = {"kind": "returned", "reasons": reasons, "at": now.isoformat()}
            await audit.record(s, now, by, "application_returned", application_id)
        await self._wake(application)


_PRIOR_OVER: Final = {"prior_due_at": None, "prior_warned_at": None, "prior_overdue_at": None}


async def stop(
    s: AsyncSession, application: Application, letter: dict[str, Any], by: str, now: datetime
) -> None:
    """The aid ends. The letter says how to object; the organ that notified is told."""
    due, words = clocks.due("objection", now), str(letter["reasons"])
    until = china_date(due).isoformat()
    await asking.withdraw(s, application, now)
    to, sets = S.TERMINATED, _PRIOR_OVER
    await moves.move(s, application, to, now, by=by, words=words, due=due, sets=sets)
    application.decision = {**letter, "until": until, "at": now.isoformat()}
    await timers.drop(s, prior_id(application.id))
    await reminding.drop(s, application.id, "prior")
    await audit.record(s, now, by, "application_terminated", application.id)


def _urgent(ends: date | None, today: date) -> None:
    """Less than seven days: exactly seven are not (LAL 44(1)(1))."""
    if ends is None or ends < today:
        raise BadDecision()
    if (ends - today).days >= clocks.rules()["urgent"].days:
        raise NotUrgent()
