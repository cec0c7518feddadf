"""Short messages, sent by a task, once: only to the caller's own mobile, only so many a day."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from router.channels.hotline.ground import Ground
from router.channels.hotline.models import Call, CallTask, TextMessage, number_indices
from router.channels.hotline.port import CarrierError
from router.channels.hotline.sms import orders, words
from router.channels.hotline.sms.port import Sms
from router.codes import standing_code
from router.conversations.models import Conversation
from router.dispatch import outlook
from router.tickets import callbacks
from router.tickets import service as tickets
from router.tickets.models import Ticket
from router.tickets.status import Status


async def send(ground: Ground, task: CallTask) -> None:
    """May be done twice: the carrier is looked at before a second time."""
    texter, row_id = ground.texter, str(task.args["message"])
    async with ground.db.read() as s:
        row, call = await s.get_one(TextMessage, row_id), await s.get_one(Call, task.call_id)
        if row.state != "ordered" or texter is None or not orders.reaches(call.caller):
            return
        sms = await _compose(ground, s, row, call)
    if task.tries == 0:
        who = number_indices(call.caller)[0]
        await ground.limits.check("hotline-sms", who, ground.settings.SMS_RATE)
    try:
        ref = await texter.send(sms, task.tries > 0)
    except CarrierError as error:
        if error.wait is not None or error.unknown:
            raise
        return await failed(ground, row_id, error.code)
    await _settle(ground, row_id, state="sent", ref=ref, sent_at=ground.clock.now())


async def failed(ground: Ground, row_id: str, why: str) -> None:
    """Never to be sent, or undeliverable: the citizen has heard the reference anyhow."""
    await _settle(ground, row_id, state="failed", fault=why)


async def _settle(ground: Ground, row_id: str, **sets: object) -> None:
    async with ground.db.write() as s:
        ours = TextMessage.id == row_id, TextMessage.state == "ordered"  # its end may be known
        await s.execute(update(TextMessage).where(*ours).values(**sets))


async def _compose(ground: Ground, s: AsyncSession, row: TextMessage, call: Call) -> Sms:
    talk = await s.get_one(Conversation, call.conversation_id)
    blanks = {"reference": talk.reference, "code": standing_code(talk.reference)}
    shown = dict(blanks)
    if row.template == words.CALL_BACK:
        ticket = await s.get(Ticket, call.ticket_id) if call.ticket_id else None
        waits = await outlook.of(s, ticket, ground.clock.now()) if ticket else None
        shown["when"] = blanks["when"] = words.when(waits.starts_at if waits else None)
    elif row.template == words.PAPERS:
        named = await _papers(ground, s, call)
        shown["papers"] = words.papers(named)
    text = words.text(row.template, shown)
    return Sms(row.id, call.caller, row.template, blanks, text, row.created_at)


async def after(ground: Ground, task: CallTask) -> None:
    """The call is over and something goes on: what the citizen is to know of it."""
    async with ground.db.write() as s:
        call = await s.get_one(Call, task.call_id, with_for_update=True)
        ticket = await s.get(Ticket, call.ticket_id) if call.ticket_id else None
        if ticket and ticket.status != Status.CLOSED and callbacks.waits(ticket):
            await orders.order(s, call, words.CALL_BACK, ground.clock.now())
        elif await _papers(ground, s, call):
            await orders.order(s, call, words.PAPERS, ground.clock.now())


async def _papers(ground: Ground, s: AsyncSession, call: Call) -> tuple[str, ...]:
    """To bring to where the case is going on."""
    assert call.conversation_id
    for ticket in await tickets.of_conversation(s, call.conversation_id):
        door = ground.destinations.get(ticket.destination)
        if door and door.papers and ticket.status != Status.CLOSED:
            return door.papers
    return ()
