"""Short messages to who is on no call: a lawyer asks a citizen to come back to their case, or a
citizen has to show that a telephone is theirs. A row and a timer, so that a crash loses none."""

import asyncio
import logging
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router import crypto
from router.applications.models import Application
from router.bus import Bus
from router.channels.hotline.models import Call, TextMessage, number_indices
from router.channels.hotline.port import CarrierError
from router.channels.hotline.sms import words
from router.channels.hotline.sms.orders import reaches
from router.channels.hotline.sms.port import Sms, Texter
from router.clock import Clock
from router.codes import standing_code
from router.conversations.models import Conversation
from router.db import Database, new_id
from router.dispatch import timers
from router.dispatch.models import Timer
from router.errors import TooFast
from router.limits import Limits
from router.sending.models import Sending
from router.settings import Settings
from router.tickets.models import Ticket

log = logging.getLogger(__name__)
TIMER = "case_text"
CLAIM = timedelta(seconds=60)
MOST_TRIES = 8
CODES_RATE = "10/day"  # to one number, beside SMS_RATE: strangers' tries use up no lawyer's word


class CaseTexts:
    texter: Texter | None = None  # set when the parts are wired; none: no SMS here

    def __init__(
        self, db: Database, clock: Clock, bus: Bus, limits: Limits, settings: Settings
    ) -> None:
        self._db, self._clock, self._bus = db, clock, bus
        self._limits, self._settings = limits, settings
        self._tasks: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.texter:
            await self.texter.close()

    def order(
        self, s: AsyncSession, talk_id: str, number: str, template: str, key: str, now: datetime
    ) -> None:
        """Inside the caller's transaction; wake() after it."""
        row = TextMessage(
            id=new_id(), key=key, conversation_id=talk_id, template=template, state="ordered",
            created_at=now,
        )  # fmt: skip
        row.number = number
        data = {"message": row.id, "tried": 0}
        s.add_all([row, Timer(id=f"text-{row.id}", due_at=now, kind=TIMER, data=data)])

    async def wake(self) -> None:
        await self._bus.wake(timers.TOPIC)

    async def fire(self, timer: Timer) -> None:
        """Claims it, if nobody was faster, and sends beside the timer loop."""
        tried = int(timer.data["tried"])
        claim = (
            update(Timer)
            .where(Timer.id == timer.id, Timer.due_at == timer.due_at)
            .values(due_at=self._clock.now() + CLAIM, data={**timer.data, "tried": tried + 1})
        )
        async with self._db.write() as s:
            if (await s.execute(claim)).rowcount != 1:  # type: ignore[attr-defined]
                return
        task = asyncio.create_task(self._send(timer.id, str(timer.data["message"]), tried))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, timer_id: str, row_id: str, tried: int) -> None:
        async with self._db.read() as s:
            row = await s.get_one(TextMessage, row_id)
            talk = await s.get_one(Conversation, row.conversation_id)
            blanks = await _blanks(s, row, talk.reference)
        if row.state != "ordered" or self.texter is None:
            return await self._settle(timer_id, row_id, state="failed", fault="no_carrier")
        try:
            if tried == 0:
                await self._check(row)
            ref = await self.texter.send(
                _composed(row, blanks, self._settings.PUBLIC_URL), tried > 0
            )
        except TooFast as error:
            return await self._settle(timer_id, row_id, state="failed", fault=error.code)
        except CarrierError as error:
            if (error.wait is None and not error.unknown) or tried + 1 >= MOST_TRIES:
                return await self._settle(timer_id, row_id, state="failed", fault=error.code)
            later = self._clock.now() + timedelta(seconds=error.wait or 2**tried)
            async with self._db.write() as s:
                await timers.put_off(s, timer_id, later)
            return await self.wake()
        except Exception:  # the claim runs out, then the carrier is looked at first
            log.exception("sms.failed", extra={"message": row_id})
            return
        now = self._clock.now()
        await self._settle(timer_id, row_id, state="sent", ref=ref, sent_at=now)

    async def _check(self, row: TextMessage) -> None:
        who = number_indices(row.number)[0]
        if row.template == words.CODE:
            return await self._limits.check("join-sms", who, CODES_RATE)
        await self._limits.check("hotline-sms", who, self._settings.SMS_RATE)

    async def _settle(self, timer_id: str, row_id: str, **sets: object) -> None:
        async with self._db.write() as s:
            ours = TextMessage.id == row_id, TextMessage.state == "ordered"  # its end may be known
            await s.execute(update(TextMessage).where(*ours).values(**sets))
            gone = update(TextMessage).where(TextMessage.id == row_id)
            await s.execute(gone.values(number_sealed=None))
            await timers.drop(s, timer_id)


async def _blanks(s: AsyncSession, row: TextMessage, reference: str) -> dict[str, str]:
    if row.template == words.REFERENCE:
        return {"reference": reference, "code": standing_code(reference)}
    if row.template == words.CODE:
        return {"code": codes_of(row.key)[0]}
    if row.template in words.LETTERS:
        sending = await s.get_one(Sending, row.key.partition(":")[2])
        application = await s.get_one(Application, sending.application_id)
        how = {"letter": sending.id} if row.template == words.LETTER else words.way(sending.way)
        return {"reference": application.reference, **how}
    return {"reference": reference}


def _composed(row: TextMessage, blanks: dict[str, str], base: str) -> Sms:
    link = f"{base.rstrip('/')}/apply/letter/{blanks.get('letter')}"
    text = words.text(row.template, {**blanks, "link": link})
    return Sms(row.id, row.number, row.template, blanks, text, row.created_at)


def codes_of(key: str) -> list[str]:
    """The six digits of the message with this key, one for each data key; they stand nowhere."""
    return [f"{int(one, 16) % 1_000_000:06}" for one in crypto.current().indices(key, "sms code")]


async def number_of(s: AsyncSession, conversation_id: str) -> str:
    """The mobile that the citizen left for being reached: to be called back, else the one they
    called from. Empty: none that reads messages."""
    theirs = Ticket.conversation_id == conversation_id, Ticket.call_back_at.is_not(None)
    asked = await s.scalars(select(Ticket).where(*theirs).order_by(Ticket.call_back_at.desc()))
    calls = select(Call).where(calls_of(conversation_id), Call.entry != "police")
    called = await s.scalars(calls.order_by(Call.created_at.desc()))
    left = [str(one.call_back.get("number", "")) for one in asked] + [one.caller for one in called]
    return next((one for one in left if one and reaches(one)), "")


def calls_of(conversation_id: str) -> ColumnElement[bool]:
    """Calls of this case, also a later one that was merged into its open ticket."""
    tickets = select(Ticket.id).where(Ticket.conversation_id == conversation_id)
    return or_(Call.conversation_id == conversation_id, Call.ticket_id.in_(tickets))


async def of_case(s: AsyncSession, conversation_id: str) -> list[TextMessage]:
    """All that was sent to this citizen, from calls and from the desk, the newest first; a code
    of their own they asked for themselves."""
    calls = select(Call.id).where(calls_of(conversation_id))
    theirs = or_(TextMessage.conversation_id == conversation_id, TextMessage.call_id.in_(calls))
    query = select(TextMessage).where(theirs, TextMessage.template != words.CODE)
    return list(await s.scalars(query.order_by(TextMessage.created_at.desc())))
