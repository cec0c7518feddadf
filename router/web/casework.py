"""办案: the lawyer's page of an aid case, made for a phone: contract, progress, end, report."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from router.applications import lanes
from router.applications.casework.ending import ANSWERS, ENDS
from router.applications.casework.money import fen
from router.applications.casework.service import MOST, End
from router.applications.models import Application
from router.applications.status import State
from router.clock import china_date
from router.destinations.labels import LABELS as MATTERS
from router.errors import BadRequest, Forbidden, RouterError
from router.lawyers.models import Lawyer
from router.parts import Parts
from router.web import aidfile, applyform, caseview, render, staff
from router.web.applytyped import Readable
from router.web.origin import same_origin
from router.web.staff import P, Staff

pages = APIRouter(prefix="/desk/applications", dependencies=[Depends(same_origin)])
STATES = (State.ASSIGNED, State.ENDED, State.CLOSED)
Words = Annotated[str, Form(max_length=4000)]
Short = Annotated[str, Form(max_length=40)]


async def in_hand(me: Staff, it: Readable) -> Application:
    """The lawyer whose case it is, and the supervisor."""
    if me.role != "supervisor" and it.lawyer_id != me.id:
        raise Forbidden(application=it.id)
    return it


InHand = Annotated[Application, Depends(in_hand)]


@pages.get("/{application_id}/work")
async def page(request: Request, p: P, me: Staff, it: InHand) -> Response:
    return await _page(request, p, me, it)


async def _page(
    request: Request, p: Parts, me: Lawyer, it: Application, refused: RouterError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    async with p.db.read() as s:
        case, file = await caseview.case(s, it), await caseview.file(s, it)
        lawyer = await applyform.lawyer_of(s, it)
    await staff.trace(p, me, "read_application", it.id)
    return render.page(
        request,
        "applications/work.html",
        refused.status if refused else 200,
        me=me,
        it=it,
        lawyer=lawyer,
        person=it.form.get("name") or "受援人",
        kind=aidfile.kind(it),
        phone=it.form.get("agent_phone") or it.form.get("phone") or "",
        matter=MATTERS.get(it.matter or "", "尚未说明"),
        standing=applyform.standing(it, p),
        notice=lanes.shown(it.notice),
        case=case,
        file=file,
        ends=ENDS,
        answers=ANSWERS,
        most=MOST,
        today=china_date(p.clock.now()).isoformat(),
        refused=refused.sentence if refused else "",
        typed=typed or {},
    )


@pages.post("/{application_id}/work/{step}")
async def step(
    request: Request, p: P, me: Staff, it: InHand, step: str,
    words: Words = "", on: Short = "", outcome: Short = "", recovered: Short = "",
    waived: Short = "", told: Short = "", answer: Short = "",
) -> Response:  # fmt: skip
    desk, said = p.applications.casework, words.strip().replace("\r\n", "\n")
    try:
        if step == "signed":
            await desk.signed(it.id, me.id, _day(on))
        elif step == "progress":
            await desk.progress(it.id, me.id, _day(on), said, told == "yes")
        elif step == "end":
            end = End(_day(on), outcome, _fen(recovered), _fen(waived), said)
            await desk.end(it.id, me.id, end)
        elif step == "report":
            await desk.report(it.id, me.id, said)
        elif step == "asked":
            boss = await staff.supervisor(me)
            await desk.rate(it.id, answer, boss.id)
        else:
            raise BadRequest(step="unknown")
    except RouterError as refused:
        typed = {"words": said, "on": on, "outcome": outcome, "recovered": recovered,
                 "waived": waived, "told": told, "step": step}  # fmt: skip
        return await _page(request, p, me, it, refused, typed)
    return RedirectResponse(f"/desk/applications/{it.id}/work", 303)


class NoAmount(RouterError):
    """金额请只写数字，最多两位小数，例如 59000。没有就写 0。"""

    status = 422


def _fen(text: str) -> int:
    amount = fen(text)
    if amount is None:
        raise NoAmount()
    return amount


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest(on="no day") from None
