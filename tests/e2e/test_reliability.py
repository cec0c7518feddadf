"""Bad networks, reloads, two tabs: every word once, in order."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.people import Citizen

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_reload_in_the_middle_keeps_everything_once(citizen):
    await citizen.begin()
    await citizen.say("第一句")
    await citizen.hears("收到:第一句")
    before = await citizen.lines()
    await citizen.page.reload()
    await expect(citizen.log).to_contain_text("收到:第一句")
    assert await citizen.lines() == before
    await citizen.say("第二句")
    await citizen.hears("收到:第二句")
    assert (await citizen.lines()).count("第二句") == 1


async def test_words_said_offline_are_sent_once_and_in_order_when_the_network_is_back(citizen):
    await citizen.begin()
    await citizen.page.context.set_offline(True)
    await citizen.say("没有网的时候说的")
    await citizen.say("还有一句")
    pending = citizen.page.locator("#pending")
    await expect(pending).to_contain_text("未发送")
    await expect(citizen.page.locator("#offline")).to_be_visible()
    await citizen.accessible()
    await citizen.page.context.set_offline(False)
    await citizen.hears("收到:没有网的时候说的")
    await citizen.hears("收到:还有一句")
    await expect(pending.get_by_role("article")).to_have_count(0)
    lines = await citizen.lines()
    assert lines.count("没有网的时候说的") == lines.count("还有一句") == 1
    assert lines.index("没有网的时候说的") < lines.index("还有一句")


async def test_an_answer_lost_on_the_way_is_asked_for_again_and_nothing_doubles(citizen):
    """The server has stored the message, but its 202 never arrives: twice."""
    await citizen.begin()
    lost = 0

    async def lose(route):
        nonlocal lost
        if lost < 2:
            lost += 1
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await citizen.page.route(re.compile("/api/web/conversations/.*/messages"), lose)
    await citizen.say("只说一次")
    await citizen.hears("收到:只说一次")
    await citizen.say("再说一句")
    await citizen.hears("收到:再说一句")
    lines = await citizen.lines()
    assert lines.count("只说一次") == lines.count("收到:只说一次") == 1
    assert lost == 2


async def test_a_closed_page_sends_its_unsent_words_when_it_is_opened_again(citizen):
    await citizen.begin()
    await citizen.page.route(re.compile("/messages$"), lambda route: route.abort())
    await citizen.say("关掉页面之前说的")
    await expect(citizen.page.locator("#pending")).to_contain_text("关掉页面之前说的")
    context = citizen.page.context
    await citizen.page.close()
    again = Citizen(await context.new_page(), citizen.url)
    await again.open()
    await again.hears("收到:关掉页面之前说的")
    assert (await again.lines()).count("关掉页面之前说的") == 1


async def test_a_page_whose_script_was_lost_on_the_way_heals_when_the_network_is_back(citizen):
    await citizen.begin()
    await citizen.page.route(re.compile("/static/citizen.js"), lambda route: route.abort())
    await citizen.page.reload()
    await expect(citizen.page.get_by_role("button", name="转人工")).to_be_disabled()
    await citizen.page.unroute_all()
    await citizen.page.context.set_offline(True)
    await citizen.page.context.set_offline(False)
    await citizen.say("又好了")
    await citizen.hears("收到:又好了")


async def test_two_tabs_show_the_same_and_number_their_words_without_a_clash(citizen):
    await citizen.begin()
    other = Citizen(await citizen.page.context.new_page(), citizen.url)
    await other.open()
    await citizen.say("左边的话")
    await other.say("右边的话")
    for tab in (citizen, other):
        await tab.hears("收到:左边的话")
        await tab.hears("收到:右边的话")
    assert await citizen.lines() == await other.lines()


async def test_without_event_streams_the_page_asks_instead(citizen):
    await citizen.page.add_init_script("delete window.EventSource")
    await citizen.begin()
    await citizen.say("没有推送")
    await citizen.hears("收到:没有推送")
    await citizen.say("还是能收到")
    await citizen.hears("收到:还是能收到")
    assert (await citizen.lines()).count("没有推送") == 1


async def test_a_stream_held_back_by_a_proxy_is_replaced_by_asking(citizen):
    await citizen.page.route(re.compile("/events"), lambda route: route.abort())
    await citizen.begin()
    await citizen.say("被挡住的推送")
    await citizen.hears("收到:被挡住的推送")


async def test_a_router_killed_and_started_again_loses_no_line(citizen, stack):
    await citizen.begin()
    await citizen.say("重启以前")
    await citizen.hears("收到:重启以前")
    stack.kill("router")
    await citizen.say("重启之间")
    await expect(citizen.page.locator("#pending")).to_contain_text("重启之间")
    stack.start_router()
    await citizen.hears("收到:重启之间")
    lines = await citizen.lines()
    assert [lines.count(text) for text in ("重启以前", "重启之间", "收到:重启之间")] == [1, 1, 1]


async def test_with_the_bot_dead_the_citizen_is_told_and_offered_a_person(citizen, stack):
    await citizen.begin()
    stack.kill("rasa")
    try:
        await citizen.say("有人吗")
        await citizen.hears("智能助手现在没有回应", who="系统")
        await citizen.accessible()
        await citizen.say("我老公正在打我")
        await citizen.hears("110", who="系统")
        await expect(citizen.log.get_by_role("link", name="拨打 110")).to_be_visible()
        await citizen.accessible()
    finally:
        stack.start_rasa()
    await citizen.hears("收到:有人吗")
