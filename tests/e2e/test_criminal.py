"""A court's must-notify notice from paper to the lawyer who takes it; a victim of domestic violence
who has aid before her papers."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from tests.e2e import aid
from tests.e2e.conftest import sit_down
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
    await expect(boss.get_by_role("link", name=re.compile("^PDF.*决定书或通知书"))).to_be_visible()
    await looked_at(supervisor, "notice-assigned")
    assert name
    await supervisor.open("/desk/applications")
    await looked_at(supervisor, "notice-list")
    reference = re.search(r"SQ-\w{4}-\w{4}", await desk.inner_text("main"))[0]
    await aid.close(lawyer, reference, "defended", "法院判处缓刑。")
    await supervisor.open("/board/referrals")
    over = boss.get_by_role("region", name="最近办结和退回的").get_by_role("listitem")
    await expect(over.filter(has_text="清河县人民法院").first).to_contain_text("办结")


async def option(page, name: str) -> str:
    """The whole label of the lawyer's option."""
    found = page.get_by_label("问哪位律师").locator("option").filter(has_text=name)
    return await found.first.inner_text()


async def test_a_victim_of_domestic_violence_has_aid_before_her_papers(
    stack, browser, citizen, supervisor
):
    page = citizen.page
    await citizen.begin()
    await citizen.say("老公昨天又打我，我要离开家，怕他删掉证据")
    await citizen.hears("110")
    reference = await aid.begin(citizen)
    await aid.who(page)
    await expect(page.get_by_label("是什么事")).to_have_value("domestic_violence")
    await page.get_by_label("事情发生在哪里").fill("清河县")
    await page.get_by_label("需要什么援助").select_option(label="打官司时请律师代理")
    await aid.save(page)
    await aid.hand_in(page)

    boss = await aid.review(supervisor, reference)
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

    await aid.assign(boss, "王清和")
    wang = await sit_down(browser, stack, "lushi01")
    await aid.close(wang, reference, "won", "法院作出人身安全保护令。")
    await wang.page.context.close()
    await citizen.open()
    await citizen.hears("已经办结")
    await page.get_by_role("link", name="申请进度").click()
    await expect(page.get_by_text("法院作出人身安全保护令。")).to_be_visible()
