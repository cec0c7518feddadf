"""A court's must-notify notice from paper to the lawyer who takes it; a victim of domestic violence
who has aid before her papers."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from tests.e2e.test_referrals import shown

pytestmark = pytest.mark.asyncio(loop_scope="session")
PHONE, DESK = {"width": 360, "height": 640}, {"width": 1280, "height": 800}


async def looked_at(person, name: str) -> None:
    """On a phone and on a desk: accessible, and nothing scrolls sideways."""
    for size, suffix in ((PHONE, "360"), (DESK, "1280")):
        await person.page.set_viewport_size(size)
        await person.accessible()
        await shown(person, f"{name}-{suffix}")


async def test_a_courts_notice_from_paper_to_the_lawyer_who_takes_it(stack, supervisor, lawyer):
    boss, desk = supervisor.page, lawyer.page
    await supervisor.open("/desk/applications")
    await boss.get_by_role("link", name="登记机关通知").click()
    await looked_at(supervisor, "notice")
    for label, text in (
        ("通知机关", "清河县人民法院"), ("通知文号", "（2026）示法刑援9号"),
        ("案号（可以不填）", "（2026）示刑初9号"), ("罪名或者案由", "盗窃"),
        ("承办人", "赵法官"), ("承办人电话", "010-66660000"), ("姓名", "李四"),
        ("羁押地点（可以不填）", "清河县看守所"),
    ):  # fmt: skip
        await boss.get_by_label(label, exact=True).fill(text)
    await boss.get_by_label("通知种类和情形").select_option(label="未成年人")
    await boss.get_by_label("诉讼阶段").select_option(label="一审")
    await boss.get_by_role("button", name="登记，开始计时").click()
    await expect(boss.get_by_text("应当通知辩护").first).to_be_visible()
    await boss.get_by_text("指定征询或者直接指派").click()
    await boss.get_by_text("终止法律援助", exact=True).click()
    await boss.get_by_text("退回通知机关", exact=True).click()
    await looked_at(supervisor, "notice-file")
    await boss.get_by_label("问哪位律师").select_option(index=1)
    name = await boss.get_by_label("问哪位律师").locator("option:checked").inner_text()
    await boss.get_by_role("button", name="征询这位律师").click()
    await expect(boss.get_by_text("正在征询")).to_be_visible()
    await looked_at(supervisor, "notice-asked")

    await boss.get_by_text("指定征询或者直接指派").click()
    await boss.get_by_label("问哪位律师").select_option(label=await option(boss, "王清和"))
    await boss.get_by_role("button", name="征询这位律师").click()
    await lawyer.open("/desk")
    await desk.get_by_role("link", name="1 件法律援助案件").click()
    await expect(desk.get_by_text("李四")).to_be_visible()
    await desk.get_by_text("不接", exact=False).first.click()
    await looked_at(lawyer, "asked")
    await desk.get_by_role("button", name="接受").click()
    await desk.get_by_role("link", name="应当通知辩护").first.click()
    await desk.get_by_text("报告可能应当终止的情形").click()
    await looked_at(lawyer, "notice-lawyer")
    await desk.get_by_role("link", name="办案：进展、办结").click()
    await expect(desk.get_by_text("清河县看守所")).to_be_visible()
    await desk.get_by_text("案件已经办完").click()
    await looked_at(lawyer, "notice-work")

    await boss.reload()
    await expect(boss.get_by_text("已指派律师").first).to_be_visible()
    await expect(boss.get_by_text("王清和律师").first).to_be_visible()
    await expect(boss.get_by_role("link", name="决定书或通知书（PDF）")).to_be_visible()
    await looked_at(supervisor, "notice-assigned")
    assert name
    await supervisor.open("/desk/applications")
    await looked_at(supervisor, "notice-list")


async def option(page, name: str) -> str:
    """The whole label of the lawyer's option."""
    found = page.get_by_label("问哪位律师").locator("option").filter(has_text=name)
    return await found.first.inner_text()


async def test_a_victim_of_domestic_violence_has_aid_before_her_papers(stack, citizen, supervisor):
    page = citizen.page
    await citizen.begin()
    await citizen.reach_decision()
    await page.get_by_role("link", name="填写法律援助申请表").click()
    await page.get_by_role("button", name="开始填写").click()
    await page.get_by_role("link", name="记好了，继续").click()
    await page.get_by_label("姓名").fill("张三")
    await page.get_by_label("居民身份证").check()
    await page.get_by_label("证件号码").fill("110101199003070011")
    await page.get_by_label("联系电话").fill("13900000000")
    await page.get_by_label("现在的住址").fill("清河县示例街1号")
    await page.get_by_role("button", name="保存，下一步").click()
    await page.get_by_label("是什么事").select_option(label="家庭暴力")
    await page.get_by_label("事情发生在哪里").fill("清河县")
    await page.get_by_label("事情经过").fill("他又打我，我要离开家，证据怕被他删掉")
    await page.get_by_label("需要什么援助").select_option(label="打官司时请律师代理")
    await page.get_by_role("button", name="保存，下一步").click()
    await page.get_by_label("家里共同生活几口人").fill("3")
    await page.get_by_label("全家一个月的收入（元）").fill("2400")
    await page.get_by_role("button", name="保存，下一步").click()
    await page.get_by_role("link", name="下一步：看一遍，提交").click()
    await page.get_by_label("我读过了，我承诺").check()
    await page.get_by_role("button", name="提交申请").click()
    await expect(page.get_by_text("法律援助机构正在审查")).to_be_visible()

    boss = supervisor.page
    await supervisor.open("/desk/applications")
    await boss.get_by_role("link", name="家庭暴力").first.click()
    await boss.get_by_text("先行提供法律援助", exact=True).click()
    await looked_at(supervisor, "prior")
    await boss.get_by_label("需要立即申请财产保全").check()
    await boss.locator("#prior-why").fill("要马上申请证据保全")
    until = (datetime.now(UTC) + timedelta(days=10)).date().isoformat()
    await boss.get_by_label("在哪天前补办").fill(until)
    await boss.get_by_role("button", name="决定先行提供").click()
    await expect(boss.get_by_role("button", name="手续已补齐")).to_be_visible()
    await looked_at(supervisor, "prior-granted")

    await page.reload()
    await expect(page.get_by_role("heading", name="先行提供，手续后补")).to_be_visible()
    await looked_at(citizen, "prior-status")
    await page.get_by_role("button", name="补齐了，请核对").click()
    await page.get_by_role("link", name="打开另一份申请").click()
    await looked_at(citizen, "apply-another")
    await boss.reload()
    await expect(boss.get_by_text("当事人已补办手续")).to_be_visible()
    await boss.get_by_role("button", name="手续已补齐").click()
    await expect(boss.get_by_role("button", name="手续已补齐")).to_have_count(0)
