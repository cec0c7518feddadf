"""110 passes a call on to 12348: by its own line or by a signed request, before ordinary calls."""

import json

from sqlalchemy import select, text

from router.referrals import partners
from router.referrals.signing import sign
from router.tickets.models import Ticket
from router.tickets.urgency import Urgency
from tests.fakes import until
from tests.router.hotline.conftest import CITIZEN, OPERATOR, POLICE_LINE, WANG

BODY = {"incident": "330100-2026-0042", "caller": CITIZEN, "operator": OPERATOR}


async def key_of_110(office, *scopes: str) -> str:
    now = office.clock.now()
    async with office.parts.db.write() as s:
        partner, _ = await partners.add(
            s, now, name="110", label="110 指挥中心", region="990101", days=1, url=None
        )
        return await partners.new_key(s, partner, scopes or ("call",), now)


async def sends(
    office, key: str, body: dict | None = None, late: int = 0, spoil: bytes = b"", secret=""
):
    raw = json.dumps(body or BODY).encode()
    stamp = int(office.clock.now().timestamp()) - late
    headers = {
        "X-Jieyuan-Key": key.split("_")[1], "X-Jieyuan-Timestamp": str(stamp),
        "X-Jieyuan-Signature": sign(secret or key, stamp, raw),
    }  # fmt: skip
    app = office.carrier.app
    return await app.post("/api/transfers", content=raw + spoil, headers=headers)


async def test_a_signed_transfer_brings_citizen_operator_and_lawyer_into_one_room(office):
    await office.lawyer()
    answer = await sends(office, await key_of_110(office))
    assert answer.status_code == 201
    operator = await (await office.carrier.rings(OPERATOR)).answers()
    citizen = await (await office.carrier.rings(CITIZEN)).answers()
    lawyer = await office.takes(WANG)
    assert "110 转来" in lawyer.heard[0] and "时限" not in lawyer.heard[0]
    await office.carrier.together(citizen, operator, lawyer)
    await office.becomes("three_way")
    await operator.hangs_up()
    await office.carrier.together(citizen, lawyer)
    await office.becomes("connected")


async def passed_on(office):
    """Citizen and operator in the room, by a signed transfer."""
    await sends(office, await key_of_110(office))
    operator = await (await office.carrier.rings(OPERATOR)).answers()
    citizen = await (await office.carrier.rings(CITIZEN)).answers()
    await office.carrier.together(citizen, operator)
    return citizen, operator


async def test_a_transferred_call_goes_before_ordinary_ones_and_carries_the_incident(office):
    await passed_on(office)

    [ticket] = await until(office.tickets)
    assert ticket.urgency == Urgency.DEADLINE
    assert BODY["incident"] in ticket.summary
    assert (await office.call()).incident == BODY["incident"]


async def test_the_same_incident_sent_twice_is_one_call(office):
    key = await key_of_110(office)
    first, second = await sends(office, key), await sends(office, key)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["reference"] == second.json()["reference"]
    assert len(await office.calls()) == 1


async def test_what_was_altered_is_old_or_has_the_wrong_key_is_refused(office):
    key = await key_of_110(office)
    other = await sends(office, key[:-1] + "x")
    assert [
        (await sends(office, key, spoil=b" ")).status_code,
        (await sends(office, key, late=301)).status_code,
        other.status_code,
    ] == [403, 403, 403]
    assert await office.calls() == []


async def test_who_reads_the_table_of_keys_can_sign_nothing(office):
    key = await key_of_110(office)
    async with office.parts.db.read() as s:
        row = (await s.execute(text("SELECT * FROM partner_keys"))).mappings().one()
    for stored in (row["digest"], str(row["secret_sealed"])):
        assert (await sends(office, key, secret=stored)).status_code == 403
    assert key.encode() not in row["secret_sealed"]


async def test_a_key_for_referrals_transfers_no_calls(office):
    key = await key_of_110(office, "send")
    assert (await sends(office, key)).status_code == 403


