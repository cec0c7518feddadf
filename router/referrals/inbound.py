"""转入: another organ's case becomes a call-back ticket that a duty lawyer is offered at once."""

import hashlib
import json
import secrets
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.codes import new_code
from router.conversations.models import BY_TELEPHONE, Conversation
from router.db import new_id
from router.destinations.labels import LABELS
from router.dispatch import matching, timers
from router.referrals import moves
from router.referrals.deadlines import due_after
from router.referrals.models import Partner, Referral
from router.referrals.outbound import RECEIPT
from router.referrals.schemas import Inbound, Notice
from router.tickets import callbacks
from router.tickets import service as tickets
from router.tickets.models import Ticket
from router.tickets.urgency import Urgency

NOTICE = "notice"  # delivery of what an organ notifies of: no duty lawyer is offered it
URGENCY = {
    "danger": Urgency.DANGER,
    "urgent": Urgency.DEADLINE,
    "ordinary": Urgency.ORDINARY,
}


async def known(session: AsyncSession, partner: Partner, number: str) -> Referral | None:
    """What this sender sent before under the same number of its own."""
    found: Referral | None = await session.scalar(
        select(Referral).where(Referral.partner_id == partner.id, Referral.number == number)
    )
    return found


async def take(
    session: AsyncSession, partner: Partner, sent: Inbound, urgency: Urgency, now: datetime
) -> Referral:
    """Conversation, ticket, referral and their timers. IntegrityError: the number is taken."""
    talk = _conversation(partner, sent, now)
    session.add(talk)
    await session.flush()
    referral = Referral(
        id=new_id(),
        receipt=new_code(RECEIPT),
        direction="in",
        partner_id=partner.id,
        number=sent.number,
        destination="duty_lawyer",
        organ=partner.label,
        due_at=due_after(now, partner.days),
    )
    referral.body = sent.model_dump_json()
    ticket = Ticket(
        id=new_id(),
        conversation_id=talk.id,
        opened_by=f"referral:{referral.id}",
        destination="duty_lawyer",
        delivery="offer",
        matter=sent.matter,
        region=talk.region,
    )
    ticket.intake = talk.intake
    about = LABELS.get(sent.matter or "", "")
    ticket.summary = "；".join(
        part for part in (about, f"{partner.label}转来，请给当事人回电") if part
    )
    intake = json.loads(talk.intake)
    await matching.fill(session, ticket, intake, min(urgency, matching.urgency_of(intake)))
    tickets.open_new(session, ticket, now)
    who = sent.person
    told = {"number": who.phone, "name": who.name, "when": who.call_when}
    callbacks.ask(session, ticket, told, now)
    await session.flush()
    timers.ask_again(session, ticket.id, now + timers.RESUME)
    referral.ticket_id = ticket.id
    await moves.open_new(session, referral, now, by=moves.author(partner))
    return referral


def same(referral: Referral, sent: Inbound | Notice) -> bool:
    """Whether the sender said the same as the first time."""
    try:
        return type(sent).model_validate_json(referral.body) == sent
    except ValidationError:  # a notice and a case under one number
        return False


def nobodys(region: str, now: datetime) -> Conversation:
    """A conversation that no browser opens: somebody else has written."""
    nobody = secrets.token_bytes(32)
    return Conversation(
        id=new_id(),
        channel=BY_TELEPHONE,
        reference=new_code("JY"),
        token_hash=hashlib.sha256(nobody).hexdigest(),
        token_expires_at=now,
        region=region,
        created_at=now,
        updated_at=now,
    )


def _conversation(partner: Partner, sent: Inbound, now: datetime) -> Conversation:
    talk = nobodys(sent.region or partner.region, now)
    told = {
        "sender": partner.label,
        "sender_number": sent.number,
        "opponent": sent.opponent,
        "told": sent.told,
    }
    intake = {
        "facts": sent.facts,
        "label": sent.matter,
        "details": {name: value for name, value in told.items() if value},
    }
    talk.intake = json.dumps(intake, ensure_ascii=False, sort_keys=True)
    return talk
