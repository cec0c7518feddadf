"""`./jieyuan wechat`: the menu goes from the account's file to the platform, in its form."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from router.cli import wechat
from router.settings import Settings
from tests.channels.wechat.conftest import write_account
from tests.fake_wechat import Official, Platform

MENU = [
    {"name": "我要咨询", "say": "我要咨询"},
    {
        "name": "更多",
        "items": [{"name": "网页版", "url": "/"}, {"name": "转人工", "say": "转人工"}],
    },
]


@pytest.fixture
def platform_apart() -> Iterator[tuple[Platform, str]]:
    """In a thread: the command runs a loop of its own."""
    platform, found, loop = Platform(Official()), [], asyncio.new_event_loop()
    ready, stop = threading.Event(), asyncio.Event()

    async def run() -> None:
        async with platform.running() as url:
            found.append(url)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    ready.wait(10)
    yield platform, found[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


def test_the_menu_is_published_as_the_platform_takes_it(
    platform_apart: tuple[Platform, str], settings: Settings, capsys: pytest.CaptureFixture[str]
):
    platform, url = platform_apart
    write_account(settings.STATE_DIR, platform.official, url, menu=MENU)
    assert wechat.main(["menu", "publish", "xian", "--state", str(settings.STATE_DIR)]) == 0
    assert platform.menu
    first, more = platform.menu["button"]
    assert first == {"type": "click", "name": "我要咨询", "key": "我要咨询"}
    assert more["sub_button"][0]["url"].startswith("http") and "已发布" in capsys.readouterr().out


def test_a_refusal_is_told_in_words_without_a_secret(
    platform_apart: tuple[Platform, str], settings: Settings, capsys: pytest.CaptureFixture[str]
):
    platform, url = platform_apart
    write_account(settings.STATE_DIR, platform.official, url, menu=MENU)
    platform.official.secret = "another"
    assert wechat.main(["menu", "publish", "--state", str(settings.STATE_DIR)]) == 1
    told = capsys.readouterr().err
    assert "40125" in told and "demo-secret" not in told


def test_without_a_menu_of_its_own_an_account_has_one_with_what_has_to_be_public(
    settings: Settings, capsys: pytest.CaptureFixture[str]
):
    state = str(settings.STATE_DIR)
    assert wechat.main(["list", "--state", state]) == 1
    write_account(settings.STATE_DIR, Official(), "https://api.weixin.qq.com")
    assert wechat.main(["menu", "show", "other", "--state", state]) == 1
    assert wechat.main(["menu", "show", "xian", "--state", state]) == 0
    assert "/law/990101" in capsys.readouterr().out
    assert wechat.main(["list", "--state", state]) == 0
    assert "/wechat/xian" in capsys.readouterr().out
