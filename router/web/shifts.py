"""A lawyer's own shifts of the next two weeks: who is there as well, and asking for leave or a
swap, which a supervisor grants on the roster's page."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from router import audit
from router.clock import china_date
from router.errors import NotFound
from router.lawyers import requests
from router.lawyers.columns import POSTS, SEATS
from router.lawyers.hours import LONGEST, Span
from router.lawyers.models import Lawyer, Shift
from router.lawyers.requests import Asked
from router.web import render, rosterview
from router.web.origin import same_origin
from router.web.staff import P, Staff

pages = APIRouter(prefix="/desk/shifts", dependencies=[Depends(same_origin)])
AHEAD = timedelta(days=14)
NAMES = 8  # of who is there as well
ANSWERS = {None: "等主管同意", "refused": "主管没有同意"}
STATES = {"leave": "已请假", "swapped": "已换出"}


@dataclass(frozen=True)
class Mine:
    id: str
    hours: str
    post: str
    seat: str
    state: str  # empty: planned
    running: bool
    wish: str  # asked for, and what was said to it
    waits: bool  # for an answer
    others: list[str]
    more: bool  # others than those named


@pages.get("")
async def shifts(request: Request, p: P, me: Staff) -> Response:
    if me.role == "supervisor":
        return RedirectResponse("/board/roster", 303)
    now = p.clock.now()
    async with p.db.read() as session:
        days = await _days(session, me, now)
    return render.page(request, "desk/shifts.html", me=me, days=days)


async def _days(session: AsyncSession, me: Lawyer, now: datetime) -> list[tuple[str, list[Mine]]]:
    found = await session.scalars(
        select(Shift)
        .where(
            Shift.lawyer_id == me.id, Shift.starts_at > now - LONGEST,
            Shift.starts_at < now + AHEAD, Shift.ends_at > now,
        )
        .order_by(Shift.starts_at)
    )  # fmt: skip
    rows = list(found)
    asked = await requests.newest(session, [one.id for one in rows])
    mine = [(one, await _mine(session, me, one, asked.get(one.id), now)) for one in rows]
    by_day = groupby(mine, key=lambda pair: china_date(pair[0].starts_at))
    return [(_day(day, now), [one for _, one in some]) for day, some in by_day]


def _day(day: date, now: datetime) -> str:
    near = {0: "（今天）", 1: "（明天）"}.get((day - china_date(now)).days, "")
    return rosterview.day_words(day) + near


async def _mine(
    session: AsyncSession, me: Lawyer, shift: Shift, asked: Asked | None, now: datetime
) -> Mine:
    others = await _others(session, me, shift) if shift.state == "planned" else []
    said = ANSWERS.get(asked.request.answer, "") if asked and shift.state == "planned" else ""
    return Mine(
        id=shift.id,
        hours=rosterview.hours_words(Span(shift.starts_at, shift.ends_at)),
        post=POSTS[shift.post],
        seat=SEATS[shift.seat],
        state=STATES.get(shift.state, ""),
        running=shift.state == "planned" and shift.starts_at <= now,
        wish=f"{said}：{rosterview.wish_words(asked)}" if asked and said else "",
        waits=bool(said) and asked is not None and asked.request.answer is None,
        others=others[:NAMES],
        more=len(others) > NAMES,
    )


async def _others(session: AsyncSession, me: Lawyer, shift: Shift) -> list[str]:
    """Who of the same place is at the same post for some of the time."""
    found = await session.scalars(
        select(Lawyer.name)
        .join(Shift, Shift.lawyer_id == Lawyer.id)
        .where(
            Lawyer.id != me.id, Lawyer.region == me.region, Shift.state == "planned",
            Shift.post == shift.post, Shift.starts_at < shift.ends_at,
            Shift.starts_at > shift.starts_at - LONGEST, Shift.ends_at > shift.starts_at,
        )
        .distinct()
        .order_by(Lawyer.name)
        .limit(NAMES + 1)
    )  # fmt: skip
    return list(found)


@pages.get("/{shift_id}")
async def shift(request: Request, p: P, me: Staff, shift_id: str, who: str = "") -> Response:
    """What may be asked of a shift of mine; `who`: a colleague's login or a part of the name."""
    now, who = p.clock.now(), who.strip()
    async with p.db.read() as session:
        one = await session.get(Shift, shift_id)
        if one is None or one.lawyer_id != me.id:
            raise NotFound(shift=shift_id)
        asked = (await requests.newest(session, [one.id])).get(one.id)
        found = await rosterview.colleagues(session, who, me.id) if who else []
        ahead = await rosterview.shifts_ahead(session, [person.id for person, _ in found], now)
    return render.page(
        request, "desk/shift.html", me=me, shift=one, who=who, found=found, ahead=ahead,
        said=rosterview.shift_words(one), most=rosterview.MOST_FOUND,
        fixed=one.state != "planned" or one.ends_at <= now,
        waits=rosterview.wish_words(asked) if asked and asked.request.answer is None else "",
    )  # fmt: skip


@pages.post("/{shift_id}")
async def ask(
    p: P,
    me: Staff,
    shift_id: str,
    what: Annotated[str, Form(max_length=20)],
    other: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """`what`: leave, give (`other`: a lawyer), exchange (`other`: their shift) or withdraw."""
    now = p.clock.now()
    async with p.db.write() as session:
        if what == "withdraw":
            await requests.withdraw(session, shift_id, me.id, now)
        else:
            await requests.ask(session, shift_id, me.id, what, other, now)
        await audit.record(session, now, me.id, f"ask_{what}", f"{shift_id} {other}".strip())
    await p.bus.wake("board")
    return RedirectResponse(f"/desk/shifts#s-{shift_id}", 303)
