"""What dispatch must know of a new ticket to find it a lawyer: how urgent, spoken how, against
whom. Read from the conversation's intake."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from router.dispatch import conflicts
from router.names import name_indices
from router.tickets.models import Ticket
from router.tickets.service import note_event
from router.tickets.status import Status
from router.tickets.urgency import Urgency

Json = dict[str, Any]
DEADLINE_DAYS: Final = 7  # 法律援助法 44(1)(1): an expiry within seven days
GROUPS: Final = frozenset({"tekun", "youfu", "veteran", "military", "military_family"})
SAID: Final = frozenset({"minor", "elderly", "disabled_or_mental", "pregnant", "soldier_veteran"})


def urgency_of(intake: Json) -> Urgency:
    """An unknown fact makes nothing urgent."""
    facts, details = intake.get("facts") or {}, intake.get("details") or {}
    outcome, days = intake.get("outcome"), facts.get("days_left")
    if outcome == "EMERGENCY_110":
        return Urgency.DANGER
    if outcome == "URGENT" or (isinstance(days, int) and 0 <= days <= DEADLINE_DAYS):
        return Urgency.DEADLINE
    if facts.get("detained") is True:
        return Urgency.DETAINED
    return Urgency.SPECIAL if _special(facts, details) else Urgency.ORDINARY


def _special(facts: Json, details: Json) -> bool:
    age = facts.get("age")
    of_age = isinstance(age, int) and (age < 18 or age >= 60)
    disabled = facts.get("disability") not in (None, "none")
    groups = GROUPS & set(facts.get("groups") or ()) | SAID & set(details.get("groups") or ())
    return of_age or disabled or bool(groups)


async def fill(s: AsyncSession, ticket: Ticket, intake: Json, urgency: int | None) -> None:
    """`urgency`: what is known of it already, e.g. from words of danger."""
    details = intake.get("details") or {}
    ticket.urgency = urgency_of(intake) if urgency is None else urgency
    ticket.language = details.get("language")
    if opponent := details.get("opponent"):
        ticket.opponent_index = await conflicts.index_of(s, name_indices(str(opponent)))


async def learn(s: AsyncSession, ticket: Ticket, intake: Json, now: datetime) -> None:
    """What was told after the ticket was opened: what is known stays, no urgency is taken back."""
    details, urgency = intake.get("details") or {}, int(urgency_of(intake))
    less = update(Ticket).where(Ticket.id == ticket.id, Ticket.urgency > urgency)
    if (await s.execute(less.values(urgency=urgency))).rowcount:  # type: ignore[attr-defined]
        data = {"urgency": urgency}
        note_event(s, ticket, "urged", now, was=Status(ticket.status), data=data)
    ticket.language = ticket.language or details.get("language")
    if ticket.opponent_index is None and (opponent := details.get("opponent")):
        ticket.opponent_index = await conflicts.index_of(s, name_indices(str(opponent)))
