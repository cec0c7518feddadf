"""Years of closed tickets in seconds: a thousand of them, copied inside the database."""

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncSession

from bench.duty import office
from router.clock import SystemClock
from router.conversations.models import Conversation
from router.db import Database, new_id
from router.dispatch.models import Offer
from router.lawyers.models import Lawyer
from router.tickets.models import Ticket, TicketEvent

PATTERN = 1_000
NUMBERED = {  # columns that are another row's or must differ from row to row
    "conversations": ("id", "reference", "token_hash"),
    "tickets": ("id", "conversation_id", "opened_by"),
    "ticket_events": ("ticket_id",),
    "offers": ("id", "ticket_id"),
}


async def fill(db: Database, lawyers: list[Lawyer], count: int) -> None:
    """`count` closed tickets, each with its citizen, its offer and its log."""
    now = SystemClock().now()
    done = {"status": "closed", "outcome": "answered", "closed_at": now, "accepted_at": now}
    async with db.write() as s:
        for number in range(min(PATTERN, count)):
            owner = lawyers[number % len(lawyers)].id
            [ticket] = await office.come_in(s, 1, {**done, "owner": owner})
            s.add(Offer(id=new_id(), ticket_id=ticket, lawyer_id=owner, status="accepted",
                        created_at=now, expires_at=now, answered_at=now))  # fmt: skip
    times = count // PATTERN - 1
    if times > 0:
        async with db.write() as s:
            for model in (Conversation, Ticket, TicketEvent, Offer):
                await _copy(s, model.__table__, times)
    async with db.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("ANALYZE"))


async def _copy(s: AsyncSession, table: Table, times: int) -> None:
    """Each row `times` more; SQLite and PostgreSQL read this alike."""
    numbered = NUMBERED[table.name]
    columns = [c.name for c in table.columns if c.name in numbered or not c.primary_key]
    shown = [f"o.{c} || '-' || n.n" if c in numbered else f'o."{c}"' for c in columns]
    names = ", ".join(f'"{c}"' for c in columns)
    await s.execute(
        text(
            f"INSERT INTO {table.name} ({names}) "
            f"WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {times}) "
            f"SELECT {', '.join(shown)} FROM {table.name} o CROSS JOIN n"
        )
    )
