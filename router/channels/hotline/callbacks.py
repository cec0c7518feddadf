"""Nothing dropped: who has hung up, or asked to be called, stands in the lawyers' queue, once."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from router.channels.hotline import voice
from router.channels.hotline.ground import Ground
from router.channels.hotline.models import Call
from router.codes import standing_code
from router.conversations.models import Conversation
from router.tickets import callbacks
from router.tickets import service as tickets
from router.tickets.models import Ticket
from router.tickets.status import LIVE, Status

NOTE = "请给来电人回电"
_LIVE = [status.value for status in LIVE]


async def open_one(ground: Ground, call_id: str, asked: bool) -> str:
    """The spoken reference of the ticket. Who has got their answer already needs none."""
    async with ground.db.write() as s:
        call = await s.get_one(Call, call_id)
        if not asked and await _answered(s, call):
            call.outcome = "informed" if call.outcome in (None, "abandoned") else call.outcome
            return ""
        if other := await _waiting(s, call):
            if other.conversation_id != call.conversation_id:
                now = ground.clock.now()
                tickets.note_event(s, other, "called_again", now, was=Status(other.status))
            call.ticket_id = other.id
            _ask(s, other, call, ground.clock.now())
            return await _reference(s, other.conversation_id)
    assert call.conversation_id
    told = await ground.routing.open_ticket(
        call.conversation_id, f"call:{call.id}", "duty_lawyer", NOTE
    )
    async with ground.db.write() as s:
        row = await s.get_one(Call, call_id)
        row.ticket_id = str(told["ticket"])
        _ask(s, await tickets.get(s, row.ticket_id), row, ground.clock.now())
    return _with_code(str(told["reference"]))


def _ask(s: AsyncSession, ticket: Ticket, call: Call, now: datetime) -> None:
    number = call.caller
    callbacks.ask(s, ticket, {"number": callbacks.dialled(number) or number}, now)


async def reference(s: AsyncSession, call: Call) -> str:
    return await _reference(s, call.conversation_id)


async def _reference(s: AsyncSession, conversation_id: str | None) -> str:
    found = await s.scalar(select(Conversation.reference).where(Conversation.id == conversation_id))
    return _with_code(found or "")


def _with_code(reference: str) -> str:
    code = f"，查询码 {standing_code(reference)}" if reference else ""
    return voice.spoken(f"{reference}{code}")


async def _answered(s: AsyncSession, call: Call) -> bool:
    """The assistant has brought it to an end with them: no lawyer is owed."""
    done = Ticket.conversation_id == call.conversation_id, Ticket.status == Status.CLOSED.value
    return await s.scalar(select(Ticket.id).where(*done).limit(1)) is not None


async def closed(s: AsyncSession, call: Call) -> int:
    """How many tickets of it lawyers have brought to an end, while the citizen stayed."""
    ours = Ticket.opened_by.startswith(f"{call.conversation_id}:call:{call.id}", autoescape=True)
    done = Ticket.conversation_id == call.conversation_id, Ticket.status == Status.CLOSED.value
    return await s.scalar(select(func.count()).where(ours, *done)) or 0


async def _waiting(s: AsyncSession, call: Call) -> Ticket | None:
    """What a lawyer has, or is to get, of this conversation or of this telephone."""
    of_talk = Ticket.conversation_id == call.conversation_id, Ticket.status.in_(_LIVE)
    found: Ticket | None = await s.scalar(select(Ticket).where(*of_talk).limit(1))
    if found or not call.caller_index:
        return found
    found = await s.scalar(
        select(Ticket)
        .join(Call, Call.ticket_id == Ticket.id)
        .where(Call.caller_index == call.caller_index, Ticket.status.in_(_LIVE))
        .order_by(Ticket.created_at)
        .limit(1)
    )
    return found
