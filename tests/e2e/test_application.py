"""Applications in real browsers: a migrant worker's wages from the talk to the money, and the
support of a mother, by her daughter."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e import aid
from tests.e2e.conftest import sit_down
from tests.e2e.test_referrals import shown

pytestmark = pytest.mark.asyncio(loop_scope="session")
PHONE = {"width": 360, "height": 640}
PNG = b"\x89PNG\r\n\x1a\n" + b"a photo" * 20


async def test_wages_from_the_talk_to_the_money(
    stack, browser, citizen, supervisor, tmp_path: Path
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
    to = boss.get_by_label("指派哪位律师")
    wang = to.locator("option", has_text="王清和")
    await to.select_option(await wang.get_attribute("value"))
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

    wang = await sit_down(browser, stack, "lushi01")
    await closed_on_a_phone(wang, reference)
    await citizen.hears("已经办结")
    await citizen.press("满意")
    await citizen.hears("谢谢，已经记下", who="系统")
    await citizen.accessible()
    await shown(citizen, "apply-satisfied")
    await page.get_by_role("link", name="申请进度").click()
    await expect(page.get_by_text("50,000 元")).to_be_visible()
    await expect(page.get_by_text("已申请劳动仲裁")).to_be_visible()
    await expect(page.get_by_text("您的评价：满意")).to_be_visible()
    await citizen.accessible()
    await shown(citizen, "apply-closed")
    await the_year(supervisor, reference)


async def closed_on_a_phone(lawyer, reference: str) -> None:
    """From the desk to the report, with a thumb."""
    page = lawyer.page
    await page.set_viewport_size(PHONE)
    await lawyer.open("/desk")
    await page.get_by_role("link", name="1 件法律援助案件").click()
    await page.get_by_role("link", name=reference).click()
    await page.get_by_role("link", name="办案：协议、进展、办结").click()
    await lawyer.accessible()
    await shown(lawyer, "case-assigned-phone")
    await page.get_by_role("button", name="记下已签订").click()
    await page.get_by_label("做了什么，下一步是什么").fill("已申请劳动仲裁，等开庭。")
    await page.get_by_role("button", name="记下", exact=True).click()
    await expect(page.get_by_text("已申请劳动仲裁")).to_be_visible()
    await page.get_by_text("案件已经办完").click()
    await page.get_by_label("结果", exact=True).select_option("settled")
    await page.get_by_label("为受援人拿回多少钱").fill("50000")
    await page.get_by_label("减免了多少诉讼等费用").fill("0")
    await page.get_by_label("怎样办结的").fill("仲裁调解，拿回五万元。")
    await lawyer.accessible()
    await shown(lawyer, "case-ending-phone")
    await page.get_by_role("button", name="确认办结").click()
    await page.get_by_label("办理情况").fill("开庭一次，调解结案。")
    await lawyer.accessible()
    await page.get_by_role("button", name="交报告，归档").click()
    await expect(page.get_by_text("开庭一次，调解结案。")).to_be_visible()
    await lawyer.accessible()
    await shown(lawyer, "case-closed-phone")
    await page.context.close()


async def the_year(supervisor, reference: str) -> None:
    """The supervisor draws the file, grades it, and finds it all in the report."""
    page = supervisor.page
    await supervisor.open("/quality")
    await page.get_by_role("button", name="抽取").click()
    await expect(page.get_by_text("重算一致")).to_be_visible()
    file = page.get_by_role("listitem").filter(has=page.get_by_role("link", name=reference))
    await file.get_by_text("评查，").click()
    await file.get_by_label("优秀").check()
    await file.get_by_label("理由").fill("程序完整，结果好。")
    await file.get_by_text("交给律师评").click()
    for width in (1280, 360):
        await page.set_viewport_size({"width": width, "height": 800})
        await supervisor.accessible()
        await shown(supervisor, f"quality-{width}")
    await file.get_by_role("button", name="评定").click()
    await supervisor.open("/board/report")
    for width in (360, 1280):
        await page.set_viewport_size({"width": width, "height": 800})
        await supervisor.accessible()
        await shown(supervisor, f"report-{width}")
    row = page.get_by_role("row").filter(has_text="为受援人拿回")
    await row.get_by_role("link", name="50,000").click()
    await expect(page.get_by_text(reference)).to_be_visible()
    await supervisor.accessible()
    await shown(supervisor, "report-cases")


async def test_a_daughter_applies_for_her_mothers_support(stack, browser, citizen, supervisor):
    page = citizen.page
    await citizen.begin()
    await citizen.say("我妈妈七十多岁，糊涂了，哥哥一直不给赡养费")
    await citizen.press("每人800元")
    reference = await aid.begin(citizen)
    await page.get_by_label("姓名").fill("李桂兰")
    await page.get_by_label("居民身份证").check()
    await page.get_by_label("证件号码").fill("110101199003070012")
    await page.get_by_label("现在的住址").fill("清河县示例街2号")
    await page.get_by_label("年龄和辨认能力").select_option("limited")
    await page.get_by_role("button", name="保存，下一步").click()
    await expect(page.get_by_role("alert")).to_contain_text("处要改")  # the number's last figure
    await page.get_by_label("证件号码").fill("110101199003070011")
    await page.get_by_role("button", name="保存，下一步").click()

    await expect(page.get_by_role("heading", level=1, name="代为申请的人")).to_be_visible()
    await page.get_by_label("您的姓名").fill("王芳")
    await page.get_by_label("您的身份证件号码").fill("110101199003070038")
    await page.get_by_label("您是他（她）的").select_option("child")
    await page.get_by_label("您的电话").fill("13900000001")
    await citizen.accessible()
    await shown(citizen, "apply-agent")
    await page.get_by_role("button", name="保存，下一步").click()
    await expect(page.get_by_label("事情经过")).to_have_value(re.compile("不给赡养费"))
    await page.get_by_label("事情发生在哪里").fill("清河县")
    await page.get_by_label("需要什么援助").select_option("litigation")
    await page.get_by_role("button", name="保存，下一步").click()
    await page.get_by_label("家里共同生活几口人").fill("1")
    await page.get_by_label("全家一个月的收入（元）").fill("600")
    await page.get_by_role("button", name="保存，下一步").click()
    await expect(page.get_by_text("代为申请的证明：户口本").first).to_be_visible()  # kinship
    await page.get_by_role("link", name="下一步：看一遍，提交").click()
    for told in ("王芳", "子女", "李桂兰"):
        await expect(page.get_by_text(told, exact=True).first).to_be_visible()
    await page.get_by_label("我读过了，我承诺").check()
    await citizen.accessible()
    await page.get_by_role("button", name="提交申请").click()
    await expect(page.get_by_text("法律援助机构正在审查")).to_be_visible()
    await shown(citizen, "apply-agent-status")

    boss = await aid.review(supervisor, reference)
    await expect(boss.get_by_text("王芳").first).to_be_visible()
    await boss.get_by_text("给予法律援助", exact=True).first.click()
    await boss.get_by_role("button", name="决定给予").click()
    await aid.assign(boss, "刘明理")
    liu = await sit_down(browser, stack, "lushi04")
    await aid.close(liu, reference, "settled", "哥哥同意每月给八百元。")
    await liu.page.context.close()
    await page.get_by_role("link", name="回到对话").click()
    await citizen.hears("已经办结")
    await citizen.press("满意")
    await page.get_by_role("link", name="申请进度").click()
    await expect(page.get_by_text("哥哥同意每月给八百元。")).to_be_visible()
