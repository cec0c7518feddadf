"""转办 in real browsers: on a phone, by keyboard, and read by everybody."""

import asyncio
import os
import re
from pathlib import Path

import httpx
import pytest
from playwright.async_api import expect

from tests.e2e.conftest import TOKEN, free_port
from tests.fake_partner import EXAMPLE, Organ
from tests.fakes import until

pytestmark = pytest.mark.asyncio(loop_scope="session")
PHONE = {"width": 360, "height": 640}


def choose_mediation(stack) -> None:
    """A citizen somewhere has chosen mediation."""
    with httpx.Client(base_url=stack.url, headers={"Origin": stack.url}, trust_env=False) as web:
        talk = web.post("/api/web/conversations", json={"consent": True}).json()
        asked = {"conversation": talk["id"], "message_id": "m-1", "destination": "mediation"}
        key = {"Authorization": f"Bearer {TOKEN}"}
        assert web.post("/internal/tickets", json=asked, headers=key).status_code == 200


def hotline(stack, number: str) -> httpx.Response:
    """12345 sends us a case; its partner is made for it."""
    name = f"hotline-{number}"
    said = stack._run("partners", "add", name, "12345 热线", "--days", "5", "--send",
                      "--state", str(stack.state))  # fmt: skip
    key = re.search(r"^密钥\t(\S+)$", said, re.M)[1]
    return httpx.post(f"{stack.url}/api/referrals", json={**EXAMPLE, "number": number},
                      headers={"Authorization": f"Bearer {key}"}, trust_env=False)  # fmt: skip


async def shown(person, name: str) -> None:
    """A picture, where somebody wants to look: SCREENSHOTS=folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        await person.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_of_referrals_fits_a_phone_and_is_read_by_everybody(
    stack, supervisor, scheme
):
    choose_mediation(stack)
    hotline(stack, f"phone-{scheme}")
    page = supervisor.page
    await page.emulate_media(color_scheme=scheme)
    await page.set_viewport_size(PHONE)
    await supervisor.open("/board/referrals")
    await expect(page.get_by_role("heading", level=1, name="转办")).to_be_visible()
    await supervisor.accessible()
    await page.get_by_text("对方退回").first.click()
    await page.get_by_text("对方办结").first.click()
    await supervisor.accessible()
    await shown(supervisor, f"referrals-{scheme}")
    await page.get_by_role("button", name="大字").click()
    await supervisor.accessible()


async def test_a_return_is_written_down_by_keyboard_alone(stack, supervisor, lawyer):
    choose_mediation(stack)
    page = supervisor.page
    await supervisor.open("/board/referrals")
    row = page.locator("#out-title ~ ul > li").last
    receipt = re.search(r"ZB-\w{4}-\w{4}", await row.inner_text())[0]
    await row.locator("summary").first.focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.type("双方住在外县")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    ended = page.get_by_role("region", name="最近办结和退回的").get_by_role("listitem")
    await expect(ended.filter(has_text=receipt)).to_contain_text("已退回")
    await expect(lawyer.offer).to_contain_text("退回：双方住在外县")


async def test_a_duty_lawyer_calls_back_whom_another_organ_sent(stack, lawyer):
    assert hotline(stack, "call-back").status_code == 201
    await expect(lawyer.offer).to_contain_text("12345 热线转来")
    page = lawyer.page
    await page.set_viewport_size(PHONE)
    await lawyer.offer.first.get_by_role("button", name="接单").click()
    call = page.get_by_role("link", name="张三 13900000000")
    await expect(call).to_have_attribute("href", "tel:13900000000")
    await expect(page.get_by_role("region", name="事实")).to_contain_text(EXAMPLE["told"])
    await expect(page.get_by_label("对当事人说")).to_have_count(0)
    await expect(page.get_by_role("log")).to_have_count(0)  # nobody reads that talk
    await lawyer.accessible()
    await shown(lawyer, "call-back")
    await lawyer.close()


async def test_a_router_that_is_killed_with_a_push_in_hand_pushes_it_after_its_restart(
    stack, supervisor
):
    """The partner's computer is down, the push waits; kill -9; both come back."""
    port = free_port()
    said = stack._run("partners", "add", "late", "迟到热线", "--days", "5", "--send", "--state",
                      str(stack.state), "--url", f"http://127.0.0.1:{port}/")  # fmt: skip
    key, secret = re.findall(r"^(?:密钥|签名口令)\t(\S+)$", said, re.M)
    bearer = {"Authorization": f"Bearer {key}"}
    where = f"{stack.url}/api/referrals"
    async with httpx.AsyncClient(headers=bearer, trust_env=False) as late:
        receipt = (await late.post(where, json=EXAMPLE)).json()["receipt"]
        page = supervisor.page
        await supervisor.open("/board/referrals")
        await page.get_by_role("link", name="迟到热线").click()
        await page.get_by_text("办结", exact=True).last.click()
        await page.get_by_label("结果（必填）").select_option(label="已指引去处")
        await page.get_by_role("button", name="确认办结").click()
        await expect(page.get_by_role("heading", level=1, name="值班总览")).to_be_visible()
        stack.kill("router")
        organ = Organ(secret)
        async with organ.running(port):
            await asyncio.to_thread(stack.start_router)
            assert (await late.post(where, json=EXAMPLE)).json()["receipt"] == receipt
            await until(lambda: organ.told, at_most=60)
        assert (organ.states(receipt), organ.refused) == (["closed"], [])
