"""Twilio's webhooks: signatures over the public address, replays refused, answers as TwiML."""

import pytest
from twilio.request_validator import RequestValidator

from tests.router.hotline.conftest import CITIZEN

pytestmark = pytest.mark.parametrize("port", ["twilio"])
CALL = {
    "CallSid": "CA" + "1" * 32, "AccountSid": "AC" + "2" * 32, "From": CITIZEN,
    "To": "+15005550006", "CallStatus": "ringing", "Direction": "inbound", "CallerName": "",
}  # fmt: skip


def signed(office, path: str, form: dict, base: str = "https://hotline.example.cn") -> dict:
    token = office.parts.settings.TWILIO_AUTH_TOKEN.get_secret_value()
    return {"X-Twilio-Signature": RequestValidator(token).compute_signature(base + path, form)}


async def post(office, path: str, form: dict, headers: dict | None = None):
    headers = signed(office, path, form) if headers is None else headers
    return await office.carrier.app.post(path, data=form, headers=headers)


async def test_a_signed_call_is_answered_though_a_proxy_has_another_address(office):
    """The tests' client speaks to http://10.0.0.5:8000; what is signed is the public address."""
    answer = await post(office, "/hotline/twilio/voice", CALL)
    assert answer.status_code == 200 and "<Gather" in answer.text


async def test_the_query_is_signed_as_it_was_sent(office):
    path = "/hotline/twilio/voice?leg=L1&t=%E4%B8%AD"
    assert (await post(office, path, CALL)).status_code == 200


async def test_an_altered_an_unsigned_and_a_foreign_request_are_refused(office):
    path = "/hotline/twilio/voice"
    right = signed(office, path, CALL)
    altered = await post(office, path, {**CALL, "From": "+8613800009999"}, right)
    unsigned = await post(office, path, CALL, {})
    inside = await post(office, path, CALL, signed(office, path, CALL, "http://10.0.0.5:8000"))
    assert [one.status_code for one in (altered, unsigned, inside)] == [403, 403, 403]
    assert await office.calls() == []


async def test_a_forwarded_host_is_not_believed(office):
    path = "/hotline/twilio/voice"
    headers = {
        **signed(office, path, CALL, "https://evil.example"), "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
    }  # fmt: skip
    assert (await post(office, path, CALL, headers)).status_code == 403


async def test_the_carriers_repetition_has_the_same_answer_and_one_effect(office):
    first = await post(office, "/hotline/twilio/voice", CALL)
    again = await post(office, "/hotline/twilio/voice", CALL)
    assert first.text == again.text
    assert len(await office.calls()) == 1


async def test_a_replay_is_refused_once_the_call_has_gone_on(office):
    line = await office.talks()
    old = next((url, form) for url, form in office.carrier.sent if "/said/1" in url)
    await line.presses("*")
    await line.hears("请说说您遇到了什么事")
    path = old[0].removeprefix("https://hotline.example.cn")
    assert (await post(office, path, old[1])).status_code == 409


async def test_the_callers_words_are_not_masked_and_the_recogniser_gets_its_own_language(office):
    answer = await post(office, "/hotline/twilio/voice", CALL)
    assert 'profanityFilter="false"' in answer.text
    assert 'language="cmn-Hans-CN"' in answer.text and 'voice="Polly.Zhiyu-Neural"' in answer.text


async def test_an_unknown_leg_is_not_found(office):
    path = "/hotline/twilio/legs/nobody/answered"
    assert (await post(office, path, CALL)).status_code == 404
