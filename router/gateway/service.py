"""A message in, one speaker chosen: bot or person. The only door in and the only door out."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from router.bus import Bus
from router.channels.base import Accepted, Inbound
from router.clock import Clock
from router.codes import new_code, standing_code
from router.conversations.models import Conversation, Message
from router.corrections import service as corrections
from router.db import Database, new_id
from router.dispatch import silence
from router.errors import (
    ConsentNeeded,
    ConversationClosed,
    EndedByCitizen,
    FloorTaken,
    NotFound,
    SessionExpired,
)
from router.gateway import emergency, lines, words
from router.gateway.bot_client import Bot
from router.gateway.doors import Doors
from router.gateway.emergency import Alarms, OpensTickets
from router.gateway.intake import Also, Intake, SeenBefore
from router.gateway.lines import Draft, conversations, topic
from router.gateway.text import clean
from router.gateway.turns import Turns
from router.settings import Settings
from router.tickets.models import Ticket
from router.tickets.status import SPEAKER, Status


class Gateway:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        bus: Bus,
        bot: Bot,
        routing: OpensTickets,
        settings: Settings,
    ) -> None:
        self.db, self.clock, self.bus, self.bot = db, clock, bus, bot
        self.settings, self.alarms = settings, Alarms(routing)
        self.doors = Doors(db, clock, settings.SESSION_TTL)
        self.turns = Turns(db, clock, bus, bot, routing, self.alarms, settings)
        self._tokens: dict[str, tuple[str, datetime]] = {}  # hash: conversation, expiry
        self.intake = Intake(db, clock, bus, self.turns, self.alarms, settings)

    async def start(self) -> None:
        emergency.find("")  # reads its words now, not at the first cry for help
        await self.turns.start()

    async def stop(self) -> None:
        await self.intake.stop()
        await self.turns.stop()

    # --- conversations

    async def open(
        self,
        channel: str,
        region: str | None,
        consent: bool,
        learning: bool = False,
        carried: bool = False,
        in_danger: bool = False,
    ) -> tuple[Conversation, str]:
        """A new conversation with its greeting, and the token that proves it is the citizen's.

        `carried`: its channel brings the lines to the citizen, who cannot come for them.
        `in_danger`: what was said already calls for help, which cannot wait for consent.
        """
        if not (consent or in_danger):
            raise ConsentNeeded()
        now, token, reference = self.clock.now(), secrets.token_urlsafe(32), new_code("JY")
        opened: dict[str, Any] = {
            "id": new_id(),
            "channel": channel,
            "reference": reference,
            "token_hash": _hash(token),
            "token_expires_at": now + self.settings.SESSION_TTL,
            "region": region or self.settings.REGION,
            "consent_at": now if consent else None,
            "learning_at": now if learning else None,
            "created_at": now,
            "updated_at": now,
            "last_seq": 2,
            "carried_seq": 0 if carried else None,
        }
        welcome = words.CONSENT if consent else words.OPENED_IN_DANGER
        greeting = [
            Draft("system", _with_code(welcome, reference), {"kind": "consent"}),
            Draft("bot", words.FIRST_QUESTION),
        ]
        # soon: who writes the first line waits for both
        async with self.db.core(soon=True) as s:
            await s.execute(insert(conversations), opened)
            await lines.store(s, opened["id"], greeting, 1, now)
        return Conversation(**opened), token

    async def find(self, token: str | None, conversation_id: str | None = None) -> Conversation:
        """The conversation of this token. Raises SessionExpired, or NotFound for another's id."""
        async with self.db.read() as s:
            found = await s.scalar(
                select(Conversation).where(Conversation.token_hash == _hash(token or ""))
            )
        if found is None or found.token_expires_at <= self.clock.now():
            raise SessionExpired()
        if conversation_id is not None and found.id != conversation_id:
            raise NotFound(conversation=conversation_id)
        return found

    async def recognise(self, token: str | None, conversation_id: str) -> None:
        """find() for those who need nothing of it. A token's conversation never changes."""
        digest = _hash(token or "")
        known = self._tokens.get(digest)
        if known is None:
            found = await self.find(token)
            known = self._tokens[digest] = found.id, found.token_expires_at
            if len(self._tokens) > 10_000:
                del self._tokens[next(iter(self._tokens))]
        if known[1] <= self.clock.now():
            raise SessionExpired()
        if known[0] != conversation_id:
            raise NotFound(conversation=conversation_id)

    async def close(self, conversation_id: str) -> None:
        """The citizen has ended it: nothing more is taken in, what was accepted is answered."""
        async with self.db.write() as s:
            closed = await s.execute(
                update(conversations)
                .where(conversations.c.id == conversation_id, conversations.c.status == "open")
                .values(status="closed")
                .returning(conversations.c.reference)
            )
            if reference := closed.scalar_one_or_none():
                text = _with_code(words.ENDED, reference)
                await self.say(s, conversation_id, "system", text, {"kind": "ended"})
        await self.bus.wake(topic(conversation_id))

    async def let_learn(self, conversation_id: str, agreed: bool) -> None:
        """The citizen says whether the machine may learn from this talk, at any time."""
        async with self.db.write() as s:
            await corrections.agree(s, conversation_id, agreed, self.clock.now())
            if not agreed:
                # locked: one that is being closed in this moment has stored what it stores
                theirs = select(Ticket.id).where(Ticket.conversation_id == conversation_id)
                found = await s.scalars(theirs.order_by(Ticket.id).with_for_update())
                await corrections.forget(s, list(found))

    # --- in

    async def accept(self, inbound: Inbound, also: Also | None = None) -> Accepted:
        """See Intake."""
        return await self.intake.accept(inbound, also)

    async def keep(
        self,
        inbound: Inbound,
        extra: dict[str, Any],
        told: str,
        also: Callable[[AsyncSession], None],
    ) -> Accepted:
        """Stores what has no words for the bot, with what is `told` of it; `also` adds rows to the
        same transaction. Once, as accept()."""
        now = self.clock.now()
        line = Draft("citizen", inbound.text, extra, platform_key=inbound.platform_key)
        said = Draft("system", told, {"kind": "notice"})
        try:
            async with self.db.write() as s:
                row = await lines.number(s, inbound.conversation_id, 2, now)
                if row is None:
                    raise NotFound(conversation=inbound.conversation_id)
                first, _ = await lines.seen(s, inbound.conversation_id, inbound.platform_key)
                if first is not None:
                    raise SeenBefore(first)
                if row.status == "closed":
                    raise ConversationClosed(conversation=inbound.conversation_id)
                await lines.store(s, inbound.conversation_id, [line, said], row.last_seq - 1, now)
                also(s)
        except SeenBefore as again:
            return Accepted(again.seq, duplicate=True)
        await self.bus.wake(topic(inbound.conversation_id))
        return Accepted(row.last_seq - 1, duplicate=False)

    # --- out

    async def say(
        self,
        session: AsyncSession,
        conversation_id: str,
        who: str,
        text: str,
        extra: dict[str, Any] | None = None,
        author: str | None = None,
        in_reply_to: str | None = None,
        key: str | None = None,
    ) -> Message:
        """The only outbound door. Raises FloorTaken; the caller wakes the topic after commit."""
        now = self.clock.now()
        row = await lines.number(session, conversation_id, 1, now)
        if row is None:
            raise NotFound(conversation=conversation_id)
        if who != "system" and who != await lines.speaker(session, conversation_id, lock=True):
            raise FloorTaken(conversation=conversation_id, who=who)
        draft = Draft(who, text, extra or {}, author, in_reply_to, platform_key=key)
        [line] = await lines.store(session, conversation_id, [draft], row.last_seq, now)
        return line

    async def tell(
        self,
        conversation_id: str,
        text: str,
        extra: dict[str, Any] | None = None,
        key: str | None = None,
    ) -> None:
        """A line of the system, in its own transaction; with a `key` it is said once."""
        try:
            async with self.db.write() as s:
                await self.say(s, conversation_id, "system", text, extra, key=key)
        except IntegrityError:
            if key is None:
                raise
            return
        await self.bus.wake(topic(conversation_id))

    async def lawyer_says(
        self, ticket_id: str, lawyer_id: str, text: str, key: str | None = None
    ) -> Message:
        """Only the ticket's owner, while they own it. `key`: the page's own id of this line."""
        text = clean(text)
        unique = f"desk:{lawyer_id}:{ticket_id}:{key}" if key else None
        async with self.db.read() as s:
            conversation_id = await s.scalar(
                select(Ticket.conversation_id).where(Ticket.id == ticket_id)
            )
            if conversation_id is None:
                raise NotFound(ticket=ticket_id)
            if unique and (said := await lines.by_key(s, unique)):
                return said
        try:
            async with self.db.write() as s:
                line = await self.say(
                    s, conversation_id, "lawyer", text, author=lawyer_id, key=unique
                )
                owned = (
                    select(Ticket.owner, Ticket.status, Conversation.status)
                    .join(Conversation, Conversation.id == Ticket.conversation_id)
                    .where(Ticket.id == ticket_id)
                )
                owner, status, talk = (await s.execute(owned)).one()
                if talk == "closed":  # rolled back: the citizen has ended it, nobody reads on
                    raise EndedByCitizen(ticket=ticket_id)
                if owner != lawyer_id or SPEAKER[Status(status)] != "lawyer":
                    raise FloorTaken(ticket=ticket_id)
                await silence.spoke(s, ticket_id, self.clock.now())
        except IntegrityError:  # the same line at the same moment: the other one is in
            async with self.db.read() as s:
                if unique and (said := await lines.by_key(s, unique)):
                    return said
            raise
        await self.bus.wake(topic(conversation_id))
        return line

    async def transcript(
        self, session: AsyncSession, conversation_id: str, after: int = 0
    ) -> list[Message]:
        return await lines.transcript(session, conversation_id, after)

    async def since(self, conversation_id: str, after: int) -> tuple[list[Message], str, bool]:
        """transcript() and state(), for who only shows them."""
        async with self.db.look() as s:
            found = await lines.since(s, conversation_id, after)
            speaker, thinking = await lines.state(s, conversation_id)
        return found, speaker, thinking

    async def speaker(self, session: AsyncSession, conversation_id: str) -> str:
        return await lines.speaker(session, conversation_id)

    async def thinking(self, session: AsyncSession, conversation_id: str) -> bool:
        """The bot has a line of the citizen before it and has not said that it is in trouble."""
        return (await lines.state(session, conversation_id))[1]

    async def state(self, session: AsyncSession, conversation_id: str) -> tuple[str, bool]:
        """speaker() and thinking() at once."""
        return await lines.state(session, conversation_id)


def _with_code(text: str, reference: str) -> str:
    return text.format(reference=reference, code=standing_code(reference))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
