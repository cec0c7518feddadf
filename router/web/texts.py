"""On the desk: the short messages of a case and what became of them; one asks the citizen to come
back when nothing else reaches them."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from router import audit
from router.channels.hotline.models import TextMessage
from router.channels.hotline.sms import cases
from router.channels.hotline.sms import words as sms_words
from router.channels.wechat import delivery
from router.conversations.models import Conversation
from router.db import new_id
from router.errors import NotFound, RouterError
from router.parts import Parts
from router.tickets import service as tickets
from router.tickets.models import Ticket
from router.tickets.status import Status
from router.web import render, staff
from router.web.origin import same_origin
from router.web.staff import P, Staff

pages = APIRouter(prefix="/desk", dependencies=[Depends(same_origin)])
ABOUT = {
    sms_words.REFERENCE: "告知编号",
    sms_words.CALL_BACK: "告知回电",
    sms_words.PAPERS: "要带的材料",
    sms_words.OPEN: "请打开微信",
    sms_words.CALL_US: "请拨打 12348",
    sms_words.LETTER: "告知文书",
    sms_words.LETTER_WAITS: "告知文书",
}
STATES = {
    "ordered": ("正在发", ""),
    "sent": ("已发出", ""),
    "delivered": ("已送到手机", ""),
    "failed": ("没有发成", "bad"),
}
MOST_A_DAY = 2  # from one case


class NoText(RouterError):
    """现在不能发短信：当事人没有留手机号，或者还能直接联系上，或者今天已经发过两条。"""

    status = 409


@pages.get("/tickets/{ticket_id}/texts")
async def state(p: P, me: Staff, ticket_id: str) -> Response:
    async with p.db.read() as session:
        ticket = await staff.open_case(p, session, ticket_id, me)
        if not staff.may_read(ticket, me):
            raise NotFound(ticket=ticket_id, lawyer=me.id)
        sent = await cases.of_case(session, ticket.conversation_id)
        may = ticket.owner == me.id and bool(await _wanted(p, session, ticket, sent))
    shown = render.fragment(
        "desk/texts.html", ticket_id=ticket_id, texts=[_shown(one) for one in sent], may_send=may
    )
    return render.part(shown)


@pages.post("/tickets/{ticket_id}/text")
async def send(p: P, me: Staff, ticket_id: str) -> Response:
    """By who owns the case. Raises NoText."""
    now = p.clock.now()
    async with p.db.write() as session:
        ticket, _ = await tickets.locked(session, ticket_id)  # two presses, one message
        if ticket.owner != me.id:
            raise NotFound(ticket=ticket_id)
        talk_id = ticket.conversation_id
        sent = await cases.of_case(session, talk_id)
        wanted = await _wanted(p, session, ticket, sent)
        if wanted is None:
            raise NoText(ticket=ticket_id)
        template, number = wanted
        p.texts.order(session, talk_id, number, template, f"desk:{new_id()}", now)
        await audit.record(session, now, me.id, "send_text", ticket_id)
    await p.texts.wake()
    return RedirectResponse(f"/desk/tickets/{ticket_id}", 303)


async def _wanted(
    p: Parts, session: AsyncSession, ticket: Ticket, sent: list[TextMessage]
) -> tuple[str, str] | None:
    """Template and number; None: there is no way, or a better one."""
    if p.texts.texter is None or ticket.status != Status.ACCEPTED:
        return None
    now = p.clock.now()
    asked = [one for one in sent if one.template in (sms_words.OPEN, sms_words.CALL_US)]
    today = [one for one in asked if one.created_at > now - timedelta(days=1)]
    if len(today) >= MOST_A_DAY or any(one.state == "ordered" for one in today):
        return None
    talk = await session.get_one(Conversation, ticket.conversation_id)
    number = await cases.number_of(session, talk.id)
    if talk.consent_at is None or not number:
        return None
    found = await delivery.of(session, talk.id, now)
    if found is None:
        return sms_words.CALL_US, number
    if found.left and not found.gone:
        return None
    return (sms_words.CALL_US if found.gone else sms_words.OPEN), number


def _shown(row: TextMessage) -> dict[str, Any]:
    word, tone = STATES[row.state]
    at = row.sent_at or row.created_at
    return {"about": ABOUT.get(row.template, row.template), "state": word, "tone": tone, "at": at}
