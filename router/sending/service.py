"""送达: a letter by message with a one-time link, by courier, or to be picked up.

Each sending is a row before anything leaves. A courier is called between two commits: who dies in
between, or hears nothing, leaves `perhaps` for a person; it is never silently sent twice.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router import audit, peers
from router.applications import letters, moves
from router.applications.models import Application
from router.bus import Bus
from router.clock import Clock
from router.db import Database, new_id
from router.dispatch import timers
from router.dispatch.errands import Errands
from router.dispatch.models import Timer
from router.dispatch.service import Dispatch
from router.errors import NotFound
from router.events import Events, LetterSent
from router.peers import Peer
from router.sending.errors import AlreadySent, LinkSpent, NoLetter, NotOwed, OnTheWay
from router.sending.models import Sending
from router.sending.status import NEWS, ON_ROAD, RUNS, WAYS

log = logging.getLogger(__name__)
TELL, CALL, LOST = "letter_tell", "letter_call", "letter_lost"
GOOD_FOR = timedelta(days=7)  # a link
WAITS = [timedelta(seconds=s) for s in (10, 60, 600, 3600)]  # the last again and again


class Sendings:
    def __init__(
        self, db: Database, clock: Clock, bus: Bus, events: Events, dispatch: Dispatch,
        errands: Errands, courier: Peer | None,
    ) -> None:  # fmt: skip
        self._db, self._clock, self._bus, self._events = db, clock, bus, events
        self.courier = courier
        work = {TELL: self._tell, CALL: self._call, LOST: self._lost}
        dispatch.timers.also |= {kind: errands.of(one) for kind, one in work.items()}

    # By the staff

    def ways(self, application: Application) -> list[str]:
        """How its letter can go. Of what an organ has sent there is no talk to put a link in."""
        closed = set() if self.courier else {"courier"}
        if application.referral_id is not None:
            closed.add("link")
        return [way for way in WAYS if way not in closed]

    async def send(self, application_id: str, by: str, way: str, to: dict[str, str]) -> str:
        """Its id. Raises NoLetter, AlreadySent, NotOwed: also of a way that this one cannot go."""
        if way == "courier" and not all(to.values()):
            raise NotOwed(application=application_id)
        now = self._clock.now()
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            if not application.decision:
                raise NoLetter(application=application_id)
            if way not in self.ways(application):
                raise NotOwed(application=application_id)
            for one in await of(s, application_id):
                if one.way == way and one.state in RUNS and one.letter == application.decision:
                    raise AlreadySent(application=application_id)
            row = _new(application, way, by, now)
            row.letter, row.to = application.decision, to if way == "courier" else {}
            s.add(row)
            _timer(s, row.id, CALL if way == "courier" else TELL, now)
            await audit.record(s, now, by, f"letter_{way}", application_id)
        await self._bus.wake(timers.TOPIC)
        return row.id

    async def signed_for(self, sending_id: str, by: str, who: str) -> None:
        """At the office, by whom."""
        if not who:
            raise NotOwed(sending=sending_id)
        async with self._db.write() as s:
            row = await _locked(s, sending_id)
            if row.state != "ready":
                raise OnTheWay(sending=sending_id)
            row.to = {"name": who}
            self._end(row, "signed", by)
            await audit.record(s, self._clock.now(), by, "letter_signed_for", row.application_id)

    async def cleared_up(self, sending_id: str, by: str, waybill: str) -> None:
        """A person has asked the carrier: sent with this waybill; empty: it was not sent."""
        now = self._clock.now()
        async with self._db.write() as s:
            row = await _locked(s, sending_id)
            if row.state != "perhaps":
                raise OnTheWay(sending=sending_id)
            if waybill:
                self._posted(s, row, waybill, now)
            else:
                self._end(row, "void", by)
            await audit.record(s, now, by, "letter_cleared_up", row.application_id)
        await self._bus.wake(timers.TOPIC)

    # By the applicant

    async def open(self, sending_id: str, application: Application) -> Sending:
        """Once, and its opening is recorded. Raises NotFound, LinkSpent."""
        now = self._clock.now()
        async with self._db.write() as s:
            row = await _locked(s, sending_id)
            if row.application_id != application.id or row.way != "link":
                raise NotFound(sending=sending_id)
            if row.state == "sent" and row.expires_at and now > row.expires_at:
                self._end(row, "expired", None)
            elif row.state == "sent":
                self._end(row, "opened", None)
                return row
        raise LinkSpent(sending=sending_id)

    # By the carrier

    async def news(self, waybill: str, state: str, at: datetime) -> None:
        """Older news than we have changes nothing. Raises NotFound."""
        async with self._db.write() as s:
            query = select(Sending).where(Sending.waybill == waybill).with_for_update()
            row = await s.scalar(query)
            if row is None or state not in NEWS:
                raise NotFound(waybill="unknown")
            if row.state not in ON_ROAD or (row.news_at and at < row.news_at):
                return
            row.news_at, row.lost_at = at, None
            await timers.drop(s, f"{LOST}-{row.id}")
            if NEWS[state] == "moving":
                row.state = "moving"
                self._wind(s, row, self._clock.now())
            else:
                self._end(row, NEWS[state], None)

    # What timers do

    async def _tell(self, timer: Timer) -> timedelta | None:
        async with self._db.read() as s:
            row = await s.get_one(Sending, str(timer.data["sending"]))
            application = await s.get_one(Application, row.application_id)
        if row.letter["kind"] in letters.TO_ORGAN:
            return None
        news = LetterSent(
            application.ticket_id or "", application.conversation_id, key=row.id,
            title=letters.TITLES[row.letter["kind"]], way=row.way, words=row.waybill or "",
        )  # fmt: skip
        await self._events.publish([news])
        return None

    async def _call(self, timer: Timer) -> timedelta | None:
        now, sending_id = self._clock.now(), str(timer.data["sending"])
        async with self._db.write() as s:
            row = await _locked(s, sending_id)
            if row.state == "calling":  # whoever called has not come back
                row.state = "perhaps"
            if row.state != "asked":
                return None
            row.state = "calling"
        if self.courier is None:
            await self._back(sending_id, "refused")
            return None
        told = {"order": row.id, "what": "法律文书", "to": row.to}
        try:
            answer = await peers.ask(self.courier, told, row.id, now)
            waybill = str(answer.get("waybill") or "")[:40]
            if answer.get("order") != row.id or not waybill:
                raise peers.Unsure("of another order")
        except peers.Unreached:
            await self._back(sending_id, "asked")
            return WAITS[min(int(timer.data.get("tried", 0)), len(WAITS) - 1)]
        except peers.Refused:
            await self._back(sending_id, "refused")
            return None
        except peers.Unsure as fault:
            log.warning("courier.unsure", extra={"sending": sending_id, "error": str(fault)})
            await self._back(sending_id, "perhaps")
            return None
        async with self._db.write() as s:
            row = await _locked(s, sending_id)
            if row.state in ("calling", "perhaps"):
                self._posted(s, row, waybill, self._clock.now())
        return None

    async def _back(self, sending_id: str, state: str) -> None:
        calling = update(Sending).where(Sending.id == sending_id, Sending.state == "calling")
        async with self._db.write() as s:
            await s.execute(calling.values(state=state))

    async def _lost(self, timer: Timer) -> timedelta | None:
        on_road = Sending.id == str(timer.data["sending"]), Sending.state.in_(ON_ROAD)
        async with self._db.write() as s:
            await s.execute(update(Sending).where(*on_road).values(lost_at=self._clock.now()))
        await self._bus.wake("board")
        return None

    def _posted(self, s: AsyncSession, row: Sending, waybill: str, now: datetime) -> None:
        row.state, row.waybill, row.news_at = "posted", waybill, now
        self._wind(s, row, now)
        _timer(s, row.id, TELL, now)

    def _wind(self, s: AsyncSession, row: Sending, now: datetime) -> None:
        days = self.courier.days if self.courier else 1
        _timer(s, row.id, LOST, now + timedelta(days=days))

    def _end(self, row: Sending, state: str, by: str | None) -> None:
        row.state, row.ended_at, row.ended_by = state, self._clock.now(), by


def _new(application: Application, way: str, by: str, now: datetime) -> Sending:
    first = {"link": "sent", "courier": "asked", "pickup": "ready"}[way]
    until = now + GOOD_FOR if way == "link" else None
    return Sending(
        id=new_id(), application_id=application.id, way=way, state=first, by=by, sent_at=now,
        expires_at=until,
    )  # fmt: skip


def _timer(s: AsyncSession, sending_id: str, kind: str, due: datetime) -> None:
    data: dict[str, Any] = {"sending": sending_id}
    s.add(Timer(id=f"{kind}-{sending_id}", due_at=due, kind=kind, data=data))


async def _locked(s: AsyncSession, sending_id: str) -> Sending:
    row = await s.get(Sending, sending_id, populate_existing=True, with_for_update=True)
    if row is None:
        raise NotFound(sending=sending_id)
    return row


async def of(s: AsyncSession, application_id: str) -> list[Sending]:
    query = select(Sending).where(Sending.application_id == application_id)
    return list(await s.scalars(query.order_by(Sending.sent_at, Sending.id)))
