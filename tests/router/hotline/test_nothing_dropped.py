"""Abandoned, missed and failed calls are called back, once a caller; nothing counts twice."""

import pytest
from sqlalchemy import select

from router.channels.hotline.tasks import GIVE_UP_AFTER
from router.tickets.models import TicketEvent
from router.tickets.status import Status
from tests.fakes import until
from tests.router.hotline.conftest import CITIZEN, LI, WANG


async def test_who_hangs_up_before_a_word_is_called_back(office):
    line = await office.carrier.dials(CITIZEN)
    await line.hears("录音")
    await line.hangs_up()
    assert (await office.becomes("ended")).outcome == "abandoned"

    async def asked():
        found = await office.tickets()
        return [ticket for ticket in found if ticket.call_back_at]

    [ticket] = await until(asked)
    assert ticket.status == Status.OPEN and "回电" in ticket.summary
    assert ticket.call_back["number"].replace(" ", "") == "13800000001"


async def test_who_calls_in_vain_three_times_stands_in_the_queue_once(office):
    for _ in range(3):
        line = await office.carrier.dials(CITIZEN)
        await line.hears("录音")
        await line.hangs_up()
        await office.becomes("ended")

        async def worked():
            return not [verb for verb, _ in await office.open_tasks() if verb == "call_back"]

        await until(worked)
    assert len(await office.tickets()) == 1

    async def noted():
        async with office.parts.db.read() as s:
            return list(await s.scalars(select(TicketEvent.move)))

    assert (await noted()).count("called_again") == 2


async def test_who_hangs_up_in_the_queue_keeps_the_place_and_is_called_back(office):
    citizen = await office.talks()
    await citizen.presses("0")
    await citizen.hears("正在为您找值班律师")
    await until(office.tickets)
    await citizen.hangs_up()
    await office.becomes("ended")
    [ticket] = await office.tickets()
    assert ticket.status == Status.OPEN
    await office.lawyer()
    lawyer = await office.takes(WANG)
    back = await office.carrier.rings(CITIZEN)
    await back.answers()
    await office.carrier.together(back, lawyer)


async def test_who_hangs_up_while_the_lawyers_telephone_rings_is_called_back_by_that_lawyer(
    office,
):
    await office.lawyer()
    citizen = await office.talks()
    await citizen.presses("0")
    lawyer = await office.carrier.rings(WANG)
    await citizen.hangs_up()
    await lawyer.answers()
    await lawyer.hears("接听请按 1")
    await lawyer.presses("1")
    back = await office.carrier.rings(CITIZEN)
    await back.answers()
    await office.carrier.together(back, lawyer)


async def taken_too_late(office, citizen):
    """The lawyer presses 1; the citizen has hung up before."""
    lawyer = await (await office.carrier.rings(WANG)).answers()
    await lawyer.hears("接听请按 1")
    await citizen.hangs_up()

    async def known():
        return [one for one in await office.legs() if one.state == "ended"]

    await until(known)
    await lawyer.presses("1")
    return lawyer


async def test_who_hangs_up_while_the_lawyer_hears_what_it_is_about_is_called_back_too(office):
    await office.lawyer()
    citizen = await office.talks()
    await citizen.presses("0")
    lawyer = await taken_too_late(office, citizen)
    back = await (await office.carrier.rings(CITIZEN)).answers()
    await office.carrier.together(back, lawyer)
    assert not any("登记结果" in said for said in lawyer.heard)


async def test_a_withheld_number_cannot_be_called_back_and_is_told_so(office):
    citizen = await office.carrier.dials("anonymous")
    await citizen.hears("录音")
    await citizen.presses("0")
    await citizen.is_silent()
    await citizen.hears("给您回电，请按 1")
    await citizen.presses("1")
    await citizen.hears("没有显示号码")
    await citizen.hangs_up()
    assert (await office.becomes("ended")).outcome == "withheld"


@pytest.mark.parametrize("port", ["twilio"])
async def test_callbacks_late_twice_and_out_of_order_have_one_effect(office):
    office.carrier.untidy = True
    citizen, lawyer, police = await office.three()
    for line in (police, citizen):
        await line.hangs_up()
    await lawyer.hears("已解答请按 1")
    await lawyer.presses("1")
    assert (await office.becomes("ended")).outcome == "served"
    await until(lambda: not office.carrier.deliveries)
    legs = await office.legs()
    assert [leg.state for leg in legs] == ["ended"] * 3
    assert len(await office.tickets()) == 1


