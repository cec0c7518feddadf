"""Who leaves, or takes back what they allowed the platform: what is theirs is erased."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from router.channels.wechat.models import Consent, Follower, Parcel
from router.conversations.models import Conversation, Door, Evidence, Message
from router.tickets.models import Ticket
from tests.channels.wechat.conftest import Citizen
from tests.channels.wechat.test_delivery import tell
from tests.channels.wechat.test_talk import said
from tests.fake_wechat import Platform
from tests.fakes import FakeClock, until


async def rows(citizen: Citizen, *models: type) -> list:
    async with citizen.parts.db.read() as s:
        return [row for model in models for row in await s.scalars(select(model))]


@pytest.mark.parametrize(
    ("event", "more"),
    [
        ("unsubscribe", {}),
        ("user_authorization_revoke", {"OpenID": "oTEST_fake_openid_0000000001"}),
        ("user_authorization_cancellation", {"OpenID": "oTEST_fake_openid_0000000001"}),
    ],
)
async def test_name_ways_in_and_unsent_words_are_erased_and_the_case_they_agreed_to_stays(
    citizen: Citizen, platform: Platform, clock: FakeClock, event: str, more: dict[str, str]
):
    await citizen.agrees()
    await citizen.says("网页")
    platform.faults = [45047]
    await tell(citizen, "您的申请已经受理。")
    await citizen.comes_about(lambda: platform.calls)
    await platform.delivers(platform.message(citizen.openid, "image", MediaId="m1"))
    who = citizen.openid if event == "unsubscribe" else "oTEST_the_platforms_own_0000001"
    await platform.delivers(platform.event(who, event, **more))
    [row] = [one for one in await rows(citizen, Follower) if one.left_at]
    assert (row.openid, row.person_index, row.held, row.choices) == ("", None, {}, {})
    assert row.consent_key is None and await rows(citizen, Door, Consent) == []
    parcels = await rows(citizen, Parcel)
    assert parcels and all(not one.text and one.state != "waiting" for one in parcels)
    assert all(not one.source for one in await rows(citizen, Evidence))
    assert "你好" in await said(citizen.parts)


async def test_who_comes_back_is_somebody_new(citizen: Citizen, platform: Platform):
    await citizen.agrees()
    await platform.delivers(platform.event(citizen.openid, "unsubscribe"))
    await citizen.says("我回来了")
    assert "回复 1 同意" in citizen.sees[-1]


async def test_words_of_danger_without_consent_stay_while_somebody_is_brought_and_no_longer(
    citizen: Citizen, platform: Platform, clock: FakeClock
):
    await citizen.says("他拿刀要砍我,救命")
    await alarmed(citizen, 1)
    [talk] = await rows(citizen, Conversation)
    assert talk.consent_at is None
    await platform.delivers(platform.event(citizen.openid, "unsubscribe"))
    assert "他拿刀要砍我,救命" in await said(citizen.parts)  # who helps has to read it

    other = Citizen(platform, clock, citizen.parts, "oTEST_fake_openid_0000000002")
    await other.says("他拿刀要砍我,救救我")
    await alarmed(citizen, 2)
    async with citizen.parts.db.write() as s:
        await s.execute(update(Ticket).values(status="closed"))
    await platform.delivers(platform.event(other.openid, "unsubscribe"))
    assert "他拿刀要砍我,救救我" not in await said(citizen.parts)


async def alarmed(citizen: Citizen, tickets: int) -> None:
    """A person is being brought, the bot has said what it says."""

    async def holds() -> bool:
        lines = await rows(citizen, Message)
        return len(await rows(citizen, Ticket)) == tickets and all(
            line.turn != "waiting" for line in lines
        )

    await until(holds)


async def test_words_of_danger_of_who_never_agreed_have_an_end_of_their_own(
    citizen: Citizen, clock: FakeClock
):
    citizen.parts.settings.UNAGREED_KEEP = timedelta(days=30)
    await citizen.says("他拿刀要砍我,救命")
    await alarmed(citizen, 1)
    await clock.leap(timedelta(days=30, seconds=1))
    await clock.pass_by(2)
    assert "他拿刀要砍我,救命" in await said(citizen.parts)  # somebody helps still
    async with citizen.parts.db.write() as s:
        await s.execute(update(Ticket).values(status="closed"))
    await clock.leap(timedelta(days=1, seconds=1))
    await until_erased(citizen)
    assert all(not one.text for one in await rows(citizen, Message, Parcel))


async def test_who_agreed_after_a_danger_keeps_their_case_beyond_that_end(
    citizen: Citizen, platform: Platform, clock: FakeClock
):
    await citizen.says("他拿刀要砍我,救命")
    await alarmed(citizen, 1)
    await citizen.says("我在家里")
    async with citizen.parts.db.write() as s:
        await s.execute(update(Ticket).values(status="closed"))
    await clock.leap(timedelta(days=32))
    await clock.pass_by(2)
    assert "他拿刀要砍我,救命" in await said(citizen.parts)


async def until_erased(citizen: Citizen) -> None:
    async def holds() -> bool:
        await citizen.clock.pass_by(1)
        return "他拿刀要砍我,救命" not in await said(citizen.parts)

    await until(holds)


async def test_who_sends_a_picture_after_a_danger_has_agreed(citizen: Citizen, platform: Platform):
    await citizen.says("他拿刀要砍我,救命")
    [talk] = await rows(citizen, Conversation)
    assert talk.consent_at is None
    await platform.delivers(platform.message(citizen.openid, "image", MediaId="m1"))
    [talk] = await rows(citizen, Conversation)
    assert talk.consent_at
    [picture] = await rows(citizen, Evidence)
    assert picture.kind == "image"


async def test_who_goes_on_after_a_danger_has_agreed(citizen: Citizen):
    await citizen.says("他拿刀要砍我,救命")
    await citizen.says("我在家里")
    [talk] = await rows(citizen, Conversation)
    assert talk.consent_at
    [_, line] = [one for one in await rows(citizen, Message) if one.who == "citizen"]
    assert line.text == "我在家里"
