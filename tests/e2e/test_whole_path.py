"""From the first word to the closed ticket: a citizen on a phone, a lawyer at a desk."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import sit_down
from tests.e2e.test_referrals import shown

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_trouble_told_is_screened_offered_accepted_talked_over_and_closed(citizen, lawyer):
    await citizen.begin()
    await citizen.accessible()
    await citizen.reach_decision()
    card = citizen.page.get_by_role("region", name="预审结果")
    await expect(card).to_contain_text("法律援助")
    await expect(card).to_contain_text("最后由法律援助机构决定")
    await card.get_by_text("看法律条文和可以去的地方").click()
    article = card.locator("details.article").first
    await article.locator("summary").click()
    await expect(article.locator("p")).to_be_visible()
    await citizen.page.get_by_text(re.compile("我记下的事实")).click()
    await expect(citizen.page.locator("#remembered")).to_contain_text("劳动报酬")
    await citizen.accessible()

    await citizen.press("找值班律师")
    await expect(lawyer.offer).to_be_visible()
    await expect(lawyer.offer).to_contain_text("劳动报酬")
    await expect(lawyer.offer.locator(".countdown")).to_have_text(re.compile(r"还剩 \d+ 秒"))
    await expect(citizen.page.locator("#state")).to_contain_text("正在为您找值班律师")
    await citizen.accessible()
    await lawyer.accessible()

    await lawyer.accept()
    await expect(lawyer.page.get_by_role("region", name="事实")).to_contain_text("59,000 元")
    await expect(lawyer.page.get_by_role("region", name="事实")).to_contain_text("800 元/月")
    await expect(lawyer.log).to_contain_text("老板欠我四个月工资")
    decision = lawyer.page.get_by_role("region", name="最新的预审结果")
    rule = decision.locator("details.article").first
    await rule.locator("summary").click()
    await expect(rule.locator("dl")).to_contain_text("法律援助法")
    await decision.locator("#case-a1 summary").click()
    await expect(decision.locator("#case-a1 p")).to_be_visible()
    await lawyer.accessible()
    await expect(citizen.page.locator("#state")).to_contain_text("正在和您说话")

    await lawyer.say("您好,我姓王。欠条还在吗?")
    await citizen.hears("欠条还在吗", who="律师")
    await citizen.say("在的,有老板签字")
    await expect(lawyer.log).to_contain_text("有老板签字")
    await lawyer.page.get_by_label("记一条").fill("有欠条,有签字")
    await lawyer.page.get_by_role("button", name="保存笔记").click()
    await expect(lawyer.page.locator("#notes")).to_contain_text("有欠条,有签字")
    await expect(lawyer.page.get_by_label("记一条")).to_have_value("")
    await citizen.accessible()

    await lawyer.close("转法律援助申请")
    await citizen.hears("律师已经结束这次服务", who="系统")

    await lawyer.accessible()  # the draft of the application, typed for who cannot
    desk = lawyer.page
    await shown(lawyer, "application-draft")
    await desk.get_by_label("在哪里").select_option(label="电话中")
    await desk.get_by_label("谁同意代填").fill("本人")
    await desk.get_by_role("button", name="记下同意，开始填").click()
    await expect(desk.get_by_role("heading", level=1)).to_have_text("需要援助的人")
    await lawyer.accessible()
    await shown(lawyer, "application-typed")
    await expect(citizen.page.locator("#state")).to_contain_text("智能助手")
    assert not any("有欠条,有签字" in line for line in await citizen.lines())


async def test_an_offer_that_is_declined_goes_to_the_next_lawyer(citizen, lawyer, browser, stack):
    await citizen.begin()
    await citizen.press("转人工")
    await expect(lawyer.offer).to_be_visible()
    second = await sit_down(browser, stack, "lushi02")
    await second.go_on_duty()
    await lawyer.offer.get_by_text("不能接").click()
    await lawyer.offer.get_by_role("button", name="转给下一位").click()
    await expect(second.offer).to_be_visible()
    await expect(lawyer.offer).to_have_count(0)
    await second.accept()
    await citizen.hears("李知远律师已经接入", who="系统")
    await second.page.context.close()


async def test_nobody_else_may_open_a_case(citizen, lawyer, browser, stack, supervisor):
    await citizen.begin()
    await citizen.press("转人工")
    await expect(lawyer.offer).to_be_visible()
    await lawyer.accept()
    other = await sit_down(browser, stack, "lushi03")
    answer = await other.page.goto(lawyer.page.url)
    assert answer.status == 404
    await expect(other.page.get_by_role("heading", name="没有找到")).to_be_visible()
    await other.accessible()
    answer = await other.page.goto(stack.url + "/board")
    assert answer.status == 403
    answer = await supervisor.page.goto(lawyer.page.url)
    assert answer.status == 200
    await expect(supervisor.page.get_by_label("对当事人说")).to_have_count(0)
    await supervisor.accessible()
    await other.page.context.close()


async def test_a_case_given_back_is_closed_to_who_gave_it_back(citizen, lawyer):
    await citizen.begin()
    await citizen.press("转人工")
    await expect(lawyer.offer).to_be_visible()
    await lawyer.accept()
    case = lawyer.page.url
    await lawyer.page.get_by_text("交回，请别的律师接").click()
    await lawyer.page.get_by_label("原因（必填）").fill("利害关系")
    await lawyer.page.get_by_role("button", name="确认交回").click()
    await expect(lawyer.page.get_by_text("工单已交回")).to_be_visible()
    await citizen.hears("正在为您找下一位律师", who="系统")
    assert (await lawyer.page.goto(case)).status == 404


async def test_the_board_shows_owner_status_and_who_is_on_duty_and_renews_itself(
    citizen, lawyer, supervisor
):
    await supervisor.accessible()
    await citizen.begin()
    reference = await citizen.reference.inner_text()
    await citizen.press("转人工")
    row = supervisor.page.get_by_role("row").filter(has_text=reference)
    await expect(row).to_contain_text("正在派单")
    await expect(lawyer.offer).to_be_visible()
    await lawyer.accept()
    await expect(row).to_contain_text("律师已接")
    await expect(row).to_contain_text("王清和")
    await supervisor.page.set_viewport_size({"width": 360, "height": 640})
    await supervisor.accessible()


async def test_without_anybody_on_duty_the_board_shows_an_alarm(citizen, supervisor):
    await citizen.begin()
    reference = await citizen.reference.inner_text()
    await citizen.press("转人工")
    row = supervisor.page.get_by_role("row").filter(has_text=reference)
    await expect(row).to_contain_text("告警")
    await supervisor.accessible()
    await row.get_by_role("link").click()
    await supervisor.page.get_by_text("办结", exact=True).last.click()
    await supervisor.page.get_by_label("结果（必填）").select_option(label="当事人撤回")
    await supervisor.page.get_by_role("button", name="确认办结").click()
    await expect(row).to_contain_text("已办结")
