"""Presence: checked in until the shift's end, and answering. An open page or a closed one is no
sign of anything."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.dispatch import openings, timers
from router.dispatch.ground import Ground
from router.dispatch.models import Offer
from router.dispatch.offers import Offers
from router.errors import NotFound
from router.lawyers.models import Lawyer, StaffSession
from router.lawyers.roster import shift_now
from router.tickets.models import Ticket
from router.tickets.status import Status

AT_ONCE = 500  # lawyers
AWAY_AFTER = 2  # offers in a row without an answer


class Duty:
    def __init__(self, ground: Ground, offers: Offers) -> None:
        self._g, self._offers = ground, offers

    async def turn(self, lawyer_id: str, on: bool) -> None:
        """Off: no new offers from here on, and those not yet answered go to somebody else. What
        they have in hand they may finish."""
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            since = {"duty_since": now, "idle_since": now, "missed": 0} if on else {}
            turn = (
                update(Lawyer)
                .where(Lawyer.id == lawyer_id, Lawyer.role == "lawyer", Lawyer.on_duty.is_(not on))
                .values(**{"on_duty": on, "duty_since": None, **since})
            )
            await s.execute(turn)
            lawyer = await s.get(Lawyer, lawyer_id)
            if lawyer is None:
                raise NotFound(lawyer=lawyer_id)
            await openings.put(s, [lawyer])
            if on:
                await timers.serve(s, lawyer_id, now)
                await timers.drop(s, timers.hand_in_id(lawyer_id))
            shift = await shift_now(s, lawyer_id, now)
            ends = shift.ends_at if shift else await self._sign_in_ends(s, lawyer_id)
            await timers.shift_ends(s, lawyer_id, ends if on else None, rostered=shift is not None)
        if not on:
            await self._withdraw_all(lawyer_id)
        await self._g.bus.wake(f"lawyer:{lawyer_id}")
        await self._g.bus.wake("board")

    async def end_shift(self, lawyer_id: str, rostered: bool) -> None:
        """Unanswered offers go on at once, what is in hand after a grace. The next block of hours
        goes on, and of who is not on the roster a newer sign-in."""
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            shift = await shift_now(s, lawyer_id, now)
            ends = shift.ends_at if shift else None
            if not shift and not rostered:
                ends = await self._sign_in_ends(s, lawyer_id)
            if ends and ends > now:
                await timers.shift_ends(s, lawyer_id, ends, rostered=shift is not None)
                return
        await self.turn(lawyer_id, False)
        async with self._g.db.write() as s:
            held = Ticket.owner == lawyer_id, Ticket.status == Status.ACCEPTED.value
            if await s.scalar(select(Ticket.id).where(*held).limit(1)):
                await timers.hand_in(s, lawyer_id, now + self._g.grace)

    async def signed_out(self, lawyer_id: str) -> bool:
        """Of one browser. True: it was the last, they are off duty now."""
        async with self._g.db.read() as s:
            ends = await self._sign_in_ends(s, lawyer_id)
        if ends and ends > self._g.clock.now():
            return False
        await self.turn(lawyer_id, False)
        return True

    async def missed(self, lawyer_id: str) -> None:
        """Who does not answer is not there, whatever they said when they came."""
        async with self._g.db.read() as s:
            lawyer = await s.get(Lawyer, lawyer_id)
        if lawyer and lawyer.on_duty and lawyer.missed >= AWAY_AFTER:
            await self.turn(lawyer_id, False)

    async def _sign_in_ends(self, s: AsyncSession, lawyer_id: str) -> datetime | None:
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


async def renew(s: AsyncSession, now: datetime) -> None:
    """After an import: who is on duty stands under today's fields, posts and region, and whoever
    fires the timers looks what waits for them."""
    on_duty = list(await s.scalars(select(Lawyer).where(Lawyer.on_duty, Lawyer.role == "lawyer")))
    for at in range(0, len(on_duty), AT_ONCE):
        await openings.put(s, on_duty[at : at + AT_ONCE])
    for lawyer in on_duty:
        await timers.serve(s, lawyer.id, now)
