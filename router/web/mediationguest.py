"""The pages behind a mediation's one-time link. The other side reads who invites them, to what, and
nothing of the citizen; they say yes or no, pick a time, and may stop."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from starlette.responses import RedirectResponse, Response

from router.errors import BadRequest, RouterError
from router.mediation import choosing, doors, meetings, sidewords
from router.mediation import words as mediation_words
from router.mediation.errors import DoorShut
from router.mediation.models import Committee, Mediation, MediationDoor
from router.mediation.rows import consents
from router.mediation.sides import MAY_MEET
from router.mediation.status import LABELS, OPEN, State
from router.web import render
from router.web.mediating import COOKIE, Visit
from router.web.origin import same_origin
from router.web.staff import P

pages = APIRouter(prefix="/m", dependencies=[Depends(same_origin)])
Code = Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{12,20}$")]


async def guest(p: P, visit: Visit = None) -> MediationDoor:
    door = await p.sides.guest(visit)
    if door.side != doors.RESPONDENT:
        raise DoorShut()
    return door


Guest = Annotated[MediationDoor, Depends(guest)]


@pages.get("")
async def typed(request: Request) -> Response:
    """For who has the code on paper."""
    return render.page(request, "mediation/door.html", code="", refused="")


@pages.get("/mine")
async def mine(request: Request, p: P, door: Guest) -> Response:
    now = p.clock.now()
    async with p.db.read() as s:
        row = await s.get_one(Mediation, door.mediation_id)
        committee = await s.get_one(Committee, row.committee_id)
        choice = await choosing.standing(s, committee, now)
        said = (await consents(s, row.id)).get(doors.RESPONDENT)
        offered = await meetings.of(s, row.id, meetings.OFFERED, now)
        fixed = await meetings.of(s, row.id, meetings.SET, now)
    state = State(row.status)
    return render.page(
        request,
        "mediation/guest.html",
        committee=committee,
        presence=mediation_words.presence(choice),
        about=door.told.get("about", ""),
        said=said,
        state=LABELS[state],
        open=state in OPEN,
        asks=state is State.INVITED and said is None,
        may_pick=state in MAY_MEET,
        offered=[(one.id, f"{sidewords.moment(one.at)}，{one.place}") for one in offered],
        fixed=[(sidewords.moment(one.at), one.place) for one in fixed],
    )


@pages.get("/{code}")
async def look(request: Request, p: P, code: Code, visit: Visit = None) -> Response:
    """Uses nothing up; who is inside already goes on."""
    try:
        door = await p.sides.guest(visit)
    except DoorShut:
        door = None
    if door and doors.fits(door, code):
        return RedirectResponse(_inside(door), 303)
    return render.page(request, "mediation/door.html", code=code, refused="")


@pages.post("/enter")
async def enter(request: Request, p: P, code: Annotated[str, Form(max_length=40)]) -> Response:
    address = request.client.host if request.client else "?"
    try:
        await p.limits.check("side", address, p.settings.OFFICE_LOGIN_RATE)
        door, token = await p.sides.enter(code)
    except RouterError as refused:
        told = {"code": "", "refused": refused.sentence}
        return render.page(request, "mediation/door.html", refused.status, refused.headers, **told)
    response = RedirectResponse(_inside(door), 303)
    response.set_cookie(
        COOKIE, token, max_age=int(doors.GOOD_FOR.total_seconds()), httponly=True, samesite="lax",
        secure=p.settings.PUBLIC_URL.startswith("https:"),
    )  # fmt: skip
    return response


@pages.post("/mine/answer")
async def answer(p: P, door: Guest, said: Annotated[str, Form()]) -> Response:
    if said not in ("yes", "no"):
        raise BadRequest(said="unknown")
    await p.sides.answer(door, said == "yes")
    return RedirectResponse("/m/mine", 303)


@pages.post("/mine/pick")
async def pick(p: P, door: Guest, meeting: Annotated[str, Form(max_length=64)]) -> Response:
    await p.sides.pick(door, meeting)
    return RedirectResponse("/m/mine", 303)


def _inside(door: MediationDoor) -> str:
    return f"/mediation/{door.mediation_id}" if door.side == doors.COMMITTEE else "/m/mine"
