"""What a partner is told of a referral, as JSON: by answer and by push alike."""

import json
from typing import Any

from router.clock import CHINA
from router.destinations.labels import LABELS
from router.referrals.models import Referral, ReferralEvent
from router.referrals.status import LABELS as STATES
from router.referrals.status import LIVE, State, outcome_label
from router.tickets.models import Ticket

Json = dict[str, Any]


def standing(referral: Referral, event: ReferralEvent) -> Json:
    """Where it stands since this event; `seq` grows, so an older one that comes late shows."""
    state = State(event.now)
    told: Json = {
        "receipt": referral.receipt,
        "number": referral.number,
        "state": state.value,
        "state_label": STATES[state],
        "seq": event.seq,
        "since": event.at.astimezone(CHINA).isoformat(),
        "due": referral.due_at.astimezone(CHINA).isoformat(),
        "overdue": state in LIVE and referral.overdue_at is not None,
    }
    if event.outcome:
        told |= {"outcome": event.outcome, "outcome_label": outcome_label(event.outcome)}
    if event.words:
        told["words"] = event.words
    return told


def pushed(referral: Referral, event: ReferralEvent, ticket: Ticket, reference: str) -> Json:
    """The body of a push. A case that is new to the receiver comes with what we know of it."""
    new = referral.direction == "out" and event.move == "opened"
    told: Json = {"type": "referral.new" if new else "referral.status", "id": event.id}
    told |= standing(referral, event)
    if new:
        intake = json.loads(ticket.intake or "{}")
        told["case"] = {
            "reference": reference,
            "destination": referral.destination,
            "organ": referral.organ,
            "region": ticket.region,
            "matter": ticket.matter,
            "matter_label": LABELS.get(ticket.matter or "", ""),
            "summary": ticket.summary,
            "facts": intake.get("facts") or {},
            "details": intake.get("details") or {},
            "call_back": ticket.call_back,
        }
    return told
