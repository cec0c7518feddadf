"""What each page owes to everybody who opens it."""

import pytest
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOSTILE = [
    "<script>document.title='坏'</script>",
    "<img src=x onerror=\"document.title='坏'\">",
    "'; DROP TABLE messages; --",
    "{{ 7*7 }} ${7*7} &lt;b&gt;",
    '/inform{"income":"1"}',
]


async def test_the_start_page_says_what_is_kept_who_decides_and_where_to_call(citizen):
    await citizen.open()
    page = citizen.page
    for words in ("预审", "由法律援助机构决定", "我们会保存"):
        await expect(page.get_by_role("main")).to_contain_text(words)
    assert await page.get_by_role("link", name="拨打 110").get_attribute("href") == "tel:110"
    assert await page.get_by_role("link", name="12348").get_attribute("href") == "tel:12348"
    await citizen.accessible()


async def test_large_type_is_remembered_and_still_fits_a_small_phone(citizen):
    await citizen.begin()
    size = "parseFloat(getComputedStyle(document.body).fontSize)"
    assert await citizen.page.evaluate(size) >= 18
    await citizen.press("大字")
    await citizen.page.reload()
    assert await citizen.page.evaluate(size) >= 22
    await expect(citizen.page.get_by_role("button", name="大字")).to_have_attribute(
        "aria-pressed", "true"
    )
    await citizen.accessible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_has_enough_contrast_by_day_and_by_night(
    citizen, lawyer, supervisor, scheme
):
    for person in (citizen, lawyer, supervisor):
        await person.page.emulate_media(color_scheme=scheme)
    await citizen.open()
    await citizen.accessible()
    await citizen.begin()
    await citizen.reach_decision()
    await citizen.accessible()
    await citizen.press("找值班律师")
    await expect(lawyer.offer).to_be_visible()
    await lawyer.accessible()
    await supervisor.accessible()
    await lawyer.accept()
    await lawyer.accessible()
    await lawyer.page.set_viewport_size({"width": 360, "height": 640})
    await lawyer.accessible()


async def test_more_than_two_warnings_are_folded_and_open_at_a_touch(citizen):
    await citizen.begin()
    await citizen.reach_decision()
    card = citizen.page.get_by_role("region", name="预审结果")
    warnings = card.locator(".warned li")
    assert await warnings.count() > 2
    assert [await one.is_visible() for one in await warnings.all()][:3] == [True, True, False]
    await card.get_by_text("条提醒").click()
    await expect(warnings.last).to_be_visible()
    await citizen.accessible()


async def test_words_are_shown_as_words_whatever_they_look_like(citizen, lawyer):
    await citizen.begin()
    for text in HOSTILE:
        await citizen.say(text)
        await citizen.hears(text)
    await expect(citizen.page.locator("#pending").get_by_role("article")).to_have_count(0)
    lines = await citizen.lines()
    assert [lines.count(text) for text in HOSTILE] == [1] * len(HOSTILE)
    await citizen.press("转人工")
    await expect(lawyer.offer).to_be_visible()
    await lawyer.accept()
    for text in HOSTILE:
        await expect(lawyer.log.get_by_text(text, exact=True)).to_be_visible()
    for person in (citizen, lawyer):
        assert "坏" not in await person.page.title()
        assert await person.page.locator(".bubble script, .bubble img").count() == 0
        await person.accessible()


async def test_the_whole_chat_works_by_keyboard_alone(citizen):
    page = citizen.page
    await citizen.open()
    await _tab_to(page, "我知道了，开始说")
    await page.keyboard.press("Enter")
    await expect(citizen.log).to_contain_text("请说说您遇到了什么事")
    await expect(page.get_by_role("button", name="发送", exact=True)).to_be_enabled()
    await _tab_to(page, "您想说的话")
    await page.keyboard.type("老板欠我工资")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("四个月了")
    await page.keyboard.press("Enter")
    await citizen.hears("老板欠我工资\n四个月了")
    await expect(page.get_by_role("button", name="没有请")).to_be_visible()
    await _tab_to(page, "没有请")
    await page.keyboard.press("Space")
    await expect(page.get_by_role("button", name="每人800元")).to_be_visible()
    await _tab_to(page, "转人工")
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert await page.evaluate(outline) == "solid"


async def _tab_to(page, name: str) -> None:
    """Tab until the focus is on what a screen reader calls so."""
    wanted = page.get_by_role("button", name=name, exact=True).or_(
        page.get_by_role("textbox", name=name, exact=True)
    )
    await expect(wanted).to_be_enabled()
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("it => it === document.activeElement"):
            return
    raise AssertionError(f"cannot be reached by Tab: {name}")


