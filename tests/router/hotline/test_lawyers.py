"""Duty lawyers by telephone: rung, told what it is about, press 1; the citizen waits honestly."""

import secrets
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from router.channels.hotline.models import CallTask
from router.dispatch.models import Offer
from router.events import OfferAccepted
from router.lawyers.models import Lawyer
from router.tickets.models import TicketEvent
from router.tickets.status import Status
from tests import factories
from tests.fakes import until
from tests.router.hotline.conftest import CITIZEN, LI, WANG


async def queued(office, *number):
    citizen = await office.talks(*number)
    await citizen.presses("0")
    await citizen.hears("正在为您找值班律师")
    return citizen


async def test_the_lawyer_hears_what_it_is_about_presses_1_and_talks_with_the_citizen(office):
    citizen, _ = await office.connected()
    await citizen.hears("律师已经接通")
    [ticket] = await office.tickets()
    assert ticket.status == Status.ACCEPTED and ticket.post == "hotline"


async def test_while_they_talk_the_desk_shows_what_the_citizen_told_the_assistant(office):
    await office.lawyer()
    citizen = await office.talks()
    await citizen.says("老板欠我四个月工资")
    await citizen.hears("收到")
    await citizen.presses("0")
    await office.takes(WANG)
    await office.becomes("connected")
    [ticket] = await office.tickets()
    async with office.parts.db.read() as s:
        row = await s.get_one(Lawyer, ticket.owner)
    door, path = await office.at_the_desk(row), f"/desk/tickets/{ticket.id}"
    assert "老板欠我四个月工资" in (await door.get(path)).text
    assert "正在通话" in (await door.get(f"{path}/phone")).text


async def test_who_presses_2_lets_the_next_lawyer_be_rung(office):
    await office.lawyer()
    await queued(office)
    first = await office.carrier.rings(WANG)
    await office.lawyer("李律师", LI)
    await first.answers()
    await first.hears("请下一位请按 2")
    await first.presses("2")
    await first.is_over()
    await office.carrier.rings(LI)


async def test_who_does_not_answer_lets_the_next_lawyer_be_rung(office):
    await office.lawyer()
    await queued(office)
    first = await office.carrier.rings(WANG)
    await office.lawyer("李律师", LI)
    await first.hangs_up("no_answer")
    await office.carrier.rings(LI)


async def test_an_answering_machine_takes_no_call(office):
    await office.lawyer()
    await queued(office)
    machine = await office.carrier.rings(WANG)
    await machine.answers()
    await machine.is_silent()
    await machine.is_over()
    assert await office.waits()


async def test_a_fixed_seat_is_rung_at_the_centre_and_a_cloud_seat_anywhere(office):
    lawyer = await office.lawyer()
    now = office.clock.now()
    async with office.parts.db.write() as s:
        row = await s.get_one(type(lawyer), lawyer.id)
        row.seat_phone = "+861012348001"
    hours = now - timedelta(hours=1), now + timedelta(hours=3)
    shift = await factories.shift(office.parts.db, lawyer.id, *hours, post="hotline", seat="fixed")
    await queued(office)
    seat = await office.carrier.rings("+861012348001")
    async with office.parts.db.write() as s:
        (await s.get_one(type(shift), shift.id)).seat = "cloud"
    await seat.hangs_up("busy")
    await office.waits()

    async def rung_elsewhere():
        await office.later(20)
        return WANG in office.carrier.dialled()

    assert await until(rung_elsewhere)


async def test_who_waits_hears_the_place_and_no_time_that_nobody_knows(office):
    await office.lawyer(on_duty=True, capacity=0)
    citizen = await queued(office)
    await citizen.is_silent()
    told = await citizen.hears("您排在第 1 位")
    assert "不好说" in told and "回电" in told


async def test_with_nobody_on_duty_that_is_what_the_citizen_hears(office):
    citizen = await queued(office)
    await citizen.is_silent()
    assert "现在没有律师在岗" in await citizen.hears("您排在第 1 位")


