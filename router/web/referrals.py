"""Cases at other organs and from other organs. What comes by paper or telephone is written down
here by the staff for the other side."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from pydantic import ValidationError
from sqlalchemy import select
from starlette.responses import RedirectResponse, Response

from router.clock import china_date
from router.conversations.models import Conversation
from router.destinations.labels import LABELS as MATTERS
from router.errors import BadRequest, RouterError
from router.mediation.models import Mediation
from router.referrals.models import Referral
from router.referrals.schemas import Answer
from router.referrals.status import LABELS, LIVE, OUTCOMES, State
from router.tickets.models import Ticket
from router.web import render
from router.web.origin import same_origin
from router.web.staff import P, Supervisor

pages = APIRouter(prefix="/board/referrals", dependencies=[Depends(same_origin)])
MOST = 200
NEWEST_ENDED = 20
TONES = {State.SENT: "warn", State.ACCEPTED: "info", State.RETURNED: "warn", State.CLOSED: "good"}


@dataclass(frozen=True)
class Row:
    id: str
    ticket: str
    receipt: str
    number: str
    reference: str
    organ: str
    matter: str
    out: bool
    state: str
    tone: str
    accepted: bool
    due: str
    overdue: bool
    unreached: bool
    mediation: str  # id where our own mediators have it

    @classmethod
    def of(
        cls, referral: Referral, ticket: Ticket, reference: str, mediation: str | None,
        now: datetime,
    ) -> "Row":  # fmt: skip
        state = State(referral.status)
        live = state in LIVE
        return cls(
            id=referral.id,
            ticket=ticket.id,
            receipt=referral.receipt,
            number=referral.number or "",
            reference=reference,
            organ=referral.organ,
            matter=MATTERS.get(ticket.matter or "", "尚未说明"),
            out=referral.direction == "out",
            state=LABELS[state],
            tone=TONES[state],
            accepted=state is State.ACCEPTED,
            due=_due(referral.due_at, now),
            overdue=live and referral.overdue_at is not None,
            unreached=live and referral.unreached_at is not None,
            mediation=mediation or "",
        )


@pages.get("")
async def referrals(request: Request, p: P, me: Supervisor) -> Response:
    return await _page(request, p, me)


@pages.post("/{referral_id}")
async def answer(
    request: Request,
    p: P,
    me: Supervisor,
    referral_id: str,
    to: Annotated[str, Form(max_length=20)],
    words: Annotated[str, Form(max_length=500)] = "",
    outcome: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """What the other side said by paper or telephone."""
    given = {"to": to, "words": words.replace("\r\n", "\n"), "outcome": outcome or None}
    try:
        said = Answer.model_validate(given)
    except ValidationError:
        return await _page(request, p, me, BadRequest(answer="incomplete"))
    try:
        await _on_paper(p, referral_id)
        await p.referrals.answer_for(me.id, referral_id, said)
    except RouterError as refused:
        return await _page(request, p, me, refused)
    return RedirectResponse(f"/board/referrals#r-{referral_id}", 303)


class OwnMediators(RouterError):
    """这件事由本中心的调解员办理，请到调解页记下结果。"""

    status = 409


async def _on_paper(p: P, referral_id: str) -> None:
    async with p.db.read() as session:
        own = select(Mediation.id).where(Mediation.referral_id == referral_id)
        if await session.scalar(own):
            raise OwnMediators(referral=referral_id)


async def _page(
    request: Request, p: P, me: Supervisor, refused: RouterError | None = None
) -> Response:
    now = p.clock.now()
    rows: Any = (
        select(Referral, Ticket, Conversation.reference, Mediation.id)
        .join(Ticket, Ticket.id == Referral.ticket_id)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .outerjoin(Mediation, Mediation.referral_id == Referral.id)
    )
    live = rows.where(Referral.status.in_(LIVE)).order_by(Referral.due_at).limit(MOST)
    ended = (
        rows.where(Referral.status.not_in(LIVE), Referral.created_at >= now - timedelta(days=366))
        .order_by(Referral.created_at.desc())
        .limit(NEWEST_ENDED)
    )
    async with p.db.read() as session:
        shown = [Row.of(r, t, no, m, now) for r, t, no, m in await session.execute(live)]
        over = [Row.of(r, t, no, m, now) for r, t, no, m in await session.execute(ended)]
    return render.page(
        request,
        "board/referrals.html",
        refused.status if refused else 200,
        me=me,
        refused=refused.sentence if refused else "",
        out=[row for row in shown if row.out],
        came=[row for row in shown if not row.out],
        over=over,
        outcomes={code: label for code, (label, _) in OUTCOMES.items()},
    )


def _due(due: datetime, now: datetime) -> str:
    day, today = china_date(due), china_date(now)
    left = (day - today).days
    when = f"{day.month}月{day.day}日"
    if left < 0:
        return f"{when}（已过 {-left} 天）"
    return f"{when}（{'今天到期' if left == 0 else f'还有 {left} 天'}）"
