"""The people of the browser tests, doing what people do: by what they read, not by markup."""

from pathlib import Path

from playwright.async_api import Locator, Page, expect

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
expect.set_options(timeout=15_000)


class Person:
    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._note_refused)

    def _note_refused(self, message) -> None:
        if "Content Security Policy" in message.text:
            self.faults.append(message.text)

    async def open(self, path: str = "/") -> None:
        await self.page.goto(self.url + path)

    async def accessible(self) -> None:
        """axe finds nothing against WCAG A and AA or good practice, nothing scrolls sideways, no
        script failed."""
        await self.page.evaluate(AXE.read_text("utf-8"))  # past the page's own policy
        found = await self.page.evaluate(
            "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
        )
        told = [
            f"{v['id']}: {v['help']} {[n['html'][:200] for n in v['nodes']]}"
            for v in found["violations"]
        ]
        assert not told, "\n".join(told)
        width = await self.page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert width[0] <= width[1], f"scrolls sideways: {width}"
        assert not self.faults, self.faults


class Citizen(Person):
    async def begin(self) -> None:
        await self.open()
        await self.page.get_by_role("button", name="我知道了，开始说").click()
        await expect(self.log).to_contain_text("请说说您遇到了什么事")
        await expect(self.page.get_by_role("button", name="发送", exact=True)).to_be_enabled()

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log", name="对话记录")

    @property
    def words(self) -> Locator:
        return self.page.get_by_label("您想说的话")

    @property
    def reference(self) -> Locator:
        return self.page.locator("#reference")

    async def say(self, text: str) -> None:
        await self.words.fill(text)
        await self.page.get_by_role("button", name="发送", exact=True).click()

    async def press(self, title: str) -> None:
        await self.page.get_by_role("button", name=title, exact=True).click()

    async def hears(self, text: str, who: str | None = None) -> None:
        lines = self.log.get_by_role("article").filter(has_text=text)
        if who:
            lines = lines.filter(has=self.page.locator(".who", has_text=who))
        await expect(lines.last).to_be_visible()

    async def lines(self) -> list[str]:
        return await self.log.locator(".bubble").all_inner_texts()

    async def reach_decision(self) -> None:
        await self.say("老板欠我四个月工资,一共五万九")
        await self.press("没有请")
        await self.press("每人800元")
        await expect(self.page.get_by_role("region", name="预审结果")).to_be_visible()


class Staff(Person):
    async def sign_in(self, login: str, password: str) -> None:
        await self.open("/desk/login")
        await self.page.get_by_label("登录名").fill(login)
        await self.page.get_by_label("密码").fill(password)
        await self.page.get_by_role("button", name="登录", exact=True).click()
        await expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    async def go_on_duty(self) -> None:
        switch = self.page.get_by_role("button", name="开始值班")
        if await switch.is_visible():
            await switch.click()
        await expect(self.page.get_by_text("值班中")).to_be_visible()

    @property
    def offer(self) -> Locator:
        return self.page.locator("[data-offer]")

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log", name="对话记录")

    async def accept(self) -> None:
        await self.offer.first.get_by_role("button", name="接单").click()
        await expect(self.page.get_by_label("对当事人说")).to_be_visible()

    async def say(self, text: str) -> None:
        await self.page.get_by_label("对当事人说").fill(text)
        await self.page.get_by_role("button", name="发送", exact=True).click()

    async def close(self, outcome: str = "已解答") -> None:
        await self.page.get_by_text("办结", exact=True).last.click()
        await self.page.get_by_label("结果（必填）").select_option(label=outcome)
        await self.page.get_by_role("button", name="确认办结").click()
        await expect(self.page.get_by_text("工单已办结")).to_be_visible()
