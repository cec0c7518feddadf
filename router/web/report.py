"""年度报表: the figures of a span and a region, the cases behind each, and the table to export."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from router.applications.models import Application
from router.clock import china_date
from router.errors import BadRequest
from router.parts import Parts
from router.report import book, chart, figures
from router.report.period import PARTS, Span, span
from router.report.sources import listed, sources
from router.tickets.models import Ticket
from router.web import render, staff
from router.web.origin import same_origin
from router.web.staff import P, Supervisor

pages = APIRouter(prefix="/board/report", dependencies=[Depends(same_origin)])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
YEARS = 5  # to choose from
MOST = 1000  # references on a page
Year = Annotated[int | None, Query()]
Short = Annotated[str, Query(max_length=40)]


@pages.get("")
async def page(
    request: Request, p: P, me: Supervisor, year: Year = None, part: Short = "", region: Short = ""
) -> Response:
    chosen = _span(p, year, part)
    async with p.db.read() as s:
        regions = await _regions(s, p)
        found = await figures.report(s, chosen, region)
        months = await figures.by_month(s, chosen.first.year, region)
    now = china_date(p.clock.now()).year
    asked = {"year": chosen.first.year, "part": part, "region": region}
    return render.page(
        request,
        "board/report.html",
        me=me,
        report=found,
        chart=chart.draw(chosen.first.year, months),
        months=months,
        asked=asked,
        years=range(now, now - YEARS, -1),
        parts=PARTS,
        regions=regions,
    )


@pages.get("/cases")
async def cases(
    request: Request, p: P, me: Supervisor, key: Short, year: Year = None, part: Short = "",
    region: Short = "",
) -> Response:  # fmt: skip
    """References only; that they were looked at is noted."""
    chosen = _span(p, year, part)
    async with p.db.read() as s:
        found = await figures.report(s, chosen, region)
        try:
            query = listed(sources(chosen, region), key)
            row = found.row(key)
        except (KeyError, StopIteration):
            raise BadRequest(key="unknown") from None
        references = list(await s.scalars(query.limit(MOST)))
        total = await s.scalar(select(func.count()).select_from(query.order_by(None).subquery()))
        regions = await _regions(s, p)
    await staff.trace(p, me, "report_cases", f"{key} {chosen.first}/{chosen.after} {region}")
    return render.page(
        request,
        "board/cases.html",
        me=me,
        row=row,
        span=chosen,
        place=regions.get(region, "全部地区"),
        references=references,
        total=total or 0,
        asked={"year": chosen.first.year, "part": part, "region": region},
    )


@pages.get(".xlsx")
async def table(
    p: P, me: Supervisor, year: Year = None, part: Short = "", region: Short = ""
) -> Response:
    chosen = _span(p, year, part)
    async with p.db.read() as s:
        found = await figures.report(s, chosen, region)
        regions = await _regions(s, p)
    made = await run_in_threadpool(book.xlsx, found, regions.get(region, region or "全部地区"))
    await staff.trace(p, me, "report_exported", f"{chosen.first}/{chosen.after} {region}")
    name = f'attachment; filename="report-{chosen.first.year}{part}.xlsx"'
    return Response(made, media_type=XLSX, headers=render.HEADERS | {"Content-Disposition": name})


def _span(p: Parts, year: int | None, part: str) -> Span:
    try:
        return span(china_date(p.clock.now()).year if year is None else year, part)
    except ValueError:
        raise BadRequest(span="unknown") from None


async def _regions(s: AsyncSession, p: Parts) -> dict[str, str]:
    """Where there have been cases, and where we are."""
    codes = {p.settings.REGION}
    for column in (Application.region, Ticket.region):
        codes |= set(await s.scalars(select(column).distinct()))
    known = p.law.regions
    return {code: known[code].name if code in known else code for code in sorted(codes)}
