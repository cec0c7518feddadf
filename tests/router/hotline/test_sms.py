"""Short messages: who wants one has the reference, the time and the papers on their own mobile."""

import pytest
from sqlalchemy import select

from router.channels.hotline.models import TextMessage
from router.channels.hotline.sms import aliyun
from router.channels.hotline.sms import orders as sms
from tests.fakes import until
from tests.router.hotline.conftest import CITIZEN, POLICE, WANG

pytestmark = pytest.mark.parametrize("port", ["twilio"])


@pytest.fixture(params=["twilio", "aliyun"])
def texts(request):
    return request.param


async def waiting(office, number=CITIZEN):
    citizen = await office.talks(number)
    await citizen.presses("0")
    await citizen.is_silent()
    await citizen.hears("您排在第")
    return citizen


async def rows(office):
    async with office.parts.db.read() as s:
        return list(await s.scalars(select(TextMessage).order_by(TextMessage.created_at)))


async def settled(office, how_many=1):
    async def done():
        found = await rows(office)
        return found if len(found) == how_many and "ordered" not in {r.state for r in found} else 0

    return await until(done)


async def reference(office):
    from router.conversations.models import Conversation

    call = await office.call()
    async with office.parts.db.read() as s:
        return (await s.get_one(Conversation, call.conversation_id)).reference


async def test_key_2_in_the_queue_sends_the_reference_once_to_the_callers_own_mobile(office):
    citizen = await waiting(office)
    await citizen.hears("用短信发给您，请按 2")
    await citizen.presses("2")
    told = await citizen.hears("短信会发到您打来的这个手机")
    await until(office.sms.sent)
    await citizen.presses("2")
    await citizen.hears("您排在第")
    await settled(office)
    [(to, text)] = office.sms.sent()
    assert to.removeprefix("+86") == CITIZEN.removeprefix("+86")
    assert await reference(office) in text and "请按 2" not in told


async def test_who_asks_the_assistant_for_a_message_has_it_and_is_asked_on(office):
    citizen = await office.talks()
    await citizen.says("能不能发短信给我")
    await citizen.hears("短信会发到")
    await citizen.hears("请说说您遇到了什么事")
    await settled(office)
    assert office.bot.texts == []


async def test_after_a_call_back_was_written_down_key_2_sends_when_it_comes(office):
    citizen = await waiting(office)
    await citizen.presses("1")
    await citizen.hears("用短信发给您，请按 2")
    await citizen.presses("2")
    await citizen.is_over()
    await settled(office)
    [(_, text)] = office.sms.sent()
    assert await reference(office) in text and "给您回电" in text


async def test_key_0_reaches_a_person_after_the_call_back_was_written_down_too(office):
    citizen = await waiting(office)
    await citizen.presses("1")
    await citizen.hears("用短信发给您，请按 2")
    await citizen.presses("0")
    await citizen.hears("正在为您找值班律师")
    await office.lawyer()
    lawyer = await office.takes(WANG)
    await office.carrier.together(citizen, lawyer)


async def test_danger_after_the_call_back_was_written_down_leads_to_the_queue_where_110_fails(
    office,
):
    citizen = await waiting(office)
    await citizen.presses("1")
    await citizen.hears("用短信发给您，请按 2")
    await citizen.says("他拿刀要杀我")
    for _ in range(2):
        await (await office.carrier.rings(POLICE)).hangs_up("busy")
    await citizen.hears("110 两次没有接通")
    await citizen.is_silent()
    await citizen.hears("您排在第")


async def test_who_agreed_and_hangs_up_in_the_queue_is_told_when_the_call_comes(office):
    citizen = await waiting(office)
    await citizen.presses("2")
    await citizen.hears("短信会发到")
    await citizen.hangs_up()
    assert [row.template for row in await settled(office, 2)] == ["reference", "call_back"]


async def test_a_message_is_known_by_its_case_with_when_and_how_it_went_and_without_its_words(
    office,
):
    citizen = await waiting(office)
    await citizen.presses("2")
    [row] = await settled(office)
    call = await office.call()
    [ticket] = await office.tickets()
    assert row.call_id == call.id
    assert (call.conversation_id, call.ticket_id) == (ticket.conversation_id, ticket.id)
    assert row.template == "reference" and row.state in ("sent", "delivered")
    assert row.created_at <= row.sent_at
    kept = {name: str(value) for name, value in vars(row).items()}
    secret = (await reference(office), CITIZEN, CITIZEN.removeprefix("+86"))
    assert not [name for name, value in kept.items() if any(one in value for one in secret)]


