"""Who may come in: a key a partner, each for what it was made for, none kept in the clear."""

from datetime import timedelta

import pytest

from router.referrals import partners
from router.referrals.models import PartnerKey
from tests.fake_partner import Way


async def test_without_a_key_or_with_a_wrong_one_nobody_comes_in(office):
    good = await office.key((await office.partner())[0])
    for shown in ("", "jy_", good[:-1], good + "a", good.upper(), f"{good} ", "ключ"):
        headers = {"Authorization": f"Bearer {shown}".encode()}
        answer = await office.client.get("/api/referrals/ZB-2222-2222", headers=headers)
        known = 404 if shown.strip() == good else 401
        assert answer.status_code == known, shown
    for headers in ({}, {"Authorization": good}, {"Authorization": f"Basic {good}"}):
        answer = await office.client.post("/api/referrals", headers=headers, content="{}")
        assert (answer.status_code, answer.json()["code"]) == (401, "WrongKey")
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("seconds", "good"), [(-1, True), (0, False), (1, False)])
async def test_a_key_is_good_until_the_moment_it_expires(office, clock, seconds, good):
    partner, _ = await office.partner()
    way = Way(office.client, await office.key(partner, expires_at=clock.now() + timedelta(days=1)))
    await clock.leap(timedelta(days=1, seconds=seconds))
    assert (await way.send()).status_code == (201 if good else 401)


async def test_expired_revoked_and_unknown_keys_are_answered_alike(office, clock):
    partner, _ = await office.partner()
    over = await office.key(partner, expires_at=clock.now())
    gone = await office.key(partner)
    async with office.db.write() as s:
        assert await partners.revoke(s, gone.split("_")[1], clock.now())
    told = [(await Way(office.client, key).send()) for key in (over, gone, "jy_0_unknown")]
    assert {answer.status_code for answer in told} == {401}
    assert len({answer.text for answer in told}) == 1


async def test_one_key_revoked_leaves_the_others(office, clock):
    partner, _ = await office.partner()
    old, new = await office.key(partner), await office.key(partner)
    async with office.db.write() as s:
        await partners.revoke(s, old.split("_")[1], clock.now())
    assert (await Way(office.client, old).send()).status_code == 401
    assert (await Way(office.client, new).send()).status_code == 201


async def test_a_revoked_partner_has_no_good_key_left_and_gets_no_new_one(office, clock):
    partner, _ = await office.partner()
    keys = [await office.key(partner) for _ in range(2)]
    async with office.db.write() as s:
        assert await partners.revoke(s, "12345", clock.now())
        assert not await partners.revoke(s, "12345", clock.now())
        assert await partners.by_name(s, "12345") is None
    for key in keys:
        assert (await Way(office.client, key).send()).status_code == 401


async def test_a_key_does_only_what_it_was_made_for(office):
    partner, _ = await office.partner()
    sender = Way(office.client, await office.key(partner, "send"))
    answerer = Way(office.client, await office.key(partner, "answer"))
    receipt = (await sender.send()).json()["receipt"]
    refused = await answerer.send(number="2")
    assert (refused.status_code, refused.json()["code"]) == (403, "KeyNotForThis")
    assert (await sender.answer(receipt, "accepted")).status_code == 403
    assert (await answerer.look(receipt)).status_code == 200


async def test_the_database_has_no_key_and_no_secret_in_the_clear(office):
    partner, secret = await office.partner(url="https://example.cn/in")
    key = await office.key(partner)
    (row,) = await office.all(PartnerKey)
    assert key not in repr(vars(row)) and len(row.digest) == 64
    assert secret.encode() not in partner.secret_sealed and partner.secret == secret


async def test_another_partners_receipt_is_answered_like_one_that_never_was(office):
    mine, other = await office.way("12345"), await office.way("court")
    receipt = (await mine.send()).json()["receipt"]
    told = [await other.look(receipt), await other.look("ZB-2222-2222"), await mine.look("x" * 500)]
    told += [await other.answer(receipt, "accepted"), await mine.answer("ZB-0", "accepted")]
    assert {answer.status_code for answer in told} == {404}
    assert len({answer.text for answer in told}) == 1


async def test_one_cannot_answer_what_one_sent_oneself(office):
    way = await office.way()
    receipt = (await way.send()).json()["receipt"]
    answer = await way.answer(receipt, "closed", outcome="done")
    assert (answer.status_code, answer.json()["code"]) == (404, "NoSuchReceipt")
    assert (await way.look(receipt)).json()["state"] == "sent"


async def test_a_partner_that_calls_too_often_waits_and_the_others_do_not(office):
    office.parts.settings.PARTNER_RATE = "3/minute"
    busy, other = await office.way("12345"), await office.way("court")
    told = [await busy.send() for _ in range(4)]
    assert [answer.status_code for answer in told] == [201, 200, 200, 429]
    assert told[3].json()["code"] == "TooManyCalls" and int(told[3].headers["retry-after"]) > 0
    assert (await other.send()).status_code == 201


async def test_who_guesses_keys_is_slowed_down_and_good_keys_of_the_address_are_not(office):
    office.parts.settings.OFFICE_LOGIN_RATE = "2/minute"
    good, guess = await office.way(), Way(office.client, "jy_guess")
    assert [(await guess.send()).status_code for _ in range(3)] == [401, 401, 429]
    assert (await good.send()).status_code == 201


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("https://12345.example.cn/in", True),
        ("https://10.1.2.3:8443/in?a=1", True),
        ("http://12345.example.cn/in", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("https://user:pass@example.cn/", False),
        ("https://example.cn:notaport/", False),
        ("ftp://example.cn/", False),
        ("example.cn/in", False),
    ],
)
def test_only_a_whole_https_address_is_pushed_to(url, fits):
    assert (partners.fault_of(url, plain_allowed=False) is None) is fits


def test_in_a_demonstration_http_will_do():
    assert partners.fault_of("http://127.0.0.1:9100/", plain_allowed=True) is None
