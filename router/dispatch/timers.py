"""Timers are rows: written with what they belong to, deleted in the transaction that acts.

One loop per process sleeps until the next one is due. A timer that fell due while nobody ran
fires at the next start.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.bus import Bus
from router.clock import Clock
from router.db import Database
from router.dispatch.jumps import Watch
from router.dispatch.models import Offer, Timer

log = logging.getLogger(__name__)
TOPIC = "timers"
LOOK_AGAIN = timedelta(seconds=5)  # for timers of a process that died before it could wake us
RETRY = timedelta(seconds=1)  # after a failure: not in a hot loop
AT_ONCE = 100
RESUME = timedelta(seconds=2)  # what a process does right after a commit, others do if it died
_NEXT = select(func.min(Timer.due_at))  # made once: it is asked after every change


def ask_again_id(ticket_id: str) -> str:
    return f"ask-{ticket_id}"


def asking(ticket_id: str, due: datetime) -> dict[str, Any]:
    data = {"ticket": ticket_id}
    return {"id": ask_again_id(ticket_id), "due_at": due, "kind": "ask_again", "data": data}


def ask_again(session: AsyncSession, ticket_id: str, due: datetime) -> None:
    """Whatever begins to wait begins with this timer, so that no crash can leave it unseen."""
    session.add(Timer(**asking(ticket_id, due)))


def expiry(offer: Offer) -> dict[str, Any]:
    """Every pending offer has this timer."""
    data = {"offer": offer.id}
    return {"id": offer.id, "due_at": offer.expires_at, "kind": "offer_expires", "data": data}


def serve_id(lawyer_id: str) -> str:
    return f"serve-{lawyer_id}"


async def serve(session: AsyncSession, lawyer_id: str, now: datetime) -> None:
    """Who has become free is to be served what waits, also if this process dies now."""
    timer_id, due = serve_id(lawyer_id), now + RESUME
    if not await put_off(session, timer_id, due):
        session.add(Timer(id=timer_id, due_at=due, kind="serve", data={"lawyer": lawyer_id}))
        await session.flush()


def shift_id(lawyer_id: str) -> str:
    return f"shift-{lawyer_id}"


async def shift_ends(
    session: AsyncSession, lawyer_id: str, due: datetime | None, rostered: bool = False
) -> None:
    """Who is on duty has this timer at the end of their shift, a volunteer at the end of their
    sign-in; None: off duty."""
    timer_id = shift_id(lawyer_id)
    if due is None:
        await drop(session, timer_id)
    else:
        data = {"lawyer": lawyer_id, "rostered": rostered}
        await session.merge(Timer(id=timer_id, due_at=due, kind="shift_ends", data=data))


def hand_in_id(lawyer_id: str) -> str:
    return f"hand-in-{lawyer_id}"


async def hand_in(session: AsyncSession, lawyer_id: str, due: datetime) -> None:
    """Whose shift is over has this timer until they must let go of what is in hand."""
    timer_id = hand_in_id(lawyer_id)
    if not await put_off(session, timer_id, due):
        session.add(Timer(id=timer_id, due_at=due, kind="hand_in", data={"lawyer": lawyer_id}))


async def put_off(session: AsyncSession, timer_id: str, due: datetime) -> bool:
    """False: there is no such timer (any more)."""
    later = update(Timer).where(Timer.id == timer_id).values(due_at=due)
    return (await session.execute(later)).rowcount == 1  # type: ignore[attr-defined, no-any-return]


async def drop(session: AsyncSession, timer_id: str) -> bool:
    """True for the one who deleted it: only they may act."""
    gone = delete(Timer).where(Timer.id == timer_id)
    return (await session.execute(gone)).rowcount == 1  # type: ignore[attr-defined, no-any-return]


class TimerLoop:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        bus: Bus,
        fire: Callable[[list[Timer]], Awaitable[bool]],
        settle: Callable[[AsyncSession, datetime], Awaitable[None]],
    ) -> None:
        self._db, self._clock, self._bus, self._fire = db, clock, bus, fire
        self._settle, self._watch = settle, Watch(clock)
        self.also: dict[str, Callable[[Timer], Awaitable[None]]] = {}  # kinds of other rooms
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="timers")

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def fire_due(self) -> bool:
        """False: one of them could not be fired and stays due."""
        if self._watch.jumped():
            log.warning("clock.jumped")
            async with self._db.write() as s:
                await self._settle(s, self._clock.now())
        well, held_up, troubles = True, 0, list[Exception]()
        while page := await self._due(held_up):
            try:
                fired = await self._fire_page(page)
            except Exception as trouble:
                troubles.append(trouble)
                fired = False
            well = well and fired
            if fired or len(page) < AT_ONCE:
                break
            held_up += await self._still_due(page)  # what stays due holds up nothing behind it
        if troubles:
            raise troubles[0]
        return well

    async def _due(self, behind: int = 0) -> list[Timer]:
        """The first of them, without those `behind` which it goes on."""
        due = select(Timer).where(Timer.due_at <= self._clock.now())
        async with self._db.read() as s:
            return list(await s.scalars(due.order_by(Timer.due_at).offset(behind).limit(AT_ONCE)))

    async def _still_due(self, timers: list[Timer]) -> int:
        these = Timer.id.in_([timer.id for timer in timers]), Timer.due_at <= self._clock.now()
        async with self._db.read() as s:
            return await s.scalar(select(func.count()).where(*these)) or 0

    async def _fire_page(self, timers: list[Timer]) -> bool:
        ours = [timer for timer in timers if timer.kind not in self.also]
        well = await self._fire_others([timer for timer in timers if timer.kind in self.also])
        return (await self._fire(ours) if ours else True) and well

    async def _fire_others(self, timers: list[Timer]) -> bool:
        well = True
        for timer in timers:
            try:
                await self.also[timer.kind](timer)
            except Exception:  # one that cannot be fired holds up no other; it stays due
                log.exception("timer.failed", extra={"timer": timer.id})
                well = False
        return well

    async def _run(self) -> None:
        while True:
            async with self._bus.waiting_for(TOPIC) as waiter:
                try:
                    wait = await self._until_next()
                    if not wait:
                        wait = await self._until_next() if await self.fire_due() else RETRY
                except Exception:  # a database that is away comes back; the timers are in it
                    log.exception("timers.failed")
                    wait = RETRY
                await self._sleep(wait, asyncio.create_task(waiter.wait(LOOK_AGAIN)))

    async def _until_next(self) -> timedelta:
        async with self._db.engine.connect() as connection:
            due: datetime | None = await connection.scalar(_NEXT)
        return LOOK_AGAIN if due is None else max(due - self._clock.now(), timedelta(0))

    async def _sleep(self, span: timedelta, woken: asyncio.Task[bool]) -> None:
        slept = asyncio.ensure_future(self._clock.sleep(span))
        try:
            await asyncio.wait({slept, woken}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (slept, woken):
                task.cancel()
            await asyncio.gather(slept, woken, return_exceptions=True)
