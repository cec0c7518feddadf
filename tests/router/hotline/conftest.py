"""The whole router with a carrier that is played, on a still clock and with a scripted bot."""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from router.app import build_app
from router.channels.hotline.cti.carrier import Cti
from router.channels.hotline.models import Call, CallEvent, CallTask, Leg
from router.channels.hotline.sms.aliyun import AliyunTexts
from router.channels.hotline.sms.port import Texter
from router.channels.hotline.sms.twilio import TwilioTexts
from router.channels.hotline.twilio.carrier import Twilio
from router.lawyers.models import Lawyer
from router.lawyers.service import hash_password
from router.parts import Parts
from router.tickets.models import Ticket
from router.web.staff import COOKIE
from tests import factories
from tests.fakes import until
from tests.router.hotline.fake_cti import FakeCti
from tests.router.hotline.fake_texts import FakeAliyun
from tests.router.hotline.fake_twilio import FakeTwilio
from tests.router.hotline.people import Line

CITIZEN, WANG, LI, OPERATOR = "+8613800000001", "+8613900000002", "+8613900000003", "+861060000110"
SECRET_HASH = hash_password("geheim")
POLICE_LINE = "+15005550110"  # our number for 110's desks
VETTED = {  # as the office had them vetted
    "SMS_1": "您的编号是${reference}。",
    "SMS_2": "您的编号是${reference}，${when}。",
    "SMS_3": "您的编号是${reference}。请带身份证。",
}
POLICE = "+861062000110"  # 110 as this carrier reaches it in the tests


@dataclass
class Office:
    """What a test sees of the hotline and its telephones."""

    parts: Parts
    carrier: Any
    bot: Any
    clock: Any
    sms: Any  # the carrier of short messages

    async def lawyer(self, name: str = "王律师", phone: str = WANG, **given: Any) -> Lawyer:
        row = await factories.lawyer(self.parts.db, self.clock, name, **given)
        async with self.parts.db.write() as s:
            stored = await s.get_one(Lawyer, row.id)
            stored.phone = phone
        if row.on_duty:
            await self.parts.dispatch.duty(row.id, True)  # what waits is offered
        return row

    async def waits(self) -> Ticket:
        """The only ticket, once nobody is asked for it."""

        async def open_one() -> Ticket | None:
            found = await self.tickets()
            return found[0] if found and found[0].status == "open" else None

        only: Ticket = await until(open_one)
        return only

    async def calls(self) -> list[Call]:
        async with self.parts.db.read() as s:
            return list(
                await s.scalars(select(Call).order_by(Call.created_at, Call.ended_at.is_(None)))
            )

    async def call(self) -> Call:
        return (await self.calls())[-1]

    async def legs(self) -> list[Leg]:
        async with self.parts.db.read() as s:
            return list(await s.scalars(select(Leg).order_by(Leg.created_at)))

    async def tickets(self) -> list[Ticket]:
        async with self.parts.db.read() as s:
            return list(await s.scalars(select(Ticket).order_by(Ticket.created_at)))

    async def leg_of(self, number: str, state: str) -> Leg:
        """The first one in this state at that telephone, once there is one."""

        async def found() -> Leg | None:
            legs = await self.legs()
            return next((leg for leg in legs if (leg.number, leg.state) == (number, state)), None)

        one: Leg = await until(found)
        return one

    async def history(self) -> list[CallEvent]:
        async with self.parts.db.read() as s:
            return list(await s.scalars(select(CallEvent).order_by(CallEvent.id)))

    async def becomes(self, state: str) -> Call:
        async def is_so() -> Call | None:
            call = await self.call()
            return call if call.state == state else None

        try:
            found: Call = await until(is_so)
        except AssertionError:
            now = (await self.call()).state
            raise AssertionError(f"{now}, not {state}; {await self.open_tasks()}") from None
        return found

    async def open_tasks(self) -> list[tuple[str, int]]:
        async with self.parts.db.read() as s:
            rows = await s.scalars(select(CallTask).where(CallTask.done_at.is_(None)))
            return [(row.verb, row.tries) for row in rows]

    async def later(self, seconds: float) -> None:
        await self.clock.advance(timedelta(seconds=seconds))
        await self.parts.dispatch.timers.fire_due()

    # --- scenes that many tests begin with

    async def talks(self, number: str = CITIZEN) -> Line:
        """A citizen who has agreed to the recording and is asked what happened."""
        line: Line = await self.carrier.dials(number)
        await line.hears("录音")
        await line.presses("1")
        await line.hears("请说说您遇到了什么事")
        return line

    async def at_the_desk(self, row: Lawyer) -> httpx.AsyncClient:
        """This lawyer's browser."""
        async with self.parts.db.write() as s:
            (await s.get_one(Lawyer, row.id)).password_hash = SECRET_HASH
        token = await self.parts.lawyers.sign_in(row.login, "geheim")
        self.carrier.app.cookies.set(COOKIE, token)
        self.carrier.app.headers["Origin"] = self.parts.settings.PUBLIC_URL
        door: httpx.AsyncClient = self.carrier.app
        return door

    async def connected(self) -> tuple[Line, Line]:
        """Citizen and lawyer in the room."""
        await self.lawyer()
        citizen = await self.talks()
        await citizen.presses("0")
        lawyer = await self.takes(WANG)
        await self.carrier.together(citizen, lawyer)
        await self.becomes("connected")
        return citizen, lawyer

    async def takes(self, number: str) -> Line:
        """The lawyer at this telephone answers and presses 1."""
        line: Line = await self.carrier.rings(number)
        await line.answers()
        await line.hears("接听请按 1")
        await line.presses("1")
        return line

    async def three(self) -> tuple[Line, Line, Line]:
        """And 110, called in by the lawyer."""
        citizen, lawyer = await self.connected()
        await lawyer.stars()
        await lawyer.hears("请 110 加入请按 2")
        await lawyer.presses("2")
        police = await self.carrier.rings(POLICE)
        await police.answers()
        await self.carrier.together(citizen, lawyer, police)
        await self.becomes("three_way")
        return citizen, lawyer, police


