"""调解 in real browsers: a neighbours' quarrel from the chat to the court's confirmation, between a
citizen, a mediator and the other side, each on a phone."""

import os
from datetime import date, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from router.lawyers import calendar
from tests.e2e.conftest import on_database, sit_down
from tests.e2e.people import Citizen, Person

pytestmark = pytest.mark.asyncio(loop_scope="session")
SIZES = {"360": {"width": 360, "height": 640}, "1280": {"width": 1280, "height": 800}}


@pytest_asyncio.fixture(loop_scope="session")
async def mediator(browser, stack, quiet):
    staff = await sit_down(browser, stack, "tiaojie03")
    await staff.page.set_viewport_size(SIZES["360"])
    yield staff
    await staff.page.context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def neighbour(browser, stack, quiet):
    """The other side: no account, nothing but the letter."""
    context = await browser.new_context(viewport=SIZES["360"], locale="zh-CN", has_touch=True)
    yield Person(await context.new_page(), stack.url)
    await context.close()


def workdays() -> list[date]:
    soon = (date.today() + timedelta(days=days) for days in range(2, 20))
    return [day for day in soon if calendar.kind(day) == "workday"][:2]


async def looked_at(person, name: str) -> None:
    """Accessible; and pictures at two widths, where somebody wants them: SCREENSHOTS=folder."""
    await person.accessible()
    if folder := os.environ.get("SCREENSHOTS"):
        for width, size in SIZES.items():
            await person.page.set_viewport_size(size)
            picture = Path(folder) / f"mediation-{name}-{width}.png"
            await person.page.screenshot(path=picture, full_page=True)
        await person.page.set_viewport_size(SIZES["360"])


async def find_case(mediator) -> None:
    link = mediator.page.get_by_role("link", name="相邻、物业")
    for _ in range(40):
        await mediator.open("/mediation")
        if await link.count():
            break
        await mediator.page.wait_for_timeout(250)
    await looked_at(mediator, "list")
    await link.last.click()


async def test_a_neighbours_quarrel_is_mediated_and_confirmed(
    stack, citizen: Citizen, mediator, neighbour, supervisor
):
    await citizen.begin()
    await citizen.say("邻居把墙砌到了我家门口")
    await citizen.press("找人民调解")
    await citizen.hears("清河县人民调解委员会（虚构）")
    await citizen.hears("电话 0000-0000003")

    await find_case(mediator)
    page = mediator.page
    await expect(page.get_by_text("邻居把墙砌到了我家门口").first).to_be_visible()
    await looked_at(mediator, "proposed")
    await page.get_by_role("link", name="看当事人说的话").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("当事人说的话")
    await looked_at(mediator, "talk")
    await page.get_by_role("link", name="返回").click()
    await page.get_by_label("告诉对方是什么事").fill("两家中间的院墙")
    await page.get_by_role("button", name="做一份邀请函").click()
    link = await page.locator(".code").first.inner_text()
    await page.get_by_text("请对方选时间", exact=True).click()
    for number, day in enumerate(workdays(), 1):
        await page.get_by_label(f"时间 {number}").fill(f"{day}T10:00")
    await looked_at(mediator, "times")
    await page.get_by_role("button", name="请对方选", exact=True).click()
    await expect(page.get_by_text("正在请对方选")).to_be_visible()

    await neighbour.page.goto(link)
    await looked_at(neighbour, "door")
    await neighbour.page.get_by_role("button", name="打开").click()
    await expect(neighbour.page.get_by_text("两家中间的院墙")).to_be_visible()
    await expect(neighbour.page.get_by_text("邻居把墙")).to_have_count(0)
    await looked_at(neighbour, "invited")
    await neighbour.page.get_by_role("button", name="我愿意调解").click()
    await neighbour.page.get_by_role("radio").last.check()
    await looked_at(neighbour, "choosing")
    await neighbour.page.get_by_role("button", name="就选这个时间").click()
    await expect(neighbour.page.get_by_text("来不了，请提前")).to_be_visible()
    await looked_at(neighbour, "chosen")
    await citizen.hears("您和对方都同意调解")
    await citizen.hears("调解定在")

    await page.reload()
    await looked_at(mediator, "agreed")
    await page.get_by_label("这次调解谈了什么").fill("界墙往回退半米。")
    await page.get_by_role("button", name="记下一次调解").click()
    await page.get_by_text("达成协议", exact=True).click()
    await page.get_by_label("申请人（姓名").fill("甲")
    await page.get_by_label("对方（姓名").fill("乙")
    await page.get_by_label("协议内容").fill("界墙往回退半米，一周内完成。")
    await looked_at(mediator, "agreement")
    await page.get_by_role("button", name="记下协议").click()
    await expect(page.get_by_role("button", name="记下已申请司法确认")).to_be_visible()
    await looked_at(mediator, "court")
    async with page.expect_download() as paper:
        await page.get_by_role("link", name="协议书 PDF").last.click()
    assert Path(await (await paper.value).path()).read_bytes().startswith(b"%PDF")
    await citizen.hears("一起向人民法院申请司法确认")

    due = "UPDATE timers SET due_at='2026-01-01 00:00:00' WHERE kind='mediation_confirm'"
    await on_database(stack.database, due)  # the morning of a reminder
    await page.get_by_text("给申请人留言", exact=True).click()
    await page.get_by_label("时间、地点、要带什么").fill("带身份证。")
    await page.get_by_role("button", name="留言", exact=True).click()
    await citizen.hears("提醒：双方一起向人民法院申请司法确认")
    await page.get_by_role("button", name="记下已申请司法确认").click()
    await page.get_by_role("button", name="法院裁定有效").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("法院已确认")
    await citizen.hears("法院已经确认调解协议有效")
    await supervisor.open("/mediation/figures")
    await looked_at(supervisor, "figures")
