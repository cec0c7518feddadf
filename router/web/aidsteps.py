"""What is done to an application from its page: whom to ask, prior aid, its end, another lawyer,
the lawyer's report, and the second person's answer to what another has drafted."""

from collections.abc import Awaitable
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from router.errors import BadRequest, Forbidden, RouterError
from router.web.applications import show_page
from router.web.applytyped import Readable, brings
from router.web.origin import same_origin
from router.web.staff import P, Staff, Supervisor

pages = APIRouter(prefix="/desk/applications", dependencies=[Depends(same_origin)])
Number = Annotated[int, Form()]
Text = Annotated[str, Form(max_length=2000)]
Short = Annotated[str, Form(max_length=100)]


class Step:
    """After it the application's page again, with why where it was refused."""

    def __init__(self, request: Request, p: P, me: Staff, it: Readable) -> None:
        self._request, self._p, self._me, self._it = request, p, me, it

    async def __call__(self, work: Awaitable[object]) -> Response:
        try:
            await work
        except RouterError as refused:
            return await show_page(self._request, self._p, self._me, self._it, refused)
        return RedirectResponse(f"/desk/applications/{self._it.id}", 303)


Done = Annotated[Step, Depends()]


@pages.post("/{application_id}/countersign")
async def countersign(p: P, boss: Supervisor, it: Readable, done: Done, number: Number) -> Response:
    return await done(p.applications.review.confirm(it.id, boss.id, number))


@pages.post("/{application_id}/draft-back")
async def draft_back(
    p: P, boss: Supervisor, it: Readable, done: Done, number: Number, words: Text = ""
) -> Response:
    return await done(p.applications.review.send_back(it.id, boss.id, number, words.strip()))


@pages.post("/{application_id}/propose")
async def propose(
    p: P, boss: Supervisor, it: Readable, done: Done, lawyer: Short = "", firm: Short = ""
) -> Response:
    """Asks this lawyer or firm; neither: who is first in turn."""
    return await done(p.applications.asking.ask(it.id, boss.id, lawyer, firm))


@pages.post("/{application_id}/prior")
async def prior(
    p: P, boss: Supervisor, it: Readable, done: Done,
    ground: Short = "", ends: Short = "", words: Text = "", until: Short = "", more: Text = "",
) -> Response:  # fmt: skip
    async def grant() -> None:
        missing = [line.strip() for line in more.splitlines() if line.strip()]
        last, given = _day(ends) if ends else None, _day(until)
        desk = p.applications.ending
        await desk.prior(it.id, boss.id, ground, last, words.strip(), missing, given)

    return await done(grant())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest(until="no day") from None


@pages.post("/{application_id}/confirm")
async def confirm(p: P, boss: Supervisor, it: Readable, done: Done) -> Response:
    return await done(p.applications.ending.prior_confirmed(it.id, boss.id))


@pages.post("/{application_id}/terminate")
async def terminate(
    p: P, boss: Supervisor, it: Readable, done: Done, ground: Short = "", words: Text = ""
) -> Response:
    return await done(p.applications.ending.terminate(it.id, boss.id, ground, words.strip()))


@pages.post("/{application_id}/supplied")
async def supplied(p: P, me: Staff, it: Readable, done: Done, words: Text = "") -> Response:
    """What was missing was brought to the office, for who has no page of their own."""

    async def receive() -> None:
        if not brings(me, it):
            raise Forbidden(application=it.id)
        await p.applications.supply(it.id, words.strip(), me.id)

    return await done(receive())


@pages.post("/{application_id}/relatives")
async def relatives(p: P, boss: Supervisor, it: Readable, done: Done, words: Text = "") -> Response:
    return await done(p.applications.notices.relatives_told(it.id, boss.id, words.strip()))


@pages.post("/{application_id}/change")
async def change(p: P, boss: Supervisor, it: Readable, done: Done, words: Text = "") -> Response:
    return await done(p.applications.ending.change(it.id, boss.id, words.strip()))


@pages.post("/{application_id}/return")
async def send_back(p: P, boss: Supervisor, it: Readable, done: Done, words: Text = "") -> Response:
    return await done(p.applications.ending.send_back(it.id, boss.id, words.strip()))


@pages.post("/{application_id}/report")
async def report(p: P, me: Staff, it: Readable, done: Done, words: Text = "") -> Response:
    """By the lawyer who has the case (LAL 48(2))."""
    if it.lawyer_id != me.id:
        raise Forbidden(lawyer=me.id)
    return await done(p.applications.ending.report(it.id, me.id, words.strip()))
