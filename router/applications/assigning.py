"""指派: who of the roster can be given the case. Nobody whose firm acts for the other party."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from router.applications.models import Application
from router.applications.status import State
from router.errors import ConflictOfInterest, NotFound
from router.lawyers.models import Client, Firm, Lawyer
from router.names import name_indices

MOST = 50


@dataclass(frozen=True)
class Candidate:
    id: str
    name: str
    firm: str
    field: bool  # the matter is one of theirs by name
    cases: int  # aid cases in hand


async def candidates(s: AsyncSession, application: Application) -> list[Candidate]:
    """Of the region: who knows the field first, then who has the fewest aid cases in hand."""
    firms, lawyers = await _barred(s, application)
    held = (
        select(Application.lawyer_id, func.count().label("cases"))
        .where(Application.status == State.ASSIGNED.value)
        .group_by(Application.lawyer_id)
        .subquery()
    )
    rows = await s.execute(
        select(Lawyer, Firm.name, func.coalesce(held.c.cases, 0))
        .outerjoin(Firm, Firm.id == Lawyer.firm_id)
        .outerjoin(held, held.c.lawyer_id == Lawyer.id)
        .where(Lawyer.role == "lawyer", Lawyer.region == application.region)
        .order_by(Lawyer.login)
    )
    found = [
        Candidate(one.id, one.name, firm or "", application.matter in one.fields, cases)
        for one, firm, cases in rows
        if one.id not in lawyers
        and one.firm_id not in firms
        and (not one.fields or application.matter in one.fields)
    ]
    return sorted(found, key=lambda one: (not one.field, one.cases))[:MOST]


async def fit(s: AsyncSession, application: Application, lawyer_id: str) -> Lawyer:
    """Raises NotFound, ConflictOfInterest."""
    lawyer = await s.get(Lawyer, lawyer_id)
    if lawyer is None or lawyer.role != "lawyer":
        raise NotFound(lawyer=lawyer_id)
    firms, lawyers = await _barred(s, application)
    if lawyer.id in lawyers or lawyer.firm_id in firms:
        raise ConflictOfInterest(lawyer=lawyer_id)
    return lawyer


async def _barred(s: AsyncSession, application: Application) -> tuple[Sequence[str], Sequence[str]]:
    """Firms and lawyers who act for the other party."""
    opponent = str(application.form.get("opponent") or "")
    if not opponent:
        return (), ()
    rows = await s.execute(
        select(Client.firm_id, Client.lawyer_id).where(
            Client.name_index.in_(name_indices(opponent)),
            or_(Client.firm_id.is_not(None), Client.lawyer_id.is_not(None)),
        )
    )
    pairs = rows.all()
    return [firm for firm, _ in pairs if firm], [one for _, one in pairs if one]
