"""The database's side of a turn: who may play this conversation, what comes next, what is left.

Every method is one write transaction that locks the conversation first and looks second, so that
a line accepted meanwhile is either seen here or finds the lease free.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from router.conversations.models import Message
from router.gateway import lines, metrics, words
from router.gateway.lines import Draft, conversations, messages

if TYPE_CHECKING:
    from router.gateway.turns import Turns


_C, _M = conversations.c, messages.c
_STANDS = (
    select(
        _C.id,
        _C.last_seq,
        _C.next_client_seq,
        _C.case_no,
        _C.bot_troubled,
        _C.leased_by,
        _C.leased_until,
        _C.carried_seq,
        _C.carry_at,
    )
    .order_by(_C.id)  # who locks several never waits in a ring
    .with_for_update()
)
_LOCK = _STANDS.where(_C.id == bindparam("conversation"))
LOCK_ALL = _STANDS.where(_C.id.in_(bindparam("ids", expanding=True)))
_WRITTEN = (
    "last_seq",
    "next_client_seq",
    "bot_troubled",
    "updated_at",
    "leased_by",
    "leased_until",
    "carry_at",
)
LEAVE = (
    update(conversations)
    .where(_C.id == bindparam("conversation"))
    .values({name: bindparam(name, type_=_C[name].type) for name in _WRITTEN})
)
MARK = (
    update(messages)
    .where(_M.id == bindparam("line"), _M.turn == "waiting")
    .values(turn=bindparam("to"))
)


class LeaseLost(Exception):
    """Another process plays this conversation now."""


@dataclass(frozen=True)
class Turn:
    """One line of the citizen, to be played now."""

    conversation_id: str
    message_id: str
    text: str
    extra: dict[str, Any]
    client_seq: int | None
    case_no: int
    since: datetime
    attempts: int = 0  # that failed though the bot was reachable
    perhaps_sent: bool = False  # then the bot's memory is asked first
    troubled: bool = False  # the citizen knows that the bot does not answer
    for_lawyer: bool = False  # the floor is not the bot's

    @property
    def danger(self) -> list[str]:
        return list(self.extra.get("danger", ()))

    @property
    def wants_person(self) -> bool:
        return bool(self.extra.get("wants_person"))

    @property
    def senders(self) -> list[str]:
        """In Rasa. A turn may itself begin a new case: then the one before knows of it."""
        return [f"{self.conversation_id}-{n}" for n in (self.case_no, self.case_no - 1) if n > 0]


@dataclass(frozen=True)
class Pause:
    until: datetime


Step = Turn | Pause | None  # None: nothing waits, or the lease is another's


@dataclass
class Held:
    """The conversation's row, locked."""

    session: AsyncConnection
    last_seq: int
    next_client_seq: int
    case_no: int
    bot_troubled: bool
    carried: bool  # by its channel, see lines.CARRY_AFTER
    carry_at: datetime | None
    step: Step = None


