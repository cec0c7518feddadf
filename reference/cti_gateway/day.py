"""A day of the hotline, played by people at the exchange and told line by line: an ordinary call at
a fixed seat, 110 called in, a mediator called in, 110 passing a call on, a cloud seat at night, and
who hung up called back. `./jieyuan demo hotline` shows it beside a running `./jieyuan up`."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from reference.cti_gateway.exchange import Exchange, Phone

SEAT, MOBILE = "01060001201", "13900001202"  # of the day's lawyer at the centre; of the night's
POLICE, OPERATOR = "110", "01060000110"
MEDIATION = "00000000003"  # of the demonstration county's committee: data/demo/committees.csv
HOTLINE, POLICE_LINE = "12348", "12348110"  # ours: for everybody, for 110's desks
WHO = {SEAT: "白天的律师（固定坐席）", MOBILE: "夜里的律师（云坐席）", POLICE: "110",
       OPERATOR: "110 接线员", MEDIATION: "调解员"}  # fmt: skip
COMMITTEE = re.compile("人民调解委员会[^，。]*请按 ([0-9])")
T = TypeVar("T")
Duty = Callable[[str, bool], Awaitable[None]]  # ("day" | "night", on duty)


class Day:
    def __init__(
        self, exchange: Exchange, duty: Duty, say: Callable[[str], None], patience: float = 120,
        pause: float = 0,
    ) -> None:  # fmt: skip
        """`patience`: seconds that a person waits for the next thing to happen; `pause`: until they
        look for it, so that who watches can follow."""
        self._exchange, self._duty, self._say = exchange, duty, say
        self._patience, self._pause = patience, pause
        self._citizens: dict[str, str] = {}
        exchange.watch = lambda phone, said: say(f"    {self._name(phone)} 听到：{said}")

    async def play(self) -> None:
        scenes = (
            self.by_day, self.three, self.mediated, self.from_110, self.by_night, self.abandoned
        )  # fmt: skip
        await self._duty("day", True)
        for number, scene in enumerate(scenes, 1):
            self._say(f"\n{number}. {scene.__doc__}")
            await scene()
        await self._duty("night", False)
        self._say("\n这一天演完了：六个来电，没有一个落下。")

    async def by_day(self) -> None:
        """上午，来电人先和智能助手说，再转固定坐席的值班律师"""
        citizen = await self._calls("周师傅", "13800000001")
        await self._presses(citizen, "1", "同意录音")
        await self._speaks(citizen, "老板拖欠我三个月工资")
        await self._presses(citizen, "0", "转人工")
        lawyer = await self._takes(SEAT)
        await self._together(citizen, lawyer)
        await self._ends(citizen, lawyer)

    async def three(self) -> None:
        """下午，通话中发现危险，律师按一个键，110 加入，三方通话"""
        citizen = await self._calls("李女士", "13800000002")
        await self._presses(citizen, "1", "同意录音")
        await self._presses(citizen, "0", "转人工")
        lawyer = await self._takes(SEAT)
        await self._together(citizen, lawyer)
        self._say(f"    {self._name(lawyer)} 按星号键")
        lawyer.press_star()
        await self._presses(lawyer, "2", "请 110 加入")
        police = await self._answers(POLICE)
        await self._together(citizen, lawyer, police)
        self._hangs_up(police, "案情已经交清")
        await self._together(citizen, lawyer)
        await self._ends(citizen, lawyer)

    async def mediated(self) -> None:
        """下午，邻里纠纷，律师按键接通人民调解委员会，三个人当场约好"""
        citizen = await self._calls("钱女士", "13800000006")
        await self._presses(citizen, "1", "同意录音")
        await self._presses(citizen, "0", "转人工")
        lawyer = await self._takes(SEAT)
        await self._together(citizen, lawyer)
        self._say(f"    {self._name(lawyer)} 按星号键")
        lawyer.press_star()
        await self._presses(lawyer, "3", "转给别的单位")
        key = await self._until(lawyer, lambda: COMMITTEE.search(lawyer.heard[-1]))
        await self._presses(lawyer, key[1], "人民调解委员会")
        mediator = await self._answers(MEDIATION)
        await self._together(citizen, lawyer, mediator)
        self._hangs_up(mediator, "约好了上门调解的时间")
        await self._together(citizen, lawyer)
        await self._ends(citizen, lawyer, "4")

    async def from_110(self) -> None:
        """傍晚，110 把非警情转给 12348：输入警情编号，三方通话，接线员先离开"""
        operator = self._dials(OPERATOR, POLICE_LINE)
        await self._presses(operator, "20260042", "警情编号")
        self._citizens["13800000003"] = "吴先生"
        await self._presses(operator, "13800000003", "当事人的电话")
        citizen = await self._answers("13800000003")
        lawyer = await self._takes(SEAT)
        await self._together(operator, citizen, lawyer)
        self._hangs_up(operator, "律师已经接手")
        await self._together(citizen, lawyer)
        await self._ends(citizen, lawyer, "2")

    async def by_night(self) -> None:
        """夜里，坐席没有人，电话打到律师的手机（云坐席）"""
        await self._duty("day", False)
        await self._duty("night", True)
        citizen = await self._calls("郑阿姨", "13800000004")
        await self._presses(citizen, "2", "不同意录音，照样服务")
        await self._presses(citizen, "0", "转人工")
        lawyer = await self._takes(MOBILE)
        await self._together(citizen, lawyer)
        await self._ends(citizen, lawyer)

    async def abandoned(self) -> None:
        """深夜，来电人没等到就挂断：系统登记回电，律师接单，打回去"""
        citizen = await self._calls("孙大爷", "13800000005")
        self._hangs_up(citizen, "没等到")
        lawyer = await self._takes(MOBILE)
        back = await self._answers("13800000005")
        await self._together(back, lawyer)
        await self._ends(back, lawyer)

    # --- what people do

    def _name(self, phone: Phone) -> str:
        return WHO.get(phone.number) or self._citizens.get(phone.number, phone.number)

    async def _calls(self, name: str, number: str) -> Phone:
        self._citizens[number] = name
        phone = self._dials(number, HOTLINE)
        await self._until(phone, lambda: phone.asked)
        return phone

    def _dials(self, number: str, to: str) -> Phone:
        phone = self._exchange.dials_in(number, to)
        self._say(f"  {self._name(phone)}（{number}）拨打 {to}")
        return phone

    async def _answers(self, number: str) -> Phone:
        def ringing() -> Phone | None:
            phones = self._exchange.phones.values()
            return next((p for p in phones if p.number == number and p.state == "ringing"), None)

        phone: Phone = await self._until(None, ringing, number)
        self._say(f"  {self._name(phone)}（{number}）的电话响，接起")
        phone.pick_up()
        return phone

    async def _takes(self, number: str) -> Phone:
        lawyer = await self._answers(number)
        await self._presses(lawyer, "1", "接听")
        return lawyer

    async def _presses(self, phone: Phone, keys: str, what: str) -> None:
        await self._replies(phone, {"keys": keys}, f"按 {keys}（{what}）")

    async def _speaks(self, phone: Phone, words: str) -> None:
        await self._replies(phone, {"speech": words, "sure": "0.9"}, f"说：{words}")

    async def _replies(self, phone: Phone, what: dict[str, str], shown: str) -> None:
        asked = await self._until(
            phone, lambda: phone.asked if phone.asked and not phone.asked.done() else None
        )
        self._say(f"  {self._name(phone)} {shown}")
        asked.set_result(what)

    def _hangs_up(self, phone: Phone, why: str) -> None:
        self._say(f"  {self._name(phone)} 挂断：{why}")
        phone.put_down()

    async def _together(self, *phones: Phone) -> None:
        def inside() -> bool:
            rooms = {phone.room for phone in phones}
            return len(rooms) == 1 and None not in rooms and self._crowd(phones[0]) == set(phones)

        await self._until(phones[0], inside)
        self._say(f"  ── 通话中：{'、'.join(self._name(phone) for phone in phones)} ──")

    def _crowd(self, phone: Phone) -> set[Phone]:
        return set(self._exchange.rooms.get(phone.room or "", ()))

    async def _ends(self, citizen: Phone, lawyer: Phone, outcome: str = "1") -> None:
        self._hangs_up(citizen, "说完了")
        await self._presses(lawyer, outcome, "登记结果")
        await self._until(lawyer, lambda: lawyer.state == "over")

    async def _until(self, phone: Phone | None, holds: Callable[[], T], who: str = "") -> Any:
        await asyncio.sleep(self._pause)
        for _ in range(int(self._patience / 0.02)):
            if found := holds():
                return found
            await asyncio.sleep(0.02)
        told = self._name(phone) if phone else WHO.get(who, who)
        raise TimeoutError(f"{told}等了 {self._patience:g} 秒，没有动静")
