"""The other side: an adapter that answers after the dialogue, as those of Rasa do."""

import argparse
import asyncio
import time
from collections import Counter

import aiohttp
from aiohttp import web

from bench.official.storm import SlowBot, Storm, client, listening, times
from tests.fake_wechat import Official, Platform, encrypted, sha1, to_xml


async def stock(options: argparse.Namespace) -> None:
    """The storm against an adapter that answers after the dialogue, and knows no duplicates."""
    platform, bot, effects = Platform(Official()), SlowBot(*options.slow), Counter()

    async def receive(request: web.Request) -> web.Response:
        fields = platform.opened(await request.read())
        effects[fields["Content"]] += 1
        [said] = await bot.say("", fields["Content"], {})
        names = {"ToUserName": fields["FromUserName"], "FromUserName": fields["ToUserName"]}
        reply = names | {"MsgType": "text", "Content": said["text"]}
        return web.Response(body=platform.sealed(reply)[0])

    app = web.Application()
    app.router.add_post("/wechat/xian", receive)
    async with listening(app) as url, client() as http:
        storm = Adapter(options, platform, [url])
        await storm.run(http)
    said = sum(map(len, storm.said.values()))
    print("an adapter that answers after the dialogue:")
    print(f"  effects {effects.total()} of {said} messages")
    print(f"  fault notices {said - len(storm.taken)} (no copy answered within 5 s)")
    times(storm.acknowledged)


class Adapter(Storm):
    async def copy(self, http: aiohttp.ClientSession, fields: dict, gap: float, shown: set) -> None:
        """Signed like an answer, so that the platform's own code opens it."""
        await asyncio.sleep(gap)
        clear = self.platform._written(fields)
        official = self.platform.official
        encrypt = encrypted(clear, official.aes_key, official.app_id)
        stamp = {"TimeStamp": str(int(time.time())), "Nonce": "1", "Encrypt": encrypt}
        body = to_xml(stamp | {"MsgSignature": sha1(official.token, *stamp.values())})
        began = time.monotonic()
        try:
            async with http.post(f"{self.urls[0]}/wechat/xian", data=body.encode()) as answer:
                await answer.read()
        except (TimeoutError, aiohttp.ClientError):
            return
        self.acknowledged.append(time.monotonic() - began)
        self.taken.add(fields["Content"])
