"""指派: who of the roster can be given the case, by field, place, years of practice where the law
asks for them, and turn. Nobody whose firm acts for the other party."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from router import crypto
from router.applications import lanes, moves
from router.applications.errors import TooFewYears
from router.applications.models import Application, ApplicationEvent
from router.applications.status import State
from router.clock import china_date
from router.dispatch.conflicts import Excluded, acting_for
from router.errors import ConflictOfInterest, NotFound
from router.lawyers.models import Firm, Lawyer
from router.names import name_indices, normalised

MOST = 50
CITY = 4  # digits of a region that a city's counties share
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Candidate:
    id: str
    name: str
    firm_id: str | None
    firm: str
    field: bool  # the matter is one of theirs by name
    near: bool  # of the same county; else of the same city
    years: int | None  # of criminal defence; none: not told
    cases: int  # aid cases in hand
    last: datetime | None  # was assigned one last


def case_indices(case_no: str) -> list[str]:
    """Blind indices of a 案号, the current key's first."""
    return crypto.current().indices(normalised(case_no), "case")


async def candidates(
    s: AsyncSession, application: Application, now: datetime, without: Collection[str] = ()
) -> list[Candidate]:
    """In turn: the near before the far, who knows the field, then who was assigned nothing for
    longest. Never who is barred, or has too few years."""
    out, needed = await _barred(s, application), lanes.years_of(application.notice)
    held, last = _held(), _last()
    rows = await s.execute(
        select(Lawyer, Firm.name, func.coalesce(held.c.cases, 0), last.c.at)
        .outerjoin(Firm, Firm.id == Lawyer.firm_id)
        .outerjoin(held, held.c.lawyer_id == Lawyer.id)
        .outerjoin(last, last.c.lawyer_id == Lawyer.id)
        .where(
            Lawyer.role == "lawyer",
            Lawyer.region.startswith(application.region[:CITY], autoescape=True),
        )
        .order_by(Lawyer.login)
    )
    found = [
        Candidate(
            one.id, one.name, one.firm_id, firm or "", application.matter in one.fields,
            one.region == application.region, years(one, china_date(now)), cases, at,
        )
        for one, firm, cases, at in rows
        if not out.bars(one)
        and one.id not in without
        and (not one.fields or application.matter in one.fields)
        and (not needed or (years(one, china_date(now)) or 0) >= needed)
    ]  # fmt: skip
    turn = sorted(found, key=lambda c: (not c.near, not c.field, c.last or LONG_AGO, c.cases))
    return turn[:MOST]


async def fit(s: AsyncSession, application: Application, lawyer_id: str, now: datetime) -> Lawyer:
    """Raises NotFound, ConflictOfInterest, TooFewYears (LAL 26)."""
    lawyer = await s.get(Lawyer, lawyer_id)
    if lawyer is None or lawyer.role != "lawyer":
        raise NotFound(lawyer=lawyer_id)
    if (await _barred(s, application)).bars(lawyer):
        raise ConflictOfInterest(lawyer=lawyer_id)
    needed = lanes.years_of(application.notice)
    if needed and (years(lawyer, china_date(now)) or 0) < needed:
        raise TooFewYears(lawyer=lawyer_id)
    return lawyer


async def give(
    s: AsyncSession, application: Application, lawyer_id: str, by: str, now: datetime
) -> None:
    """The move itself; the organ that notified is told by it. Application locked."""
    lawyer = await fit(s, application, lawyer_id, now)
    firm = await s.get(Firm, lawyer.firm_id or "")
    words = f"{lawyer.name}律师" + (f"（{firm.name}）" if firm and application.referral_id else "")
    sets = {"lawyer_id": lawyer_id}
    await moves.move(s, application, State.ASSIGNED, now, by=by, words=words, sets=sets)
    if application.lane != lanes.APPLIED:  # who applied keeps the letter that grants it
        letter = {"kind": "appointed", "lawyer": lawyer.name, "firm": firm.name if firm else ""}
        application.decision = {**letter, "at": now.isoformat()}


def years(lawyer: Lawyer, today: date) -> int | None:
    """Full years of criminal defence. None: nobody has told since when."""
    since = lawyer.defends_since
    if since is None:
        return None
    return today.year - since.year - ((today.month, today.day) < (since.month, since.day))


async def _barred(s: AsyncSession, application: Application) -> Excluded:
    """Who acts for the other party, or defends somebody else in the same case (SPC-CPL 43(2))."""
    opponent = str(application.form.get("opponent") or "")
    out = await acting_for(s, name_indices(opponent)) if opponent else Excluded()
    if application.case_index is None or application.lane != lanes.NOTIFIED:
        return out
    others = await s.scalars(
        select(Application.lawyer_id).where(
            Application.case_index.in_(case_indices(application.notice["case_no"])),
            Application.lane == lanes.NOTIFIED,
            Application.id != application.id,
            Application.lawyer_id.is_not(None),
        )
    )
    return Excluded(out.firms, out.lawyers | {one for one in others if one})


def _held() -> Any:
    return (
        select(Application.lawyer_id, func.count().label("cases"))
        .where(Application.status == State.ASSIGNED.value)
        .group_by(Application.lawyer_id)
        .subquery()
    )


def _last() -> Any:
    """When each lawyer was assigned a case last."""
    return (
        select(Application.lawyer_id, func.max(ApplicationEvent.at).label("at"))
        .join(ApplicationEvent, ApplicationEvent.application_id == Application.id)
        .where(
            ApplicationEvent.move == State.ASSIGNED.value,
            Application.lawyer_id.is_not(None),
        )
        .group_by(Application.lawyer_id)
        .subquery()
    )
