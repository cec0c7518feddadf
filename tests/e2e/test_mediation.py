"""调解 in real browsers: a mediator on a phone takes a neighbours' quarrel to the agreement."""

import os
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.e2e.conftest import TOKEN, sit_down

pytestmark = pytest.mark.asyncio(loop_scope="session")
SIZES = {"360": {"width": 360, "height": 640}, "1280": {"width": 1280, "height": 800}}


@pytest_asyncio.fixture(loop_scope="session")
async def mediator(browser, stack, quiet):
    staff = await sit_down(browser, stack, "tiaojie03")
    await staff.page.set_viewport_size(SIZES["360"])
    yield staff
    await staff.page.context.close()


def neighbours_quarrel(stack) -> None:
    """A citizen somewhere has told of the wall and chosen mediation."""
    with httpx.Client(base_url=stack.url, headers={"Origin": stack.url}, trust_env=False) as web:
        talk = web.post("/api/web/conversations", json={"consent": True}).json()
        key = {"Authorization": f"Bearer {TOKEN}"}
        told = {"conversation": talk["id"], "message_id": "m-0", "facts": {"request": "mediation"},
                "label": "neighbour_property",
                "details": {"note": "邻居把墙砌到了我家门口"}}  # fmt: skip
        assert web.post("/internal/screenings", json=told, headers=key).status_code == 200
        asked = {"conversation": talk["id"], "message_id": "m-1", "destination": "mediation"}
        assert web.post("/internal/tickets", json=asked, headers=key).status_code == 200


async def looked_at(person, name: str) -> None:
    """Accessible; and pictures at two widths, where somebody wants them: SCREENSHOTS=folder."""
    await person.accessible()
    if folder := os.environ.get("SCREENSHOTS"):
        for width, size in SIZES.items():
            await person.page.set_viewport_size(size)
            picture = Path(folder) / f"mediation-{name}-{width}.png"
            await person.page.screenshot(path=picture, full_page=True)
        await person.page.set_viewport_size(SIZES["360"])


async def test_a_mediator_on_a_phone_goes_from_the_list_to_the_agreement(
    stack, mediator, supervisor
):
    neighbours_quarrel(stack)
    page = mediator.page
    link = page.get_by_role("link", name="相邻、物业")
    for _ in range(20):
        await mediator.open("/mediation")
        if await link.count():
            break
        await page.wait_for_timeout(250)
    await looked_at(mediator, "list")
    await link.first.click()
    await expect(page.get_by_text("邻居把墙砌到了我家门口")).to_be_visible()
    await looked_at(mediator, "proposed")
    await page.get_by_role("link", name="看当事人说的话").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("当事人说的话")
    await looked_at(mediator, "talk")
    await page.get_by_role("link", name="返回").click()
    await page.get_by_role("button", name="已经联系对方").click()
    await page.get_by_role("button", name="对方同意调解").click()
    await page.get_by_label("这次调解谈了什么").fill("界墙往回退半米。")
    await page.get_by_role("button", name="记下一次调解").click()
    await page.get_by_text("达成协议", exact=True).click()
    await page.get_by_label("申请人（姓名").fill("甲")
    await page.get_by_label("对方（姓名").fill("乙")
    await page.get_by_label("协议内容").fill("界墙往回退半米，一周内完成。")
    await looked_at(mediator, "agreement")
    await page.get_by_role("button", name="记下协议").click()
    await expect(page.get_by_role("button", name="记下已申请司法确认")).to_be_visible()
    await looked_at(mediator, "court")
    await page.get_by_role("button", name="记下已申请司法确认").click()
    await page.get_by_role("button", name="法院裁定有效").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("法院已确认")
    await supervisor.open("/mediation/figures")
    await looked_at(supervisor, "figures")
