"""征询: a lawyer or a firm is asked to take a case and answers within a clock; whoever declines or
is silent is followed by the next in turn. One ask at a time; the law's clock runs on meanwhile."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router import audit
from router.applications import assigning, clocks, moves
from router.applications.errors import ApplicationMovedOn, BadDecision, NobodyFits, NotAsked
from router.applications.models import Application, Ask
from router.applications.status import State
from router.bus import Bus
from router.clock import Clock
from router.db import Database, new_id
from router.dispatch import timers
from router.dispatch.models import Timer
from router.errors import Forbidden, NotFound
from router.lawyers.models import Firm, Lawyer

ASKED: Final = "application_asked"  # kind of timer


def timer_id(ask_id: str) -> str:
    return f"asked-{ask_id}"


class Asking:
    def __init__(
        self, db: Database, clock: Clock, bus: Bus, wake: Callable[[Application], Awaitable[None]]
    ) -> None:
        self._db, self._clock, self._bus, self._wake = db, clock, bus, wake

    async def ask(
        self, application_id: str, by: str, lawyer_id: str = "", firm_id: str = ""
    ) -> None:
        """A lawyer, or a firm that names one; neither: who is first in turn. Who was asked before
        is asked no more. Raises NobodyFits, ConflictOfInterest, TooFewYears."""
        now = self._clock.now()
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            if application.status != State.ACCEPTED:
                raise ApplicationMovedOn(application=application_id)
            await withdraw(s, application, now)
            if firm_id:
                firm = await s.get(Firm, firm_id)
                if firm is None:
                    raise NotFound(firm=firm_id)
                await _put(s, application, now, by, firm=firm)
            elif lawyer_id:
                lawyer = await assigning.fit(s, application, lawyer_id, now)
                await _put(s, application, now, by, lawyer=lawyer)
            elif not await _next(s, application, now, by):
                raise NobodyFits(application=application_id)
            await audit.record(s, now, by, "application_asked", application_id)
        await self._tell(application)

    async def accept(self, ask_id: str, me: Lawyer, named: str = "") -> None:
        """`named`: whom the firm gives the case to; empty: who answers. Raises NotAsked."""
        now = self._clock.now()
        async with self._db.write() as s:
            ask, application = await _pending(s, ask_id, me)
            await self._answered(s, ask, "accepted", me.id, now)
            lawyer_id = named or me.id
            lawyer = await s.get(Lawyer, lawyer_id)
            if ask.lawyer_id not in (None, lawyer_id):
                raise Forbidden(lawyer=lawyer_id)
            if ask.firm_id and (lawyer is None or lawyer.firm_id != ask.firm_id):
                raise NotFound(lawyer=lawyer_id)
            await assigning.give(s, application, lawyer_id, me.id, now)
            await audit.record(s, now, me.id, "application_assigned", application.id)
        await self._tell(application)

    async def decline(self, ask_id: str, me: Lawyer, reason: str) -> None:
        """With a reason (LAL 46); the next in turn is asked. Raises NotAsked, BadDecision."""
        if not reason:
            raise BadDecision()
        now = self._clock.now()
        async with self._db.write() as s:
            ask, application = await _pending(s, ask_id, me)
            await self._answered(s, ask, "declined", me.id, now, reason)
            await moves.note(s, application, "declined", now, by=me.id, words=reason)
            await _go_on(s, application, now)
        await self._tell(application)

    async def silent(self, timer: Timer) -> None:
        """The clock of an answer has struck: the next in turn is asked."""
        now = self._clock.now()
        async with self._db.write() as s:
            ask = await s.get(Ask, str(timer.data["ask"]))
            application = await moves.locked(s, ask.application_id) if ask else None
            if not await timers.drop(s, timer.id) or ask is None or application is None:
                return
            if not await self._claim(s, ask, "silent", None, now):
                return
            await moves.note(s, application, "silent", now, words=await _who(s, ask))
            if application.status == State.ACCEPTED:
                await _go_on(s, application, now)
        await self._tell(application)

    async def of(self, s: AsyncSession, application: Application) -> Ask | None:
        """Who is asked now."""
        found: Ask | None = await s.scalar(
            select(Ask).where(Ask.application_id == application.id, Ask.state == "asked")
        )
        return found

    async def of_lawyer(self, s: AsyncSession, me: Lawyer) -> list[tuple[Ask, Application]]:
        """What this lawyer, or their firm, is asked now."""
        mine = [Ask.lawyer_id == me.id]
        if me.firm_id:
            mine.append(Ask.firm_id == me.firm_id)
        rows = await s.execute(
            select(Ask, Application)
            .join(Application, Application.id == Ask.application_id)
            .where(Ask.state == "asked", or_(*mine))
            .order_by(Ask.answer_by)
        )
        return [(ask, application) for ask, application in rows]

    async def _answered(
        self, s: AsyncSession, ask: Ask, state: str, by: str, now: datetime, reason: str = ""
    ) -> None:
        if not await self._claim(s, ask, state, by, now):
            raise NotAsked(ask=ask.id)
        ask.reason = reason
        await timers.drop(s, timer_id(ask.id))

    async def _claim(
        self, s: AsyncSession, ask: Ask, state: str, by: str | None, now: datetime
    ) -> bool:
        return await _close(s, ask, state, by, now)

    async def _tell(self, application: Application) -> None:
        await self._wake(application)
        async with self._db.read() as s:
            ask = await self.of(s, application)
        for lawyer in (ask.lawyer_id if ask else None, application.lawyer_id):
            if lawyer:
                await self._bus.wake(f"lawyer:{lawyer}")


async def withdraw(s: AsyncSession, application: Application, now: datetime) -> None:
    """The case goes another way: nobody owes an answer any more. Application locked."""
    pending = select(Ask).where(Ask.application_id == application.id, Ask.state == "asked")
    for ask in await s.scalars(pending):
        if await _close(s, ask, "withdrawn", None, now):
            await timers.drop(s, timer_id(ask.id))


async def _close(s: AsyncSession, ask: Ask, state: str, by: str | None, now: datetime) -> bool:
    claim = (
        update(Ask)
        .where(Ask.id == ask.id, Ask.state == "asked")
        .values(state=state, answered_by=by, answered_at=now)
        .execution_options(synchronize_session=False)
    )
    if (await s.execute(claim)).rowcount != 1:  # type: ignore[attr-defined]
        return False
    await s.refresh(ask)
    return True


async def _pending(s: AsyncSession, ask_id: str, me: Lawyer) -> tuple[Ask, Application]:
    """Locked. For whom is asked, a colleague of the firm, and the reviewer on their word."""
    ask = await s.get(Ask, ask_id)
    if ask is None:
        raise NotFound(ask=ask_id)
    theirs = ask.lawyer_id == me.id or (ask.firm_id is not None and ask.firm_id == me.firm_id)
    if not theirs and me.role != "supervisor":
        raise NotFound(ask=ask_id)
    application = await moves.locked(s, ask.application_id)
    await s.refresh(ask)
    if ask.state != "asked" or application.status != State.ACCEPTED:
        raise NotAsked(ask=ask_id)
    return ask, application


async def _go_on(s: AsyncSession, application: Application, now: datetime) -> None:
    if not await _next(s, application, now, None):
        sets = {"warned_at": now}  # on the board at once
        await moves.note(s, application, "nobody", now, sets=sets)


async def _next(s: AsyncSession, application: Application, now: datetime, by: str | None) -> bool:
    before = select(Ask.lawyer_id, Ask.firm_id).where(Ask.application_id == application.id)
    asked = (await s.execute(before)).all()
    firms = {firm for _, firm in asked if firm}
    known = [lawyer for lawyer, _ in asked if lawyer]
    turn = await assigning.candidates(s, application, now, known)
    first = next((one for one in turn if one.firm_id not in firms), None)
    if first is None:
        return False
    await _put(s, application, now, by, lawyer=await s.get_one(Lawyer, first.id))
    return True


async def _put(
    s: AsyncSession, application: Application, now: datetime, by: str | None,
    lawyer: Lawyer | None = None, firm: Firm | None = None,
) -> None:  # fmt: skip
    ends = clocks.due("asked", now)
    due = application.due_at
    ask = Ask(
        id=new_id(),
        application_id=application.id,
        lawyer_id=lawyer.id if lawyer else None,
        firm_id=firm.id if firm else None,
        state="asked",
        asked_by=by,
        asked_at=now,
        answer_by=min(ends, due) if due and due > now else ends,
    )
    ask.reason = ""
    s.add(ask)
    data = {"ask": ask.id}
    s.add(Timer(id=timer_id(ask.id), due_at=ask.answer_by, kind=ASKED, data=data))
    await s.flush()
    await moves.note(s, application, "asked", now, by=by, words=await _who(s, ask))


async def _who(s: AsyncSession, ask: Ask) -> str:
    if ask.firm_id:
        return (await s.get_one(Firm, ask.firm_id)).name
    return f"{(await s.get_one(Lawyer, ask.lawyer_id)).name}律师"
