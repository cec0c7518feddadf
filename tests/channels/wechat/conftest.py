"""The platform on one side, a whole router on the other, and a county's official account."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from router.app import build_app
from router.channels.hotline.port import CarrierError
from router.channels.hotline.sms.port import Sms
from router.parts import Parts
from router.settings import Settings
from tests.fake_wechat import Official, Platform
from tests.fakes import FakeBot, FakeClock, until

STEP = timedelta(seconds=0.5)


def write_account(state: Path, official: Official, api: str, **more: Any) -> None:
    folder = state / "wechat"
    folder.mkdir(exist_ok=True)
    told = {
        "label": "示例县法律援助中心",
        "app_id": official.app_id,
        "original_id": official.original_id,
        "region": "990101",
        "mode": official.mode,
        "customer_service": official.customer_service,
        "api": api,
    }
    path = folder / f"{official.name}.yml"
    path.write_text(yaml.safe_dump(told | more, allow_unicode=True))
    for name in ("token", "aes_key", "secret"):
        secret = path.with_suffix(f".{name}")
        secret.write_text(getattr(official, name))
        secret.chmod(0o600)


@pytest.fixture
def official() -> Official:
    return Official()


@pytest.fixture
async def platform(official: Official, clock: FakeClock) -> AsyncIterator[Platform]:
    one = Platform(official, now=lambda: clock.now().timestamp())
    async with one.running() as url:
        one.url = url  # type: ignore[attr-defined]
        yield one


class Texts:
    """A carrier of short messages."""

    name = "fake"
    links = False

    def __init__(self) -> None:
        self.sent: list[Sms] = []
        self.faults: list[CarrierError] = []
        self.open = asyncio.Event()
        self.open.set()

    async def send(self, sms: Sms, again: bool) -> str:
        await self.open.wait()
        if self.faults:
            raise self.faults.pop(0)
        self.sent.append(sms)
        return f"ref-{len(self.sent)}"

    async def close(self) -> None:
        """It has no connections."""


@pytest.fixture
def texter() -> Texts | None:
    """None: the office sends no short messages."""
    return None


@pytest.fixture
async def processes(
    settings: Settings,
    clock: FakeClock,
    bot: FakeBot,
    tables: None,
    platform: Platform,
    texter: "Texts | None",
) -> AsyncIterator[Callable[[], Any]]:
    """Makes router processes that share a database; the account's file is written first."""
    write_account(settings.STATE_DIR, platform.official, platform.url)  # type: ignore[attr-defined]
    opened: list[Any] = []

    async def another() -> tuple[Parts, httpx.AsyncClient]:
        app = build_app(settings, clock=clock, bot=bot, texter=lambda parts: texter)
        life = app.router.lifespan_context(app)
        await life.__aenter__()
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://test")
        opened.append((client, life))
        return app.state.parts, client

    yield another
    for client, life in opened:
        await client.aclose()
        await life.__aexit__(None, None, None)


@dataclass
class Citizen:
    platform: Platform
    clock: FakeClock
    parts: Parts
    openid: str = "oTEST_fake_openid_0000000001"

    async def says(self, text: str, **more: Any) -> None:
        await self.platform.says(self.openid, text, **more)

    async def agrees(self) -> None:
        await self.says("你好")
        await self.says("1")

    @property
    def sees(self) -> list[str]:
        return self.platform.sees(self.openid)

    async def comes_about(self, holds: Callable[[], Any]) -> None:
        """Time goes by until it does."""

        async def held() -> bool:
            await self.clock.advance(STEP)
            await asyncio.sleep(0.02)
            return bool(holds())

        await until(held)

    async def will_see(self, words: str, times: int = 1) -> None:
        """Time goes by until the words are on the screen so often."""

        await self.comes_about(lambda: sum(words in text for text in self.sees) >= times)


@pytest.fixture
async def router(processes: Any, platform: Platform) -> Parts:
    parts, client = await processes()
    platform.reaches(client)
    return parts


@pytest.fixture
async def citizen(platform: Platform, clock: FakeClock, router: Parts) -> Citizen:
    return Citizen(platform, clock, router)
