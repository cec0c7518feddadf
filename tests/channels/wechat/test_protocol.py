"""The platform's signature and envelope: ours against wechatpy's both ways, and what is refused."""

import base64
import json
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as some

from router.channels.wechat import crypto
from router.channels.wechat.models import Follower
from router.conversations.models import Conversation, Message
from tests.channels.wechat.conftest import Citizen
from tests.channels.wechat.test_leaving import rows
from tests.fake_wechat import Platform, encrypted, sha1
from tests.fakes import FakeClock

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from wechatpy.crypto import WeChatCrypto
    from wechatpy.utils import check_signature

KEY = "Q7mZx2Lr9TnVb4KcWd8YpHs3JfGa6EuR1oXiNt5Bq0v"
APP, TOKEN = "wx1234567890abcdef", "hotline12348TestTok"
NAMED = "/wechat/xian"
Text = some.text(some.characters(exclude_categories=["Cs"]), max_size=300)


@trials(deadline=None)
@given(Text)
def test_what_we_seal_wechatpy_opens(text: str):
    sealed = crypto.seal(text.encode(), KEY, APP)
    signed = crypto.signature(TOKEN, "1790000101", "105", sealed)
    xml = f"<xml><ToUserName>gh_1</ToUserName><Encrypt>{sealed}</Encrypt></xml>"
    peer = WeChatCrypto(TOKEN, KEY, APP)
    assert peer.decrypt_message(xml, signed, "1790000101", "105") == text


@trials(deadline=None)
@given(Text)
def test_what_wechatpy_seals_we_open(text: str):
    import xmltodict

    peer = WeChatCrypto(TOKEN, KEY, APP)
    outer = xmltodict.parse(peer.encrypt_message(text, "105", "1790000101"))["xml"]
    assert crypto.is_signed(outer["MsgSignature"], TOKEN, "1790000101", "105", outer["Encrypt"])
    assert crypto.open_envelope(outer["Encrypt"], KEY, APP) == text.encode()


