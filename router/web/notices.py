"""机关通知 from paper: a court, a procuratorate or a police organ without a computer of ours."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from router.applications import lanes
from router.applications.errors import BadNotice
from router.clock import CHINA
from router.errors import RouterError
from router.parts import Parts
from router.referrals.schemas import Notice
from router.web import render
from router.web.origin import same_origin
from router.web.staff import P, Supervisor

pages = APIRouter(prefix="/board/notices", dependencies=[Depends(same_origin)])
OF_PERSON = ("name", "id_number", "place_held", "guardian", "guardian_phone")
OF_NOTICE = (
    "number", "ground", "case_no", "stage", "charge", "handler", "handler_phone", "co_defendants",
    "told",
)  # fmt: skip


@pages.get("")
async def page(request: Request, p: P, me: Supervisor) -> Response:
    return _page(request, me, {})


@pages.post("")
async def typed(request: Request, p: P, me: Supervisor) -> Response:
    """What was typed before, under the same number of the same organ, is opened again."""
    sent = await request.form()
    try:
        notice = _read(p, sent)
        organ = str(sent.get("organ") or "").strip()[:100]
        made = await p.applications.notices.typed(me.id, organ, me.region, notice)
    except RouterError as refused:
        return _page(request, me, sent, refused)
    return RedirectResponse(f"/desk/applications/{made.id}", 303)


def _read(p: Parts, sent: FormData) -> Notice:
    """Raises BadNotice. The ground tells the kind."""
    given: dict[str, Any] = {name: str(sent.get(name) or "").strip() for name in OF_NOTICE}
    given["told"] = given["told"].replace("\r\n", "\n")
    given["person"] = {name: str(sent.get(name) or "").strip() for name in OF_PERSON}
    ground = lanes.known().grounds.get(given["ground"])
    given["kind"] = ground.kind if ground else ""
    if asked := str(sent.get("asked_at") or ""):
        given["asked_at"] = f"{asked}{p.clock.now().astimezone(CHINA):%z}"
    try:
        return Notice.model_validate(given)
    except ValidationError:
        raise BadNotice() from None


def _page(request: Request, me: Any, sent: Any, refused: RouterError | None = None) -> Response:
    known = lanes.known()
    return render.page(
        request,
        "board/notice.html",
        refused.status if refused else 200,
        me=me,
        sent={
            name: str(sent.get(name) or "")
            for name in (*OF_NOTICE, *OF_PERSON, "organ", "asked_at")
        },
        grounds=[
            (kind.label, [(n, g.label) for n, g in known.grounds.items() if g.kind == name])
            for name, kind in known.kinds.items()
        ],
        stages=lanes.STAGES,
        refused=refused.sentence if refused else "",
    )
