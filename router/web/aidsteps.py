"""The reviewer's further steps: whom to ask, prior aid, its end, another lawyer; and the lawyer's
report."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from router.errors import BadRequest, Forbidden, RouterError
from router.web import staff
from router.web.applications import show_page
from router.web.applytyped import Readable, brings
from router.web.origin import same_origin
from router.web.staff import P, Staff

pages = APIRouter(prefix="/desk/applications", dependencies=[Depends(same_origin)])
Text = Annotated[str, Form(max_length=2000)]
Short = Annotated[str, Form(max_length=100)]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest(until="no day") from None


def _back(it_id: str) -> Response:
    return RedirectResponse(f"/desk/applications/{it_id}", 303)


@pages.post("/{application_id}/propose")
async def propose(
    request: Request, p: P, me: Staff, it: Readable, lawyer: Short = "", firm: Short = ""
) -> Response:
    """Asks this lawyer or firm; neither: who is first in turn."""
    try:
        boss = await staff.supervisor(me)
        await p.applications.asking.ask(it.id, boss.id, lawyer, firm)
    except RouterError as refused:
        return await show_page(request, p, me, it, refused)
    return _back(it.id)


@pages.post("/{application_id}/prior")
async def prior(
    request: Request, p: P, me: Staff, it: Readable,
    ground: Short = "", ends: Short = "", words: Text = "", until: Short = "", more: Text = "",
) -> Response:  # fmt: skip
    missing = [line.strip() for line in more.splitlines() if line.strip()]
    try:
        boss = await staff.supervisor(me)
        last, given = _day(ends) if ends else None, _day(until)
        desk = p.applications.ending
        await desk.prior(it.id, boss.id, ground, last, words.strip(), missing, given)
    except RouterError as refused:
        return await show_page(request, p, me, it, refused)
    return _back(it.id)


@pages.post("/{application_id}/confirm")
async def confirm(request: Request, p: P, me: Staff, it: Readable) -> Response:
    try:
        boss = await staff.supervisor(me)
        await p.applications.ending.prior_confirmed(it.id, boss.id)
    except RouterError as refused:
        return await show_page(request, p, me, it, refused)
    return _back(it.id)


@pages.post("/{application_id}/terminate")
async def terminate(
    request: Request, p: P, me: Staff, it: Readable, ground: Short = "", words: Text = ""
) -> Response:
    try:
        boss = await staff.supervisor(me)
        await p.applications.ending.terminate(it.id, boss.id, ground, words.strip())
    except RouterError as refused:
        return await show_page(request, p, me, it, refused)
    return _back(it.id)


@pages.post("/{application_id}/supplied")
async def supplied(request: Request, p: P, me: Staff, it: Readable, words: Text = "") -> Response:
    """What was missing was brought to the office, for who has no page of their own."""
    try:
        if not brings(me, it):
            raise Forbidden(application=it.id)
        await p.applications.supply(it.id, words.strip(), me.id)
    except RouterError as refused:
        return await show_page(request, p, me, it, refused)
    return _back(it.id)


@pages.post("/{application_id}/relatives")
async def relatives(request: Request, p: P, me: Staff, it: Readable, words: Text = "") -> Response:
    try:
        boss = await staff.supervisor(me)
        await p.applications.notices.relatives_told(it.id, boss.id, words.strip())
    except RouterError as refused:
        return await show_page(request, p, me, it, refused)
    return _back(it.id)


@pages.post("/{application_id}/change")
async def change(request: Request, p: P, me: Staff, it: Readable, words: Text = "") -> Response:
    try:
        boss = await staff.supervisor(me)
        await p.applications.ending.change(it.id, boss.id, words.strip())
    except RouterError as refused:
        return await show_page(request, p, me, it, refused)
    return _back(it.id)


@pages.post("/{application_id}/return")
async def send_back(request: Request, p: P, me: Staff, it: Readable, words: Text = "") -> Response:
    try:
        boss = await staff.supervisor(me)
        await p.applications.ending.send_back(it.id, boss.id, words.strip())
    except RouterError as refused:
        return await show_page(request, p, me, it, refused)
    return _back(it.id)


@pages.post("/{application_id}/report")
async def report(request: Request, p: P, me: Staff, it: Readable, words: Text = "") -> Response:
    """By the lawyer who has the case (LAL 48(2))."""
    try:
        if it.lawyer_id != me.id:
            raise Forbidden(lawyer=me.id)
        await p.applications.ending.report(it.id, me.id, words.strip())
    except RouterError as refused:
        return await show_page(request, p, me, it, refused)
    return _back(it.id)
