"""The supervisor's pages on the law: what holds where and when, and reading corrected files."""

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from router.clock import china_date
from router.eligibility import LawError
from router.eligibility.lawcheck import check_law
from router.errors import NotFound
from router.lawbook import Change
from router.web import render
from router.web.lawtime import KINDS
from router.web.lawview import day_of, law_of, standard_on
from router.web.origin import same_origin
from router.web.staff import P, Supervisor

pages = APIRouter(prefix="/board/law", dependencies=[Depends(same_origin)])


@pages.get("")
async def law(request: Request, p: P, me: Supervisor) -> Response:
    return _list(request, p, me)


@pages.post("/reload")
async def reload(request: Request, p: P, me: Supervisor) -> Response:
    """The files as they are now; a fault in them leaves the law that runs."""
    try:
        change = await p.lawbook.reload(me.id)
    except LawError as trouble:
        return _list(request, p, me, faults=[str(remark) for remark in trouble.remarks])
    remarks = await asyncio.to_thread(check_law, p.lawbook.folder)
    return _list(request, p, me, change=change, remarks=[str(remark) for remark in remarks])


@pages.get("/{code}")
async def region(request: Request, p: P, me: Supervisor, code: str, on: str = "") -> Response:
    wrong, day = "", china_date(p.clock.now())
    try:
        day = day_of(on) if on else day
    except ValueError as trouble:
        wrong = str(trouble)
    current = p.law
    if code not in current.regions:
        raise NotFound(region=code)
    shown = law_of(current, code, day)
    status = 422 if wrong else 200
    return render.page(
        request, "board/law_region.html", status, me=me, law=shown, wrong=wrong,
        version=current.version,
    )  # fmt: skip


def _list(
    request: Request,
    p: P,
    me: Supervisor,
    change: Change | None = None,
    faults: Sequence[str] = (),
    remarks: Sequence[str] = (),
) -> Response:
    current, today = p.law, china_date(p.clock.now())
    regions = [
        {
            "code": region.code,
            "name": region.name,
            "kind": KINDS[region.scope_on(today).kind].split("：")[0].split("，")[0],
            "standard": standard_on(region, today),
            "fictional": region.fictional,
        }
        for region in current.regions.values()
    ]
    return render.page(
        request, "board/law.html", 422 if faults else 200, me=me, regions=regions,
        version=current.version, change=change, faults=faults, remarks=remarks,
    )  # fmt: skip