async def test_who_asked_for_none_is_sent_none(office):
    citizen = await waiting(office)
    await citizen.presses("1")
    await citizen.hears("请按 2")
    await citizen.hangs_up()
    await office.becomes("ended")
    await until(office.tickets)
    assert await rows(office) == [] and office.sms.sent() == []


async def test_a_fixed_line_is_offered_no_message(office):
    citizen = await waiting(office, "+861062000123")
    assert not any("短信" in said for said in citizen.heard)
    await citizen.presses("2")
    await citizen.hears("您排在第")
    assert await rows(office) == []


async def test_a_number_gets_only_so_many_a_day(office):
    office.parts.settings.SMS_RATE = "1/day"
    for _ in range(2):
        citizen = await waiting(office)
        await citizen.presses("2")
        await citizen.hears("短信会发到")
        await citizen.presses("1")
        await citizen.is_over()
        await office.becomes("ended")
    found = await settled(office, 4)
    assert len(office.sms.sent()) == 1
    assert {row.fault for row in found if row.state == "failed"} == {"TooFast"}


async def test_a_message_whose_answer_got_lost_is_not_sent_twice(office, texts):
    if texts == "twilio":
        office.carrier.refuses["POST Messages.json"] = [(0, 0, True)]
    else:
        office.sms.refuses.append(("timeout", True))
    citizen = await waiting(office)
    await citizen.presses("2")
    await until(office.sms.sent)

    async def looked_again():
        await office.later(5)
        return (await rows(office))[0].state != "ordered"

    await until(looked_again)
    assert len(office.sms.sent()) == 1


async def test_a_carrier_that_is_too_busy_is_asked_again(office, texts):
    if texts == "twilio":
        office.carrier.refuses["POST Messages.json"] = [(429, 20429, False)]
    else:
        office.sms.refuses.append(("isv.BUSINESS_LIMIT_CONTROL", False))
    citizen = await waiting(office)
    await citizen.presses("2")
    await citizen.hears("短信会发到")

    async def sent_later():
        await office.later(61)
        return office.sms.sent()

    await until(sent_later)


async def test_what_the_carrier_never_sends_is_given_up_and_says_why(office, texts):
    if texts == "twilio":
        office.sms.stopped.add(CITIZEN)
    else:
        office.sms.refuses.append(("isv.BLACK_KEY_CONTROL_LIMIT", False))
    citizen = await waiting(office)
    await citizen.presses("2")
    [row] = await settled(office)
    why = {"twilio": "21610", "aliyun": "isv.BLACK_KEY_CONTROL_LIMIT"}[texts]
    assert (row.state, row.fault) == ("failed", why)

    async def given_up():
        return not [verb for verb, _ in await office.open_tasks() if verb == "text"]

    await until(given_up)


@pytest.mark.parametrize("texts", ["twilio"])
async def test_what_did_not_arrive_is_known_with_the_carriers_reason(office):
    office.sms.end = {"MessageStatus": "undelivered", "ErrorCode": "30003"}
    citizen = await waiting(office)
    await citizen.presses("2")

    async def told():
        found = await rows(office)
        return found and found[0].state == "failed" and found[0].fault

    assert await until(told) == "30003"


@pytest.mark.parametrize("texts", ["none"])
async def test_without_a_carrier_nobody_hears_of_messages(office):
    citizen = await waiting(office)
    assert not any("短信" in said for said in citizen.heard)


@pytest.mark.parametrize("texts", ["none"])
def test_the_signature_is_that_of_alibaba_clouds_own_example(port, texts):
    """help/sdk/product-overview/v3-request-structure-and-signature: the fixed example there."""
    image = "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"
    headers = aliyun.signed(
        "YourAccessKeyId", "YourAccessKeySecret", "ecs.cn-shanghai.aliyuncs.com",
        aliyun.canonical_query({"RegionId": "cn-shanghai", "ImageId": image}),
        "RunInstances", "2014-05-26", "2023-10-26T10:22:32Z", "3156853299f313e23d1673dc12e1703d",
    )  # fmt: skip
    assert headers["Authorization"].endswith(
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


@pytest.mark.parametrize("texts", ["none"])
@pytest.mark.parametrize(
    ("number", "may"),
    [("13800000001", True), ("+8613800000001", True), ("057112345678", False), ("", False)],
)
def test_only_mobiles_are_written_to(port, texts, number, may):
    assert sms.reaches(number) is may
