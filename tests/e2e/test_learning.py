"""The learning loop as people meet it: the citizen's own word, the lawyer's closing form."""

import pytest
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_service_begins_without_the_box_and_the_box_is_empty_at_first(citizen):
    await citizen.open()
    box = citizen.page.get_by_role("checkbox", name="愿意让机器从这次对话里学习（可选）")
    await expect(box).not_to_be_checked()
    await citizen.accessible()
    await citizen.begin()
    await citizen.page.get_by_text("让机器学习（可选）").click()
    await expect(citizen.page.get_by_role("checkbox")).not_to_be_checked()


async def test_what_was_ticked_at_the_start_can_be_taken_back_by_keyboard(citizen):
    page = citizen.page
    await citizen.open()
    await page.get_by_role("checkbox").focus()
    await page.keyboard.press("Space")
    await page.get_by_role("button", name="我知道了，开始说").click()
    await page.get_by_text("让机器学习（可选）").click()
    box = page.get_by_role("checkbox", name="愿意让机器从这次对话里学习")
    await expect(box).to_be_checked()
    await citizen.accessible()
    await box.focus()
    await page.keyboard.press("Space")
    await expect(page.get_by_text("已记下：不愿意。")).to_be_visible()
    await page.reload()
    await page.get_by_text("让机器学习（可选）").click()
    await expect(box).not_to_be_checked()


async def test_without_a_network_the_box_says_that_nothing_was_noted(citizen):
    page = citizen.page
    await citizen.begin()
    await page.get_by_text("让机器学习（可选）").click()
    await page.context.set_offline(True)
    box = page.get_by_role("checkbox")
    await box.click()
    await expect(page.get_by_text("没有记下")).to_be_visible()
    await expect(box).not_to_be_checked()
    await page.context.set_offline(False)


@pytest.mark.parametrize("width", [1280, 360])
async def test_the_lawyer_corrects_matter_and_facts_when_closing(citizen, lawyer, width):
    await citizen.open()
    await citizen.begin()
    await citizen.reach_decision()
    await citizen.press("找值班律师")
    await lawyer.accept()
    page = lawyer.page
    await page.set_viewport_size({"width": width, "height": 740})
    await page.get_by_text("办结", exact=True).last.click()
    matter = page.get_by_label("事项")
    await expect(matter).to_have_value("labour_pay")
    await expect(matter).to_have_accessible_description("机器听成：劳动报酬。听对了就不用动。")
    await page.get_by_text("更正机器记下的事实").click()
    await lawyer.accessible()
    await matter.select_option(label="工伤、干活受伤")
    amount = page.get_by_label("争议金额（元）")
    await expect(amount).to_have_value("59000")
    await amount.fill("viel")
    await page.get_by_text("更正机器记下的事实").click()  # folded away again
    await page.get_by_label("结果（必填）").select_option(label="已解答")
    await page.get_by_role("button", name="确认办结").click()
    await expect(amount).to_be_focused()  # the form says where it is wrong
    await amount.fill("5900")
    await page.get_by_label("进城务工人员").check()
    await page.get_by_role("button", name="确认办结").click()
    await expect(page.get_by_text("工单已办结。")).to_be_visible()
