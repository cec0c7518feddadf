"""Where a ticket stands, from its append-only history alone."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from router.tickets.models import Ticket, TicketEvent


class BrokenChain(ValueError):
    """A line does not follow the one before it."""


@dataclass(frozen=True)
class Standing:
    status: str
    offered_to: str | None = None
    owner: str | None = None
    outcome: str | None = None
    accepted_at: datetime | None = None
    closed_at: datetime | None = None


def standing(ticket: Ticket) -> Standing:
    return Standing(
        ticket.status, ticket.offered_to, ticket.owner, ticket.outcome,
        ticket.accepted_at, ticket.closed_at,
    )  # fmt: skip


def rebuild(lines: Iterable[TicketEvent]) -> Standing:
    """Raises BrokenChain: a line is missing, or there is none."""
    now: Standing | None = None
    for line in lines:
        if line.was != (now.status if now else None):
            raise BrokenChain(line.ticket_id)
        now = _after(now or Standing(line.now), line)
    if now is None:
        raise BrokenChain
    return now


def _after(before: Standing, line: TicketEvent) -> Standing:
    now = replace(before, status=line.now)
    match line.move:
        case "offered":
            return replace(now, offered_to=line.data["to"])
        case "accepted":
            return replace(now, offered_to=None, owner=line.by, accepted_at=line.at)
        case "handed_over":
            return replace(now, owner=None, accepted_at=None, offered_to=line.data["to"])
        case "assigned":
            return replace(now, offered_to=None, owner=line.data["to"], accepted_at=line.at)
        case "declined" | "expired" | "withdrawn" | "taken_back":
            return replace(now, offered_to=None)
        case "returned":
            return replace(now, owner=None, accepted_at=None)
        case "closed":
            outcome = line.data.get("outcome")
            return replace(now, offered_to=None, outcome=outcome, closed_at=line.at)
    return now
