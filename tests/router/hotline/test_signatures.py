"""Both carriers' signatures against cases written out by hand: what is signed, byte for byte."""

import base64
import hashlib
import hmac
from urllib.parse import quote_plus

import pytest

from router.channels.hotline.cti import envelope

SECRET, NOW = "a-secret-of-the-tests", 1_790_000_100
NONCE = "0123456789abcdef01234567"
WORDS = '{"type":"asr.final","data":{"text":"房东不退押金"}}'.encode()
CTI = [
    ("POST", "/v1/commands", b'{"verb":"leg.answer"}'),
    ("POST", "/hooks/cti?site=2", WORDS),
    ("GET", "/v1/calls/k-7", b""),
]


def by_hand(method: str, path: str, body: bytes) -> str:
    hashed = hashlib.sha256(body).hexdigest()
    told = f"{NOW}\n{NONCE}\n{method}\n{path}\n{hashed}"
    return hmac.new(SECRET.encode(), told.encode(), hashlib.sha256).hexdigest()


def shown(signature: str, key: str = "k1") -> dict[str, str]:
    return {"X-Cti-Key": key, "X-Cti-Time": str(NOW), "X-Cti-Nonce": NONCE,
            "X-Cti-Signature": signature}  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body"), CTI)
def test_a_command_an_event_in_chinese_and_an_empty_body_are_believed(method, path, body):
    signature = "v1=" + by_hand(method, path, body)
    known = {"k1": SECRET}
    assert envelope.check(shown(signature), known, NOW, method, path, body) == NONCE
    for other in ((method, path + "?x", body), ("PUT", path, body), (method, path, body + b" ")):
        with pytest.raises(envelope.Refused):
            envelope.check(shown(signature), known, NOW, *other)


def test_while_keys_change_both_are_believed_and_a_second_scheme_beside_v1_does_no_harm():
    method, path, body = CTI[0]
    signature = f"v1sm3=00,v1={by_hand(method, path, body)}"
    known = {"old": SECRET, "new": "another"}
    assert envelope.check(shown(signature, "old"), known, NOW, method, path, body)
    with pytest.raises(envelope.Refused):
        envelope.check(shown(signature, "new"), known, NOW, method, path, body)


@pytest.mark.parametrize(("aside", "believed"), [(300, True), (-300, True), (301, False)])
def test_five_minutes_aside_are_the_most(aside, believed):
    method, path, body = CTI[0]
    given = shown("v1=" + by_hand(method, path, body)), {"k1": SECRET}, NOW + aside
    if believed:
        assert envelope.check(*given, method, path, body)
    else:
        with pytest.raises(envelope.Refused):
            envelope.check(*given, method, path, body)


# Twilio: HMAC-SHA1 over the public address and each field with its value, names in order

FORM = {"CallSid": "CA" + "3" * 32, "CallerName": "", "SpeechResult": "房东不退押金",
        "From": "+8613800000001", "To": "+15005550006", "CallStatus": "ringing"}  # fmt: skip


def twilio(token: str, address: str, form: dict[str, str]) -> str:
    told = address + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.digest(token.encode(), told.encode(), "sha1")).decode()


@pytest.mark.parametrize("port", ["twilio"])
@pytest.mark.parametrize(
    ("public", "signed_as"),
    [
        ("https://hotline.example.cn", "https://hotline.example.cn"),
        ("https://hotline.example.cn:443", "https://hotline.example.cn"),
        ("https://hotline.example.cn:8443", "https://hotline.example.cn:8443"),
    ],
)
async def test_a_form_is_believed_with_empty_and_chinese_fields_at_any_port(
    office, public, signed_as
):
    office.parts.settings.PUBLIC_URL = public
    token = office.parts.settings.TWILIO_AUTH_TOKEN.get_secret_value()
    path = "/hotline/twilio/voice?leg=%E4%B8%AD&x="

    async def answered(signature: str) -> int:
        headers = {"X-Twilio-Signature": signature}
        return (await office.carrier.app.post(path, data=FORM, headers=headers)).status_code

    assert await answered(twilio(token, signed_as + path, FORM)) == 200
    assert await answered(twilio(token, signed_as + path, FORM | {"CallerName": "x"})) == 403
    assert await answered(twilio(token, signed_as + path.replace("%E4", "%e4"), FORM)) == 403


@pytest.mark.parametrize("port", ["twilio"])
async def test_a_field_sent_twice_counts_with_each_value_once_in_their_order(office):
    settings = office.parts.settings
    path = "/hotline/twilio/voice"
    pairs = [*FORM.items(), ("Event", "ringing"), ("Event", "answered"), ("Event", "ringing")]
    told = {**FORM, "Event": "answeredEventringing"}
    token = settings.TWILIO_AUTH_TOKEN.get_secret_value()
    signature = twilio(token, settings.PUBLIC_URL + path, told)
    body = "&".join(f"{name}={quote_plus(value)}" for name, value in pairs)
    headers = {"X-Twilio-Signature": signature,
               "Content-Type": "application/x-www-form-urlencoded"}  # fmt: skip
    answer = await office.carrier.app.post(path, content=body, headers=headers)
    assert answer.status_code == 200
