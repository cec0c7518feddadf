"""Routing: a decision to a place, a place to a ticket, and where it stands."""

import json
import unicodedata
from contextlib import suppress
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from router.bus import Bus
from router.clock import Clock
from router.codes import standing_code
from router.conversations.models import HOTLINE, KIOSK, Conversation
from router.db import Database, new_id
from router.destinations.labels import LABELS
from router.destinations.registry import Destination, Destinations
from router.dispatch import matching, outlook, timers
from router.dispatch.service import Dispatch
from router.errors import BadRequest, NotFound, TicketMovedOn
from router.lawbook import LawBook
from router.lawyers.models import Lawyer
from router.referrals import outbound
from router.referrals.models import Referral
from router.routing import mediators, words
from router.routing.screening import Screenings
from router.settings import Settings
from router.tickets import callbacks
from router.tickets import service as tickets
from router.tickets.models import Ticket
from router.tickets.status import LIVE, Status
from router.tickets.urgency import Urgency

Json = dict[str, Any]
DANGERS = {
    "violence_or_threat": "暴力或威胁",
    "suicide": "自杀",
    "crime_in_progress": "正在发生的犯罪",
}
_UNFINISHED = (*LIVE, Status.RECORDED)


class Routing:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        bus: Bus,
        lawbook: LawBook,
        destinations: Destinations,
        dispatch: Dispatch,
        settings: Settings,
    ) -> None:
        self._db, self._clock, self._bus = db, clock, bus
        self._destinations, self._dispatch = destinations, dispatch
        self.screen = Screenings(db, clock, lawbook, destinations).screen

    # Tickets

    async def open_ticket(
        self,
        conversation_id: str,
        key: str,
        destination: str,
        note: str | None = None,
        urgency: int | None = None,
        language: str | None = None,
    ) -> Json:
        """Once per key and destination; where the same case already waits there, that ticket."""
        door = self._destinations.get(destination)
        if door is None:
            raise BadRequest(destination=destination)
        async with self._db.write(soon=True) as s:  # on disk with the offer that follows
            conversation = await _conversation(s, conversation_id, lock=True)
            intake = json.loads(conversation.intake or "{}")
            opened_by = f"{conversation_id}:{key}:{destination}"
            ticket = await s.scalar(select(Ticket).where(Ticket.opened_by == opened_by))
            ticket = ticket or await self._already(s, conversation_id, door, intake)
            if ticket is None:
                ticket = await self._new(s, conversation, opened_by, door, intake, note, urgency)
                ticket.language = ticket.language or language
            elif ticket.status in _UNFINISHED and intake.get("label"):
                if ticket.matter is None:  # asked for before it was told
                    ticket.matter, ticket.screening_id = intake["label"], intake.get("screening_id")
                    ticket.intake, ticket.summary = conversation.intake, _summary(intake, note)
                await matching.learn(s, ticket, intake, self._clock.now())
            ticket_id = ticket.id
        await self._dispatch.offer(ticket_id)
        await self._bus.wake(f"conversation:{conversation_id}")
        await self._bus.wake("board")
        await self._bus.wake(timers.TOPIC)  # a partner's computer is to hear of it now
        return await self._answer(ticket_id, door, conversation.reference)

    async def alarm(self, conversation_id: str, key: str, danger: list[str]) -> Json:
        """A person for somebody in danger: what a lawyer has or is to get of this conversation
        goes to the front; else a ticket of its own."""
        async with self._db.write() as s:
            conversation = await _conversation(s, conversation_id, lock=True)
            opened_by = f"{conversation_id}:{key}:emergency_110"
            again = await s.scalar(select(Ticket.id).where(Ticket.opened_by == opened_by))
            live = await _first_live(s, conversation_id)
        with suppress(TicketMovedOn):  # closed in this moment: a new one
            if live and not again:
                await self._dispatch.urge(live, Urgency.DANGER, {"danger": danger})
                async with self._db.read() as s:
                    destination = (await tickets.get(s, live)).destination
                door = self._destinations.get(destination)
                assert door
                return await self._answer(live, door, conversation.reference)
        named = "、".join(DANGERS.get(kind, "危险") for kind in danger)
        return await self.open_ticket(
            conversation_id,
            key,
            "emergency_110",
            f"可能正处在危险中:{named}",
            urgency=Urgency.DANGER,
        )

    async def call_back(self, conversation_id: str, key: str, number: str) -> Json:
        """The citizen wants to be called: noted with what a lawyer has or is to get of this
        conversation, else with a new ticket. `noted`: false for what is no number."""
        dial = callbacks.dialled(number)
        if dial is None:
            return {"noted": False, "text": words.NO_NUMBER}
        found = await self._to_call(conversation_id, dial)
        if found is None:
            opened = await self.open_ticket(conversation_id, key, "duty_lawyer")
            found = await self._to_call(conversation_id, dial, str(opened["ticket"]))
            assert found
        ticket, conversation, place = found
        await self._bus.wake("board")
        for who in (ticket.owner, ticket.offered_to):
            if who:
                await self._bus.wake(f"lawyer:{who}")
        text = words.call_back(dial, conversation.reference, place, self._clock.now())
        return {"noted": True, "reference": conversation.reference, "text": text}

    async def _to_call(
        self, conversation_id: str, dial: str, opened: str | None = None
    ) -> tuple[Ticket, Conversation, outlook.Outlook | None] | None:
        """None: there is no ticket of theirs but one that was closed in this moment."""
        async with self._db.write() as s:
            waits = opened or await _first_live(s, conversation_id)
            ticket = (await tickets.locked(s, waits))[0] if waits else None
            if ticket is None or (ticket.status == Status.CLOSED and not opened):
                return None
            callbacks.ask(s, ticket, {"number": dial}, self._clock.now())
            conversation = await _conversation(s, conversation_id)
            return ticket, conversation, await outlook.of(s, ticket, self._clock.now())

    async def _already(
        self, s: AsyncSession, conversation_id: str, door: Destination, intake: Json
    ) -> Ticket | None:
        found: Ticket | None = await s.scalar(
            select(Ticket)
            .where(
                Ticket.conversation_id == conversation_id,
                Ticket.destination == door.name,
                or_(Ticket.matter == intake.get("label"), Ticket.matter.is_(None)),
                Ticket.status.in_([status.value for status in _UNFINISHED]),
            )
            .limit(1)
        )
        return found

    async def _new(
        self,
        s: AsyncSession,
        conversation: Conversation,
        opened_by: str,
        door: Destination,
        intake: Json,
        note: str | None,
        urgency: int | None,
    ) -> Ticket:
        now = self._clock.now()
        ticket = Ticket(
            id=new_id(),
            conversation_id=conversation.id,
            opened_by=opened_by,
            screening_id=intake.get("screening_id"),
            destination=door.name,
            delivery=door.delivery,
            matter=intake.get("label"),
            region=conversation.region,
            post=conversation.channel if conversation.channel in (HOTLINE, KIOSK) else "web",
        )
        ticket.intake = conversation.intake
        ticket.summary = _summary(intake, note)
        await matching.fill(s, ticket, intake, urgency)
        tickets.open_new(s, ticket, now)
        await s.flush()
        await outbound.send(s, ticket, door, now)
        if ticket.status == Status.OPEN:
            # should we die before it is offered
            timers.ask_again(s, ticket.id, now + timers.RESUME)
        return ticket

    async def _answer(self, ticket_id: str, door: Destination, reference: str) -> Json:
        async with self._db.read() as s:
            ticket = await tickets.get(s, ticket_id)
            referral = await _referral(s, ticket_id)
            now = self._clock.now()
            waits = await outlook.of(s, ticket, now)
            place = await mediators.place(s, ticket, door, now)
        told = {Status.OPEN: "queued", Status.OFFERED: "offered", Status.ACCEPTED: "offered"}
        return {
            "reference": reference,
            "ticket": ticket.id,
            "kind": door.kind,
            "delivery": door.delivery,
            "status": told.get(Status(ticket.status), "recorded"),
            "position": waits.position if waits else None,
            "text": words.opened(ticket, door, reference, waits, now, referral, place),
        }

    # Where it stands, and the next trouble

    async def status(self, conversation_id: str, reference: str | None = None) -> str:
        """Only of the conversation's own reference; another one is like none at all."""
        async with self._db.read() as s:
            conversation = await _conversation(s, conversation_id)
            if reference and _plain(reference) != _plain(conversation.reference):
                return words.NOT_FOUND
            lines = []
            for ticket in await tickets.of_conversation(s, conversation_id):
                door = self._destinations.get(ticket.destination)
                owner = await s.get(Lawyer, ticket.owner) if ticket.owner else None
                lines.append(
                    words.standing(
                        ticket,
                        door.label if door else ticket.destination,
                        await outlook.of(s, ticket, self._clock.now()),
                        owner.name if owner else None,
                        self._clock.now(),
                    )
                    + words.referred(referral := await _referral(s, ticket.id))
                    + await mediators.standing(s, referral, self._clock.now())
                )
        if not lines:
            return words.NOTHING_YET.format(ref=conversation.reference)
        code = standing_code(conversation.reference)
        return "\n".join([f"您的编号 {conversation.reference}，查询码 {code}。", *lines])

    async def next_case(self, conversation_id: str) -> int:
        """Another trouble of the same citizen: a fresh sender in Rasa, an empty intake."""
        async with self._db.write() as s:
            conversation = await _conversation(s, conversation_id, lock=True)
            conversation.case_no += 1
            conversation.intake = ""
        return conversation.case_no


