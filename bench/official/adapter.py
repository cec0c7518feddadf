"""The other sides: bare Rasa behind a thin adapter, and werobot. Both answer when the dialogue has,
and know no duplicates."""

import argparse
import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from bench.official.storm import SlowBot, Storm, listening
from router.settings import ROOT
from tests.fake_wechat import Official, Platform, decrypted, to_xml

LOCK = ROOT / "bench" / "official" / "requirements.lock"
THREADS = 64  # of werobot's server; its own default is one request at a time


async def rasa(options: argparse.Namespace) -> None:
    """Rasa's own connectors wait for the dialogue; to the platform one is 30 lines, this one."""
    platform, effects = Platform(Official()), Counter[str]()
    bot, official = SlowBot(*options.slow), platform.official

    async def receive(request: web.Request) -> web.Response:
        sealed = platform._read(await request.read())["Encrypt"]
        fields = platform._read(decrypted(sealed, official.aes_key, official.app_id))
        effects[fields["Content"]] += 1
        [said] = await bot.say("", fields["Content"], {})
        names = {"ToUserName": fields["FromUserName"], "FromUserName": fields["ToUserName"]}
        reply = names | {"CreateTime": 1, "MsgType": "text", "Content": said["text"]}
        return web.Response(text=to_xml(reply), content_type="text/xml")

    app = web.Application()
    app.router.add_post("/wechat/xian", receive)
    async with listening(app) as url:
        await _storm("bare Rasa behind a thin adapter", options, url, effects)


async def werobot(options: argparse.Namespace) -> None:
    """Its handler asks the dialogue over HTTP, as it would ask Rasa."""
    effects, bot = Counter[str](), SlowBot(*options.slow)

    async def dialogue(request: web.Request) -> web.Response:
        text = await request.text()
        effects[text] += 1
        [said] = await bot.say("", text, {})
        return web.Response(text=said["text"])

    app = web.Application()
    app.router.add_post("/", dialogue)
    async with listening(app) as asked, _werobot(options.port, asked) as url:
        await _storm(f"werobot, {THREADS} threads", options, url, effects)


@asynccontextmanager
async def _werobot(port: int, asked: str) -> AsyncIterator[str]:
    told = [str(port), str(THREADS), asked]
    here = Path(__file__).with_name("on_werobot.py")
    environment = os.environ | {"PYTHONPATH": str(_folder())}
    serving = await asyncio.create_subprocess_exec(sys.executable, here, *told, env=environment)
    try:
        await asyncio.sleep(3)
        yield f"http://127.0.0.1:{port}"
    finally:
        serving.kill()
        await serving.wait()


def _folder() -> Path:
    """werobot beside the environment, not in it, from its hashed lock."""
    folder = ROOT / ".tools" / "bench-werobot"
    if not (folder / "werobot").exists():
        uv = ROOT / ".tools" / "uv" / "bin" / "uv"
        subprocess.run(
            [uv if uv.exists() else "uv", "pip", "install", "-q", "--python", sys.executable,
             "--target", folder, "--require-hashes", "-r", LOCK],
            check=True,
        )  # fmt: skip
    return folder


async def _storm(name: str, options: argparse.Namespace, url: str, effects: Counter[str]) -> None:
    storm = Clear(options, Platform(Official()), [url])
    await storm.run()
    print(f"{name}:")
    storm.print()
    print(f"effects             {effects.total()}, doubled {sum(n > 1 for n in effects.values())}")
    print()


class Clear(Storm):
    """What comes back may be in clear: these answers are counted, not read."""

    def opened(self, content: bytes) -> str:
        return "答" if b"110" not in content else "110"
