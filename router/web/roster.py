"""The supervisor's roster: a week and its gaps, changes of a shift, tables in and out."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from router import audit
from router.clock import china_date
from router.destinations.labels import LABELS
from router.dispatch import timers
from router.dispatch.duty import follow_roster, renew
from router.errors import BadRequest, NotFound
from router.lawyers import changes, entries, exporting, importing, passwords, requests
from router.lawyers.columns import POSTS, SEATS
from router.lawyers.entries import TITLES
from router.lawyers.hours import moment
from router.lawyers.models import Lawyer, Shift
from router.lawyers.sheets import Trouble
from router.web import render, rosterview
from router.web.lawview import day_of
from router.web.origin import same_origin
from router.web.staff import P, Supervisor

pages = APIRouter(prefix="/board/roster", dependencies=[Depends(same_origin)])
UPLOAD = "/board/roster/import"
UPLOAD_MAX_BYTES = 1024 * 1024  # a month of 741 lawyers is a quarter; more by the command line
MOST_TROUBLES = 500  # on the page; the command line tells all
AHEAD = timedelta(weeks=4)  # of an export
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.get("")
async def roster(request: Request, p: P, me: Supervisor, week: str = "") -> Response:
    wrong, day = "", china_date(p.clock.now())
    try:
        day = day_of(week) if week else day
    except ValueError as trouble:
        wrong = str(trouble)
    return await _page(request, p, me, day, wrong=wrong)


@pages.post("/import")
async def take_in(request: Request, p: P, me: Supervisor) -> Response:
    """All of it or nothing; the page says what was put in, or every row that stands in the way."""
    files = (await request.form()).getlist("files")  # here: after we know who sends it
    packed = [(one.filename or "表", await one.read()) for one in files if not isinstance(one, str)]
    if not packed:
        raise BadRequest(files="none")
    now = p.clock.now()
    read = await asyncio.to_thread(entries.read, packed, LABELS, p.settings.REGION)
    try:
        async with p.db.write() as session:
            counts = await importing.put(session, read, now)
            await renew(session, now)
            about = " ".join(f"{count.kind}+{count.added}~{count.changed}" for count in counts)
            await audit.record(session, now, me.id, "import_roster", about)
    except importing.BadRows as bad:
        return await _page(request, p, me, china_date(now), troubles=bad.troubles)
    await p.bus.wake("board")
    await p.bus.wake(timers.TOPIC)
    return await _page(request, p, me, china_date(now), counts=counts)


@pages.get("/export")
async def export(p: P, me: Supervisor, table: str = "", week: str = "") -> Response:
    """Everything as .xlsx, or one table as .csv; shifts from the week on, for four weeks."""
    if table and table not in TITLES:
        raise NotFound(table=table)
    try:
        first = day_of(week) if week else china_date(p.clock.now())
    except ValueError:
        raise BadRequest(week=week) from None
    since = moment(first, 0)
    async with p.db.write() as session:  # noted before it is seen
        await audit.record(session, p.clock.now(), me.id, "export_roster", table or "all")
    async with p.db.read() as session:
        kinds = [table] if table else list(TITLES)
        found = await exporting.sheets(session, LABELS, since, since + AHEAD, kinds)
    form = "csv" if table else "xlsx"
    data = await asyncio.to_thread(exporting.packed, found, form)
    kind = "text/csv; charset=utf-8" if table else XLSX
    return _download(data, f"roster-{table or 'all'}-{first}.{form}", kind)


@pages.post("/passwords")
async def first_passwords(p: P, me: Supervisor) -> Response:
    """A table of first passwords for those who have none, to hand out; it is made only once."""
    async with p.db.write() as session:
        rows = await passwords.first_passwords(session, me.id, p.clock.now())
    if not rows:
        return RedirectResponse("/board/roster", 303)
    data = await asyncio.to_thread(passwords.as_table, rows)
    return _download(data, f"passwords-{china_date(p.clock.now())}.xlsx", XLSX)


@pages.get("/shifts/{shift_id}")
async def shift(request: Request, p: P, me: Supervisor, shift_id: str, who: str = "") -> Response:
    """What may be done with a shift; `who`: the login or a part of the name of a colleague."""
    now, who = p.clock.now(), who.strip()
    async with p.db.read() as session:
        one = await session.get(Shift, shift_id)
        if one is None:
            raise NotFound(shift=shift_id)
        holder = await session.get_one(Lawyer, one.lawyer_id)
        found = await rosterview.colleagues(session, who, holder.id) if who else []
        ahead = await rosterview.shifts_ahead(session, [person.id for person, _ in found], now)
    return render.page(
        request, "board/shift.html", me=me, shift=one, holder=holder, who=who, found=found,
        ahead=ahead, said=rosterview.shift_words(one), over=one.ends_at <= now,
        week=china_date(one.starts_at), most=rosterview.MOST_FOUND, posts=POSTS, seats=SEATS,
    )  # fmt: skip


@pages.post("/shifts/{shift_id}")
async def change(
    p: P,
    me: Supervisor,
    shift_id: str,
    what: Annotated[str, Form()],
    other: Annotated[str, Form()] = "",
    post: Annotated[str, Form()] = "",
    seat: Annotated[str, Form()] = "",
) -> Response:
    """`what`: as changes.make, or post (with `post` and `seat`)."""
    now = p.clock.now()
    async with p.db.write() as session:
        if what == "post":
            await changes.repost(session, shift_id, post, seat, now)
        else:
            await changes.make(session, shift_id, what, other, now)
        about = f"{shift_id} {other or post}".strip()
        await audit.record(session, now, me.id, f"shift_{what}", about)
        day, whose = await _stands(session, shift_id, other, now)
    return await _back(p, day, whose)


@pages.post("/requests/{request_id}")
async def answer(
    p: P, me: Supervisor, request_id: str, granted: Annotated[str, Form()]
) -> Response:
    """Of a lawyer who asked for leave or a swap; granted, the roster changes at once."""
    now, yes = p.clock.now(), granted == "yes"
    async with p.db.write() as session:
        asked = await requests.answer(session, request_id, yes, me.id, now)
        about = f"{asked.shift_id} {asked.other or ''}".strip()
        await audit.record(session, now, me.id, f"shift_{asked.what if yes else 'refused'}", about)
        day, whose = await _stands(session, asked.shift_id, asked.other or "", now)
    return await _back(p, day, whose)


async def _stands(
    session: AsyncSession, shift_id: str, other: str, now: datetime
) -> tuple[date, set[str]]:
    """The shift's day, and whom it concerns: who of them is on duty stands as the roster says."""
    await session.flush()
    shifts = list(await session.scalars(select(Shift).where(Shift.id.in_([shift_id, other]))))
    whose = {other, *(one.lawyer_id for one in shifts)}
    await follow_roster(session, now, whose)
    return china_date(next((one.starts_at for one in shifts if one.id == shift_id), now)), whose