async def test_who_asks_for_a_call_back_hears_the_reference_and_is_called_by_the_next_lawyer(
    office,
):
    citizen = await queued(office)
    await citizen.is_silent()
    await citizen.hears("给您回电，请按 1")
    await citizen.presses("1")
    await citizen.hears("值班律师会打这个电话给您")
    await citizen.is_over()
    assert (await office.becomes("ended")).outcome == "call_back"
    await office.lawyer()
    lawyer = await office.takes(WANG)
    assert any("这是回电" in said for said in lawyer.heard)
    back = await office.carrier.rings(citizen.number)
    await back.answers()
    await back.hears("您来过电话")
    await office.carrier.together(back, lawyer)
    await office.becomes("connected")
    [ticket] = await office.tickets()
    assert ticket.call_back_at and ticket.call_back_done_at


async def test_a_citizen_who_does_not_answer_the_call_back_is_noted_by_key(office):
    citizen = await queued(office)
    await citizen.hangs_up()
    await office.becomes("ended")
    await office.lawyer()
    lawyer = await office.takes(WANG)
    back = await office.carrier.rings(citizen.number)
    await back.hangs_up("no_answer")
    await lawyer.hears("联系不上当事人请按 6")
    await lawyer.presses("6")
    await lawyer.is_over()

    async def closed():
        [ticket] = await office.tickets()
        return ticket.outcome

    assert await until(closed) == "unreachable"


async def test_who_pressed_1_is_put_through_though_the_process_died_before_it_told_of_it(office):
    await office.lawyer()
    citizen = await queued(office)
    lawyer = await office.carrier.rings(WANG)
    office.parts.events.table[OfferAccepted] = []  # it was killed right after the commit
    [offer] = [leg.offer_id for leg in await office.legs() if leg.offer_id]
    [row] = [leg.lawyer_id for leg in await office.legs() if leg.lawyer_id]
    await office.parts.dispatch.accept(offer, row)
    await lawyer.answers()
    await lawyer.presses("1")  # the task is done once more
    await office.carrier.together(citizen, lawyer)


async def test_an_acceptance_that_is_done_again_after_the_talk_calls_nobody_a_second_time(office):
    citizen, lawyer = await office.connected()
    for line in (citizen, lawyer):
        await line.hangs_up()
    await office.becomes("ended")
    async with office.parts.db.write() as s:  # it died before it could write that it was done
        done = update(CallTask).where(CallTask.verb == "accept").values(done_at=None)
        await s.execute(done)
    await office.later(61)

    async def again():
        return not [verb for verb, _ in await office.open_tasks() if verb == "accept"]

    await until(again)
    assert [call.state for call in await office.calls()] == ["ended"]
    assert office.carrier.dialled().count(WANG) == 1


async def test_a_lawyer_who_rings_while_the_citizen_asks_for_a_call_back_calls_on_the_same_line(
    office,
):
    citizen = await queued(office)
    await citizen.is_silent()
    await citizen.hears("给您回电，请按 1")
    await office.lawyer()
    lawyer = await office.carrier.rings(WANG)
    await citizen.presses("1")
    await citizen.hears("值班律师会打这个电话给您")
    await citizen.is_over()
    await lawyer.answers()
    await lawyer.hears("接听请按 1")
    await lawyer.presses("1")
    back = await office.carrier.rings(citizen.number)
    await back.answers()
    await office.carrier.together(back, lawyer)
    assert office.carrier.dialled().count(WANG) == 1
    assert len(await office.calls()) == 1


async def offered_to(office, row):
    async def offer():
        async with office.parts.db.read() as s:
            return await s.scalar(select(Offer.id).where(Offer.lawyer_id == row.id))

    return await until(offer)


async def test_a_citizen_who_hangs_up_before_the_lawyer_has_picked_up_is_rung_once(office):
    row = await office.lawyer()
    citizen = await queued(office)
    lawyer = await office.carrier.rings(WANG)
    await office.parts.dispatch.accept(await offered_to(office, row), row.id)  # on the page
    await citizen.hears("律师已经接通")
    await citizen.hangs_up()
    assert await office.leg_of(CITIZEN, "ended")
    await lawyer.answers()
    back = await office.carrier.rings(citizen.number)
    await back.hangs_up("no_answer")
    await lawyer.hears("联系不上当事人请按 6")
    await lawyer.presses("6")
    await lawyer.is_over()
    assert (await office.becomes("ended")).outcome == "unreached"
    assert office.carrier.dialled().count(CITIZEN) == 1


