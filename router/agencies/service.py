"""Identity and means asked of other organs: one request, an inquiry and a timer for each source, so
that one answers late or never without the others. Nothing here decides or refuses anything."""

import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router import audit, peers
from router.agencies.models import Inquiry
from router.applications import blocks, moves
from router.applications.models import Application
from router.bus import Bus
from router.clock import Clock
from router.db import Database, new_id
from router.dispatch import timers
from router.dispatch.errands import Errands
from router.dispatch.models import Timer
from router.dispatch.service import Dispatch
from router.errors import RouterError
from router.peers import Peer

log = logging.getLogger(__name__)
TIMER = "agency_inquiry"
WAYS = {"promise": "诚信承诺书里已同意", "phone": "本人电话中同意", "window": "本人当面同意"}
WAITS = [timedelta(seconds=s) for s in (10, 60, 600, 3600, 6 * 3600)]  # then it is silent
LOOK = timedelta(seconds=30)  # whether the applicant has been to the service's page
PATIENCE = timedelta(days=1)  # for the applicant to go there
EYE = "eye"
MOST_FACTS = 30


class NoConsent(RouterError):
    """请先记下当事人的同意：谁、用什么方式同意核查。没有同意不能查。"""

    status = 422


class NothingToAsk(RouterError):
    """这份申请现在不能核查：还没有提交，没有居民身份证号码，或者没有接这样的部门。"""

    status = 422


class Agencies:
    def __init__(
        self, db: Database, clock: Clock, bus: Bus, dispatch: Dispatch, errands: Errands,
        sources: dict[str, Peer],
    ) -> None:  # fmt: skip
        self._db, self._clock, self._bus, self.sources = db, clock, bus, sources
        dispatch.timers.also[TIMER] = errands.of(self._see_to)

    def asked_for(self, asks: str) -> list[Peer]:
        return [peer for peer in self.sources.values() if peer.asks == asks]

    async def ask(self, application_id: str, by: str, asks: str, way: str, who: str) -> None:
        """`asks`: identity | means. Who is being asked already is not asked twice. Raises
        NoConsent, NothingToAsk."""
        now = self._clock.now()
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            consent = _consent(application, way, who, by, now)
            if not self.asked_for(asks) or not _askable(application):
                raise NothingToAsk(application=application_id)
            running = {one.source for one in await of(s, application_id) if one.state in _RUNS}
            for peer in self.asked_for(asks):
                if peer.name not in running:
                    _begin(s, application_id, peer, consent, by, now)
            await audit.record(s, now, by, f"ask_{asks}", application_id)
        await self._bus.wake(timers.TOPIC)

    async def seen(self, application_id: str, by: str, facts: list[list[str]]) -> None:
        """Identity as a person has compared it: number, picture and who stands there."""
        now = self._clock.now()
        async with self._db.write() as s:
            application = await moves.locked(s, application_id)
            if application.submitted_at is None:
                raise NothingToAsk(application=application_id)
            row = Inquiry(
                id=new_id(), application_id=application_id, source=EYE, label="人工核对",
                asks="identity", state="answered", asked_by=by, asked_at=now, answered_at=now,
            )  # fmt: skip
            row.told = {"facts": facts}
            s.add(row)
            await audit.record(s, now, by, "identity_seen", application_id)

    async def _see_to(self, timer: Timer) -> timedelta | None:
        async with self._db.read() as s:
            row = await s.get(Inquiry, str(timer.data["inquiry"]))
            application = await s.get(Application, row.application_id) if row else None
        if row is None or application is None:
            return None
        if row.state == "answered":
            return await self._forget(row)
        peer = self.sources.get(row.source)
        if row.state not in _RUNS or peer is None:
            return None
        return await self._ask(row, application, peer, int(timer.data.get("tried", 0)))

    async def _ask(
        self, row: Inquiry, application: Application, peer: Peer, tried: int
    ) -> timedelta | None:
        now = self._clock.now()
        told = {
            "inquiry": row.id,
            "purpose": "legal_aid",
            "asks": row.asks,
            "name": application.form["name"],
            "id_number": application.form["id_number"],
            "consent": {name: row.consent[name] for name in ("way", "at")},
        }
        try:
            answer = await peers.ask(peer, told, row.id, now)
            if answer.get("inquiry") != row.id:
                raise peers.Unsure("of another inquiry")
        except peers.Refused:
            await self._settle(row, "refused", {})
            return None
        except (peers.Unreached, peers.Unsure) as fault:
            log.warning("agency.silent", extra={"peer": peer.name, "error": type(fault).__name__})
            if now - row.asked_at > PATIENCE or (row.state == "asking" and tried >= len(WAITS)):
                await self._settle(row, "silent", {})
                return None
            return WAITS[min(tried, len(WAITS) - 1)]
        return await self._take(row, peer, answer)

    async def _take(self, row: Inquiry, peer: Peer, answer: dict[str, Any]) -> timedelta | None:
        now = self._clock.now()
        url = str(answer.get("url") or "")
        if answer.get("state") == "waiting" and url.startswith(("https://", "http://127.0.0.1")):
            if now - row.asked_at > PATIENCE:
                await self._settle(row, "silent", {})
                return None
            await self._settle(row, "waiting", {"url": url[:500]})
            return LOOK
        facts = [
            [str(one.get("name"))[:60], str(one.get("value"))[:200]]
            for one in answer.get("facts") or ()
            if isinstance(one, dict)
        ][:MOST_FACTS]
        as_of = str(answer.get("as_of") or "")[:10]
        until = now + timedelta(days=peer.days)
        await self._settle(row, "answered", {"facts": facts}, as_of=as_of, expires_at=until)
        return timedelta(days=peer.days)

    async def _forget(self, row: Inquiry) -> timedelta | None:
        left = row.expires_at - self._clock.now() if row.expires_at else timedelta(0)
        if left > timedelta(0):
            return left
        await self._settle(row, "expired", {})
        return None

    async def _settle(self, row: Inquiry, state: str, told: dict[str, Any], **sets: Any) -> None:
        async with self._db.write() as s:
            fresh = await s.get_one(Inquiry, row.id, with_for_update=True)
            if fresh.state != row.state:
                return  # another process was faster
            fresh.state, fresh.told = state, told
            if state in ("answered", "silent", "refused"):
                fresh.answered_at = self._clock.now()
            for name, value in sets.items():
                setattr(fresh, name, value)


