"""The roster as tables that can be changed in a spreadsheet and imported again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.clock import CHINA
from router.lawyers import columns
from router.lawyers.columns import Column
from router.lawyers.entries import TITLES
from router.lawyers.models import Client, Firm, Lawyer, Shift
from router.lawyers.sheets import to_csv, to_xlsx


class Sheet(NamedTuple):
    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


async def sheets(
    session: AsyncSession,
    fields: Mapping[str, str],
    since: datetime,
    until: datetime,
    kinds: Sequence[str] = tuple(TITLES),
) -> list[Sheet]:
    """Lawyers, the shifts that start within the span, and clients, in this order."""
    found = []
    for kind in kinds:
        if kind == "lawyers":
            rows, headings = await _lawyers(session, fields), columns.lawyers(fields, "")
        elif kind == "shifts":
            rows, headings = await _shifts(session, since, until), columns.SHIFTS
        else:
            rows, headings = await _clients(session), columns.CLIENTS
        found.append(Sheet(TITLES[kind], _headings(headings), rows))
    return found


def packed(found: Sequence[Sheet], form: str) -> bytes:
    """`form`: xlsx for all of them, csv for a single one."""
    if form == "xlsx":
        return to_xlsx(found)
    (one,) = found
    return to_csv(one.headings, one.rows)


def _headings(some: Sequence[Column]) -> Sequence[str]:
    return [column.heading for column in some]


async def _lawyers(session: AsyncSession, fields: Mapping[str, str]) -> Sequence[Sequence[str]]:
    found = await session.execute(
        select(Lawyer, Firm.name)
        .outerjoin(Firm, Firm.id == Lawyer.firm_id)
        .where(Lawyer.role == "lawyer")
        .order_by(Firm.name, Lawyer.login)
    )
    return [
        (
            firm or "", lawyer.name, lawyer.login, lawyer.region,
            "、".join(fields.get(one, one) for one in lawyer.fields),
            "、".join(lawyer.languages),
            "、".join(columns.POSTS[one] for one in lawyer.posts),
            columns.TIERS[lawyer.tier], str(lawyer.capacity), lawyer.phone, lawyer.seat_phone,
            str(lawyer.defends_since or ""),
        )
        for lawyer, firm in found
    ]  # fmt: skip


async def _shifts(
    session: AsyncSession, since: datetime, until: datetime
) -> Sequence[Sequence[str]]:
    found = await session.execute(
        select(Lawyer.login, Lawyer.name, Shift.starts_at, Shift.ends_at,
               Shift.post, Shift.seat, Shift.state)
        .join(Lawyer, Lawyer.id == Shift.lawyer_id)
        .where(Shift.starts_at >= since, Shift.starts_at < until)
        .order_by(Shift.starts_at, Lawyer.login)
    )  # fmt: skip
    return [
        (login, name, *_hours(begin, end), columns.POSTS[post], columns.SEATS[seat],
         columns.STATES[state])
        for login, name, begin, end, post, seat, state in found
    ]  # fmt: skip


def _hours(starts_at: datetime, ends_at: datetime) -> tuple[str, str, str]:
    begin, end = starts_at.astimezone(CHINA), ends_at.astimezone(CHINA)
    until = "24:00" if end.time() == time() else f"{end:%H:%M}"
    return f"{begin:%Y-%m-%d}", f"{begin:%H:%M}", until


async def _clients(session: AsyncSession) -> Sequence[Sequence[str]]:
    found = await session.execute(
        select(Client, Firm.name, Lawyer.login)
        .join(Firm, Firm.id == Client.firm_id)
        .outerjoin(Lawyer, Lawyer.id == Client.lawyer_id)
    )
    return sorted((firm, login or "", client.name) for client, firm, login in found)
