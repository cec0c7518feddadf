"""One more shift, put in by the supervisor without a table."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from router import audit
from router.clock import china_date
from router.dispatch import timers
from router.dispatch.duty import follow_roster
from router.lawyers import changes
from router.lawyers.columns import POSTS, SEATS
from router.lawyers.hours import Span, minutes_of, moment
from router.lawyers.models import Lawyer
from router.web import render, rosterview
from router.web.lawview import day_of
from router.web.origin import same_origin
from router.web.staff import P, Supervisor

pages = APIRouter(prefix="/board/roster/add", dependencies=[Depends(same_origin)])
Field = Annotated[str, Form(max_length=64)]


@pages.get("")
async def form(request: Request, p: P, me: Supervisor, day: str = "", who: str = "") -> Response:
    """`who`: the login or a part of the name of whom it is for."""
    return await _page(request, p, me, day or str(china_date(p.clock.now())), who.strip())


@pages.post("")
async def add(
    request: Request, p: P, me: Supervisor,
    day: Field, who: Field, lawyer: Field, begin: Field, end: Field, post: Field, seat: Field,
) -> Response:  # fmt: skip
    """`begin`, `end`: as 09:00; an end that is not after the beginning is on the next day."""
    now = p.clock.now()
    try:
        span = _span(day, begin, end)
    except ValueError as trouble:
        return await _page(request, p, me, day, who, str(trouble))
    async with p.db.write() as session:
        shift = await changes.add(session, lawyer, span, post, seat, now)
        await session.flush()
        await audit.record(session, now, me.id, "shift_add", shift.id)
        await follow_roster(session, now, {lawyer})
    for topic in ("board", timers.TOPIC, f"lawyer:{lawyer}"):
        await p.bus.wake(topic)
    return RedirectResponse(f"/board/roster?week={day}#d-{day}", 303)


def _span(day: str, begin: str, end: str) -> Span:
    """Raises ValueError with a sentence."""
    on = day_of(day)
    return Span(*(moment(on, minutes) for minutes in minutes_of(f"{begin}-{end}")))


async def _page(
    request: Request, p: P, me: Lawyer, day: str, who: str, wrong: str = ""
) -> Response:
    async with p.db.read() as session:
        found = await rosterview.colleagues(session, who, "") if who else []
        ahead = await rosterview.shifts_ahead(session, [one.id for one, _ in found], p.clock.now())
    return render.page(
        request, "board/add_shift.html", 422 if wrong else 200, me=me, day=day, who=who,
        wrong=wrong, found=found, ahead=ahead, most=rosterview.MOST_FOUND, posts=POSTS, seats=SEATS,
    )  # fmt: skip
