"""What the stories of aid share: a form filled in on a phone, a lawyer assigned, a case closed."""

import re

from playwright.async_api import Page

from tests.e2e.people import Citizen, Staff

ME = {
    "姓名": "张三", "证件号码": "110101199003070011", "联系电话": "13900000000",
    "现在的住址": "清河县示例街1号",
}  # fmt: skip


async def begin(citizen: Citizen, link: str = "填写法律援助申请表") -> str:
    """From the talk to the form's first page; the application's reference."""
    page = citizen.page
    await page.get_by_role("link", name=link).click()
    await page.get_by_role("button", name="开始填写").click()
    found = re.search(r"SQ-\w{4}-\w{4}", await page.inner_text("main"))
    assert found
    await page.get_by_role("link", name="记好了，继续").click()
    return found[0]


async def save(page: Page) -> None:
    await page.get_by_role("button", name="保存，下一步").click()


async def who(page: Page) -> None:
    for label, text in ME.items():
        await page.get_by_label(label).fill(text)
    await page.get_by_label("居民身份证").check()
    await save(page)


async def means(page: Page, people: int, income: int) -> None:
    await page.get_by_label("家里共同生活几口人").fill(str(people))
    await page.get_by_label("全家一个月的收入（元）").fill(str(income))
    await save(page)


async def hand_in(page: Page) -> None:
    await page.get_by_role("link", name="下一步：看一遍，提交").click()
    await page.get_by_label("我读过了，我承诺").check()
    await page.get_by_role("button", name="提交申请").click()
    await page.get_by_text("法律援助机构正在审查").wait_for()


async def review(boss: Staff, reference: str) -> Page:
    await boss.open("/desk/applications")
    await boss.page.get_by_role("link", name=reference).click()
    return boss.page


async def assign(page: Page, name: str) -> None:
    """On the reviewer's page of what was granted."""
    await page.get_by_text("指定征询或者直接指派").click()
    to = page.get_by_label("指派哪位律师")
    chosen = to.locator("option", has_text=name).first
    await to.select_option(await chosen.get_attribute("value"))
    await page.get_by_role("button", name="指派", exact=True).click()
    await page.get_by_text("已指派律师").first.wait_for()


async def close(lawyer: Staff, reference: str, outcome: str, words: str) -> None:
    """By the lawyer who has it: how it ended, and the report."""
    page = lawyer.page
    await lawyer.open("/desk/applications")
    await page.get_by_role("link", name=reference).click()
    await page.get_by_role("link", name=re.compile("^办案：")).click()
    await page.get_by_text("案件已经办完").click()
    await page.get_by_label("结果", exact=True).select_option(outcome)
    await page.get_by_label("为受援人拿回多少钱").fill("0")
    await page.get_by_label("减免了多少诉讼等费用").fill("0")
    await page.get_by_label("怎样办结的").fill(words)
    await page.get_by_role("button", name="确认办结").click()
    await page.get_by_label("办理情况").fill("开庭一次。")
    await page.get_by_role("button", name="交报告，归档").click()
    await page.get_by_text("开庭一次。").wait_for()
