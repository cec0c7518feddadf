"""What waits: in which order, at which place, and who of it can be offered now."""

from collections.abc import Sequence

from router.dispatch import timers
from router.dispatch.ground import Ground
from router.dispatch.models import Offer
from router.dispatch.offers import Offers
from router.dispatch.waiting import in_order, unseen
from router.tickets.service import locked, note_event
from router.tickets.status import Status

TRIES = 8


class Queue:
    def __init__(self, ground: Ground, offers: Offers) -> None:
        self._g, self._offers = ground, offers

    async def drain(self, asked: Sequence[str] = ()) -> None:
        """Offers what nobody has looked at yet, urgent first, then the oldest, then `asked`."""
        async with self._g.db.read() as s:
            fresh = await unseen(s)
            again = await in_order(s, asked) if asked else []
        troubles: list[Exception] = []
        for ticket_id in dict.fromkeys([*fresh, *again]):
            try:
                await self.offer(ticket_id)
            except Exception as trouble:  # one that cannot be offered holds up no other
                troubles.append(trouble)
        if troubles:
            raise troubles[0]

    async def offer(self, ticket_id: str) -> Offer | None:
        """None: it does not wait, or nobody can be asked."""
        for _ in range(TRIES):
            look = await self._offers.look(ticket_id)
            if not look.first_serve:
                return look.offer
            await self.serve(look.first_serve)
        return None  # others are at it; its timer looks again

    async def serve(self, lawyer_id: str) -> None:
        """A lawyer with room gets what waits and fits, until they are full or nothing is left."""
        while await self._offers.serve(lawyer_id):
            pass
        async with self._g.db.write(soon=True) as s:
            await timers.drop(s, timers.serve_id(lawyer_id))

    async def urge(self, ticket_id: str, urgency: int, data: dict[str, object]) -> bool:
        """False: it is as urgent as that already."""
        now = self._g.clock.now()
        async with self._g.db.write() as s:
            ticket, _ = await locked(s, ticket_id)
            if ticket.urgency <= urgency:
                return False
            ticket.urgency = urgency
            ticket.place = ticket.wants = None  # in danger others will do as well
            data = {**data, "urgency": int(urgency)}
            note_event(s, ticket, "urged", now, was=Status(ticket.status), data=data)
        await self._g.tell(ticket, [], ticket.offered_to or ticket.owner)
        return True
