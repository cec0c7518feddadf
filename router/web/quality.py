"""案件质量评查: the draw, who looks at which file, and the grade with its reasons."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from router.applications.casework import quality
from router.applications.casework.models import QualityDraw, QualityReview
from router.applications.casework.quality import GRADES, MOST
from router.applications.models import Application
from router.clock import china_date
from router.destinations.labels import LABELS as MATTERS
from router.errors import RouterError
from router.lawyers.models import Lawyer
from router.parts import Parts
from router.web import caseview, render, staff, words
from router.web.citizen import names_of
from router.web.origin import same_origin
from router.web.staff import P, Staff, Supervisor

pages = APIRouter(prefix="/quality", dependencies=[Depends(same_origin)])
SHOWN = 200
DRAWS = 10
Short = Annotated[str, Form(max_length=40)]
Words = Annotated[str, Form(max_length=2000)]


@pages.get("")
async def page(request: Request, p: P, me: Staff) -> Response:
    return await _page(request, p, me)


async def _page(
    request: Request, p: Parts, me: Lawyer, refused: RouterError | None = None
) -> Response:
    boss, today = me.role == "supervisor", china_date(p.clock.now())
    query = (
        select(QualityReview, Application)
        .join(Application, Application.id == QualityReview.application_id)
        .order_by(QualityReview.grade.is_not(None), Application.reference)
    )
    if not boss:
        query = query.where(QualityReview.reviewer == me.id)
    async with p.db.read() as s:
        pairs = [(r, a) for r, a in await s.execute(query.limit(SHOWN))]
        people = {one for r, a in pairs for one in (r.reviewer, a.lawyer_id) if one}
        names = await names_of(s, people)
        others = select(Lawyer.id, Lawyer.name).where(Lawyer.role == "lawyer")
        lawyers = (await s.execute(others.order_by(Lawyer.login))).all() if boss else []
        rows = [await _row(s, r, a, names, me) for r, a in pairs]
        draws = await _draws(s) if boss else []
    for row in rows:
        if row["report"]:
            await staff.trace(p, me, "read_report", row["application"])
    return render.page(
        request,
        "applications/quality.html",
        refused.status if refused else 200,
        me=me,
        boss=boss,
        rows=rows,
        draws=draws,
        lawyers=[(one, name) for one, name in lawyers],
        grades=GRADES,
        most=MOST,
        first=today.replace(month=1, day=1).isoformat(),
        today=today.isoformat(),
        refused=refused.sentence if refused else "",
    )


async def _row(
    s: AsyncSession, review: QualityReview, it: Application, names: dict[str, str], me: Lawyer
) -> dict[str, Any]:
    """The report of a file is opened for who is to grade it now."""
    own = it.lawyer_id == me.id
    may = review.grade is None and not own and review.reviewer in (None, me.id)
    return {
        "id": review.id,
        "application": it.id,
        "reference": it.reference,
        "matter": MATTERS.get(it.matter or "", "尚未说明"),
        "lawyer": names.get(it.lawyer_id or "", ""),
        "lawyer_id": it.lawyer_id,
        "reviewer": names.get(review.reviewer or "", ""),
        "may": may,
        "report": (await caseview.file(s, it))["report"] if may else "",
        "grade": GRADES.get(review.grade or "", ""),
        "reasons": review.reasons,
    }


async def _draws(s: AsyncSession) -> list[dict[str, Any]]:
    query = select(QualityDraw).order_by(QualityDraw.drawn_at.desc()).limit(DRAWS)
    return [
        {
            "at": words.day_time(draw.drawn_at),
            "span": f"{draw.since} 至 {draw.until}",
            "seed": draw.seed,
            "size": draw.size,
            "of": len(await quality.files_of(s, draw)),
            "agrees": await quality.agrees(s, draw),
        }
        for draw in await s.scalars(query)
    ]


@pages.post("/draw")
async def draw(
    request: Request, p: P, me: Supervisor,
    since: Annotated[date, Form()], until: Annotated[date, Form()],
    size: Annotated[int, Form()], seed: Short = "",
) -> Response:  # fmt: skip
    try:
        await p.applications.quality.draw(me.id, since, until, size, seed)
    except RouterError as refused:
        return await _page(request, p, me, refused)
    return RedirectResponse("/quality", 303)


@pages.post("/{review_id}/give")
async def give(request: Request, p: P, me: Supervisor, review_id: str, to: Short = "") -> Response:
    try:
        await p.applications.quality.give(review_id, me.id, to)
    except RouterError as refused:
        return await _page(request, p, me, refused)
    return RedirectResponse("/quality", 303)


@pages.post("/{review_id}/grade")
async def grade(
    request: Request, p: P, me: Staff, review_id: str, grade: Short = "", words: Words = ""
) -> Response:
    try:
        await p.applications.quality.grade(review_id, me, grade, words.strip())
    except RouterError as refused:
        return await _page(request, p, me, refused)
    return RedirectResponse("/quality", 303)
