"""A migrant worker applies for aid on a small phone, is granted it and assigned a lawyer."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.test_referrals import shown

pytestmark = pytest.mark.asyncio(loop_scope="session")
PHONE = {"width": 360, "height": 640}
PNG = b"\x89PNG\r\n\x1a\n" + b"a photo" * 20


async def test_wages_from_the_talk_to_the_assigned_lawyer(
    stack, citizen, supervisor, tmp_path: Path
):
    page = citizen.page
    await citizen.begin()
    await citizen.reach_decision()
    await citizen.accessible()
    await page.get_by_role("link", name="填写法律援助申请表").click()
    await citizen.accessible()
    await shown(citizen, "apply-door")
    await page.get_by_role("button", name="开始填写").click()
    await citizen.accessible()
    await shown(citizen, "apply-code")
    reference = re.search(r"SQ-\w{4}-\w{4}", await page.inner_text("main"))[0]
    await page.get_by_role("link", name="记好了，继续").click()

    await expect(page.get_by_text("第 2 步，共 6 步")).to_be_visible()
    await page.get_by_role("button", name="保存，下一步").click()
    await expect(page.get_by_role("alert")).to_contain_text("处要改")
    await citizen.accessible()
    await shown(citizen, "apply-wrong")
    await page.get_by_label("姓名").fill("张三")
    await page.get_by_label("居民身份证").check()
    await page.get_by_label("证件号码").fill("110101199003070011")
    await page.get_by_label("联系电话").fill("13900000000")
    await page.get_by_label("现在的住址").fill("清河县示例街1号")
    await page.get_by_role("button", name="保存，下一步").click()

    await expect(page.get_by_label("牵涉多少钱（元）")).to_have_value("59000")  # told before
    await expect(page.get_by_label("事情经过")).to_have_value(re.compile("老板欠我四个月工资"))
    await page.get_by_label("事情发生在哪里").fill("清河县")
    await citizen.accessible()
    await shown(citizen, "apply-case")
    await page.get_by_role("button", name="保存，下一步").click()
    await page.get_by_label("家里共同生活几口人").fill("3")
    await page.get_by_label("全家一个月的收入（元）").fill("2400")
    await citizen.accessible()
    await page.get_by_role("button", name="保存，下一步").click()

    photo = tmp_path / "欠条.png"
    photo.write_bytes(PNG)
    await page.get_by_label("是哪一种").select_option("wages")
    await page.get_by_label("照片或 PDF").set_input_files(photo)
    await page.get_by_role("button", name="交这一份").click()
    await expect(page.get_by_text("已交 1 份")).to_be_visible()
    await citizen.accessible()
    await shown(citizen, "apply-papers")
    await page.get_by_role("link", name="下一步：看一遍，提交").click()
    await page.get_by_label("我读过了，我承诺").check()
    await citizen.accessible()
    await shown(citizen, "apply-send")
    await page.get_by_role("button", name="提交申请").click()
    await expect(page.get_by_text("法律援助机构正在审查")).to_be_visible()
    await citizen.accessible()
    await shown(citizen, "apply-status")

    boss = supervisor.page
    await supervisor.open("/board")
    await expect(boss.get_by_text("等审查决定")).to_be_visible()
    await boss.get_by_role("link", name="援助申请", exact=True).click()
    await supervisor.accessible()
    await shown(supervisor, "applications")
    await boss.get_by_role("link", name=reference).click()
    for words in ("给予法律援助", "一次性告知补充", "不予法律援助", "转给有管辖权的机构"):
        await boss.get_by_text(words, exact=True).first.click()
    await supervisor.accessible()
    await shown(supervisor, "application-review")
    await boss.set_viewport_size(PHONE)
    await supervisor.accessible()
    await shown(supervisor, "application-review-phone")
    await boss.get_by_role("button", name="决定给予").click()
    await boss.get_by_text("指定征询或者直接指派").click()
    await boss.get_by_label("指派哪位律师").select_option(index=1)
    await supervisor.accessible()
    await boss.get_by_role("button", name="指派", exact=True).click()
    await expect(boss.get_by_text("已指派律师").first).to_be_visible()
    await shown(supervisor, "application-assigned-phone")

    await page.reload()
    await expect(page.get_by_text("承办律师")).to_be_visible()
    await page.get_by_role("link", name="回到对话").click()
    await citizen.hears("您的法律援助申请", who="系统")
    await expect(page.get_by_role("link", name="申请进度")).to_be_visible()
    await citizen.accessible()
    await shown(citizen, "apply-chat")