@pytest.mark.parametrize("port", ["twilio"])
async def test_a_callback_that_never_comes_is_made_up_for_by_the_carriers_list(office):
    office.carrier.lost = lambda told: told.get("CallStatus") == "completed"
    citizen = await office.talks()
    await citizen.hangs_up()

    async def noticed():  # by the room's timer alone
        await office.later(60)
        return (await office.call()).state == "ended"

    await until(noticed)
    assert (await office.call()).outcome == "abandoned"
    assert await until(office.tickets)


@pytest.mark.parametrize("port", ["twilio"])
async def test_a_carrier_that_begins_one_call_a_second_keeps_nobody_from_being_rung(office):
    office.carrier.each_second = True
    await office.lawyer()
    await office.lawyer("李律师", LI)
    for number in (CITIZEN, "+8613800000008"):
        citizen = await office.talks(number)
        await citizen.presses("0")
    await until(lambda: {WANG, LI} <= set(office.carrier.dialled()))
    states = {line.state for line in office.carrier.lines.values() if not line.inbound}
    assert states == {"ringing", "queued"}
    await office.later(1)
    for number in (WANG, LI):
        await office.carrier.rings(number)


@pytest.mark.parametrize("port", ["twilio"])
async def test_a_carrier_that_is_too_busy_is_asked_again(office):
    office.carrier.refuses["POST Calls.json"] = [(429, 20429, False)]
    await office.lawyer()
    citizen = await office.talks()
    await citizen.presses("0")
    await until(lambda: office.carrier.refuses["POST Calls.json"] == [])

    async def rung_later():
        await office.later(2)
        return WANG in office.carrier.dialled()

    assert await until(rung_later)


@pytest.mark.parametrize("port", ["twilio"])
async def test_a_request_that_timed_out_but_took_effect_rings_nobody_twice(office):
    office.carrier.refuses["POST Calls.json"] = [(0, 0, True)]
    await office.lawyer()
    citizen = await office.talks()
    await citizen.presses("0")
    lawyer = await office.carrier.rings(WANG)
    await office.later(5)
    await lawyer.answers()
    await lawyer.hears("接听请按 1")
    await lawyer.presses("1")
    await office.carrier.together(citizen, lawyer)
    assert office.carrier.dialled() == [WANG]


@pytest.mark.parametrize("port", ["twilio"])
async def test_a_number_that_the_carrier_refuses_lets_the_next_lawyer_be_rung(office):
    office.carrier.refuses["POST Calls.json"] = [(400, 21211, False)]
    await office.lawyer()
    citizen = await office.talks()
    await citizen.presses("0")
    await until(lambda: office.carrier.refuses["POST Calls.json"] == [])
    await office.lawyer("李律师", LI)
    await office.carrier.rings(LI)


@pytest.mark.parametrize("port", ["cti"])
async def test_a_gateway_that_was_restarted_owes_nothing_and_doubles_nothing(office):
    citizen, lawyer = await office.connected()
    await office.carrier.gateway.stop()
    await citizen.hangs_up()
    office.carrier.boot()
    await lawyer.hears("已解答请按 1")
    await lawyer.presses("1")
    assert (await office.becomes("ended")).outcome == "served"


@pytest.mark.parametrize("port", ["twilio"])
async def test_every_request_is_one_that_twilio_would_take(office):
    citizen, lawyer, police = await office.three()
    for line in (police, lawyer, citizen):
        await line.hangs_up()
    await office.becomes("ended")
    assert office.carrier.faults == []


async def test_a_lawyer_who_takes_a_withheld_number_that_has_hung_up_is_told_and_not_left_alone(
    office,
):
    await office.lawyer()
    citizen = await office.carrier.dials("anonymous")
    await citizen.hears("录音")
    await citizen.presses("0")
    lawyer = await taken_too_late(office, citizen)
    await lawyer.hears("当事人已经挂断")
    await lawyer.hears("联系不上当事人请按 6")
    await lawyer.presses("6")
    await lawyer.is_over()
    assert (await office.becomes("ended")).outcome == "withheld"


@pytest.mark.parametrize("how", ["on the line", "hung up"])
async def test_a_caller_whose_ticket_cannot_be_opened_for_long_is_not_given_up(
    office, monkeypatch, how
):
    opens, failures = office.parts.routing.open_ticket, []

    async def fails(*what):
        if len(failures) == 2 * GIVE_UP_AFTER:
            return await opens(*what)
        failures.append(what)
        raise RuntimeError("no ticket can be opened now")

    monkeypatch.setattr(office.parts.routing, "open_ticket", fails)
    await office.lawyer()
    citizen = await office.talks()
    if how == "on the line":
        await citizen.presses("0")
    else:
        await citizen.hangs_up()

    async def opened():
        await office.later(31)
        return await office.tickets()

    assert len(await until(opened)) == 1
    assert len(failures) == 2 * GIVE_UP_AFTER
    await office.carrier.rings(WANG)