def test_the_platforms_own_published_signatures_hold():
    """The samples that its documentation prints."""
    for stamp, nonce, signed in (
        ("1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        ("1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
    ):
        assert crypto.is_signed(signed, "AAAAA", stamp, nonce)
        check_signature("AAAAA", signed, stamp, nonce)


def test_a_padding_of_a_whole_block_is_opened():
    for length in range(64):
        message = b"x" * length
        assert crypto.open_envelope(encrypted(message, KEY, APP), KEY, APP) == message


@trials(deadline=None)
@given(some.binary(max_size=200))
def test_no_bytes_make_it_stumble(raw: bytes):
    with pytest.raises(crypto.BadEnvelope):
        crypto.open_envelope(base64.b64encode(raw).decode(), KEY, APP)


@trials(deadline=None)
@given(some.integers(0, 200), some.integers(1, 255))
def test_a_changed_byte_is_never_taken_for_the_platforms(place: int, change: int):
    sealed = encrypted(b"<xml></xml>", KEY, APP)
    raw = bytearray(base64.b64decode(sealed))
    raw[place % len(raw)] ^= change
    forged = base64.b64encode(bytes(raw)).decode()
    signed = sha1(TOKEN, "1", "2", sealed)
    assert not crypto.is_signed(signed, TOKEN, "1", "2", forged)


def test_another_accounts_envelope_and_a_wrong_padding_are_refused():
    with pytest.raises(crypto.BadEnvelope):
        crypto.open_envelope(encrypted(b"hello", KEY, "wxanother"), KEY, APP)
    worker = crypto._cipher(KEY).encryptor()
    plain = b"r" * 16 + b"\0\0\0\1x" + APP.encode()
    for pad in (0, 33, 255):
        whole = plain + bytes([pad]) * (64 - len(plain))
        worker = crypto._cipher(KEY).encryptor()
        sealed = base64.b64encode(worker.update(whole) + worker.finalize()).decode()
        with pytest.raises(crypto.BadEnvelope):
            crypto.open_envelope(sealed, KEY, APP)


# --- over HTTP


async def test_the_address_is_verified_with_its_echo(citizen: Citizen, platform: Platform):
    query = platform.signed() | {"echostr": "4421907733185540123"}
    answer = await platform._http.get(NAMED, params=query)
    assert (answer.status_code, answer.text) == (200, "4421907733185540123")
    wrong = query | {"signature": "0" * 40}
    assert (await platform._http.get(NAMED, params=wrong)).status_code == 403


@pytest.fixture(params=["plain", "compatible", "safe"])
def mode(request: pytest.FixtureRequest, official) -> Iterator[str]:
    official.mode = request.param
    yield request.param


@pytest.mark.parametrize("as_json", [False, True])
async def test_each_mode_and_format_goes_both_ways(mode, as_json, official, citizen: Citizen):
    official.as_json = as_json
    await citizen.agrees()
    await citizen.says("老板拖欠工资 ]]> <b>&amp;")
    assert citizen.sees[-1] == "收到:老板拖欠工资 ]]> <b>&amp;"


async def test_a_message_in_clear_is_refused_where_sealed_ones_come(
    citizen: Citizen, platform: Platform
):
    fields = platform.message(citizen.openid, "text", Content="forged")
    answer = await platform.posts(fields, mode="plain")
    assert answer.status_code == 403


async def test_in_compatible_mode_only_the_sealed_half_counts(
    official, citizen: Citizen, platform: Platform
):
    await citizen.agrees()
    fields = platform.message(citizen.openid, "text", Content="真的")
    body, query = platform.sealed(fields, "compatible")
    forged = body.replace("真的".encode(), "假的".encode())
    answer = await platform._http.post(NAMED, params=query, content=forged)
    assert platform.judged(citizen.openid, answer) == "收到:真的"


async def test_an_old_moment_and_another_accounts_name_are_refused(
    citizen: Citizen, platform: Platform, clock: FakeClock
):
    fields = platform.message(citizen.openid, "text", Content="你好")
    body, query = platform.sealed(fields)
    platform.now = lambda: clock.now().timestamp() - 601
    assert (await platform.posts(fields)).status_code == 403
    platform.now = lambda: clock.now().timestamp()
    assert (await platform.posts(fields | {"ToUserName": "gh_another0"})).status_code == 403
    bad = query | {"msg_signature": "0" * 40}
    assert (await platform._http.post(NAMED, params=bad, content=body)).status_code == 403
    assert (await platform._http.post("/wechat/nobody", params=query)).status_code == 404


BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b"<xml><Encrypt>&b;</Encrypt></xml>"
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Encrypt>&f;</Encrypt></xml>'


@pytest.mark.parametrize(
    "body",
    [BOMB, OUTSIDE, b"", b"<xml>", b"{", b"[]", b"{" * 60_000, b"\xff\xfe", b'{"Encrypt": 1}'],
    ids=["bomb", "outside", "empty", "cut", "json cut", "list", "deep", "no text", "number"],
)
async def test_bad_bodies_have_no_effect(citizen: Citizen, platform: Platform, body: bytes):
    query = platform.signed() | {"encrypt_type": "aes", "msg_signature": "0" * 40}
    answer = await platform._http.post(NAMED, params=query, content=body)
    assert answer.status_code in (403, 422)


async def test_a_body_over_the_limit_is_refused(citizen: Citizen, platform: Platform):
    answer = await platform._http.post(NAMED, params=platform.signed(), content=b"x" * 65_537)
    assert answer.status_code == 413


async def test_of_a_thousand_wrong_requests_thirty_are_looked_at_and_none_has_an_effect(
    citizen: Citizen, platform: Platform, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.WARNING, "httpx")  # the other side's own
    caplog.set_level(logging.INFO)
    fields = platform.message(citizen.openid, "text", Content="机密内容")
    body, query = platform.sealed(fields)
    forged = [
        (query | {"signature": "0" * 40}, body),
        (query | {"msg_signature": "0" * 40}, body),
        (query | {"timestamp": "1"}, body),
        (query, BOMB),
        (query, "机密内容".encode()),
    ]
    codes = []
    for n in range(1000):
        wrong, content = forged[n % len(forged)]
        answer = await platform._http.post(NAMED, params=wrong, content=content)
        codes.append(answer.status_code)
        assert "机密内容" not in answer.text
    assert set(codes[:30]) <= {403, 422} and set(codes[30:]) == {429}
    assert await rows(citizen, Follower, Message, Conversation) == []
    told = caplog.text + "".join(str(vars(one)) for one in caplog.records)
    assert len([one for one in caplog.records if one.getMessage() == "refused"]) == 1000
    assert "机密内容" not in told and query["signature"] not in told
    assert citizen.openid not in told
    assert (await platform.posts(fields)).status_code == 200  # the platform is never counted


async def test_the_former_key_still_opens_and_the_answer_is_sealed_with_it(
    official, citizen: Citizen, platform: Platform, processes, settings
):
    await citizen.agrees()
    new = "A" * 42 + "E"
    folder: Path = settings.STATE_DIR / "wechat"
    for name, key in (("aes_key", new), ("former_aes_key", official.aes_key)):
        (folder / f"xian.{name}").write_text(key)
        (folder / f"xian.{name}").chmod(0o600)
    _, client = await processes()
    platform.reaches(client)
    await citizen.says("换钥匙前")
    assert citizen.sees[-1] == "收到:换钥匙前"
    official.aes_key = new
    await citizen.says("换钥匙后")
    assert citizen.sees[-1] == "收到:换钥匙后"


async def test_nothing_a_stranger_may_write_makes_an_error_of_ours(
    citizen: Citizen, platform: Platform
):
    """Signed and sealed, as by somebody who knows the keys."""
    base = platform.message(citizen.openid, "text", Content="你好")
    changes = [
        {"FromUserName": ""}, {"FromUserName": "a b"}, {"CreateTime": "soon"}, {"MsgType": ""},
        {"MsgId": {"a": "b"}}, {"Content": {"a": "b"}}, {"Content": "\x00"}, {"Content": ""},
        {"MsgId": "9" * 500}, {"Content": "长" * 15_000}, {"MsgType": "event"},
    ]  # fmt: skip
    for change in changes:
        platform.official.as_json = True
        answer = await platform.posts(base | change)
        assert answer.status_code in (200, 403, 422, 429), (change, answer.text)
    odd = json.dumps(base | {"Content": "\ud800"}).encode()
    sealed = encrypted(odd, platform.official.aes_key, platform.official.app_id)
    query = platform.signed()
    signed = sha1(platform.official.token, query["timestamp"], query["nonce"], sealed)
    answer = await platform._http.post(
        NAMED,
        params=query | {"encrypt_type": "aes", "msg_signature": signed},
        content=json.dumps({"Encrypt": sealed}),
    )
    assert answer.status_code == 200