async def _referral(s: AsyncSession, ticket_id: str) -> Referral | None:
    """The newest that this ticket went to another organ with."""
    found: Referral | None = await s.scalar(
        select(Referral)
        .where(Referral.ticket_id == ticket_id, Referral.direction == "out")
        .order_by(Referral.created_at.desc())
        .limit(1)
    )
    return found


async def _first_live(s: AsyncSession, conversation_id: str) -> str | None:
    """Of what a lawyer has or is to get of the conversation the most urgent, then the oldest."""
    found: str | None = await s.scalar(
        select(Ticket.id)
        .where(
            Ticket.conversation_id == conversation_id,
            Ticket.status.in_([status.value for status in LIVE]),
        )
        .order_by(Ticket.urgency, Ticket.created_at)
        .limit(1)
    )
    return found


async def _conversation(s: AsyncSession, conversation_id: str, lock: bool = False) -> Conversation:
    conversation = await s.get(Conversation, conversation_id, with_for_update=lock or None)
    if conversation is None:
        raise NotFound(conversation=conversation_id)
    return conversation


def _summary(intake: Json, note: str | None) -> str:
    """One line for the desk: what it is about, what was found, what was said."""
    parts = [LABELS.get(intake.get("label") or "", ""), words.FOUND.get(intake.get("outcome", ""))]
    return "；".join(part for part in (*parts, note) if part)


def _plain(reference: str) -> str:
    """JY-7KQ2-9XMD as people type it."""
    text = unicodedata.normalize("NFKC", reference).upper()
    return "".join(c for c in text if c.isalnum())
