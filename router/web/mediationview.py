"""What the mediators' pages show, as plain values."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.clock import CHINA, china_date
from router.conversations.models import Conversation
from router.destinations.labels import LABELS as MATTERS
from router.eligibility.facts import FACTS
from router.lawyers.models import Lawyer
from router.mediation import choosing, clocks, doors, sidewords, unseen
from router.mediation.models import (
    Committee,
    Mediation,
    MediationConsent,
    MediationEvent,
    Mediator,
)
from router.mediation.rows import consents
from router.mediation.status import LABELS, OPEN, SIDES, WAYS, State
from router.parts import Parts
from router.referrals.models import Referral
from router.tickets.models import Ticket
from router.web import words
from router.web.citizen import names_of

MOST = 200
NEWEST_ENDED = 20
SOON = 7  # days
# what a mediator needs; income, papers and groups are the aid office's
NEEDED = frozenset(
    {"matter", "amount", "opponent_type", "opponent_relation", "opponent_in_household"}
)
_HIDDEN = frozenset(FACTS) - NEEDED
_DETAILS = ("amount", "region", "evidence", "time", "ask", "opponent", "note", "money", "told")
_TONES = {
    State.PROPOSED: "warn", State.INVITED: "info", State.AGREED: "good",
    State.IN_SESSION: "info", State.AGREEMENT: "warn", State.FILED: "info",
    State.CONFIRMED: "good",
}  # fmt: skip
_MOVES = {
    **sidewords.HISTORY,
    "consent": "记下意见", "alarmed": "报告有激化风险", "reminded": "提醒了当事人",
    "given_to": "改由另一调委会办理", "message": "给申请人留言",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    id: str
    reference: str
    matter: str
    committee: str
    state: str
    tone: str
    clock: str  # the next date that counts
    clock_tone: str
    alarmed: bool
    unseen: bool  # nobody of the committee reads it


async def rows(s: AsyncSession, own: Mediator | None, now: datetime) -> tuple[list[Row], list[Row]]:
    """Those that somebody still owes something, and the newest of the others. Without `own`: all,
    for the supervisor."""
    query: Any = (
        select(
            Mediation, Referral, Ticket, Conversation.reference, Committee.name, unseen.unseen(now)
        )
        .join(Referral, Referral.id == Mediation.referral_id)
        .join(Ticket, Ticket.id == Referral.ticket_id)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .outerjoin(Committee, Committee.id == Mediation.committee_id)
    )
    if own:
        query = query.where(Mediation.committee_id == own.committee_id)
    waits = (*OPEN, State.AGREEMENT, State.FILED)
    live = query.where(Mediation.status.in_(waits)).order_by(Mediation.created_at).limit(MOST)
    over = (
        query.where(Mediation.status.not_in(waits))
        .order_by(Mediation.created_at.desc())
        .limit(NEWEST_ENDED)
    )
    return (
        [_row(m, r, t, no, c, u, now) for m, r, t, no, c, u in await s.execute(live)],
        [_row(m, r, t, no, c, u, now) for m, r, t, no, c, u in await s.execute(over)],
    )


def _row(
    m: Mediation, referral: Referral, ticket: Ticket, reference: str, committee: str | None,
    lies: bool, now: datetime,
) -> Row:  # fmt: skip
    said, tone = clock_of(m, referral, now)
    return Row(
        id=m.id,
        reference=reference,
        matter=MATTERS.get(ticket.matter or "", "尚未说明"),
        committee=committee or "",
        state=LABELS[State(m.status)],
        tone=_TONES.get(State(m.status), ""),
        clock=said,
        clock_tone=tone,
        alarmed=m.alarmed_at is not None and m.status in OPEN,
        unseen=lies,
    )


def clock_of(m: Mediation, referral: Referral, now: datetime) -> tuple[str, str]:
    """What runs now: the answer that we asked for, or the court's 30 days."""
    if m.status in OPEN:
        return _until("请在", china_date(referral.due_at), "前有结果", now)
    if m.status == State.AGREEMENT and m.confirm_by:
        return _until("司法确认最后一天 ", m.confirm_by, "", now)
    return "", ""


