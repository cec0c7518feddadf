"""What becomes of a mediation, told to the citizen once, with the next door where it fails."""

import json
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from router.conversations.models import Conversation
from router.destinations.registry import Destinations
from router.eligibility.words import plain
from router.events import Event, MediationMoved
from router.gateway.service import Gateway
from router.gateway.words import PERSON
from router.mediation import choosing, sidewords, words
from router.mediation.models import (
    Committee,
    Mediation,
    MediationEvent,
    MediationMeeting,
)
from router.mediation.status import FAILED, State
from router.routing.models import Screening
from router.routing.service import Routing
from router.tickets import service as tickets
from router.tickets.models import Ticket

MOST_WARNINGS = 3
WANT_PERSON = (State.LAPSED, State.NOT_CONFIRMED)


class Mediators:
    def __init__(self, gateway: Gateway, routing: Routing, destinations: Destinations) -> None:
        self._gateway, self._routing, self._destinations = gateway, routing, destinations

    async def tell(self, event: Event) -> None:
        """A repeated event says nothing more."""
        assert isinstance(event, MediationMoved)
        async with self._gateway.db.read() as s:
            moved = await s.get(MediationEvent, event.key)
            assert moved
            text = await self._text(s, moved, event)
        if moved.move == "alarmed":
            await self._routing.alarm(
                event.conversation_id, f"mediation:{moved.id}", ["violence_or_threat"]
            )
        extra: dict[str, Any] = {"kind": f"mediation_{moved.move}", "ticket": event.ticket_id}
        if moved.move in WANT_PERSON:
            extra["buttons"] = [PERSON]
        key = f"mediation:{moved.id}"
        await self._gateway.tell(event.conversation_id, text, extra, key)

    async def _text(self, s: AsyncSession, moved: MediationEvent, event: Event) -> str:
        row = await s.get(Mediation, moved.mediation_id)
        assert row
        committee = await s.get(Committee, row.committee_id) if row.committee_id else None
        now = self._gateway.clock.now()
        if committee and (meeting_id := moved.data.get("meeting")):
            meeting = await s.get_one(MediationMeeting, meeting_id)
            return sidewords.told(moved, meeting, committee)
        choice = await choosing.standing(s, committee, now) if committee else None
        if moved.move not in FAILED:
            return words.of(moved, row, choice, [], [])
        ticket = await tickets.get(s, event.ticket_id)
        return words.of(moved, row, choice, *await self._next_doors(s, ticket))

    async def _next_doors(self, s: AsyncSession, ticket: Ticket) -> tuple[list[str], list[str]]:
        """Where else the screening leads, and the time limits that it warns of."""
        talk = await s.get(Conversation, ticket.conversation_id)
        intake = json.loads((talk and talk.intake) or ticket.intake or "{}")
        known = intake.get("screening_id") or ticket.screening_id
        screening = await s.get(Screening, known) if known else None
        if screening is None:
            return [], []
        decision = json.loads(screening.decision)
        facts = json.loads(screening.facts)
        doors = self._destinations.for_decision(decision, ticket.matter, facts)
        labels = [d.label for d in doors if d.kind not in ("mediation", "duty_lawyer")]
        return labels, [plain(one) for one in decision.get("warn") or ()][:MOST_WARNINGS]
