"""What waits: in which order, at which place, and who of it can be offered now."""

import asyncio
from collections.abc import Sequence

from router.dispatch import timers
from router.dispatch.ground import Ground
from router.dispatch.look import Came, Look
from router.dispatch.models import Offer
from router.dispatch.together import AT_ONCE, Together
from router.dispatch.waiting import for_lawyer, in_order, unseen
from router.errors import NoRoom, NotFound, TicketMovedOn
from router.lawyers.models import Lawyer
from router.tickets.service import all_locked, locked, note_event
from router.tickets.status import Status


class Queue:
    def __init__(self, ground: Ground) -> None:
        self._g = ground
        self._together = Together(self._look, self.serve)

    async def rest(self) -> None:
        await self._together.rest()

    async def drain(self, asked: Sequence[str] = ()) -> None:
        """Offers what nobody has looked at yet, urgent first, then the oldest, then `asked`."""
        async with self._g.db.read() as s:
            fresh = await unseen(s)
            again = await in_order(s, asked) if asked else []
        ids, troubles = list(dict.fromkeys([*fresh, *again])), []
        for at in range(0, len(ids), AT_ONCE):  # who comes meanwhile need not wait for all of them
            looks = (self.offer(ticket_id) for ticket_id in ids[at : at + AT_ONCE])
            came = await asyncio.gather(*looks, return_exceptions=True)
            troubles += [trouble for trouble in came if isinstance(trouble, Exception)]
        if troubles:  # one that cannot be offered holds up no other
            raise troubles[0]

    async def offer(self, ticket_id: str) -> Offer | None:
        """None: it does not wait, or nobody can be asked."""
        return await self._together.offer(ticket_id)

    async def _look(self, ids: Sequence[str]) -> Came:
        """Offers each to the next lawyer; if there is none it waits, on an alarm."""
        try:
            async with self._g.db.write() as s:
                look = Look(s, self._g, ids)
                await look.through(await all_locked(s, ids))
                await look.write()
        except NoRoom:  # somebody was faster
            return Came(ended_before=ids[0])
        for news in look.news:
            await self._g.tell(news.ticket, news.events, news.lawyer_id)
        return look.came

    async def serve(self, lawyer_id: str) -> None:
        """A lawyer with room gets what waits and fits, until they are full or nothing is left."""
        while await self._serve_one(lawyer_id):
            pass
        async with self._g.db.write(soon=True) as s:
            await timers.drop(s, timers.serve_id(lawyer_id))

    async def _serve_one(self, lawyer_id: str) -> bool:
        """Offers the lawyer the first ticket that fits them. False: they are full, or none does."""
        async with self._g.db.read() as s:
            lawyer = await s.get(Lawyer, lawyer_id)
            if lawyer is None or not lawyer.on_duty or lawyer.load >= lawyer.capacity:
                return False
            rings = lawyer_id in await self._g.on_telephone(s)
            heads = await for_lawyer(s, lawyer, self._g.clock.now(), self._g.pause, rings)
        in_use = []
        for ticket_id in heads:
            try:
                if await self._offer_to(ticket_id, lawyer_id, wait=False):
                    return True
            except TicketMovedOn:
                in_use.append(ticket_id)
        for ticket_id in in_use:  # for an offer to somebody else, or only for a note on it
            if await self._offer_to(ticket_id, lawyer_id, wait=True):
                return True
        return False

    async def _offer_to(self, ticket_id: str, lawyer_id: str, wait: bool) -> bool:
        """Raises TicketMovedOn for one that is in use, unless it is to `wait`."""
        try:
            async with self._g.db.write() as s:
                ticket, siblings = await locked(s, ticket_id, wait)
                look = Look(s, self._g, [ticket_id])
                await look.through([ticket, *siblings], lawyer_id)
                await look.write()
        except (NotFound, NoRoom):  # somebody was faster
            return False
        for news in look.news:
            await self._g.tell(news.ticket, news.events, news.lawyer_id)
        return look.came.offers.get(ticket_id) is not None

    async def urge(self, ticket_id: str, urgency: int, data: dict[str, object]) -> bool:
        """False: it is as urgent as that already. Raises TicketMovedOn: it has been closed."""
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            ticket, _ = await locked(s, ticket_id)
            if ticket.status == Status.CLOSED:
                raise TicketMovedOn(ticket=ticket_id)
            if ticket.urgency <= urgency:
                return False
            ticket.urgency = urgency
            ticket.place = ticket.wants = None  # in danger others will do as well
            data = {**data, "urgency": int(urgency)}
            note_event(s, ticket, "urged", now, was=Status(ticket.status), data=data)
        await self._g.tell(ticket, [], ticket.offered_to or ticket.owner)
        return True
