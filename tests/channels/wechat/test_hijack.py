"""Who tries to get into somebody else's case on WeChat: alike answers, and the owner gets in."""

from datetime import timedelta

import pytest

from router.channels.wechat import joining, words
from tests.channels.wechat.conftest import Citizen, Texts
from tests.channels.wechat.test_joining import (
    PHONE,
    by_telephone,
    code_sent,
    line_of,
    on_the_web,
)
from tests.fakes import FakeClock


@pytest.fixture
def texter() -> Texts:
    return Texts()


@pytest.fixture
def stranger(citizen: Citizen) -> Citizen:
    return another(citizen, 9)


def another(citizen: Citizen, number: int) -> Citizen:
    openid = f"oTEST_fake_openid_000000{number:04}"
    return Citizen(citizen.platform, citizen.clock, citizen.parts, openid)


async def test_unknown_closed_and_somebody_elses_are_answered_alike(
    citizen: Citizen, stranger: Citizen, texter: Texts
):
    talk = await on_the_web(citizen)
    closed = await on_the_web(citizen)
    line = await line_of(citizen, closed)
    await citizen.parts.gateway.close(closed.id)
    await citizen.says(await line_of(citizen, talk))  # now in the hands of its owner
    held = f"{talk.reference} {(await line_of(citizen, talk)).split()[1]}"
    for text in (line, held, f"{talk.reference} 2222-2222", "JY-2222-2222 2222-2222"):
        await stranger.says(text)
        assert stranger.sees[-1] == words.JOIN_WRONG, text
    for about in (talk.reference, closed.reference, "JY-2222-2222"):
        await stranger.clock.leap(timedelta(days=1))
        await stranger.says(f"{about} {PHONE}")
        assert stranger.sees[-1] == words.JOIN_ASKED
        await stranger.says(about)
        assert stranger.sees[-1].replace(about, "") == words.HOW_TO_JOIN.format(
            reference="", by_sms=words.JOIN_BY_SMS
        )
    assert texter.sent == []


async def test_a_reference_with_another_number_than_the_cases_sends_nothing(
    stranger: Citizen, citizen: Citizen, texter: Texts, clock: FakeClock
):
    talk = await by_telephone(citizen)
    await stranger.says(f"{talk.reference} 13900139000")
    assert stranger.sees[-1] == words.JOIN_ASKED
    await clock.pass_by(2)
    assert texter.sent == []
    await stranger.says("123456")
    assert stranger.sees[-1] == words.JOIN_WRONG


async def test_a_code_by_sms_is_of_use_to_who_asked_for_it_alone_once_and_ten_minutes(
    citizen: Citizen, stranger: Citizen, texter: Texts, clock: FakeClock
):
    talk = await by_telephone(citizen)
    await citizen.says(f"{talk.reference} {PHONE}")
    code = await code_sent(citizen, texter)
    await stranger.says(f"{talk.reference} 13900139000")  # asks, too
    await stranger.says(code)
    assert stranger.sees[-1] == words.JOIN_WRONG
    await clock.leap(timedelta(minutes=10, seconds=1))
    await citizen.says(code)
    assert "接上了" not in "".join(citizen.sees)
    await citizen.says(f"{talk.reference} {PHONE}")
    await citizen.says(await code_sent(citizen, texter, 2))
    assert "接上了" in citizen.sees[-1]


async def test_a_line_of_the_page_holds_ten_minutes_and_once(
    citizen: Citizen, stranger: Citizen, clock: FakeClock
):
    talk = await on_the_web(citizen)
    late = await line_of(citizen, talk)
    await clock.leap(timedelta(minutes=10, seconds=1))
    await citizen.says(late)
    assert citizen.sees[-1] == words.JOIN_WRONG
    line = await line_of(citizen, talk)
    await citizen.says(line)
    assert "接上了" in citizen.sees[-1]
    await stranger.says(line)
    assert stranger.sees[-1] == words.JOIN_WRONG


async def test_who_tries_codes_is_held_and_the_owner_is_not(
    citizen: Citizen, stranger: Citizen, clock: FakeClock
):
    talk = await on_the_web(citizen)
    for n in range(joining.WRONG_AN_HOUR):
        await stranger.says(f"{talk.reference} 2222-222{n + 2}")
        assert stranger.sees[-1] == words.JOIN_WRONG
    line = await line_of(citizen, talk)
    await stranger.says(line)  # even the right one
    assert stranger.sees[-1] == words.JOIN_HELD
    await citizen.says(line)
    assert "接上了" in citizen.sees[-1]


async def test_many_strangers_wear_a_case_out_for_themselves_not_for_its_owner(
    citizen: Citizen, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(joining, "WRONG_OF_CASE", 3)
    talk = await on_the_web(citizen)
    strangers = [another(citizen, n) for n in range(20, 25)]
    for one in strangers:
        await one.says(f"{talk.reference} 2222-2222")
        assert one.sees[-1] == words.JOIN_WRONG
    await strangers[-1].says(f"{talk.reference} 2222-2223")
    assert strangers[-1].sees[-1] == words.JOIN_HELD
    await citizen.says(await line_of(citizen, talk))
    assert "接上了" in citizen.sees[-1]


async def test_one_sender_has_three_codes_a_day_sent(
    citizen: Citizen, texter: Texts, clock: FakeClock
):
    talk = await by_telephone(citizen)
    for n in range(joining.ASKS_A_DAY):
        await citizen.says(f"{talk.reference} {PHONE}")
        await code_sent(citizen, texter, n + 1)
    await citizen.says(f"{talk.reference} {PHONE}")
    assert citizen.sees[-1] == words.JOIN_HELD
    await clock.leap(timedelta(days=1, seconds=1))
    await citizen.says(f"{talk.reference} {PHONE}")
    assert citizen.sees[-1] == words.JOIN_ASKED
