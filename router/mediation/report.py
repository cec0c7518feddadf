"""What became of mediations: counted from recorded outcomes alone, shares with what they are of."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from router.mediation.models import Mediation, MediationEvent
from router.mediation.status import FAILED, OPEN, SUCCESS, State

NOT_TRIED = (State.BARRED, State.RETURNED)  # no outcome of mediating


@dataclass(frozen=True)
class Share:
    label: str
    count: int
    of: int
    of_what: str

    @property
    def percent(self) -> str:
        return f"{self.count / self.of:.0%}" if self.of else "—"


@dataclass(frozen=True)
class Figures:
    came: int
    barred: int
    open: int
    by_state: dict[str, int]
    shares: tuple[Share, ...]


async def figures(session: AsyncSession, since: datetime) -> Figures:
    """Of the mediations that came since then."""
    rows = await session.execute(
        select(Mediation.status, func.count())
        .where(Mediation.created_at >= since)
        .group_by(Mediation.status)
    )
    count = {State(status): number for status, number in rows}
    asked = (
        select(func.count(func.distinct(MediationEvent.mediation_id)))
        .join(Mediation, Mediation.id == MediationEvent.mediation_id)
        .where(Mediation.created_at >= since)
    )
    both = await session.scalar(asked.where(MediationEvent.move == State.AGREED)) or 0
    invited = await session.scalar(asked.where(MediationEvent.move == State.INVITED)) or 0

    def of(*states: State) -> int:
        return sum(count.get(state, 0) for state in states)

    reached = of(*SUCCESS)
    ended = reached + of(*(state for state in FAILED if state not in NOT_TRIED))
    over = of(State.CONFIRMED, State.NOT_CONFIRMED, State.LAPSED)
    return Figures(
        came=sum(count.values()),
        barred=of(State.BARRED),
        open=of(*OPEN),
        by_state={state.value: number for state, number in count.items()},
        shares=(
            Share("双方同意调解", both, invited, "邀请过对方的"),
            Share("达成协议", reached, ended, "已经有结果的"),
            Share("法院已确认", of(State.CONFIRMED), over, "司法确认已有结果或已过期的"),
        ),
    )