async def test_an_input_method_may_use_enter_without_sending(citizen):
    await citizen.begin()
    await citizen.words.fill("gongzi")
    await citizen.words.evaluate(
        "it => it.dispatchEvent(new KeyboardEvent('keydown', "
        "{key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    await expect(citizen.words).to_have_value("gongzi")


async def test_a_thinking_bot_is_announced(citizen):
    await citizen.begin()
    await citizen.say("请慢慢想")
    await expect(citizen.page.get_by_role("status").first).to_be_attached()
    await expect(citizen.page.locator("#state")).to_contain_text("助手正在看您的话")
    await citizen.accessible()
    await citizen.hears("想好了。")
    await expect(citizen.page.locator("#state")).to_contain_text("现在和您说话的是")


async def test_the_reference_number_can_be_copied(citizen):
    await citizen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await citizen.begin()
    await citizen.page.get_by_role("button", name="复制").click()
    reference = await citizen.reference.inner_text()
    assert await citizen.page.evaluate("navigator.clipboard.readText()") == reference


async def test_a_page_that_is_not_there_says_so_without_a_trace(citizen):
    answer = await citizen.page.goto(citizen.url + "/nirgends")
    assert answer.status == 404
    await expect(citizen.page.get_by_role("heading", name="没有找到")).to_be_visible()
    assert "Traceback" not in await citizen.page.content()
    await citizen.accessible()


async def test_a_wrong_password_is_refused_in_plain_words(citizen, stack):
    page = citizen.page
    await citizen.open("/desk")
    assert page.url.endswith("/desk/login")
    await page.get_by_label("登录名").fill("lushi01")
    await page.get_by_label("密码").fill("falsch")
    await page.get_by_role("button", name="登录", exact=True).click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await citizen.accessible()


@pytest.mark.parametrize("width", [1280, 360])
async def test_the_law_can_be_read_by_everybody_and_its_articles_open_by_keyboard(
    supervisor, width
):
    page = supervisor.page
    await page.set_viewport_size({"width": width, "height": 740})
    await page.get_by_role("link", name="法律数据").click()
    await expect(page.get_by_role("button", name="重新载入法律数据")).to_be_visible()
    await supervisor.accessible()
    await page.get_by_role("link", name="示例省明州市清河县").click()
    await page.get_by_label("看哪一天的规定").fill("2024-06-30")
    await page.get_by_role("button", name="看这一天").click()
    line = page.get_by_role("region", name="经济困难标准")
    await expect(line).to_contain_text("每人每月不超过 1,400 元")
    await supervisor.accessible()
    article = page.locator("details", has_text="《法律援助法》第三十一条第五项").first
    await article.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(article).to_contain_text("请求确认劳动关系或者支付劳动报酬")
    await page.get_by_role("link", name="每人每月不超过 1,500 元").click()
    await expect(line).to_contain_text("每人每月不超过 1,500 元")
    await page.emulate_media(color_scheme="dark")
    await supervisor.accessible()


async def test_the_supervisor_reloads_the_law_by_its_button(supervisor):
    page = supervisor.page
    await supervisor.open("/board/law")
    await page.get_by_role("button", name="重新载入法律数据").click()
    await expect(page.get_by_role("status")).to_contain_text("文件没有变化")
    await supervisor.accessible()


async def test_the_lawyer_reads_rule_by_rule_why_and_what_would_change_it(citizen, lawyer):
    await citizen.open()
    await citizen.begin()
    await citizen.reach_decision()
    await citizen.press("找值班律师")
    await lawyer.accept()
    page = lawyer.page
    await expect(page.get_by_role("heading", name="适用的规定", exact=True)).to_be_visible()
    await expect(page.get_by_role("heading", name="看过、不适用的规定")).to_be_visible()
    rule = page.locator("#decision-title ~ details", has_text="人均月收入").first
    await rule.locator("summary").click()
    await expect(rule.get_by_text("经济困难的标准", exact=False).first).to_be_visible()
    await expect(rule.get_by_text("不超过", exact=False).last).to_be_visible()
    await page.get_by_text("逐项事实试一遍").click()
    await expect(page.locator("#changes li").first).to_contain_text("如果")
    await lawyer.accessible()
    await page.set_viewport_size({"width": 360, "height": 640})
    await lawyer.accessible()
