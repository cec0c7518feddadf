"""Short messages of a mediation, to those who have no account: sent once, at most so many a day."""

import logging
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from router.channels.hotline.models import number_indices
from router.channels.hotline.port import CarrierError
from router.channels.hotline.sms import words
from router.channels.hotline.sms.port import Sms, Texter
from router.dispatch import timers
from router.dispatch.models import Timer
from router.errors import TooFast
from router.mediation import sidewords, texts
from router.mediation.models import Committee, Mediation, MediationDoor, MediationMeeting
from router.parts import Parts

log = logging.getLogger(__name__)
AGAIN = timedelta(seconds=30)  # where the carrier names no time


class Sides:
    def __init__(self, parts: Parts, texter: Texter | None) -> None:
        self._p, self._texter = parts, texter

    async def send(self, timer: Timer) -> None:
        """May be done twice: the carrier is asked before a second time."""
        if self._texter is None:
            return await self._end(timer, "no_carrier")  # there was one when it was ordered
        async with self._p.db.write() as s:
            row = await s.get(Timer, timer.id, populate_existing=True, with_for_update=True)
            if row is None or row.due_at > self._p.clock.now():
                return  # another process has it
            again = bool(row.data.get("tried"))
            row.data = {**row.data, "tried": True}
            row.due_at = self._p.clock.now() + AGAIN  # should we die now
            sms = await self._compose(s, row)
        if sms is None:
            return await self._end(timer, None)
        try:
            if not again:
                who = number_indices(sms.to)[0]
                await self._p.limits.check("hotline-sms", who, self._p.settings.SMS_RATE)
            await self._texter.send(sms, again)
        except TooFast:
            await self._end(timer, "too_many")
        except CarrierError as error:
            if error.wait is None and not error.unknown:
                await self._end(timer, error.code)
        else:
            await self._end(timer, None)

    async def _compose(self, s: AsyncSession, timer: Timer) -> Sms | None:
        """None: nobody is to get it any more."""
        door = await s.get(MediationDoor, str(timer.data["door"]))
        template = str(timer.data["template"])
        if door is None or door.closed_at or not door.told.get("number"):
            return None
        link, code = template in (texts.INVITE, texts.TASK), door.told.get("code")
        if link and not code:
            return None  # opened meanwhile, e.g. read out by telephone
        mediation = await s.get_one(Mediation, door.mediation_id)
        committee = await s.get_one(Committee, mediation.committee_id)
        base = self._p.settings.PUBLIC_URL.rstrip("/")
        blanks = {"committee": committee.name, "phone": committee.phone}
        if link:
            blanks["code"] = str(code)
        if meeting_id := timer.data.get("meeting"):
            meeting = await s.get_one(MediationMeeting, str(meeting_id))
            blanks["when"] = sidewords.moment(meeting.at)
        text = words.text(template, {**blanks, "link": f"{base}/m/{code}"})
        return Sms(timer.id, str(door.told["number"]), template, blanks, text, door.created_at)

    async def _end(self, timer: Timer, fault: str | None) -> None:
        """Sent, or never to be: the page says so, and there is still the paper."""
        async with self._p.db.write() as s:
            await timers.drop(s, timer.id)
            door = await s.get(MediationDoor, str(timer.data["door"]), with_for_update=True)
            if door:
                door.fault = fault
                door.sent_at = door.sent_at if fault else self._p.clock.now()
        if fault:
            log.warning("sides.text_failed", extra={"door": timer.data["door"], "fault": fault})
