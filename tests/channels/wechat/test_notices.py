"""News when the 48 hours are over: a notice to who wants one, its text at the next contact."""

from datetime import timedelta
from typing import Any

import pytest

from router.events import ApplicationMoved
from router.parts import Parts
from tests.channels.wechat.conftest import Citizen, write_account
from tests.channels.wechat.test_delivery import conversation_of, tell
from tests.fake_wechat import Platform
from tests.fakes import FakeClock

FIELDS = {"phrase1": "what", "character_string2": "reference", "time3": "time"}
ACCEPTED, CLOSED, MOVED = "TEMPLATE_accepted", "TEMPLATE_closed", "TEMPLATE_moved"
TEMPLATES = {
    "accepted": {"id": ACCEPTED, "fields": FIELDS},
    "closed": {"id": CLOSED, "fields": FIELDS},
    **{name: {"id": MOVED, "fields": FIELDS} for name in ("papers", "decided", "assigned", "near")},
}
ARTICLE = "https://mp.weixin.qq.com/s/demo"


@pytest.fixture
async def router(
    request: pytest.FixtureRequest, processes: Any, platform: Platform, settings: Any
) -> Parts:
    """One whose account has templates; the parameter: which way they go."""
    way = getattr(request, "param", "subscribe")
    notices = {"way": way, "ask_at": ARTICLE, "templates": TEMPLATES}
    write_account(settings.STATE_DIR, platform.official, platform.url, notices=notices)  # type: ignore[attr-defined]
    platform.templates = {ACCEPTED, CLOSED, MOVED}
    parts, client = await processes()
    platform.reaches(client)
    return parts


def notices(platform: Platform) -> list[dict[str, Any]]:
    return [said for way, said in platform.calls if way == "notice"]


async def accepted_after_48_hours(citizen: Citizen, notices_then: int) -> None:
    """A lawyer has taken the case; so many notices have been asked for by then."""
    await citizen.clock.leap(timedelta(hours=49))
    await tell(citizen, "王律师已经接入。", kind="accepted")
    await citizen.comes_about(lambda: len(notices(citizen.platform)) >= notices_then)
    await citizen.clock.pass_by(3)


async def test_who_subscribed_is_told_once_without_the_case_and_reads_it_at_the_next_contact(
    citizen: Citizen, platform: Platform
):
    await citizen.agrees()
    await citizen.says("通知")
    assert ARTICLE in citizen.sees[-1]
    await platform.subscribes(citizen.openid, ACCEPTED)
    await accepted_after_48_hours(citizen, 1)
    [sent] = notices(platform)
    assert sent["template_id"] == ACCEPTED and sent["errcode"] == 0
    assert sent["data"]["phrase1"] == {"value": "律师已接手"}
    assert sent["data"]["character_string2"]["value"].startswith("JY-")
    assert "王律师" not in str(sent)
    await accepted_after_48_hours(citizen, 1)  # one yes, one notice
    assert len(notices(platform)) == 1
    await platform.presses(citizen.openid, "查询进度")
    assert "王律师已经接入。" in citizen.sees[-1]


async def test_nobody_is_told_by_a_notice_who_did_not_ask_or_may_still_be_written_to(
    citizen: Citizen, platform: Platform
):
    await citizen.agrees()
    await accepted_after_48_hours(citizen, 0)
    assert notices(platform) == []
    await citizen.says("在吗")
    await platform.subscribes(citizen.openid, ACCEPTED)
    await tell(citizen, "李律师已经接入。", kind="accepted")
    await citizen.will_see("李律师已经接入。")
    assert notices(platform) == []


async def test_a_no_in_the_platforms_dialogue_takes_the_yes_back(
    citizen: Citizen, platform: Platform, clock: FakeClock
):
    await citizen.agrees()
    await platform.subscribes(citizen.openid, ACCEPTED)
    await clock.pass_by(2)
    await platform.subscribes(citizen.openid, ACCEPTED, "reject")
    await accepted_after_48_hours(citizen, 0)
    assert notices(platform) == []


@pytest.mark.parametrize("router", ["template"], indirect=True)
async def test_a_template_message_goes_only_to_who_said_so_and_not_after_they_took_it_back(
    citizen: Citizen, platform: Platform
):
    await citizen.agrees()
    await citizen.says("通知")
    await accepted_after_48_hours(citizen, 1)
    [sent] = notices(platform)
    assert sent["client_msg_id"] and sent["template_id"] == ACCEPTED
    await citizen.says("不要通知")
    await accepted_after_48_hours(citizen, 1)
    assert len(notices(platform)) == 1


@pytest.mark.parametrize(
    ("code", "asked"),
    [(43101, 1), (43004, 1), (40037, 2), (-1, 2)],
    ids=["refused by them", "not following", "unknown template", "busy"],
)
async def test_a_refused_notice_is_tried_again_only_where_that_may_help(
    citizen: Citizen, platform: Platform, clock: FakeClock, code: int, asked: int
):
    await citizen.agrees()
    await platform.subscribes(citizen.openid, ACCEPTED)
    platform.faults = [code]
    await accepted_after_48_hours(citizen, 1)
    await clock.leap(timedelta(minutes=11))
    await citizen.comes_about(lambda: len(notices(platform)) >= asked)
    await clock.pass_by(3)
    assert [said["errcode"] for said in notices(platform)] == [code, 0][:asked]
    await platform.presses(citizen.openid, "查询进度")
    assert "王律师已经接入。" in citizen.sees[-1]  # its text is not lost


@pytest.mark.parametrize("router", ["template"], indirect=True)
@pytest.mark.parametrize(
    ("state", "what"),
    [
        ("supplement", "需补充材料"),
        ("refused", "已有决定"),
        ("assigned", "已指派律师"),
        ("terminated", "已有决定"),
        ("assigned news", None),
        ("submitted", None),
    ],
)
async def test_an_application_that_asks_something_of_the_citizen_is_told_of_without_the_case(
    citizen: Citizen, platform: Platform, state: str, what: str | None
):
    await citizen.agrees()
    await citizen.says("通知")
    await citizen.clock.leap(timedelta(hours=49))
    told = ApplicationMoved(
        ticket_id="", conversation_id=await conversation_of(citizen), key="k",
        reference="SQ-2222-2222", state=state.split()[0], move=state.split()[-1],
    )  # fmt: skip
    await citizen.parts.events.publish([told])
    await citizen.comes_about(lambda: len(notices(platform)) >= (what is not None))
    await citizen.clock.pass_by(3)
    assert [one["data"]["phrase1"]["value"] for one in notices(platform)] == [what] * bool(what)


async def test_a_deadline_of_their_own_is_told_by_a_notice_once_and_in_the_talk_with_its_day(
    citizen: Citizen, platform: Platform
):
    await citizen.agrees()
    await platform.subscribes(citizen.openid, MOVED)
    await citizen.clock.leap(timedelta(hours=49))
    told = ApplicationMoved(
        ticket_id="", conversation_id=await conversation_of(citizen), key="k",
        reference="SQ-2222-2222", state="supplement", move="reminded",
        words="补充材料的最后一天是2026年3月20日。",
    )  # fmt: skip
    await citizen.parts.events.publish([told])
    await citizen.parts.events.publish([told])
    await citizen.comes_about(lambda: notices(platform))
    await citizen.clock.pass_by(3)
    [sent] = notices(platform)
    assert sent["data"]["phrase1"] == {"value": "期限快到了"} and "3月20日" not in str(sent)
    await platform.presses(citizen.openid, "查询进度")
    assert "".join(citizen.sees).count("补充材料的最后一天是2026年3月20日。") == 1
