"""A citizen at a small phone and a duty lawyer at a desk, both in a real browser, with the real
Rasa between them: from the first word to the closed ticket."""

import pytest
from playwright.async_api import async_playwright, expect

from tests.e2e.conftest import CHROMIUM, FLAGS, missing
from tests.e2e.people import Citizen, Staff


@pytest.fixture
async def browser():
    assert missing() is None, missing()
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        await chromium.close()


async def test_from_the_first_word_to_the_closed_ticket(system, lawyers, browser):
    phone = await browser.new_context(viewport={"width": 360, "height": 640}, locale="zh-CN")
    desk = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    citizen = Citizen(await phone.new_page(), system.url)
    await citizen.begin()
    await citizen.say("我在工地干活,老板欠我四个月工资一共五万九,没有请律师")
    card = citizen.page.get_by_role("region", name="预审结果")
    for _ in range(12):
        await expect(citizen.page.locator("#state")).not_to_contain_text("正在看")
        if await card.count():
            break
        seen = len(await citizen.lines())
        await citizen.say("不知道")
        await expect(citizen.log.locator(".bubble").nth(seen + 1)).to_be_attached()
    await expect(card.first).to_be_visible()
    await citizen.accessible()

    for one in lawyers:  # the lawyer in the browser is the only one on duty
        await one.duty(False)
    lawyer = Staff(await desk.new_page(), system.url)
    await lawyer.sign_in(lawyers[0].login, lawyers[0].password)
    await lawyer.go_on_duty()
    await citizen.press("转人工")
    await lawyer.accept()
    await expect(lawyer.page.get_by_text("59,000 元")).to_be_visible()
    await lawyer.accessible()
    article = lawyer.page.locator("details", has_text="《法律援助法》第三十一条").first
    await article.locator("summary").first.click()
    await expect(article).to_contain_text("劳动报酬")
    await lawyer.say("您好,我是值班律师。有欠条吗?")
    await citizen.hears("有欠条吗")
    await citizen.say("有一张")
    await expect(lawyer.log).to_contain_text("有一张")
    await lawyer.close()
    await expect(citizen.page.locator("#state")).to_contain_text("智能助手")
    await phone.close()
    await desk.close()