@pytest.fixture(params=["twilio", "cti"])
def port(request: Any) -> str:
    """Every test of the port holds for every carrier."""
    return str(request.param)


@pytest.fixture
def texts() -> str:
    """The carrier of short messages, where a test needs one."""
    return "none"


@pytest.fixture
async def office(
    port: str, texts: str, settings: Any, clock: Any, bot: Any, tables: None, tmp_path: Any
) -> AsyncIterator[Office]:
    settings.PUBLIC_URL = "https://hotline.example.cn"
    settings.HOTLINE_CARRIER = port
    settings.HOTLINE_NUMBER = "+15005550006"
    settings.HOTLINE_POLICE = POLICE
    settings.HOTLINE_POLICE_LINE = POLICE_LINE
    settings.TWILIO_ACCOUNT_SID = "AC" + "2" * 32
    settings.TWILIO_AUTH_TOKEN = SecretStr("0123456789abcdef0123456789abcdef")
    settings.CTI_URL = "http://gateway"
    settings.CTI_SECRET_IN, settings.CTI_SECRET_OUT = SecretStr("in" * 16), SecretStr("out" * 11)
    kind = FakeTwilio if port == "twilio" else FakeCti
    fake: Any = kind(settings, clock, tmp_path, random.Random(int(os.environ.get("SEED", "7"))))

    def carriers(parts: Parts) -> dict[str, Any]:
        if port == "twilio":
            return {port: Twilio(parts.settings, parts.db, parts.clock, fake.transport)}
        return {port: Cti(parts.settings, parts.clock, fake.transport)}

    settings.ALIYUN_SMS_KEY, settings.ALIYUN_SMS_SECRET = "LTAI-key", SecretStr("aliyun-secret")
    settings.ALIYUN_SMS_SIGN = "示例县法律援助中心"
    settings.ALIYUN_SMS_TEMPLATES = {"reference": "SMS_1", "call_back": "SMS_2", "papers": "SMS_3"}
    aliyun = FakeAliyun(settings.ALIYUN_SMS_KEY, "aliyun-secret", VETTED)

    def texter(parts: Parts) -> Texter | None:
        if texts == "twilio":
            return TwilioTexts(settings, fake.transport)
        return AliyunTexts(settings, clock, aliyun.transport) if texts == "aliyun" else None

    app = build_app(settings, clock=clock, bot=bot, carriers=carriers, texter=texter)
    async with app.router.lifespan_context(app):
        inside = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=inside, base_url="http://10.0.0.5:8000") as client:
            fake.open(client)
            sms = fake.texts if texts == "twilio" else aliyun
            yield Office(app.state.parts, fake, bot, clock, sms)
            await fake.close()
