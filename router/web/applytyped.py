"""代填: the staff type an application for somebody who cannot, once they have agreed to it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from router.applications import files, forms, lanes
from router.applications.casework import quality
from router.applications.models import Application
from router.applications.status import State
from router.errors import BadRequest, Forbidden, NotFound, RouterError
from router.lawyers.models import Lawyer
from router.web import applyform, staff
from router.web.applyform import Desk
from router.web.origin import same_origin
from router.web.staff import P, Staff

pages = APIRouter(prefix="/desk/applications", dependencies=[Depends(same_origin)])
UPLOAD = "/desk/applications/papers"


async def readable(p: P, me: Staff, application_id: str) -> Application:
    """The reviewer, the lawyer who has the case, who types for the applicant, and who was given
    the closed file to look at its quality."""
    async with p.db.read() as s:
        found = await s.get(Application, application_id)
        looks = found is not None and await quality.reads(s, found.id, me.id)
    theirs = found and me.id in (found.lawyer_id, found.helper)
    if found is None or not (me.role == "supervisor" or theirs or looks):
        raise NotFound(application=application_id, lawyer=me.id)
    return found


Readable = Annotated[Application, Depends(readable)]


def is_told(it: Application) -> bool:
    """What is in it: once it was submitted, or its owner has agreed that it is typed for them."""
    return it.submitted_at is not None or bool(it.helped)


async def told(it: Readable) -> Application:
    if not is_told(it):
        raise NotFound(application=it.id)
    return it


Told = Annotated[Application, Depends(told)]


def _desk(it: Application, me: Lawyer) -> Desk:
    return Desk(f"/desk/applications/{it.id}", UPLOAD, me)


def _draft_typist(me: Lawyer, it: Application) -> None:
    if it.status != State.DRAFT or not (me.role == "supervisor" or it.helper == me.id):
        raise Forbidden(application=it.id)


async def typed(p: P, me: Staff, it: Readable) -> Application:
    """A draft whose owner has agreed that it is typed for them."""
    _draft_typist(me, it)
    if not it.helped:
        raise Forbidden(application=it.id)
    return it


Typed = Annotated[Application, Depends(typed)]


def brings(me: Lawyer, it: Application) -> bool:
    """Whether papers come to the office on paper, from who has no page of their own: they applied
    from custody, or it was typed for them."""
    sent = it.status != State.DRAFT and it.lane == lanes.APPLIED
    return me.role == "supervisor" and sent and bool(it.notice or it.helped) and files.takes(it)


async def adding(p: P, me: Staff, it: Readable) -> Application:
    return it if brings(me, it) else await typed(p, me, it)


Adding = Annotated[Application, Depends(adding)]


@pages.post("/{application_id}/help")
async def agreed(request: Request, p: P, me: Staff, it: Readable) -> Response:
    _draft_typist(me, it)
    sent = await request.form()
    where, consent = str(sent.get("where") or ""), str(sent.get("consent") or "").strip()[:100]
    if where not in forms.PLACES or not consent:
        raise BadRequest(help="incomplete")
    await p.applications.help(it.id, me.id, where, consent)
    return RedirectResponse(f"/desk/applications/{it.id}/form", 303)


@pages.post("/{application_id}/send")
async def send(request: Request, p: P, me: Staff, it: Typed) -> Response:
    promised = str((await request.form()).get("promised") or "")
    try:
        await p.applications.submit(it.id, promised, "assisted", me.id)
    except RouterError as refused:
        return await applyform.send_page(request, p, _desk(it, me), it, refused)
    return RedirectResponse(f"/desk/applications/{it.id}", 303)


@pages.get("/{application_id}/form")
async def form(it: Typed) -> Response:
    first = applyform.first_open(it)
    onward = first if first == "papers" else f"form/{first}"
    return RedirectResponse(f"/desk/applications/{it.id}/{onward}", 303)


@pages.get("/{application_id}/form/{name}")
async def block(request: Request, p: P, me: Staff, it: Typed, name: str) -> Response:
    found = applyform.block_of(it, name)
    return applyform.block_page(request, p, _desk(it, me), it, found)


@pages.post("/{application_id}/form/{name}")
async def save(request: Request, p: P, me: Staff, it: Typed, name: str) -> Response:
    return await applyform.save_block(request, p, _desk(it, me), it, name)


@pages.get("/{application_id}/papers")
async def papers(request: Request, p: P, me: Staff, it: Adding) -> Response:
    return await applyform.papers_page(request, p, _desk(it, me), it)


@pages.post("/{application_id}/papers/{paper_id}/drop")
async def drop(p: P, it: Typed, paper_id: str) -> Response:
    await p.applications.papers.drop(it.id, paper_id)
    return RedirectResponse(f"/desk/applications/{it.id}/papers", 303)


@pages.get("/{application_id}/send")
async def ready(request: Request, p: P, me: Staff, it: Typed) -> Response:
    return await applyform.send_page(request, p, _desk(it, me), it)


@pages.post("/papers")
async def upload(request: Request, p: P, me: Staff) -> Response:
    sent = await request.form()
    found = await adding(p, me, await readable(p, me, str(sent.get("application") or "")))
    await staff.trace(p, me, "add_paper", found.id)
    return await applyform.upload(request, p, _desk(found, me), found, sent)
