"""Short messages to those who have no account: rows in the transaction of the move, sent by whoever
has a carrier. Nothing of the case stands in them."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from router.db import new_id
from router.dispatch.models import Timer
from router.mediation.models import MediationDoor

TEXT = "mediation_text"  # kind of timer
INVITE, TASK, MEETING, OFF = "side_invite", "side_task", "side_meeting", "side_off"


def order(
    s: AsyncSession,
    door: MediationDoor | None,
    template: str,
    now: datetime,
    meeting: str | None = None,
) -> None:
    """Nothing where nobody is there, or they gave no number."""
    if door is None or not door.told.get("number"):
        return
    told = {"door": door.id, "template": template, "meeting": meeting}
    s.add(Timer(id=f"{TEXT}-{new_id()}", due_at=now, kind=TEXT, data=told))
