"""What an offer is to the lawyer it reaches: heard once, readable by everybody."""

import pytest
from playwright.async_api import expect

from tests.e2e.people import Citizen, Staff

pytestmark = pytest.mark.asyncio(loop_scope="session")

# In place of the browser's own, which has no ears: it notes each tone that would be heard, and
# like the browser it sounds only after a gesture.
AUDIO = """
window.tones = [];
window.AudioContext = class {
  currentTime = 0;
  state = "suspended";
  resume() { if (navigator.userActivation.isActive) this.state = "running"; }
  createGain() {
    const gain = { setValueAtTime() {}, exponentialRampToValueAtTime() {} };
    return { gain, connect: (next) => next };
  }
  createOscillator() {
    const frequency = { value: 0 };
    const start = () => this.state === "running" && tones.push(frequency.value);
    return { frequency, connect: (next) => next, start, stop() {} };
  }
};
window.webkitAudioContext = window.AudioContext;
HTMLMediaElement.prototype.play = async () => { tones.push("media"); };
"""
ONCE = [660, 880]  # the two tones of one offer


async def call_a_lawyer(browser, stack) -> str:
    """A citizen asks for a person; the reference of the conversation."""
    context = await browser.new_context(viewport={"width": 360, "height": 640}, locale="zh-CN")
    citizen = Citizen(await context.new_page(), stack.url)
    await citizen.begin()
    await citizen.press("转人工")
    await citizen.hears("值班律师", who="助手")
    reference = await citizen.reference.inner_text()
    await context.close()
    return reference


async def sit_down_anew(lawyer: Staff) -> None:
    """The desk as just opened, not yet touched, with ears."""
    await lawyer.page.add_init_script(AUDIO)
    await lawyer.page.reload()
    await expect(lawyer.page.get_by_text("值班中")).to_be_visible()


async def heard(lawyer: Staff) -> list[object]:
    tones: list[object] = await lawyer.page.evaluate("tones")
    return tones


async def test_every_offer_sounds_once_and_none_before_the_page_was_touched(browser, stack, lawyer):
    await sit_down_anew(lawyer)
    await expect(lawyer.page.get_by_text("就会有提示音")).to_be_visible()
    await call_a_lawyer(browser, stack)
    await expect(lawyer.offer).to_have_count(1)
    assert await heard(lawyer) == []

    await lawyer.page.get_by_role("heading", name="工作台").click()
    await expect(lawyer.page.get_by_text("就会有提示音")).to_be_hidden()
    assert await heard(lawyer) == []  # the first one is not news any more

    await call_a_lawyer(browser, stack)
    await expect(lawyer.offer).to_have_count(2)
    assert await heard(lawyer) == ONCE

    await lawyer.offer.first.get_by_text("不能接").click()
    await lawyer.offer.first.get_by_role("button", name="转给下一位").click()
    await expect(lawyer.offer).to_have_count(1)
    assert await heard(lawyer) == ONCE  # the other one is shown anew and is no news

    await call_a_lawyer(browser, stack)
    await expect(lawyer.offer).to_have_count(2)
    assert await heard(lawyer) == ONCE * 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_of_an_offer_is_readable_by_everybody(
    browser, stack, lawyer, supervisor, scheme
):
    reference = await call_a_lawyer(browser, stack)
    row = supervisor.page.get_by_role("row").filter(has_text=reference)
    case = await row.get_by_role("link").get_attribute("href")
    await lawyer.page.emulate_media(color_scheme=scheme)
    await lawyer.open(case)
    await expect(lawyer.page.get_by_role("heading", name="派给我的工单")).to_be_visible()
    await expect(lawyer.offer).to_have_count(1)
    await lawyer.offer.get_by_text("不能接").click()
    await lawyer.accessible()
    await lawyer.page.get_by_role("button", name="大字").click()
    await lawyer.page.set_viewport_size({"width": 360, "height": 640})
    await lawyer.accessible()
    await lawyer.accept()


async def test_what_a_lawyer_is_pressing_stays_although_another_offer_arrives(
    browser, stack, lawyer
):
    await call_a_lawyer(browser, stack)
    await expect(lawyer.offer).to_have_count(1)
    await lawyer.offer.first.get_by_role("button", name="接单").hover()
    await lawyer.page.mouse.down()
    await call_a_lawyer(browser, stack)
    await expect(lawyer.offer).to_have_count(2)
    await lawyer.page.mouse.up()
    await expect(lawyer.page.get_by_label("对当事人说")).to_be_visible()


async def test_the_first_touch_of_a_fresh_desk_may_be_the_one_that_accepts(browser, stack, lawyer):
    await sit_down_anew(lawyer)
    await expect(lawyer.page.get_by_text("就会有提示音")).to_be_visible()
    await call_a_lawyer(browser, stack)
    await expect(lawyer.offer).to_have_count(1)
    await lawyer.accept()
