"""What the end of a mediation means for the ticket and the referral that led to it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from router.mediation.models import Mediation
from router.mediation.status import LABELS, State
from router.referrals import moves, outbound
from router.referrals.models import Referral
from router.referrals.status import LIVE, OUTCOMES
from router.referrals.status import State as Referred
from router.tickets.models import Ticket

_OUTCOMES = {
    State.NO_AGREEMENT: "not_agreed",
    State.REFUSED: "not_agreed",
    State.WITHDRAWN: "withdrawn",
}
SYSTEM = "mediation"  # author of notes that nobody wrote


async def agreed(
    session: AsyncSession, row: Mediation, referral: Referral, ticket: Ticket, by: str,
    now: datetime,
) -> None:  # fmt: skip
    """The ticket that waited for it is closed with it."""
    if referral.status in LIVE:
        await moves.move(session, referral, Referred.CLOSED, now, None, "agreed")
        last = row.confirm_by
        words = f"双方可在{last.month}月{last.day}日前共同申请司法确认" if last else ""
        await outbound.finish(session, referral, ticket, OUTCOMES["agreed"], words, by, now)


async def failed(
    session: AsyncSession, row: Mediation, referral: Referral, ticket: Ticket, words: str,
    by: str | None, now: datetime,
) -> None:  # fmt: skip
    """A duty lawyer goes on with the case; the referral says how it ended."""
    if referral.status not in LIVE:
        return
    state = State(row.status)
    outcome = _OUTCOMES.get(state)
    to = Referred.CLOSED if outcome else Referred.RETURNED
    await moves.move(session, referral, to, now, None, outcome, words)
    said = f"人民调解{LABELS[state]}"
    why = f"{said}：{words}" if words else said
    await outbound.bring_back(session, referral, ticket, why, by or SYSTEM, now, how="告知")
