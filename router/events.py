"""News that travels up: plain facts about what was committed. `app.py` holds the one table of
who hears what; publish only after the transaction has committed."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    ticket_id: str
    conversation_id: str


@dataclass(frozen=True)
class OfferMade(Event):
    lawyer_id: str


@dataclass(frozen=True)
class OfferEnded(Event):
    """Declined, expired or withdrawn."""

    lawyer_id: str
    how: str


@dataclass(frozen=True)
class OfferAccepted(Event):
    lawyer_id: str


@dataclass(frozen=True)
class NobodyThere(Event):
    """No duty lawyer could be offered the ticket; it stays in the queue, on an alarm."""


@dataclass(frozen=True)
class TicketReturned(Event):
    """The lawyer gave the ticket back to the queue."""

    lawyer_id: str


@dataclass(frozen=True)
class TicketClosed(Event):
    lawyer_id: str | None
    outcome: str


@dataclass(frozen=True)
class ReferralMoved(Event):
    """A lawyer has referred a case to an organ, or the organ has answered. May come twice, with
    the same `key`."""

    key: str
    organ: str
    state: str  # sent | accepted | returned | closed
    outcome: str  # of closed, in Chinese
    words: str  # its reason or explanation; of sent: receipt and deadline


@dataclass(frozen=True)
class ApplicationMoved(Event):
    """The staff have moved an application for legal aid. May come twice, with the same `key`."""

    key: str
    reference: str
    state: str  # see router/applications/status.py
    move: str = ""  # the new state, or a move that changes none: news, a reminder
    words: str = ""  # of a reminder: what is owed, and until when


@dataclass(frozen=True)
class LetterSent(Event):
    """A letter is on its way to the applicant. May come twice, with the same `key`: its sending's
    id, which is also what its one-time link ends with."""

    key: str
    title: str
    way: str  # link | courier | pickup
    words: str  # the waybill, or where it lies


@dataclass(frozen=True)
class MediationMoved(Event):
    """A mediation has news for the citizen. May come twice, with the same `key`: its event's id."""

    key: str


Handler = Callable[[Event], Awaitable[None]]


class Events:
    """Hands each event to the handlers that app.py's table names for its type, in order."""

    def __init__(self) -> None:
        self.table: dict[type[Event], Sequence[Handler]] = {}

    async def publish(self, news: Sequence[Event]) -> None:
        for event in news:
            for handler in self.table.get(type(event), ()):
                await handler(event)
