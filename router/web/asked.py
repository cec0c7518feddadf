"""征询: what a lawyer, or their firm, is asked to take. Before they have agreed they see what the
case is about and both names, to look for a conflict of interest, and nothing else."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from router.applications import lanes
from router.applications.models import Application, Ask
from router.destinations.labels import LABELS as MATTERS
from router.errors import NotFound, RouterError
from router.lawyers.models import Lawyer
from router.parts import Parts
from router.web import applyform, render, staff, words
from router.web.origin import same_origin
from router.web.staff import P, Staff

pages = APIRouter(prefix="/desk/asked", dependencies=[Depends(same_origin)])
TOLD = ("kind", "ground", "stage", "charge", "place_held", "co_defendants")


@pages.get("")
async def page(request: Request, p: P, me: Staff) -> Response:
    return await _page(request, p, me)


async def _page(
    request: Request, p: Parts, me: Lawyer, refused: RouterError | None = None
) -> Response:
    async with p.db.read() as s:
        found = await p.applications.asking.of_lawyer(s, me)
        colleagues = await _colleagues(s, me)
    await staff.trace(p, me, "read_asked", *(application.id for _, application in found))
    return render.page(
        request,
        "desk/asked.html",
        refused.status if refused else 200,
        me=me,
        rows=[_row(ask, application) for ask, application in found],
        colleagues=colleagues,
        refused=refused.sentence if refused else "",
    )


def _row(ask: Ask, it: Application) -> dict[str, Any]:
    form, notice = it.form, it.notice
    facts = [("当事人", str(form.get("name") or "—"))]
    if form.get("opponent"):
        facts.append(("对方", str(form["opponent"])))
    if notice:
        facts.append(("办案机关", str(notice["organ"])))
    facts += lanes.shown({name: notice.get(name) for name in TOLD})
    return {
        "id": ask.id,
        "reference": it.reference,
        "matter": MATTERS.get(it.matter or "", "尚未说明"),
        "firm": ask.firm_id is not None,
        "facts": facts,
        "until": words.day_time(ask.answer_by),
        "due": applyform.day_of(it.due_at),
    }


async def _colleagues(s: AsyncSession, me: Lawyer) -> list[tuple[str, str]]:
    """Of the own firm, whoever answers first."""
    if me.firm_id is None:
        return [(me.id, me.name)]
    of_firm = Lawyer.firm_id == me.firm_id, Lawyer.role == "lawyer"
    rows = await s.scalars(select(Lawyer).where(*of_firm).order_by(Lawyer.login))
    found = [(one.id, one.name) for one in rows]
    return sorted(found, key=lambda one: one[0] != me.id)


@pages.post("/{ask_id}/{step}")
async def answer(
    request: Request, p: P, me: Staff, ask_id: str, step: str,
    words: Annotated[str, Form(max_length=500)] = "",
    lawyer: Annotated[str, Form(max_length=40)] = "",
) -> Response:  # fmt: skip
    try:
        if step == "accept":
            await p.applications.asking.accept(ask_id, me, lawyer)
        elif step == "decline":
            await p.applications.asking.decline(ask_id, me, words.strip())
        else:
            raise NotFound(step=step[:20])
    except RouterError as refused:
        return await _page(request, p, me, refused)
    return RedirectResponse("/desk/applications" if step == "accept" else "/desk/asked", 303)
