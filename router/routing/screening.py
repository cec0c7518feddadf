"""Screening: facts to a decision that is stored as it was made, or to the next question."""

import hashlib
import json
from datetime import date
from typing import Any

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from router.clock import Clock, china_date
from router.conversations.models import Conversation
from router.db import Database, new_id
from router.destinations.labels import LABELS
from router.destinations.registry import Destinations
from router.eligibility import decide, parse_facts
from router.errors import BadRequest, NotFound
from router.lawbook import LawBook
from router.routing.models import Screening

Json = dict[str, Any]

_CONVERSATIONS: Table = Conversation.__table__  # type: ignore[assignment]
_SCREENINGS: Table = Screening.__table__  # type: ignore[assignment]
_OF = _CONVERSATIONS.c.id == bindparam("conversation")
# Core and made once: they run in every turn
_REGION = select(_CONVERSATIONS.c.region).where(_OF)
_LOCK = select(_CONVERSATIONS.c.id).where(_OF).with_for_update()
_STORE = insert(_SCREENINGS)
_KEEP_INTAKE = update(_CONVERSATIONS).where(_OF).values(intake_sealed=bindparam("sealed"))


class Screenings:
    def __init__(
        self, db: Database, clock: Clock, lawbook: LawBook, destinations: Destinations
    ) -> None:
        self._db, self._clock = db, clock
        self._lawbook, self._destinations = lawbook, destinations
        self._regions: dict[str, str] = {}  # by conversation

    async def screen(
        self,
        conversation_id: str,
        message_id: str,
        facts: Json,
        label: str | None = None,
        details: Json | None = None,
    ) -> Json:
        """The decision, or the next question. Raises FactError for an impossible fact."""
        if label is not None and label not in LABELS:
            raise BadRequest(label=label)
        region = self._regions.get(conversation_id) or await self._region(conversation_id)
        today = china_date(self._clock.now())
        told = dict(facts)
        for name, filled in (("region", region), ("apply_date", str(today))):
            if told.get(name) is None:
                told[name] = filled
        law = self._lawbook.current  # once: a reload meanwhile is for the next screening
        decision = decide(parse_facts(told), law).to_dict()
        wanted = decision["next_question"]
        if wanted and told.get(wanted, "") is None:  # asked, and nobody knows: a person decides
            decision = {**decision, "next_question": None, "left_open": wanted}
        decided = decision["next_question"] is None
        doors = self._destinations.for_decision(decision, label, told) if decided else []
        screening_id = None
        # soon: what the citizen sees of it is committed after it
        async with self._db.core(soon=True) as s:
            if decided:
                await s.execute(_LOCK, {"conversation": conversation_id})
                key = _once(conversation_id, message_id, told, label)
                screening_id = await self._store(
                    s, key, conversation_id, told, decision, label, law.version
                )
            intake = {
                "facts": told,
                "label": label,
                "details": details or {},
                "outcome": decision["outcome"],
                "next_question": decision["next_question"],
                "destinations": [door.name for door in doors],
                "screening_id": screening_id,
            }
            row = Conversation(id=conversation_id)
            row.intake = json.dumps(intake, ensure_ascii=False, sort_keys=True)
            sealed = {"conversation": conversation_id, "sealed": row.intake_sealed}
            await s.execute(_KEEP_INTAKE, sealed)
        return {
            **decision,
            "decided": decided,
            "screening_id": screening_id,
            "destinations": [door.brief() for door in doors],
        }

    async def _region(self, conversation_id: str) -> str:
        """A conversation's own, which never changes."""
        async with self._db.read() as s:
            region = await s.scalar(_REGION, {"conversation": conversation_id})
        if region is None:
            raise NotFound(conversation=conversation_id)
        self._regions[conversation_id] = region
        if len(self._regions) > 10_000:
            del self._regions[next(iter(self._regions))]
        return str(region)

    async def _store(
        self,
        s: AsyncConnection,
        key: str,
        conversation_id: str,
        told: Json,
        decision: Json,
        label: str | None,
        law_version: str,
    ) -> str:
        known = await s.scalar(select(Screening.id).where(Screening.message_key == key))
        if known:
            return known
        screening = Screening(
            id=new_id(),
            conversation_id=conversation_id,
            message_key=key,
            apply_date=date.fromisoformat(told["apply_date"]),
            outcome=decision["outcome"],
            law_version=law_version,
            context={"label": label},
            created_at=self._clock.now(),
        )
        screening.facts = json.dumps(told, ensure_ascii=False, sort_keys=True)
        screening.decision = json.dumps(decision, ensure_ascii=False)
        row = {name: getattr(screening, name) for name in _SCREENINGS.c.keys()}
        await s.execute(_STORE, row)
        return screening.id


def _once(conversation_id: str, message_id: str, told: Json, label: str | None) -> str:
    """The same message with the same facts is the same screening, however often it is sent."""
    said = json.dumps([told, label], sort_keys=True, ensure_ascii=False)
    return f"{conversation_id}:{message_id}:{hashlib.sha256(said.encode()).hexdigest()[:16]}"
