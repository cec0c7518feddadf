"""One encrypted row per case: its slots and its last turns.

A turn then costs the same on the first day of a case and after 2,000 events. The full words are in
the router's database; Rasa needs the slots, the state of the dialogue and, so that a turn that
was cut off is not played twice, the last turns with their message ids.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import time
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from rasa.core.agent import Agent
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    ConversationPaused,
    Event,
    SlotSet,
    UserUttered,
    deserialise_events,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.disk import Disk

KEPT_TURNS = 1  # the gateway asks what was answered to the last one
WAIT = 3  # seconds for a database before the turn fails; the citizen is waiting
NONCE = 12

# As text, made once: both are part of every turn, and SQLAlchemy 1.4 takes long over the rest
READ = sa.text("SELECT state FROM bot_cases WHERE sender_id = :sender_id")
UPSERT = sa.text(
    "INSERT INTO bot_cases (sender_id, saved_at, state) VALUES (:sender_id, :saved_at, :state) "
    "ON CONFLICT (sender_id) DO UPDATE SET saved_at = excluded.saved_at, state = excluded.state"
)
cases = sa.Table(
    "bot_cases",
    sa.MetaData(),
    sa.Column("sender_id", sa.String(255), primary_key=True),
    sa.Column("saved_at", sa.Float, nullable=False),
    sa.Column("state", sa.LargeBinary, nullable=False),
)


def key_from_environment() -> bytes:
    try:
        key = base64.b64decode(os.environ["BOT_DATA_KEY"], validate=True)
    except (KeyError, ValueError) as error:
        raise RuntimeError("BOT_DATA_KEY must hold 32 bytes in base64") from error
    if len(key) != 32:
        raise RuntimeError(f"BOT_DATA_KEY must hold 32 bytes in base64, not {len(key)}")
    return key


def open_database(url: str) -> sa.engine.Engine:
    is_sqlite = url.startswith("sqlite")
    engine = sa.create_engine(
        url,
        future=True,
        hide_parameters=True,  # an error must not carry a case into the log
        pool_pre_ping=not is_sqlite,
        # SQLite opens a file anew at each turn unless told to pool; a part of every turn went there
        poolclass=sa.pool.QueuePool,
        pool_timeout=WAIT,
        connect_args=(
            {"timeout": WAIT, "check_same_thread": False}
            if is_sqlite
            else {"connect_timeout": WAIT}
        ),
    )
    if is_sqlite:

        @sa.event.listens_for(engine, "connect")
        def durable(connection: Any, _: Any) -> None:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")  # bot/disk.py brings it to the disk

    return engine


class CaseTrackerStore(TrackerStore):
    """For endpoints.yml: `type: bot.components.tracker_store.CaseTrackerStore`, `db: <url>`."""

    def __init__(
        self,
        domain: Domain | None = None,
        event_broker: EventBroker | None = None,
        db: str = "sqlite:///bot.db",
        host: str | None = None,  # Rasa always passes it
        key: bytes | None = None,
    ) -> None:
        super().__init__(domain, event_broker)
        self._cipher = AESGCM(key or key_from_environment())
        self._engine = open_database(db)
        # None: the database is not a file of ours, its statements get a thread
        self._disk = Disk(self._engine.url.database) if db.startswith("sqlite") else None
        cases.metadata.create_all(self._engine)

    async def save(self, tracker: DialogueStateTracker) -> None:
        state = snapshot(tracker)
        if state is None:
            return  # nobody has spoken yet: looking at an unknown sender leaves no row
        sender = tracker.sender_id
        row = {"sender_id": sender, "saved_at": time.time(), "state": self._seal(sender, state)}
        if self._disk:  # a row of a local file: sooner than a thread
            self._write(row)
            self._disk.soon()
        else:
            await asyncio.to_thread(self._write, row)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        if self._disk:
            sealed = self._read(sender_id)
        else:
            sealed = await asyncio.to_thread(self._read, sender_id)
        if sealed is None:
            return None
        tracker = self.init_tracker(sender_id)
        restore(tracker, self._open(sender_id, sealed), self.domain)
        return tracker

    def opens_what_is_kept(self) -> bool:
        """False: another key than the one that the cases of before were sealed with."""
        with self._engine.connect() as connection:
            kept = connection.execute(sa.select(cases.c.sender_id, cases.c.state).limit(1)).first()
        try:
            return kept is None or bool(self._open(kept.sender_id, kept.state))
        except InvalidTag:
            return False

    async def keys(self) -> Iterable[str]:
        return await asyncio.to_thread(self._senders)

    def _write(self, row: dict[str, Any]) -> None:
        with self._engine.begin() as connection:
            connection.execute(UPSERT, row)

    def _read(self, sender_id: str) -> bytes | None:
        with self._engine.connect() as connection:
            state = connection.execute(READ, {"sender_id": sender_id}).scalar_one_or_none()
        return None if state is None else bytes(state)  # PostgreSQL's driver gives a view of it

    def _senders(self) -> list[str]:
        with self._engine.connect() as connection:
            return list(connection.execute(sa.select(cases.c.sender_id)).scalars())

    def _seal(self, sender_id: str, state: dict[str, Any]) -> bytes:
        nonce = os.urandom(NONCE)
        plain = json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode()
        return nonce + self._cipher.encrypt(nonce, plain, self._bound_to(sender_id))

    def _open(self, sender_id: str, sealed: bytes) -> dict[str, Any]:
        nonce, rest = sealed[:NONCE], sealed[NONCE:]
        return json.loads(self._cipher.decrypt(nonce, rest, self._bound_to(sender_id)))

    @staticmethod
    def _bound_to(sender_id: str) -> bytes:
        return b"bot_cases:" + sender_id.encode()  # a row copied to another case does not open


def snapshot(tracker: DialogueStateTracker) -> dict[str, Any] | None:
    events = list(tracker.events)
    spoken = [i for i, event in enumerate(events) if isinstance(event, UserUttered)]
    if not spoken:
        return None
    kept = events[spoken[-KEPT_TURNS] :] if len(spoken) >= KEPT_TURNS else events
    return {
        "slots": {
            name: slot.value
            for name, slot in tracker.slots.items()
            if slot.value != slot.initial_value
        },
        "loop": tracker.active_loop_name,
        "paused": tracker.is_paused(),
        "events": [event.as_dict() for event in kept],
    }


def restore(tracker: DialogueStateTracker, state: dict[str, Any], domain: Domain) -> None:
    kept = deserialise_events(state["events"])
    began = kept[0].timestamp
    # The last values stand before the kept turns: replaying those ends at the same values
    before: list[Event] = [
        SlotSet(name, value, timestamp=began)
        for name, value in state["slots"].items()
        if name in tracker.slots  # a slot that an upgrade took out of the domain
    ]
    if state["loop"]:
        before.append(ActiveLoop(state["loop"], timestamp=began))
    if state["paused"]:
        before.append(ConversationPaused(timestamp=began))
    if isinstance(kept[0], UserUttered):
        before.append(ActionExecuted(ACTION_LISTEN_NAME, timestamp=began))
    for event in [*before, *kept]:
        tracker.update(event, domain)


def refuse_to_forget() -> None:
    """Rasa wraps every store so that, when it fails, memory answers: an empty case, silently.

    Without the wrapper the turn fails, the webhook answers `[]`, and the gateway offers a person.
    """

    def create(store: TrackerStore | None, domain: Domain) -> TrackerStore:
        if store is None:  # no endpoints at all: measuring, training
            return InMemoryTrackerStore(domain)
        store.domain = domain
        return store

    Agent._create_tracker_store = staticmethod(create)


refuse_to_forget()
