"""Who must hear of a move hears of it, at least once: a timer per listener and move, claimed for
a while, dropped when it is heard, put off when it is not. Work goes on beside the timer loop."""

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.bus import Bus
from router.clock import Clock, china_date
from router.conversations.models import Conversation
from router.db import Database
from router.dispatch import timers
from router.dispatch.models import Timer
from router.events import Events, ReferralMoved
from router.referrals import moves, payloads, signing
from router.referrals.models import Partner, Referral, ReferralEvent
from router.referrals.status import outcome_label
from router.tickets.models import Ticket

log = logging.getLogger(__name__)
CLAIM = timedelta(seconds=30)  # after it, a dead process's delivery is another's
ANSWER_WITHIN = 10  # seconds, for a partner's whole answer
WAITS = [timedelta(seconds=s) for s in (10, 60, 300, 1800, 3600)]  # the last one again and again
MOST_TRIES = 170  # a week; the board has shown it since the first failure
AT_ONCE = 8


class Deliveries:
    def __init__(self, db: Database, clock: Clock, bus: Bus, events: Events) -> None:
        self._db, self._clock, self._bus, self._events = db, clock, bus, events
        # the address is the operator's: nothing that answers may lead us elsewhere
        self._http = httpx.AsyncClient(follow_redirects=False, trust_env=False)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()  # its claim runs out, then it is tried again
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.aclose()

    async def fire(self, timer: Timer) -> None:
        """Claims it, if nobody was faster, and sees to it in a task of its own."""
        async with self._db.write() as s:
            claim = (
                update(Timer)
                .where(Timer.id == timer.id, Timer.due_at == timer.due_at)
                .values(due_at=self._clock.now() + CLAIM)
            )
            if (await s.execute(claim)).rowcount != 1:  # type: ignore[attr-defined]
                return
        task = asyncio.create_task(self._see_to(timer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _see_to(self, timer: Timer) -> None:
        deliver: Callable[[str], Coroutine[Any, Any, bool]] = (
            self._push if timer.kind == moves.PUSH else self._tell
        )
        heard = False
        try:
            async with self._slots:
                heard = await deliver(str(timer.data["event"]))
        except Exception:
            log.exception("referral.delivery_failed", extra={"timer": timer.id})
        try:
            async with self._db.write() as s:
                await self._settle(s, timer, heard)
        except Exception:  # the claim runs out, then it is delivered again
            log.exception("referral.delivery_unsettled", extra={"timer": timer.id})
        await self._bus.wake(timers.TOPIC)

    async def _settle(self, s: AsyncSession, timer: Timer, heard: bool) -> None:
        tried = int(timer.data["tried"]) + 1
        now = self._clock.now()
        if timer.kind == moves.PUSH:
            await self._mark(s, str(timer.data["event"]), reached=heard)
        if heard or tried >= MOST_TRIES:
            await timers.drop(s, timer.id)
            return
        again = (
            update(Timer)
            .where(Timer.id == timer.id)
            .values(
                due_at=now + WAITS[min(tried, len(WAITS)) - 1], data={**timer.data, "tried": tried}
            )
        )
        await s.execute(again)

    async def _mark(self, s: AsyncSession, event_id: str, reached: bool) -> None:
        """Since when the partner's computer does not answer: for the board."""
        about = select(ReferralEvent.referral_id).where(ReferralEvent.id == event_id)
        mark = update(Referral).where(Referral.id == about.scalar_subquery())
        if reached:
            changed = mark.where(Referral.unreached_at.is_not(None)).values(unreached_at=None)
        else:
            now = self._clock.now()
            changed = mark.where(Referral.unreached_at.is_(None)).values(unreached_at=now)
        await s.execute(changed.execution_options(synchronize_session=False))
        await self._bus.wake("board")

    async def _push(self, event_id: str) -> bool:
        async with self._db.read() as s:
            event, referral, ticket, reference = await _about(s, event_id)
            partner = await moves.partner_of(s, referral)
        if partner is None or not partner.url:
            return True  # revoked since: nothing leaves for it any more
        told = payloads.pushed(referral, event, ticket, reference)
        return await self._post(partner, json.dumps(told, ensure_ascii=False).encode(), event.id)

    async def _post(self, partner: Partner, body: bytes, key: str) -> bool:
        """True: taken (2xx). Of the answer nothing but its status is read."""
        seconds = int(self._clock.now().timestamp())
        headers = {
            "Content-Type": "application/json",
            signing.KEY: key,
            signing.TIMESTAMP: str(seconds),
            signing.SIGNATURE: signing.sign(partner.secret, seconds, body),
        }
        assert partner.url
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                request = self._http.build_request(
                    "POST", partner.url, content=body, headers=headers
                )
                answer = await self._http.send(request, stream=True)
                await answer.aclose()
        except (httpx.HTTPError, TimeoutError, OSError) as error:
            told = {"partner": partner.id, "error": type(error).__name__}
            log.warning("referral.unreached", extra=told)
            return False
        if not answer.is_success:
            log.warning("referral.refused", extra={"partner": partner.id, "n": answer.status_code})
        return answer.is_success

    async def _tell(self, event_id: str) -> bool:
        """The citizen, through whoever hears ReferralMoved in app.py's table."""
        async with self._db.read() as s:
            event, referral, ticket, _ = await _about(s, event_id)
        news = ReferralMoved(
            ticket.id,
            ticket.conversation_id,
            key=event.id,
            organ=referral.organ,
            state=event.now,
            outcome=outcome_label(event.outcome) if event.outcome else "",
            words=event.words if event.move != "opened" else _receipt(referral),
        )
        await self._events.publish([news])
        return True


def _receipt(referral: Referral) -> str:
    due = china_date(referral.due_at)
    return f"回执号 {referral.receipt}，我们请对方在{due.month}月{due.day}日前答复"


async def _about(
    session: AsyncSession, event_id: str
) -> tuple[ReferralEvent, Referral, Ticket, str]:
    rows = await session.execute(
        select(ReferralEvent, Referral, Ticket, Conversation.reference)
        .join(Referral, Referral.id == ReferralEvent.referral_id)
        .join(Ticket, Ticket.id == Referral.ticket_id)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .where(ReferralEvent.id == event_id)
    )
    event, referral, ticket, reference = rows.one()
    return event, referral, ticket, reference
