"""The signed protocol with a gateway: both doors, order, gaps, repetition."""

import asyncio
import json
from datetime import timedelta

import pytest

from router.channels.hotline.cti import envelope
from tests.fakes import until
from tests.router.hotline.conftest import CITIZEN

pytestmark = pytest.mark.parametrize("port", ["cti"])
BEAT = {"type": "sidecar.heartbeat", "data": {"boot_id": 1, "calls": {}}}


def signed(office, body: bytes, late: int = 0, secret: str | None = None) -> dict:
    settings = office.parts.settings
    secret = secret or settings.CTI_SECRET_IN.get_secret_value()
    now = int(office.clock.now().timestamp()) - late
    return envelope.headers(settings.CTI_KEY, secret, now, "POST", "/hotline/cti/events", body)


async def post(office, body: bytes, headers: dict):
    return await office.carrier.app.post("/hotline/cti/events", content=body, headers=headers)


async def test_an_event_is_believed_once(office):
    body = json.dumps(BEAT).encode()
    headers = signed(office, body)
    assert (await post(office, body, headers)).status_code == 204
    assert (await post(office, body, headers)).status_code == 409


async def test_an_altered_an_old_and_a_foreign_event_are_refused(office):
    body = json.dumps(BEAT).encode()
    altered = await post(office, body + b" ", signed(office, body))
    old = await post(office, body, signed(office, body, late=301))
    foreign = await post(office, body, signed(office, body, secret="x" * 32))
    assert [one.status_code for one in (altered, old, foreign)] == [403, 403, 403]


async def test_our_commands_secret_signs_no_events(office):
    body = json.dumps(BEAT).encode()
    ours = office.parts.settings.CTI_SECRET_OUT.get_secret_value()
    assert (await post(office, body, signed(office, body, secret=ours))).status_code == 403


async def test_a_lost_event_is_made_up_for_by_the_gateways_picture_of_the_call(office):
    """Between hearing "join" and "left" one is never delivered: after two seconds the snapshot."""
    citizen, lawyer = await office.connected()
    gateway = office.carrier.gateway
    real, lost = gateway.post, []

    async def lossy(event):
        if event["type"] == "leg.ended" and not lost:
            lost.append(event)
            return 204
        return await real(event)

    gateway.post = lossy
    await citizen.hangs_up()
    await lawyer.hangs_up()
    for _ in range(4):
        await asyncio.sleep(0.05)
        await office.later(2)
    await office.becomes("ended")
    assert lost


async def beats(office, boot: int) -> None:
    body = json.dumps({**BEAT, "data": {"boot_id": boot, "calls": {}}}).encode()
    assert (await post(office, body, signed(office, body))).status_code == 204


async def test_a_heartbeat_with_another_boot_id_makes_up_for_what_a_restart_swallowed(office):
    await beats(office, 1)
    citizen = await office.carrier.dials(CITIZEN)
    await citizen.hears("录音")
    gateway = office.carrier.gateway
    gateway._journal.acknowledge = lambda *_: None
    await gateway.stop()
    call = await office.call()
    gateway._journal.leg(citizen.leg_id, call.id, "ended", "normal")
    await office.clock.advance(timedelta(seconds=31))
    await beats(office, 1)
    assert (await office.call()).state != "ended"
    await beats(office, 2)
    assert (await office.becomes("ended")).outcome == "abandoned"


async def test_the_same_command_twice_is_one_leg_and_another_body_is_refused(office):
    carrier = office.parts.hotline.carrier("cti")
    from router.channels.hotline.port import CarrierError, Line

    line = Line("leg-1", "call-1", None, False)
    await carrier.call_out(line, "110", 30, False)
    await carrier.call_out(line, "110", 30, True)
    assert office.carrier.dialled() == ["110"]
    with pytest.raises(CarrierError) as refused:
        await carrier.call_out(line, "120", 30, False)
    assert refused.value.code == "409"


async def test_a_gateway_beside_the_exchange_reaches_110_itself(office):
    office.parts.settings.HOTLINE_POLICE = "110"
    citizen = await office.talks()
    await citizen.says("他拿刀要砍我，救命")
    await citizen.hears("现在就为您接通 110")
    police = await office.carrier.rings("110")
    await police.answers()
    await office.carrier.together(citizen, police)


async def test_events_of_a_call_that_is_not_ours_are_acknowledged_and_nothing_more(office):
    body = json.dumps(
        {"type": "leg.ended", "event_id": "e", "call_id": "c", "leg_id": "l", "seq": 1}
    ).encode()
    assert (await post(office, body, signed(office, body))).status_code == 204
    assert await office.calls() == []
    assert await until(lambda: True)
