"""A debt claim that is refused, in real browsers: from the chat to the objection and its answer."""

import pytest
from playwright.async_api import expect

from tests.e2e import aid
from tests.e2e.test_criminal import looked_at

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_refused_debt_claim_objects_and_the_bureau_upholds(stack, citizen, supervisor):
    page = citizen.page
    await citizen.begin()
    await citizen.say("朋友借了我三万块钱不还")
    await expect(page.get_by_role("region", name="预审结果")).to_be_visible()
    reference = await aid.begin(citizen, "仍要申请法律援助")
    await aid.who(page)
    await expect(page.get_by_label("是什么事")).to_have_value("debt")
    await page.get_by_label("事情发生在哪里").fill("清河县")
    await page.get_by_label("需要什么援助").select_option("litigation")
    await aid.save(page)
    await aid.means(page, 1, 800)
    await aid.hand_in(page)

    boss = await aid.review(supervisor, reference)
    await boss.get_by_text("不予法律援助", exact=True).first.click()
    await boss.locator("#refuse-why").fill("民间借贷不在法律援助的事项范围里。")
    await boss.locator("#refuse input[value='LAL 31']").check()
    await boss.get_by_role("button", name="决定不予").click()
    await boss.get_by_text("送现在这份决定书或通知书").click()
    await boss.get_by_label("发消息，带一次性链接").check()
    await looked_at(supervisor, "refused")
    await boss.get_by_role("button", name="送出并记下").click()
    await expect(boss.get_by_text("已发出，还没有打开")).to_be_visible()

    await page.reload()
    await expect(page.get_by_text("民间借贷不在法律援助的事项范围里。")).to_be_visible()
    letter = page.get_by_role("link", name="打开《不予法律援助决定书》")
    opened = await page.request.get(stack.url + (await letter.get_attribute("href") or ""))
    assert (await opened.body()).startswith(b"%PDF")
    await looked_at(citizen, "refused-status")
    await page.get_by_label("为什么不服").fill("我是残疾人，钱是治病的。")
    await page.get_by_role("button", name="提出异议").click()
    await expect(page.get_by_text("我是残疾人")).to_have_count(0)

    await boss.reload()
    await expect(boss.get_by_text("已打开", exact=True)).to_be_visible()
    await expect(boss.get_by_text("我是残疾人，钱是治病的。")).to_be_visible()
    await boss.get_by_text("维持原决定", exact=True).first.click()
    await looked_at(supervisor, "objected")
    await boss.locator("#uphold-why").fill("事项仍不在范围里，可以申请司法救助。")
    await boss.get_by_role("button", name="维持", exact=True).click()

    await page.reload()
    await expect(page.get_by_text("事项仍不在范围里")).to_be_visible()
    await looked_at(citizen, "upheld-status")
    await page.get_by_role("link", name="回到对话").click()
    await citizen.hears("不予法律援助决定书")
    await citizen.hears("维持")