_RUNS = ("asking", "waiting")


def _consent(
    application: Application, way: str, who: str, by: str, now: datetime
) -> dict[str, str]:
    """What the applicant has agreed to, and when; the commitment says so itself."""
    promised = application.promise
    if way == "promise" and promised:
        return {
            "way": way,
            "who": f"承诺书 {promised['version']} 版",
            "at": promised["at"],
            "by": by,
        }
    if way not in WAYS or way == "promise" or not who:
        raise NoConsent(application=application.id)
    return {"way": way, "who": who, "at": now.isoformat(), "by": by}


def _askable(application: Application) -> bool:
    form = application.form
    number = str(form.get("id_number") or "")
    return application.submitted_at is not None and blocks.born(number) is not None


def _begin(
    s: AsyncSession, application_id: str, peer: Peer, consent: dict[str, str], by: str,
    now: datetime,
) -> None:  # fmt: skip
    row = Inquiry(
        id=new_id(), application_id=application_id, source=peer.name, label=peer.label,
        asks=peer.asks, state="asking", asked_by=by, asked_at=now,
    )  # fmt: skip
    row.consent = consent
    s.add(row)
    data = {"inquiry": row.id}
    s.add(Timer(id=f"inquiry-{row.id}", due_at=now, kind=TIMER, data=data))


async def of(s: AsyncSession, application_id: str) -> list[Inquiry]:
    """Of each source the newest."""
    query = select(Inquiry).where(Inquiry.application_id == application_id)
    rows = await s.scalars(query.order_by(Inquiry.asked_at, Inquiry.id))
    return list({row.source: row for row in rows}.values())


async def to_verify(s: AsyncSession, application: Application) -> list[tuple[str, str]]:
    """Where the applicant goes on: the service's label and its page."""
    rows = [one for one in await of(s, application.id) if one.state == "waiting"]
    return [(one.label, str(one.told.get("url"))) for one in rows]
