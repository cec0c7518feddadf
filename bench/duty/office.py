"""An office for measuring: a database of its own, lawyers on duty and any number of tickets."""

import os
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

import router.app  # all tables  # noqa: F401
from router import crypto
from router.bus import Bus
from router.clock import SystemClock
from router.conversations.models import Conversation
from router.db import Base, Database, new_id
from router.dispatch import openings
from router.dispatch.models import Offer
from router.dispatch.service import Dispatch
from router.events import Events
from router.lawyers.models import Firm, Lawyer
from router.settings import Settings
from router.tickets.models import Ticket, TicketEvent
from router.tickets.urgency import Urgency

SERVER = "BENCH_DATABASE_URL"  # postgresql+asyncpg://…: a database is made beside it
HERE = "990101"
MATTERS = ("wages", "divorce", "traffic", "work_injury", "support")
KEY = b"k" * 32
AT_ONCE = 5_000  # rows of one insert

# A second opinion inside the database: it refuses what must never be, whoever asks for it.
WITNESSES = {
    "sqlite": (
        "CREATE TRIGGER room BEFORE UPDATE OF load ON lawyers WHEN NEW.load > NEW.capacity "
        "OR NEW.load < 0 BEGIN SELECT RAISE(ABORT, 'witness: capacity'); END",
    ),
    "postgresql": (
        "ALTER TABLE lawyers ADD CONSTRAINT witness_capacity CHECK (load BETWEEN 0 AND capacity)",
    ),
}
ONE_HOLDER = (
    "CREATE UNIQUE INDEX witness_holder ON offers (ticket_id) "
    "WHERE status IN ('pending', 'accepted')"
)


def sides(wanted: str) -> list[str]:
    """sqlite | postgresql | both, as far as there is a server."""
    if wanted in ("postgresql", "both") and not os.environ.get(SERVER):
        if wanted == "postgresql":
            raise SystemExit(f"set {SERVER}, e.g. postgresql+asyncpg://jieyuan:jieyuan@127.0.0.1/x")
        print(f"no {SERVER}: SQLite alone")
        return ["sqlite"]
    return ["sqlite", "postgresql"] if wanted == "both" else [wanted]


@asynccontextmanager
async def database(side: str, name: str = "") -> AsyncIterator[str]:
    """The url of a new database with all tables and the witnesses; gone afterwards."""
    crypto.use(crypto.Keyring([KEY]))
    if side == "sqlite":
        with tempfile.TemporaryDirectory(prefix="jieyuan-bench-") as folder:
            url = f"sqlite+aiosqlite:///{folder}/jieyuan.db"
            await _make(url, side)
            yield url
        return
    server, name = os.environ[SERVER], f"jieyuan_bench_{os.getpid()}_{name}"
    await _administer(server, f"CREATE DATABASE {name}")
    url = f"{server.rsplit('/', 1)[0]}/{name}"
    try:
        await _make(url, side)
        yield url
    finally:
        await _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


async def _administer(server: str, statement: str) -> None:
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


async def _make(url: str, side: str) -> None:
    db = Database(url)
    async with db.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        for statement in (*WITNESSES[side], ONE_HOLDER):
            await connection.execute(text(statement))
    await db.close()


def dispatch(db: Database, bus: Bus | None = None, events: Events | None = None) -> Dispatch:
    """The product's own, as a router process has it."""
    # nobody answers here: offers that run out and go round would be the load of earlier rounds
    settings = Settings(STATE_DIR=Path(tempfile.gettempdir()), OFFER_TTL=timedelta(hours=12))
    return Dispatch(db, SystemClock(), bus or Bus(None), events or Events(), settings)


async def hire(db: Database, count: int, capacity: int, **given: Any) -> list[Lawyer]:
    """Lawyers on duty, ten to a firm; `region` alone or spread over a nation's counties."""
    now = SystemClock().now()
    firms = [{"id": new_id(), "name": f"律所{new_id()}"} for _ in range(count // 10 + 1)]
    found = []
    for number in range(count):
        usual: dict[str, Any] = {
            "id": new_id(), "firm_id": firms[number // 10]["id"], "login": new_id(),
            "name": "某律师", "role": "lawyer", "password_hash": "", "region": HERE,
            "fields": [], "languages": [], "posts": [], "tier": "duty", "capacity": capacity,
            "load": 0, "missed": 0, "on_duty": True, "duty_since": now,
            "idle_since": now - timedelta(seconds=number),
        }  # fmt: skip
        found.append(
            Lawyer(**usual | {k: v(number) if callable(v) else v for k, v in given.items()})
        )
    async with db.write() as s:
        await s.execute(insert(Firm), firms)
    for part in _parts(found):
        async with db.write() as s:
            s.add_all(part)
            await s.flush()
            await openings.put(s, part)
    return found


async def come(db: Database, count: int, **given: Any) -> list[str]:
    """Ids of new waiting tickets, each of a citizen of their own."""
    ids: list[str] = []
    for size in (min(AT_ONCE, count - at) for at in range(0, count, AT_ONCE)):
        async with db.write() as s:
            ids += await come_in(s, size, given)
    return ids


async def come_in(s: AsyncSession, count: int, given: dict[str, Any]) -> list[str]:
    now = SystemClock().now()
    people = [citizen(now) for _ in range(count)]
    rows = [{**_trouble(one["id"], now), **given} for one in people]
    log = [
        {"ticket_id": row["id"], "at": row["created_at"], "move": "opened", "was": None,
         "now": row["status"], "by": None, "data": {"urgency": int(row["urgency"])}}
        for row in rows
    ]  # fmt: skip
    await s.execute(insert(Conversation), people)
    await s.execute(insert(Ticket), rows)
    await s.execute(insert(TicketEvent), log)
    return [row["id"] for row in rows]


def citizen(now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(), "channel": "web", "reference": new_id(), "token_hash": new_id(),
        "token_expires_at": now + timedelta(days=30), "region": HERE, "consent_at": now,
        "created_at": now, "updated_at": now,
    }  # fmt: skip


def _trouble(conversation: str, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(), "conversation_id": conversation, "opened_by": new_id(),
        "destination": "duty_lawyer", "delivery": "offer", "status": "open",
        "urgency": Urgency.ORDINARY, "region": HERE, "post": "web", "created_at": now,
        "owner": None, "outcome": None, "closed_at": None, "matter": None,
    }  # fmt: skip


def _parts(rows: list[Any]) -> Iterable[list[Any]]:
    return (rows[at : at + AT_ONCE] for at in range(0, len(rows), AT_ONCE))


async def offer_of(db: Database, lawyer_id: str) -> Offer:
    async with db.read() as s:
        found = await s.scalar(
            select(Offer).where(Offer.lawyer_id == lawyer_id, Offer.status == "pending")
        )
    assert found, "the lawyer is asked for nothing"
    return found
