"""Presence: checked in until the shift's end, at its post, and answering. An open page or a closed
one is no sign of anything."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router.dispatch import openings, timers
from router.dispatch.ground import Ground
from router.dispatch.models import Offer, Timer
from router.dispatch.offers import Offers
from router.errors import NotFound
from router.lawyers.hours import LONGEST
from router.lawyers.models import Lawyer, Shift, StaffSession
from router.lawyers.roster import PLANNED, next_of, shift_now

AT_ONCE = 500  # lawyers
AWAY_AFTER = 2  # offers in a row without an answer
_NO_KEY = {"key_share": True}  # as an update locks: an offer being written (its key) is no matter
EARLY = timedelta(minutes=30)  # who checks in so long before a shift stands at its post already


class Duty:
    def __init__(self, ground: Ground, offers: Offers) -> None:
        self._g, self._offers = ground, offers

    async def turn(self, lawyer_id: str, on: bool, over: bool = False) -> None:
        """Off: no new offers from here on, and those not yet answered go to somebody else. What
        they have in hand they may finish until their shift or sign-in ends (`over`: it has), and
        a grace."""
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            since = {"duty_since": now, "idle_since": now, "missed": 0} if on else {}
            turn = (
                update(Lawyer)
                .where(Lawyer.id == lawyer_id, Lawyer.role == "lawyer", Lawyer.on_duty.is_(not on))
                .values(**{"on_duty": on, "duty_since": None, "post": None, **since})
            )
            turned = (await s.execute(turn)).rowcount  # type: ignore[attr-defined]
            if on:
                await self._stand(s, lawyer_id, await shift_now(s, lawyer_id, now), now)
                await timers.drop(s, timers.hand_in_id(lawyer_id))
            else:
                lawyer = await _locked(s, lawyer_id)
                await openings.put(s, [lawyer])
                await timers.shift_ends(s, lawyer_id, None)
                if turned and lawyer.load:
                    until = now if over else await self._stays(s, lawyer_id, now)
                    await timers.hand_in(s, lawyer_id, until + self._g.grace)
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
            ends = None if shift or rostered else await self._sign_in_ends(s, lawyer_id)
            if shift or (ends and ends > now):
                await self._stand(s, lawyer_id, shift, now)
                return
        await self.turn(lawyer_id, False, over=True)

    async def _stays(self, s: AsyncSession, lawyer_id: str, now: datetime) -> datetime:
        """Until when who goes off duty themselves may still be reached."""
        shift = await shift_now(s, lawyer_id, now)
        ends = shift.ends_at if shift else await self._sign_in_ends(s, lawyer_id)
        return max(ends or now, now)

    async def _stand(
        self, s: AsyncSession, lawyer_id: str, shift: Shift | None, now: datetime
    ) -> None:
        """At the shift's post until its end. Between shifts at any of their own posts, until the
        next shift begins or the sign-in ends."""
        lawyer = await _locked(s, lawyer_id)
        soon = None if shift else await next_of(s, lawyer_id, now)
        at_post = shift or (soon if soon and soon.starts_at - now <= EARLY else None)
        lawyer.post = at_post.post if at_post else None
        await openings.put(s, [lawyer])
        await timers.serve(s, lawyer_id, now)
        if shift:
            ends: datetime | None = shift.ends_at
        else:
            known = await self._sign_in_ends(s, lawyer_id), soon.starts_at if soon else None
            ends = min((at for at in known if at), default=None)
        await timers.shift_ends(s, lawyer_id, ends, rostered=shift is not None)

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
    there = select(Lawyer).where(Lawyer.on_duty, Lawyer.role == "lawyer").order_by(Lawyer.id)
    on_duty = list(await s.scalars(there.with_for_update(key_share=True)))
    for at in range(0, len(on_duty), AT_ONCE):
        await openings.put(s, on_duty[at : at + AT_ONCE])
    for lawyer in on_duty:
        await timers.serve(s, lawyer.id, now)
    await follow_roster(s, now)


async def follow_roster(s: AsyncSession, now: datetime, ids: Collection[str] | None = None) -> None:
    """After a change of shifts, in its transaction: for who is on duty and has other hours or
    another post by now (of `ids`, if given) the timer fires at once, and duty.end_shift looks."""
    theirs = [Lawyer.on_duty, Lawyer.role == "lawyer"]
    if ids is not None:
        theirs.append(Lawyer.id.in_(ids))
    posts = {
        key: post for key, post in await s.execute(select(Lawyer.id, Lawyer.post).where(*theirs))
    }
    near = PLANNED, Shift.starts_at > now - LONGEST, Shift.starts_at < now + LONGEST
    rows = await s.execute(
        select(Shift.lawyer_id, Shift.starts_at, Shift.ends_at, Shift.post)
        .join(Lawyer, Lawyer.id == Shift.lawyer_id)
        .where(*theirs, *near, Shift.ends_at > now)
        .order_by(Shift.starts_at)
    )
    ahead: dict[str, list[tuple[datetime, datetime, str]]] = defaultdict(list)
    for lawyer_id, begin, end, post in rows:
        ahead[lawyer_id].append((begin, end, post))
    for timer in await s.scalars(select(Timer).where(Timer.kind == "shift_ends")):
        lawyer_id = str(timer.data["lawyer"])
        if lawyer_id in posts and _differs(timer, posts[lawyer_id], ahead[lawyer_id], now):
            await timers.put_off(s, timer.id, now)  # it may be gone by now


def _differs(
    timer: Timer, post: str | None, ahead: list[tuple[datetime, datetime, str]], now: datetime
) -> bool:
    begin, end, at_post = ahead[0] if ahead else (None, None, None)
    if begin and begin <= now:
        return (timer.due_at, post) != (end, at_post)
    return bool(timer.data["rostered"] or (begin and begin < timer.due_at))


async def _locked(s: AsyncSession, lawyer_id: str) -> Lawyer:
    found = await s.get(Lawyer, lawyer_id, populate_existing=True, with_for_update=_NO_KEY)
    if found is None:
        raise NotFound(lawyer=lawyer_id)
    return found