class Lease:
    def __init__(self, turns: Turns, conversation_id: str, token: str) -> None:
        self.turns, self.id = turns, conversation_id
        self.token = token  # in leased_by while it is ours
        self.db, self.clock, self.settings = turns.db, turns.clock, turns.settings
        self._suspects: set[str] = set()  # lines that the bot may have got already
        self._not_before: datetime | None = None
        self._taken_over = False  # from a process that left lines half-done, perhaps
        self._returns = 0

    def not_before(self, moment: datetime) -> None:
        """No further attempt until then, unless the bot comes back from the dead."""
        self._not_before, self._returns = moment, self.turns.watch.returns

    async def look(self) -> Step:
        """Takes the lease where it is free or expired, and says what is to be done."""
        try:
            async with self._locked(take=True) as held:
                held.step = await self.next(held)
        except LeaseLost:
            return None
        return held.step

    async def finish(self, turn: Turn, said: list[Draft]) -> Step:
        """The line is dealt with; what the bot said counts only while the floor is the bot's."""
        return await self.turns.ledger.enter(self, said, turn)

    def ends(self, held: Held, turn: Turn, said: list[Draft], lawyer: bool) -> list[Draft]:
        """The turn is over; what of it is said while the floor is the lawyer's, or the bot's."""
        by_bot = [draft for draft in said if draft.who == "bot"]
        if lawyer:
            metrics.LATE_REPLIES.inc(len(by_bot))
            said = [draft for draft in said if draft.who != "bot"]
        elif by_bot:
            held.bot_troubled, self._not_before = False, None
        self._suspects.discard(turn.message_id)
        held.next_client_seq = max(held.next_client_seq, (turn.client_seq or 0) + 1)
        return said

    async def failed(self, turn: Turn, reachable: bool) -> Step:
        """The bot did not answer. The citizen is told, once until it answers again."""
        self._suspects.add(turn.message_id)
        async with self._locked() as held:
            if reachable:
                await held.session.execute(
                    update(messages)
                    .where(messages.c.id == turn.message_id)
                    .values(attempts=messages.c.attempts + 1)
                )
            if not held.bot_troubled:
                held.bot_troubled = True
                offer = words.offering_person("trouble")
                await self._say(held, [Draft("system", words.TROUBLE, offer)])
            held.step = await self.next(held)
        return held.step

    async def tell(self, draft: Draft) -> None:
        """A line beside a turn that goes on."""
        await self.turns.ledger.enter(self, [draft])

    async def calls_for_person(self, but: Turn) -> list[Turn]:
        """转人工 and its like among the lines behind the one being played."""
        async with self.db.look() as s:
            found = await lines.waiting(s, self.id)
        turns = [self._turn(line, but.case_no) for line in found if line.id != but.message_id]
        return [turn for turn in turns if turn.wants_person]

    async def next(self, held: Held, lawyer: bool | None = None) -> Step:
        found = await lines.waiting(held.session, self.id)
        if not found:
            return None
        if self._taken_over:
            self._suspects.update(line.id for line in found)
            self._taken_over = False
        if lawyer is None:
            lawyer = await lines.speaker(held.session, self.id, lock=True) == "lawyer"
        turns = [
            replace(self._turn(line, held.case_no), troubled=held.bot_troubled, for_lawyer=lawyer)
            for line in found
        ]
        if lawyer:
            return turns[0]
        if held.bot_troubled:
            for turn in turns:
                if turn.wants_person:
                    return turn
        now, until = self.clock.now(), self._not_before
        if until and now < until and self._returns == self.turns.watch.returns:
            return Pause(until)
        gap_ends = turns[0].since + self.settings.GAP_WAIT
        if (turns[0].client_seq or 0) > held.next_client_seq and now < gap_ends:
            return Pause(gap_ends)
        return turns[0]

    def _turn(self, line: Message, case_no: int) -> Turn:
        return Turn(
            conversation_id=self.id,
            message_id=line.id,
            text=line.text,
            extra=line.extra,
            client_seq=line.client_seq,
            case_no=case_no,
            since=line.created_at,
            attempts=line.attempts,
            perhaps_sent=line.attempts > 0 or line.id in self._suspects,
        )

    async def _say(self, held: Held, said: list[Draft]) -> None:
        await lines.insert_all(held.session, self.numbered(held, said))

    def numbered(self, held: Held, said: list[Draft]) -> list[Message]:
        """The next lines of the transcript; the caller stores them."""
        now = self.clock.now()
        if said and held.carried:
            held.carry_at = now + lines.CARRY_AFTER
        held.last_seq += len(said)
        return lines.rows(self.id, said, held.last_seq - len(said) + 1, now)

    def held(self, s: AsyncConnection, was: Any, take: bool = False) -> Held:
        """The locked row as ours; `take`: where it is free or expired. Raises LeaseLost."""
        if was.leased_by != self.token:
            if not take or (was.leased_by and was.leased_until > self.clock.now()):
                raise LeaseLost
            if was.leased_by:
                self._taken_over = True
                metrics.TAKEN_OVER.inc()
        return Held(
            s,
            was.last_seq,
            was.next_client_seq,
            was.case_no,
            was.bot_troubled,
            carried=was.carried_seq is not None,
            carry_at=was.carry_at,
        )

    def left(self, held: Held, now: datetime) -> dict[str, Any]:
        """What LEAVE writes, the lease kept if a step follows."""
        return {
            "conversation": self.id,
            "last_seq": held.last_seq,
            "updated_at": now,
            "next_client_seq": held.next_client_seq,
            "bot_troubled": held.bot_troubled,
            "leased_by": self.token if held.step else None,
            "leased_until": self.turns.lease_end() if held.step else None,
            "carry_at": held.carry_at,
        }

    @asynccontextmanager
    async def _locked(self, take: bool = False) -> AsyncIterator[Held]:
        """The row, locked; written back at the end, with the lease kept if a step follows."""
        now = self.clock.now()
        # soon: what a power cut takes back is played again, and the bot says what it said before
        async with self.db.core(soon=True) as s:
            was = (await s.execute(_LOCK, {"conversation": self.id})).one()
            held = self.held(s, was, take)
            yield held
            await s.execute(LEAVE, self.left(held, now))
