"""On and off duty."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.dispatch import openings, timers
from router.dispatch.ground import Ground
from router.dispatch.models import Offer
from router.dispatch.offers import Offers
from router.errors import NotFound
from router.lawyers.models import Lawyer, StaffSession


class Duty:
    def __init__(self, ground: Ground, offers: Offers) -> None:
        self._g, self._offers = ground, offers

    async def turn(self, lawyer_id: str, on: bool) -> None:
        """Off: no new offers from here on, and those not yet answered go to somebody else."""
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            since = {"duty_since": now, "idle_since": now} if on else {"duty_since": None}
            turn = (
                update(Lawyer)
                .where(Lawyer.id == lawyer_id, Lawyer.role == "lawyer", Lawyer.on_duty.is_(not on))
                .values(on_duty=on, **since)
            )
            await s.execute(turn)
            lawyer = await s.get(Lawyer, lawyer_id)
            if lawyer is None:
                raise NotFound(lawyer=lawyer_id)
            await openings.put(s, [lawyer])
            if on:
                await timers.serve(s, lawyer_id, now)
            ends = await self._sign_in_ends(s, lawyer_id) if on else None
            await timers.shift_ends(s, lawyer_id, ends)
        if not on:
            await self._withdraw_all(lawyer_id)
        await self._g.bus.wake(f"lawyer:{lawyer_id}")
        await self._g.bus.wake("board")

    async def end_shift(self, lawyer_id: str) -> None:
        """Their sign-in ran out: an offer would wait for nobody. A newer sign-in goes on."""
        async with self._g.db.write() as s:
            ends = await self._sign_in_ends(s, lawyer_id)
            if ends and ends > self._g.clock.now():
                await timers.put_off(s, timers.shift_id(lawyer_id), ends)
                return
        await self.turn(lawyer_id, False)

    async def _sign_in_ends(self, s: AsyncSession, lawyer_id: str) -> datetime | None:
        """When the last of the lawyer's sign-ins ends."""
        last = select(func.max(StaffSession.expires_at)).where(StaffSession.lawyer_id == lawyer_id)
        ends: datetime | None = await s.scalar(last)
        return ends

    async def _withdraw_all(self, lawyer_id: str) -> None:
        async with self._g.db.read() as s:
            pending = list(
                await s.scalars(
                    select(Offer.id).where(Offer.lawyer_id == lawyer_id, Offer.status == "pending")
                )
            )
        for offer_id in pending:
            async with self._g.db.write() as s:
                offer, ticket = await self._offers.answering(s, offer_id, lawyer_id)
                if offer.status != "pending":
                    continue
                news = await self._offers.end(s, ticket, offer, "withdrawn", self._g.clock.now())
            await self._g.tell(ticket, news, lawyer_id)