def _until(before: str, day: date, after: str, now: datetime) -> tuple[str, str]:
    left = clocks.left(now, day)
    how = f"还有 {left} 天" if left > 0 else "就是今天" if left == 0 else f"已过 {-left} 天"
    tone = "danger" if left < 0 else "warn" if left <= SOON else ""
    return f"{before}{day.month}月{day.day}日{after}（{how}）", tone


async def case(
    s: AsyncSession, p: Parts, row: Mediation, referral: Referral, ticket: Ticket
) -> dict[str, Any]:
    now = p.clock.now()
    talk = await s.get(Conversation, ticket.conversation_id)
    committee = await s.get(Committee, row.committee_id) if row.committee_id else None
    intake = json.loads((talk and talk.intake) or ticket.intake or "{}")
    said, tone = clock_of(row, referral, now)
    own_words = intake.get("details") or {}
    needed = {name: own_words[name] for name in _DETAILS if name in own_words}
    regions = {code: r.name for code, r in p.law.regions.items()}
    call = ticket.call_back
    near = await choosing.candidates(s, ticket.matter, ticket.region, intake)
    return {
        "id": row.id,
        "reference": talk.reference if talk else "",
        "receipt": referral.receipt,
        "matter": MATTERS.get(ticket.matter or "", "尚未说明"),
        "summary": ticket.summary,
        "state": LABELS[State(row.status)],
        "tone": _TONES.get(State(row.status), ""),
        "clock": said,
        "clock_tone": tone,
        "alarmed": words.day_time(row.alarmed_at) if row.alarmed_at else "",
        "committee": committee,
        "unseen": await unseen.lies(s, row.id, now),
        "others": [(c.id, c.name) for c in near if c.id != row.committee_id],
        "facts": words.facts_of({**intake, "details": needed}, regions, _HIDDEN),
        "call": {"name": call.get("name", ""), "number": call["number"]} if call else {},
        "consents": await _consents(s, row.id),
        "said": await consents(s, row.id),
        "paper": row.paper,
        "form": row.form,
        "confirm_by": row.confirm_by,
        "effective_on": row.effective_on,
        "history": await _history(s, row.id),
    }


async def _consents(s: AsyncSession, mediation_id: str) -> list[str]:
    rows = await s.execute(
        select(MediationConsent, Lawyer.name)
        .outerjoin(Lawyer, Lawyer.id == MediationConsent.by)
        .where(MediationConsent.mediation_id == mediation_id)
        .order_by(MediationConsent.id)
    )
    return [
        f"{SIDES[one.side]}{'同意' if one.agreed else '不同意'}调解，{words.day_time(one.at)}，"
        f"{WAYS[one.way]}，{_by(one.by, name)}"
        for one, name in rows
    ]


def _guest(by: str | None) -> str:
    return sidewords.GUESTS.get(doors.side_of(by) or "", "")


def _by(by: str | None, name: str | None) -> str:
    side = doors.side_of(by)
    if side == doors.RESPONDENT:
        return "本人凭链接答复"
    told = name or _guest(by)
    return f"{told} 记" if told else "当事人在对话里选的"


async def _history(s: AsyncSession, mediation_id: str) -> list[dict[str, str]]:
    found = await s.scalars(
        select(MediationEvent)
        .where(MediationEvent.mediation_id == mediation_id)
        .order_by(MediationEvent.seq)
    )
    events = list(found)
    names = await names_of(s, {one.by for one in events if one.by})
    return [
        {
            "at": words.day_time(one.at),
            "what": _MOVES.get(one.move) or LABELS[State(one.move)],
            "by": names.get(one.by or "") or _guest(one.by) or "系统",
            "words": one.words,
        }
        for one in events
    ]


async def who_mediated(s: AsyncSession, mediation_id: str) -> str:
    """Who wrote down the newest session."""
    name = await s.scalar(
        select(Lawyer.name)
        .join(MediationEvent, MediationEvent.by == Lawyer.id)
        .where(
            MediationEvent.mediation_id == mediation_id,
            MediationEvent.move == State.IN_SESSION,
        )
        .order_by(MediationEvent.seq.desc())
        .limit(1)
    )
    return name or ""


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
