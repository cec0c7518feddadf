"""回执: what the organ that sent a case hears of it (LAL 36: whom we have assigned). It goes with
the referral: pushed until it is heard, in the organ's own list, or written as a letter."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from router.applications.models import Application
from router.applications.status import State
from router.dispatch import timers
from router.referrals import moves
from router.referrals.models import Referral
from router.referrals.status import NEXT
from router.referrals.status import State as R

S = State
# Our state -> that of the referral, its outcome, and what is said before our words
HEARD: Final[dict[State, tuple[R, str | None, str]]] = {
    S.ACCEPTED: (R.ACCEPTED, None, "决定给予法律援助"),
    S.ASSIGNED: (R.ACCEPTED, None, "已指派"),
    S.REFUSED: (R.CLOSED, "refused", ""),
    S.WITHDRAWN: (R.CLOSED, "withdrawn", ""),
    S.TRANSFERRED: (R.CLOSED, "done", "已转给有管辖权的机构"),
    S.RETURNED: (R.RETURNED, None, ""),
    S.TERMINATED: (R.CLOSED, "done", "终止法律援助"),
    S.ENDED: (R.CLOSED, "done", ""),
}


async def follow(
    s: AsyncSession, application: Application, to: State, now: datetime, by: str | None, words: str
) -> None:
    """In the transaction of the move. Nothing where no organ has sent it."""
    if application.referral_id is None or to not in HEARD:
        return
    found = await s.get(
        Referral, application.referral_id, populate_existing=True, with_for_update=True
    )
    assert found
    state, outcome, before = HEARD[to]
    before = "" if to is S.ACCEPTED and found.status == R.ACCEPTED else before  # another lawyer
    said = "：".join(part for part in (before, words) if part)
    await timers.drop(s, moves.timer_id(moves.DUE, found.id))  # what it waited for is there
    if state in NEXT[R(found.status)]:
        await moves.move(s, found, state, now, by, outcome, said)
    else:
        await moves.say(s, found, now, by, said)
