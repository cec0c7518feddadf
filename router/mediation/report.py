"""What became of mediations: counted from recorded outcomes alone, shares with what they are of."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from router.mediation.models import Mediation, MediationEvent
from router.mediation.status import FAILED, OPEN, SUCCESS, State

NOT_TRIED = (State.BARRED, State.RETURNED)  # no outcome of mediating
OVER = (State.CONFIRMED, State.NOT_CONFIRMED, State.LAPSED)  # the court's part is decided
ENDED = (*SUCCESS, *(state for state in FAILED if state not in NOT_TRIED))
SHARES = (  # label, which, of which, in words
    ("双方同意调解", "both", "invited", "邀请过对方的"),
    ("达成协议", "reached", "ended", "已经有结果的"),
    ("法院已确认", "confirmed", "over", "司法确认已有结果或已过期的"),
)


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
    shares: tuple[Share, ...]


def parts() -> dict[str, ColumnElement[bool]]:
    """Name to the mediations that it counts."""
    return {
        "open": Mediation.status.in_(OPEN),
        "barred": Mediation.status == State.BARRED.value,
        "invited": _had(State.INVITED),
        "both": _had(State.AGREED),
        "reached": Mediation.status.in_(SUCCESS),
        "ended": Mediation.status.in_(ENDED),
        "confirmed": Mediation.status == State.CONFIRMED.value,
        "over": Mediation.status.in_(OVER),
    }


def _had(state: State) -> ColumnElement[bool]:
    moved = MediationEvent.mediation_id == Mediation.id, MediationEvent.move == state.value
    return exists().where(*moved)


def shares(count: dict[str, int]) -> tuple[Share, ...]:
    """`count`: of parts()."""
    return tuple(
        Share(label, count[part], count[whole], words) for label, part, whole, words in SHARES
    )


async def figures(session: AsyncSession, since: datetime) -> Figures:
    """Of the mediations that came since then."""
    named = parts()
    columns = [func.count().filter(part) for part in named.values()]
    came = select(func.count(), *columns).select_from(Mediation)
    row = (await session.execute(came.where(Mediation.created_at >= since))).one()
    count = dict(zip(named, row[1:], strict=True))
    return Figures(came=row[0], barred=count["barred"], open=count["open"], shares=shares(count))
