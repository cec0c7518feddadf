"""Makes docs/img from a running system: ./jieyuan up, then with the logins that it prints
python docs/screenshots.py --lawyer N:PASSWORD --supervisor N:PASSWORD --mediator N:PASSWORD
(the mediator of the county's committee)

Nothing is staged: a citizen tells a trouble, answers what is asked, asks for a lawyer and fills in
the application that the lawyer's outcome opens; another one has a quarrel with a neighbour.
"""

import argparse
import asyncio
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.async_api import Browser, async_playwright, expect  # noqa: E402

from tests.e2e.conftest import CHROMIUM, FLAGS  # noqa: E402
from tests.e2e.people import Citizen, Staff  # noqa: E402

TROUBLE = "我在工地干活,包工头欠我四个月工资,一共五万九千块,一直拖着不给"
# what the dialogue may ask -> what this citizen answers; else 不知道
ANSWERS = {
    "请了律师": "没有请", "请律师": "没有请", "收入": "3200元", "农民工": "是的", "证明": "没有",
    "哪里": "清河县", "几口人": "4口人", "上班": "不干了",
}  # fmt: skip


async def person(browser: Browser, width: int, height: int, scale: int) -> object:
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=scale,
        locale="zh-CN",
        color_scheme="light",
    )
    return await context.new_page()


async def tell(citizen: Citizen, out: Path) -> None:
    await citizen.begin()
    await citizen.say(TROUBLE)
    card = citizen.page.get_by_role("region", name="预审结果")
    for turn in range(15):
        await expect(citizen.page.locator("#pending").get_by_role("article")).to_have_count(0)
        await expect(citizen.page.locator("#state")).not_to_contain_text("正在看")
        if turn == 1:
            await citizen.page.screenshot(path=out / "chat.png")
        if await card.count():
            break
        asked = (await citizen.lines())[-1]
        answer = next((say for word, say in ANSWERS.items() if word in asked), "不知道")
        seen = len(await citizen.lines())
        await citizen.say(answer)
        await expect(citizen.log.locator(".bubble").nth(seen + 1)).to_be_attached()
    await card.last.evaluate("it => it.scrollIntoView({block: 'start'})")
    await citizen.page.screenshot(path=out / "chat-decision.png")


async def apply(citizen: Citizen, out: Path) -> None:
    page = citizen.page
    await page.get_by_role("link", name="填写法律援助申请表").click()
    await page.get_by_role("button", name="开始填写").click()
    await page.get_by_role("link", name="记好了，继续").click()
    await expect(page.get_by_label("姓名")).to_be_visible()
    await page.screenshot(path=out / "apply.png")


async def mediate(citizen: Citizen, mediator: Staff, out: Path) -> None:
    await citizen.open()
    await citizen.begin()
    for words in ("邻居把墙砌到我家门口，出不去", "没有请律师", "想调解"):
        seen = len(await citizen.lines())
        await citizen.say(words)
        await expect(citizen.log.locator(".bubble").nth(seen + 1)).to_be_attached()
    link = mediator.page.get_by_role("link", name="相邻、物业")
    for _ in range(20):
        await mediator.open("/mediation")
        if await link.count():
            break
        await mediator.page.wait_for_timeout(500)
    await link.first.click()
    await mediator.page.screenshot(path=out / "mediation.png")


async def shoot(url: str, lawyer: str, supervisor: str, mediator: str, out: Path) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        citizen = Citizen(await person(browser, 390, 844, 2), url)
        desk = Staff(await person(browser, 1280, 860, 1), url)
        board = Staff(await person(browser, 1280, 860, 1), url)
        await citizen.open()
        await citizen.page.screenshot(path=out / "start.png")
        await desk.open("/desk/login")
        await desk.page.screenshot(path=out / "login.png")
        await desk.sign_in(*lawyer.split(":", 1))
        await board.sign_in(*supervisor.split(":", 1))
        await desk.go_on_duty()
        await tell(citizen, out)
        await citizen.say("转人工")
        await expect(desk.offer).to_be_visible()
        await desk.page.screenshot(path=out / "desk-offer.png")
        await desk.accept()
        await desk.say("您好,我是值班律师。您手里有欠条或者工资条吗?")
        await expect(desk.log).to_contain_text("欠条或者工资条")
        await citizen.say("有一张他签字的欠条")
        await expect(desk.log).to_contain_text("签字的欠条")
        await desk.page.screenshot(path=out / "desk-case.png", full_page=True)
        await expect(board.page.locator("#board")).to_contain_text("律师已接")
        await board.page.screenshot(path=out / "board.png")
        await board.open("/board/law/990101")
        await board.page.screenshot(path=out / "law.png")
        await apply(citizen, out)
        await desk.close("转法律援助申请")
        await board.open("/desk/applications")
        await board.page.locator("main a[href*='/applications/']").first.click()
        await board.page.screenshot(path=out / "application.png")
        room = Staff(await person(browser, 1280, 860, 1), url)
        await room.sign_in(*mediator.split(":", 1))
        await mediate(Citizen(await person(browser, 390, 844, 2), url), room, out)
        await browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--lawyer", required=True, help="login:password")
    parser.add_argument("--supervisor", required=True, help="login:password")
    parser.add_argument("--mediator", required=True, help="login:password")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "img")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    asyncio.run(
        shoot(options.url, options.lawyer, options.supervisor, options.mediator, options.out)
    )


if __name__ == "__main__":
    main()
