"""The day that `./jieyuan demo hotline` plays: nobody of it is lost, and a person can follow it."""

import pytest

from reference.cti_gateway.day import MOBILE, POLICE, POLICE_LINE, SEAT, Day
from router.lawyers.models import Lawyer
from router.mediation.models import Committee
from tests import factories
from tests.fakes import until

pytestmark = pytest.mark.parametrize("port", ["cti"])


async def test_the_days_six_calls_are_all_brought_to_their_end(office):
    office.parts.settings.HOTLINE_POLICE = POLICE
    office.parts.settings.HOTLINE_POLICE_LINE = POLICE_LINE
    async with office.parts.db.write() as s:  # as data/demo/committees.csv has it
        s.add(
            Committee(
                id="county", name="清河县人民调解委员会（虚构）", kind="county", region="990101",
                matters=["neighbour_property"], phone="0000-0000003", address="-",
            )
        )  # fmt: skip
    hired = {}
    for who, seat in (("day", "fixed"), ("night", "cloud")):
        row = await office.lawyer(who, MOBILE, on_duty=False)
        async with office.parts.db.write() as s:
            (await s.get_one(Lawyer, row.id)).seat_phone = SEAT
        await factories.shift(
            office.parts.db, row.id, office.clock.now(), office.clock.now().replace(hour=23),
            post="hotline", seat=seat,
        )  # fmt: skip
        hired[who] = row.id
    told = []

    async def duty(who, on):
        await office.parts.dispatch.duty(hired[who], on)

    await Day(office.carrier.exchange, duty, told.append, patience=10).play()

    async def over():
        return {call.state for call in await office.calls()} == {"ended"}

    await until(over)
    calls = await office.calls()
    ends = sorted(str(call.outcome) for call in calls)
    assert ends == ["abandoned"] + ["served"] * 6
    assert [call.incident for call in calls if call.entry == "police"] == ["20260042"]
    assert {ticket.status for ticket in await office.tickets()} == {"closed"}
    assert any("夜里的律师（云坐席）（13900001202）的电话响" in line for line in told)
    assert any("通话中：李女士、白天的律师（固定坐席）、110" in line for line in told)
    assert any("通话中：钱女士、白天的律师（固定坐席）、调解员" in line for line in told)