async def test_a_call_back_that_stands_on_the_desk_of_a_lawyer_without_telephone_opens_no_call(
    office,
):
    citizen = await queued(office)
    await citizen.hangs_up()
    await office.becomes("ended")
    row = await office.lawyer(phone="")
    await office.parts.dispatch.accept(await offered_to(office, row), row.id)
    assert [call.state for call in await office.calls()] == ["ended"]


async def test_a_call_back_handed_to_a_colleague_who_is_talking_leaves_no_open_call(office):
    await office.connected()
    waits = await queued(office, "+8613800000009")
    await waits.hangs_up()
    await office.leg_of(waits.number, "ended")
    row = await office.lawyer("李律师", phone="")
    await office.parts.dispatch.accept(await offered_to(office, row), row.id)
    talking, ticket = await office.tickets()
    await office.parts.dispatch.hand_over(ticket.id, row.id, talking.owner, "请接手")

    async def passed_on():
        return (await office.tickets())[1].status != "offered"

    await until(passed_on)
    states = sorted(call.state for call in await office.calls())
    assert states == ["connected", "ended", "ended"]


@pytest.mark.parametrize(("an_hour", "called"), [("1/hour", 1), ("2/hour", 2)])
async def test_the_number_of_a_citizen_is_called_so_often_an_hour_and_no_oftener(
    office, monkeypatch, an_hour, called
):
    monkeypatch.setattr("router.channels.hotline.errands.TO_ONE_NUMBER", an_hour)
    number = f"+86137{secrets.randbelow(10**8):08}"  # Redis remembers the others
    await office.lawyer()
    for time in (1, 2):
        citizen = await queued(office, number)
        await citizen.hangs_up()
        lawyer = await office.takes(WANG)
        if time <= called:
            await (await office.carrier.rings(number)).hangs_up("no_answer")
        await lawyer.hears("联系不上当事人请按 6")
        await lawyer.presses("6")
        await lawyer.is_over()
    assert office.carrier.dialled().count(number) == called


async def test_after_the_talk_the_lawyer_presses_the_outcome(office):
    citizen, lawyer = await office.connected()
    await citizen.hangs_up()
    await lawyer.hears("已解答请按 1")
    await lawyer.presses("1")
    await lawyer.is_over()
    assert (await office.becomes("ended")).outcome == "served"

    async def closed():
        [ticket] = await office.tickets()
        return ticket.outcome

    assert await until(closed) == "answered"


async def test_a_lawyer_on_the_telephone_is_not_asked_for_another_until_it_is_over(office):
    first, lawyer = await office.connected()
    second = await office.talks("+8613800000009")
    await second.presses("0")
    await second.hears("正在为您找值班律师")
    await second.is_silent()
    await second.hears("您排在第 1 位")
    assert office.carrier.dialled() == [WANG]
    for line in (first, lawyer):
        await line.hangs_up()
    await office.carrier.rings(WANG)
    async with office.parts.db.read() as s:
        moves = list(await s.scalars(select(TicketEvent.move)))
    assert moves.count("offered") == 2 and "declined" not in moves


async def test_a_lawyer_on_the_telephone_is_still_asked_for_a_chat(office, clock):
    await office.connected()
    talk = await factories.conversation(office.parts.db, clock)
    await office.parts.routing.open_ticket(talk.id, "m-1", "duty_lawyer")
    assert [one.status for one in await office.tickets()] == [Status.ACCEPTED, Status.OFFERED]


async def test_a_lawyer_who_accepts_on_the_page_is_rung_and_joined(office):
    row = await office.lawyer()
    citizen = await queued(office)
    lawyer = await office.carrier.rings(WANG)
    [leg] = [leg for leg in await office.legs() if leg.role == "lawyer"]
    await office.parts.dispatch.accept(leg.offer_id, row.id)
    await lawyer.answers()
    await office.carrier.together(citizen, lawyer)


async def test_held_the_citizen_waits_outside_the_talk(office):
    citizen, lawyer, _ = await office.three()
    await lawyer.stars()
    await lawyer.hears("请按 4")
    await lawyer.presses("4")
    await office.becomes("held")
    assert citizen.held
