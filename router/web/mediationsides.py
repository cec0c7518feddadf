"""On a mediation's page: links for those without an account, and appointments."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from router import audit
from router.clock import CHINA, china_date
from router.errors import BadRequest, NotFound
from router.mediation import doors, invitation, meetings
from router.mediation.errors import BadMeeting, NoMobile, TellsTooMuch, WordsNeeded
from router.mediation.models import Committee
from router.web import mediating, render
from router.web.mediating import GUEST, Handling
from router.web.origin import same_origin
from router.web.staff import P

pages = APIRouter(prefix="/mediation/{mediation_id}", dependencies=[Depends(same_origin)])
Words = Annotated[str, Form(max_length=200)]
SIDES = (doors.COMMITTEE, doors.RESPONDENT)


@pages.post("/door")
async def door(
    p: P, me: Handling, mediation_id: str,
    side: Annotated[str, Form()], number: Annotated[str, Form(max_length=20)] = "",
    about: Words = "",
) -> Response:  # fmt: skip
    """A one-time link: by message where a number is given, else on paper."""
    await mediating.may(p, me, mediation_id)
    if side not in SIDES or (side == doors.COMMITTEE and me.role == GUEST):
        raise BadRequest(side="unknown")
    dial = doors.mobile(number) if number.strip() else None
    if number.strip() and (dial is None or not p.texts_links):
        raise NoMobile()
    if side == doors.COMMITTEE:
        await p.sides.let_committee_in(mediation_id, me.id, dial)
        return _back(mediation_id)
    if not about.strip():
        raise WordsNeeded()
    if await run_in_threadpool(doors.tells_too_much, about):
        raise TellsTooMuch()
    await p.sides.ask(mediation_id, me.id, dial, about.strip())
    return _back(mediation_id)


@pages.post("/door/close")
async def close(p: P, me: Handling, mediation_id: str, side: Annotated[str, Form()]) -> Response:
    await mediating.may(p, me, mediation_id)
    if side not in SIDES or (side == doors.COMMITTEE and me.role == GUEST):
        raise BadRequest(side="unknown")
    await p.sides.take_back(mediation_id, me.id, side)
    return _back(mediation_id)


@pages.get("/{side}.pdf")
async def paper(p: P, me: Handling, mediation_id: str, side: str) -> Response:
    """The letter with the link, until it is used."""
    await mediating.may(p, me, mediation_id)
    now = p.clock.now()
    async with p.db.read() as s:
        row, referral = await mediating.mine(s, me, mediation_id)
        found = await doors.live(s, mediation_id, side, now) if side in SIDES else None
        committee = await s.get(Committee, row.committee_id)
    own = side == doors.COMMITTEE and me.role == GUEST
    if found is None or committee is None or not found.told.get("code") or own:
        raise NotFound(mediation=mediation_id)
    async with p.db.write() as s:
        await audit.record(s, now, me.id, "printed_door", found.id)
    base = p.settings.PUBLIC_URL.rstrip("/")
    made = await run_in_threadpool(
        invitation.pdf, found, committee, referral.receipt, base, china_date(now)
    )
    headers = {
        **render.HEADERS, "Content-Disposition": f'attachment; filename="{side}.pdf"',
    }  # fmt: skip
    return Response(made, media_type="application/pdf", headers=headers)


@pages.post("/meeting")
async def meeting(request: Request, p: P, me: Handling, mediation_id: str) -> Response:
    """One time that is set, or up to three for the other side to choose from."""
    await mediating.may(p, me, mediation_id)
    form: Any = await request.form()
    times = [_time(str(given)) for given in form.getlist("at") if given]
    place = str(form.get("place") or "").strip()[:100]
    why, days_off = str(form.get("words") or "").strip()[:200], form.get("days_off") == "yes"
    if form.get("how") == "offer":
        await p.sides.offer(mediation_id, me.id, times, place, days_off)
        return _back(mediation_id)
    if len(times) != 1:
        raise BadMeeting()
    async with p.db.read() as s:
        before = await meetings.of(s, mediation_id, meetings.SET, p.clock.now())
    if before and not why:
        raise WordsNeeded()
    await p.sides.fix(mediation_id, me.id, times[0], place, days_off, why)
    return _back(mediation_id)


@pages.post("/meeting/off")
async def off(
    p: P, me: Handling, mediation_id: str,
    meeting: Annotated[str, Form(max_length=64)], words: Words,
) -> Response:  # fmt: skip
    await mediating.may(p, me, mediation_id)
    if not words.strip():
        raise WordsNeeded()
    await p.sides.cancel(mediation_id, me.id, meeting, words.strip())
    return _back(mediation_id)


def _time(given: str) -> datetime:
    """As a browser writes it, of China. Raises BadMeeting."""
    try:
        return datetime.fromisoformat(given).replace(tzinfo=CHINA)
    except ValueError:
        raise BadMeeting() from None


def _back(mediation_id: str) -> Response:
    return RedirectResponse(f"/mediation/{mediation_id}", 303)
