"""回电: a citizen who is to be called. Whom, since when, and whether somebody has; the number is
encrypted and stands in no history."""

from datetime import datetime
from typing import Any

import phonenumbers
from sqlalchemy.ext.asyncio import AsyncSession

from router.tickets.models import Ticket
from router.tickets.service import add_note, note_event
from router.tickets.status import Status

KEPT = ("number", "name", "when")


def ask(session: AsyncSession, ticket: Ticket, told: dict[str, Any], now: datetime) -> None:
    """`told`: number, and name and when if known. Asked again, the newest number counts."""
    wanted = {name: str(told[name]) for name in KEPT if told.get(name)}
    if ticket.call_back_done_at is None and ticket.call_back == wanted:
        return
    ticket.call_back = wanted
    ticket.call_back_at, ticket.call_back_done_at = now, None
    note_event(session, ticket, "call_back_asked", now, was=Status(ticket.status))


def done(session: AsyncSession, ticket: Ticket, by: str, now: datetime) -> bool:
    """Somebody has called. False: nobody asked for it, or it was done before."""
    if not waits(ticket):
        return False
    ticket.call_back_done_at = now
    note_event(session, ticket, "call_back_done", now, was=Status(ticket.status), by=by)
    return True


def waits(ticket: Ticket) -> bool:
    return ticket.call_back_at is not None and ticket.call_back_done_at is None


def carry(session: AsyncSession, old: Ticket, kept: Ticket, by: str, now: datetime) -> None:
    """Of a duplicate to the ticket that goes on: who was to be called is to be called still."""
    asked, called = old.call_back_at, kept.call_back_done_at
    if asked is None or not waits(old):
        return
    if old.call_back == kept.call_back and (called is None or called >= asked):
        return
    if waits(kept):  # two numbers: the second one is not lost either
        other = " ".join(old.call_back[name] for name in KEPT if name in old.call_back)
        add_note(session, kept.id, by, f"并入的工单也要回电：{other}", now)
        return
    kept.call_back, kept.call_back_at = old.call_back, old.call_back_at
    kept.call_back_done_at = None
    note_event(session, kept, "call_back_asked", now, was=Status(kept.status), by=by)


def dialled(number: str) -> str | None:
    """As it is dialled in China; None: it is no telephone number."""
    try:
        read = phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(read):
        return None
    form = phonenumbers.PhoneNumberFormat
    at_home = read.country_code == 86
    return phonenumbers.format_number(read, form.NATIONAL if at_home else form.INTERNATIONAL)
