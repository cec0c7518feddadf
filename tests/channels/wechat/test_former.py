"""News of a talk that the follower has left for a new one still come to them."""

from datetime import timedelta

from sqlalchemy import select

from router.channels.wechat.models import Former
from tests.channels.wechat.conftest import Citizen
from tests.channels.wechat.test_delivery import conversation_of, tell, with_lawyer
from tests.channels.wechat.test_doors import browser, named  # noqa: F401
from tests.channels.wechat.test_joining import line_of, on_the_web
from tests.fake_wechat import Platform
from tests.fakes import FakeClock
from tests.router.web.test_desk import sign_in


async def begins_anew(citizen: Citizen) -> str:
    """The talk before was ended on the web page; its id."""
    await citizen.agrees()
    old = await conversation_of(citizen)
    await citizen.parts.gateway.close(old)
    await citizen.says("另外一件事")
    await citizen.will_see("收到:另外一件事")
    return old


async def test_news_of_the_old_case_come_with_its_number_once(citizen: Citizen, clock: FakeClock):
    old = await begins_anew(citizen)
    assert await conversation_of(citizen) != old
    await citizen.parts.gateway.tell(old, "您的事已经办结。", {"kind": "closed"})
    await citizen.will_see("您的事已经办结。")
    await clock.pass_by(6)
    [told] = [text for text in citizen.sees if "您的事已经办结。" in text]
    assert "（编号 JY-" in told


async def test_what_waited_for_the_next_contact_is_not_lost_with_the_old_talk(
    citizen: Citizen, platform: Platform, clock: FakeClock
):
    await citizen.agrees()
    old = await conversation_of(citizen)
    platform.faults = [45047]
    await tell(citizen, "您的申请已经受理。")
    await citizen.comes_about(lambda: platform.calls)
    await clock.pass_by(2)
    await citizen.parts.gateway.close(old)
    await citizen.says("另外一件事")
    await citizen.will_see("您的申请已经受理。")


async def test_after_a_process_died_the_next_one_brings_them(
    citizen: Citizen, processes, clock: FakeClock
):
    old = await begins_anew(citizen)
    await citizen.parts.wechat.carrier.stop()
    await citizen.parts.gateway.tell(old, "您的事已经办结。", {"kind": "closed"})
    await clock.pass_by(2)
    assert not any("您的事已经办结。" in text for text in citizen.sees)
    await processes()
    await citizen.will_see("您的事已经办结。")


async def test_the_lawyer_of_a_talk_that_was_left_sees_it_and_whether_the_words_arrived(
    citizen: Citizen,
    browser,  # noqa: F811
    clock: FakeClock,
):
    await citizen.agrees()
    ticket, lawyer = await with_lawyer(citizen)
    await citizen.says(await line_of(citizen, await on_the_web(citizen)))
    await citizen.parts.gateway.lawyer_says(ticket, lawyer, "请带身份证来。")
    await citizen.will_see("【值班律师】请带身份证来。")
    await sign_in(browser, await named(citizen.parts, lawyer))
    await clock.pass_by(1)
    told = (await browser.get(f"/desk/tickets/{ticket}/delivery")).text
    assert "另一个编号" in told and "已送到 1 句" in told
    assert "老板拖欠工资" in (await browser.get(f"/desk/tickets/{ticket}/joined")).text


async def test_who_has_left_the_account_is_followed_nowhere(
    citizen: Citizen, platform: Platform, clock: FakeClock
):
    old = await begins_anew(citizen)
    await platform.delivers(platform.event(citizen.openid, "unsubscribe"))
    await citizen.parts.gateway.tell(old, "您的事已经办结。", {"kind": "closed"})
    await clock.leap(timedelta(seconds=30))
    await clock.pass_by(2)
    assert not any("您的事已经办结。" in text for text in citizen.sees)
    async with citizen.parts.db.read() as s:
        [row] = await s.scalars(select(Former))
    assert row.joined_to is None
