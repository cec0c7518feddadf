"""What becomes of the citizen's ticket at the desks, told to them in plain words."""

from sqlalchemy import select

from router.conversations.models import Conversation
from router.dispatch import outlook
from router.events import Event, NobodyThere, OfferAccepted, TicketClosed, TicketReturned
from router.gateway import words
from router.gateway.service import Gateway
from router.lawyers.models import Lawyer
from router.tickets.models import Ticket
from router.tickets.status import MERGED


class DeskNews:
    """Handlers of app.py's table of events."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def accepted(self, event: Event) -> None:
        assert isinstance(event, OfferAccepted)
        async with self._gateway.db.read() as s:
            name = await s.scalar(select(Lawyer.name).where(Lawyer.id == event.lawyer_id))
        name = (name or "值班").removesuffix("律师")
        await self._tell(event, words.ACCEPTED.format(name=name), "accepted")

    async def nobody_there(self, event: Event) -> None:
        assert isinstance(event, NobodyThere)
        async with self._gateway.db.read() as s:
            reference = await s.scalar(
                select(Conversation.reference).where(Conversation.id == event.conversation_id)
            )
            ticket, now = await s.get(Ticket, event.ticket_id), self._gateway.clock.now()
            waits = await outlook.of(s, ticket, now) if ticket else None
        told = f"您排在第{waits.position}位。{outlook.words(waits, now)}" if waits else ""
        await self._tell(event, words.NOBODY.format(reference=reference, waits=told), "queued")

    async def returned(self, event: Event) -> None:
        assert isinstance(event, TicketReturned)
        await self._tell(event, words.RETURNED, "returned")

    async def closed(self, event: Event) -> None:
        assert isinstance(event, TicketClosed)
        by_lawyer = event.lawyer_id is not None
        text = words.CLOSED_BY_LAWYER if by_lawyer else words.CLOSED_BY_SYSTEM
        text = words.MERGED if event.outcome == MERGED else text
        await self._tell(event, text, "closed")

    async def _tell(self, event: Event, text: str, kind: str) -> None:
        about = {"kind": kind, "ticket": event.ticket_id}
        await self._gateway.tell(event.conversation_id, text, about)
