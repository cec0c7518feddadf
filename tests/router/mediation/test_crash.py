"""A process that dies in the middle of a mediation's step: nothing of it is left, nothing is told,
and the step done again counts and is told once."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from router.audit import AuditEntry
from router.dispatch.models import Timer
from router.mediation import meetings
from router.mediation.doors import RESPONDENT
from router.mediation.errors import MediationMovedOn
from router.mediation.models import (
    Mediation,
    MediationConsent,
    MediationDoor,
    MediationMeeting,
)
from router.mediation.status import State
from tests.crash import killed_at_the_commit
from tests.router.mediation.conftest import Hall

TODAY = date(2026, 3, 2)
PAPER = {"terms": "拆墙"}


async def invited(hall, one, room):
    await room.invite(one.id, "zheng")


async def agreed(hall, one, room):
    await room.invite(one.id, "zheng")
    await room.consent(one.id, "zheng", "respondent", True, "phone")


async def met(hall, one, room):
    await agreed(hall, one, room)
    await room.session(one.id, "zheng", "谈了界墙。")
    await room.write(one.id, "zheng", PAPER)


async def reached(hall, one, room):
    await met(hall, one, room)
    await room.agree(one.id, "zheng", "written", TODAY)


async def filed(hall, one, room):
    await reached(hall, one, room)
    await room.file(one.id, "zheng", TODAY)


STEPS = {
    "invite": (None, lambda room, one: room.invite(one.id, "zheng")),
    "refuse": (
        invited, lambda room, one: room.consent(one.id, "zheng", "respondent", False, "phone")
    ),
    "consent": (
        invited, lambda room, one: room.consent(one.id, "zheng", "respondent", True, "phone")
    ),
    "session": (agreed, lambda room, one: room.session(one.id, "zheng", "谈了界墙。")),
    "agree": (met, lambda room, one: room.agree(one.id, "zheng", "written", TODAY)),
    "fail": (met, lambda room, one: room.fail(one.id, "zheng", State.NO_AGREEMENT, "谈不拢")),
    "return": (None, lambda room, one: room.fail(one.id, "zheng", State.RETURNED, "没有人")),
    "file": (reached, lambda room, one: room.file(one.id, "zheng", TODAY)),
    "confirm": (filed, lambda room, one: room.court(one.id, "zheng", True)),
}  # fmt: skip
REPEATED = ("consent", "session")  # the same yes twice is one; people meet more than once


@pytest.mark.parametrize("step", STEPS)
async def test_cut_off_before_its_end_a_step_leaves_nothing_and_done_again_is_told_once(
    hall, monkeypatch, step
):
    before, do = STEPS[step]
    room = hall.parts.mediations
    talk, ticket_id = await hall.chosen()
    one = await hall.mediation(ticket_id)
    if before:
        await before(hall, one, room)
    await hall.fire()
    stood, said = await snapshot(hall, one, ticket_id), await hall.said_to(talk)

    with killed_at_the_commit():
        await do(room, one)
    await hall.fire()
    assert await snapshot(hall, one, ticket_id) == stood and await hall.said_to(talk) == said

    await do(room, one)
    if step not in REPEATED:
        with pytest.raises(MediationMovedOn):
            await do(room, one)
    monkeypatch.setattr(hall.parts.events, "publish", _die)  # killed before the citizen heard
    await hall.parts.dispatch.timers.fire_due()
    monkeypatch.undo()
    assert await hall.said_to(talk) == said
    for _ in range(2):
        hall.clock._now += timedelta(seconds=2)
        await hall.fire()
    told = (await hall.said_to(talk))[len(said) :]
    assert told and len(told) == len(set(told)), "once each"


def soon(hall: Hall) -> datetime:
    return hall.clock.now() + timedelta(days=2)


async def meets(hall, one):
    await agreed(hall, one, hall.parts.mediations)
    await hall.parts.sides.fix(one.id, "zheng", soon(hall), "二楼", False, "")


async def asked(hall, one):
    await hall.parts.sides.ask(one.id, "zheng", None, "院墙的事")


async def off(hall, one):
    async with hall.db.read() as s:
        [meeting] = await meetings.of(s, one.id, meetings.SET, hall.clock.now())
    await hall.parts.sides.cancel(one.id, "zheng", meeting.id, "有事")


OF_SIDES = {
    "a link": (None, asked),
    "a link taken back": (
        asked,
        lambda hall, one: hall.parts.sides.take_back(one.id, "zheng", RESPONDENT),
    ),
    "an appointment": (
        lambda hall, one: agreed(hall, one, hall.parts.mediations),
        lambda hall, one: hall.parts.sides.fix(one.id, "zheng", soon(hall), "二楼", False, ""),
    ),
    "an appointment moved": (
        meets,
        lambda hall, one: hall.parts.sides.fix(one.id, "zheng", soon(hall), "三楼", False, "有事"),
    ),
    "an appointment off": (meets, off),
}


@pytest.mark.parametrize("step", OF_SIDES)
async def test_a_link_or_an_appointment_that_is_cut_off_leaves_nothing(hall, step):
    before, do = OF_SIDES[step]
    _, ticket_id = await hall.chosen()
    one = await hall.mediation(ticket_id)
    if before:
        await before(hall, one)
    stood, before_it = await snapshot(hall, one, ticket_id), await hall.history(one)
    with killed_at_the_commit():
        await do(hall, one)
    assert await snapshot(hall, one, ticket_id) == stood
    await do(hall, one)
    assert await snapshot(hall, one, ticket_id) != stood
    noted = (await hall.history(one))[len(before_it) :]
    assert noted and len(noted) == len(set(noted)), "once each"


async def _die(news: object) -> None:
    raise RuntimeError("killed")


async def snapshot(hall: Hall, one: Mediation, ticket_id: str) -> tuple[object, ...]:
    now, ticket = await hall.again(one), await hall.ticket(ticket_id)
    async with hall.db.read() as s:
        counted = [
            await s.scalar(select(func.count()).select_from(row))
            for row in (MediationConsent, MediationDoor, MediationMeeting, AuditEntry, Timer)
        ]
    referral = await hall.referral(one)
    return (
        now.status, now.seq, now.ended_at, now.confirm_by, await hall.history(one), ticket.status,
        referral.status, counted,
    )  # fmt: skip
