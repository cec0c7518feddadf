"""A lawyer's own shifts on a phone: asking for leave and a swap, and what the supervisor makes of
it; what the lawyer reads before closing a case as the mediators'."""

import pytest
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def own_shifts(lawyer) -> None:
    await lawyer.open("/desk")
    await lawyer.page.get_by_role("link", name="我的班次").click()
    await expect(lawyer.page.get_by_role("heading", name="我的班次")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
async def test_own_shifts_are_readable_wide_and_on_a_phone(lawyer, width, scheme):
    page = lawyer.page
    await page.set_viewport_size({"width": width, "height": 640})
    await page.emulate_media(color_scheme=scheme)
    await own_shifts(lawyer)
    await lawyer.accessible()
    await page.get_by_role("link", name="请假或换班").last.click()
    await page.get_by_label("同事的姓名或登录名").fill("孙子衿")
    await page.get_by_role("button", name="查找").click()
    await expect(page.get_by_role("button", name="申请这个班给孙子衿")).to_be_visible()
    await lawyer.accessible()


async def test_leave_asked_on_a_phone_is_granted_on_the_roster(lawyer, supervisor):
    page, roster = lawyer.page, supervisor.page
    await page.set_viewport_size({"width": 360, "height": 640})
    await own_shifts(lawyer)
    await page.get_by_role("link", name="请假或换班").last.click()
    await page.get_by_role("button", name="申请请假").click()
    await expect(page.get_by_text("等主管同意：请假")).to_be_visible()
    await lawyer.accessible()
    await supervisor.open("/board")
    await roster.set_viewport_size({"width": 360, "height": 640})
    await supervisor.accessible()
    await roster.get_by_role("link", name="1 条请假、换班申请").click()
    asked = roster.get_by_role("region", name="律师的申请")
    await expect(asked).to_contain_text("王清和：请假")
    await supervisor.accessible()
    await asked.get_by_role("button", name="同意 王清和请假", exact=True).click()
    await expect(roster.locator(".roster .off").first).to_contain_text("王清和")
    await page.reload()
    await expect(page.get_by_text("已请假")).to_be_visible()
    await roster.locator(".roster .off").get_by_role("link", name="王清和").click()
    await supervisor.accessible()
    await roster.get_by_role("button", name="取消请假").click()


async def test_where_a_case_goes_is_read_before_it_is_closed_so(citizen, lawyer):
    await citizen.begin()
    await citizen.say("转人工")
    await lawyer.accept()
    page = lawyer.page
    await page.set_viewport_size({"width": 360, "height": 640})
    await page.get_by_text("办结", exact=True).last.click()
    way = page.get_by_text("办结时就转给人民调解委员会")
    await expect(way).to_be_hidden()
    await page.get_by_label("结果（必填）").select_option(label="转人民调解")
    await expect(way).to_be_visible()
    await lawyer.accessible()
    await page.get_by_role("button", name="确认办结").click()
    await expect(page.get_by_text("已经转给对方单位")).to_be_visible()
    await citizen.hears("已经转给人民调解委员会")
    await citizen.hears("回执号")
