"""People and cases as tests need them: each function says what the test does not care for."""

from datetime import datetime, timedelta
from typing import Any

from router.clock import Clock
from router.conversations.models import Conversation
from router.db import Database, new_id
from router.dispatch import openings
from router.lawyers.models import Client, Firm, Lawyer, Shift
from router.names import name_indices
from router.tickets.models import Ticket
from router.tickets.urgency import Urgency


async def conversation(db: Database, clock: Clock, **given: Any) -> Conversation:
    """An open conversation on the web whose citizen has consented."""
    now = clock.now()
    row = Conversation(
        **{
            "id": new_id(),
            "channel": "web",
            "reference": f"JY-{new_id()[:4]}-{new_id()[:4]}",
            "token_hash": new_id(),
            "token_expires_at": now + timedelta(days=30),
            "region": "990101",
            "consent_at": now,
            "created_at": now,
            "updated_at": now,
        }
        | given
    )
    async with db.write() as s:
        s.add(row)
    return row


async def lawyer(db: Database, clock: Clock, name: str = "王律师", **given: Any) -> Lawyer:
    """A duty lawyer of a firm of their own, on duty."""
    firm = Firm(id=new_id(), name=f"{name}所在律所 {new_id()[:6]}")
    row = Lawyer(
        **{
            "id": new_id(),
            "firm_id": firm.id,
            "login": new_id()[:8],
            "name": name,
            "password_hash": "-",
            "region": "990101",
            "on_duty": True,
            "idle_since": clock.now(),
        }
        | given
    )
    async with db.write() as s:
        s.add(firm)
        await s.flush()
        s.add(row)
        await s.flush()
        await openings.put(s, [row])
    return row


async def ticket(db: Database, clock: Clock, conversation_id: str, **given: Any) -> Ticket:
    """An open ticket for a duty lawyer."""
    row = Ticket(
        **{
            "id": new_id(),
            "conversation_id": conversation_id,
            "opened_by": new_id(),
            "destination": "duty_lawyer",
            "delivery": "offer",
            "status": "open",
            "urgency": Urgency.ORDINARY,
            "region": "990101",
            "created_at": clock.now(),
        }
        | given
    )
    async with db.write() as s:
        s.add(row)
    return row


async def shift(
    db: Database, lawyer_id: str, starts_at: datetime, ends_at: datetime, **given: Any
) -> Shift:
    """A planned shift at the web post, on a fixed seat."""
    row = Shift(
        **{"id": new_id(), "lawyer_id": lawyer_id, "starts_at": starts_at, "ends_at": ends_at}
        | given
    )
    async with db.write() as s:
        s.add(row)
    return row


async def client(db: Database, name: str, **given: Any) -> Client:
    """Somebody a firm (`firm_id`) or a lawyer (`lawyer_id`) acts for."""
    row = Client(**{"id": new_id(), "name_index": name_indices(name)[0]} | given)
    row.name = name
    async with db.write() as s:
        s.add(row)
    return row