async def test_on_110s_own_line_the_operator_keys_in_incident_and_citizen(office):
    await office.lawyer()
    operator = await office.carrier.dials(OPERATOR, POLICE_LINE)
    await operator.hears("请输入警情编号")
    await operator.presses("20260042#")
    await operator.hears("请输入当事人的电话号码")
    await operator.presses("13800000001#")
    citizen = await office.carrier.rings("13800000001" if _plain(office) else CITIZEN)
    await citizen.answers()
    lawyer = await office.takes(WANG)
    await office.carrier.together(citizen, operator, lawyer)
    assert (await office.call()).incident == "20260042"


def _plain(office) -> bool:
    return office.parts.settings.HOTLINE_CARRIER == "cti"


async def test_a_citizen_on_the_operators_own_line_needs_no_call(office):
    await office.lawyer()
    operator = await office.carrier.dials(OPERATOR, POLICE_LINE)
    await operator.hears("请输入警情编号")
    await operator.presses("7#")
    await operator.hears("请输入当事人的电话号码")
    await operator.presses("#")
    lawyer = await office.takes(WANG)
    await office.carrier.together(operator, lawyer)
    assert (await office.becomes("connected")).served


async def test_the_operator_leaves_before_the_lawyer_is_there_and_the_citizen_keeps_the_place(
    office,
):
    citizen, operator = await passed_on(office)
    await operator.hangs_up()
    await citizen.hears("110 接线员已经离开")
    await office.lawyer()
    lawyer = await office.takes(WANG)
    await office.carrier.together(citizen, lawyer)


async def test_an_operator_who_hangs_up_before_the_lawyer_has_picked_up_leaves_nobody_alone(office):
    row = await office.lawyer()
    operator = await office.carrier.dials(OPERATOR, POLICE_LINE)
    await operator.hears("请输入警情编号")
    await operator.presses("7#")
    await operator.hears("请输入当事人的电话号码")
    await operator.presses("#")
    lawyer = await office.carrier.rings(WANG)
    [offer] = [leg.offer_id for leg in await office.legs() if leg.offer_id]
    await office.parts.dispatch.accept(offer, row.id)  # on the page
    await operator.hangs_up()
    assert await office.leg_of(OPERATOR, "ended")
    await lawyer.answers()
    await lawyer.hears("联系不上当事人请按 6")


async def is_called_back_as_110s(office, citizen, operator):
    await operator.hangs_up()
    await citizen.hears("110 接线员已经离开")
    await citizen.hangs_up()
    await office.becomes("ended")
    await office.lawyer()
    lawyer = await (await office.carrier.rings(WANG)).answers()
    told = await lawyer.hears("这是回电")
    assert "110 转来" in told and "时限" not in told


async def test_a_call_back_of_a_transfer_is_told_as_110s_and_names_no_time_limit(office):
    citizen, operator = await passed_on(office)
    await is_called_back_as_110s(office, citizen, operator)
    assert (await office.call()).incident == BODY["incident"]


async def test_a_call_back_of_a_transfer_without_an_incident_number_is_told_as_110s_too(office):
    operator = await office.carrier.dials(OPERATOR, POLICE_LINE)
    await operator.hears("请输入警情编号")
    await operator.presses("#")
    await operator.hears("请输入当事人的电话号码")
    await operator.presses("13800000001#")
    citizen = await office.carrier.rings("13800000001" if _plain(office) else CITIZEN)
    await citizen.answers()
    await is_called_back_as_110s(office, citizen, operator)


async def test_danger_is_told_of_a_transferred_call_too(office):
    await passed_on(office)
    await until(office.tickets)
    async with office.parts.db.write() as s:
        (await s.scalars(select(Ticket))).one().urgency = Urgency.DANGER
    await office.lawyer()
    lawyer = await (await office.carrier.rings(WANG)).answers()
    told = await lawyer.hears("110 转来")
    assert "危险" in told
