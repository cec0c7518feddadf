"""A machine that many use, as the next person meets it."""

import pytest
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_kiosk_asks_whether_somebody_is_there_and_then_forgets(citizen):
    page = citizen.page
    await page.clock.install()
    await citizen.open("/kiosk")
    await citizen.accessible()
    await citizen.press("把这个浏览器设为自助机")
    await citizen.accessible()
    await citizen.begin()
    await citizen.say("老板欠我四个月工资,一共五万九")
    await citizen.hears("老板欠我四个月工资,一共五万九")
    still_there = page.get_by_role("dialog", name="您还在吗？")
    await page.clock.run_for(119_000)
    await expect(still_there).to_be_hidden()
    await page.clock.run_for(2_000)
    await expect(still_there).to_contain_text("秒后清掉屏幕")
    await citizen.accessible()
    await citizen.press("我还在")
    await expect(still_there).to_be_hidden()
    await page.clock.run_for(119_000)
    await expect(still_there).to_be_hidden()
    await page.clock.run_for(33_000)
    await expect(page.get_by_role("heading", name="您遇到了什么事？")).to_be_visible()
    assert await page.evaluate("localStorage.length") == 0
    await page.go_back()
    await expect(citizen.log).to_have_count(0)
    await expect(page.get_by_role("heading", name="您遇到了什么事？")).to_be_visible()