async def _back(p: P, day: date, whose: set[str]) -> Response:
    for topic in ("board", timers.TOPIC, *(f"lawyer:{one}" for one in whose)):
        await p.bus.wake(topic)
    return RedirectResponse(f"/board/roster?week={day}#d-{day}", 303)


async def _page(
    request: Request,
    p: P,
    me: Lawyer,
    day: date,
    *,
    wrong: str = "",
    troubles: Sequence[Trouble] = (),
    counts: Sequence[importing.Count] | None = None,
) -> Response:
    async with p.db.read() as session:
        week = await rosterview.week_of(session, day, p.clock.now())
        asked = await requests.waiting(session, p.clock.now())
        without = await session.scalar(
            select(func.count())
            .select_from(Lawyer)
            .where(Lawyer.role != "supervisor", Lawyer.password_hash == "")
        )
    return render.page(
        request, "board/roster.html", 422 if wrong or troubles else 200, me=me, week=week,
        wrong=wrong, troubles=troubles[:MOST_TROUBLES], count=len(troubles), counts=counts,
        without=without, asked=[rosterview.Wish.of(one) for one in asked], titles=TITLES,
        megabytes=UPLOAD_MAX_BYTES // 2**20,
    )  # fmt: skip


def _download(data: bytes, name: str, kind: str) -> Response:
    told = {**render.HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=kind, headers=told)
