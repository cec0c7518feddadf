"""The platform's side of a storm: who writes when, three copies each, and what comes back."""

import argparse
import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from aiohttp import web

from bench.official.wire import Cut, Wire
from router.channels.wechat.words import IN_TROUBLE
from tests.fake_wechat import Platform
from tests.fake_wechat.wire import Json

GAPS = ((0, 0), (0.02, 0.05), (5, 10), (1, 5))  # seconds from the first copy to the others
PATIENCE = 5.0  # seconds; the platform's
DANGER = 500  # each so-manieth is in danger
FAULT = "该公众号提供的服务出现故障"


class SlowBot:
    """A dialogue that takes its time, skewed: most answers are quick, some take half a minute."""

    def __init__(self, least: float, most: float) -> None:
        self.least, self.most = least, most

    async def say(self, sender: str, text: str, metadata: Json) -> list[Json]:
        share = random.random() ** 4
        await asyncio.sleep(self.least + (self.most - self.least) * share)
        return [{"text": f"答{text}。"}]

    async def answered(self, sender: str, message_id: str) -> None:
        return None

    async def alive(self) -> bool:
        return True

    async def close(self) -> None:
        pass


class Storm:
    def __init__(
        self, options: argparse.Namespace, platform: Platform, urls: Sequence[str]
    ) -> None:
        self.options, self.platform, self.urls = options, platform, urls
        self.wire = Wire()
        self.taken: set[str] = set()  # what was acknowledged, and not told to be in trouble
        self.acknowledged: list[float] = []  # seconds
        self.faults: Counter[str] = Counter()  # of copies
        self.read: dict[str, list[str]] = defaultdict(list)  # what each follower's screen shows
        self.said: dict[str, list[str]] = defaultdict(list)
        self.in_danger: set[str] = set()
        self.helped: set[str] = set()  # whose first answer had 110 in it
        self.last_read = 0.0  # when, by the monotonic clock, a customer-service message came last
        self.tasks: set[asyncio.Task[None]] = set()

    def unread(self) -> list[str]:
        """Acknowledged, and no screen shows the answer."""
        answers = {openid: "\n".join(texts) for openid, texts in self.read.items()}
        return [
            text
            for openid, texts in self.said.items()
            for text in texts
            if text in self.taken and f"答{text}。" not in answers.get(openid, "")
        ]

    async def run(self) -> None:
        began = time.monotonic()
        for n in range(self.options.messages):
            await asyncio.sleep(max(0, began + n / self.options.rate - time.monotonic()))
            self._says(n, f"oBENCH_{random.randrange(self.options.users):06}")
        await asyncio.gather(*self.tasks)

    def _says(self, n: int, openid: str) -> None:
        text = f"老板拖欠我三个月工资,一直不给,第{n}号"
        if n % DANGER == DANGER - 1:
            text = f"他拿刀要砍我,救命,第{n}号"
            self.in_danger.add(text)
        self.said[openid].append(text)
        fields = self.platform.message(openid, "text", Content=text)
        self.platform._allow(fields)
        body, query = self.platform.sealed(fields)
        shown: set[int] = set()
        for gap in (0, *random.choice(GAPS)):
            task = asyncio.create_task(self.copy(fields, body, query, gap, shown))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def copy(
        self, fields: Json, body: bytes, query: dict[str, str], gap: float, shown: set[int]
    ) -> None:
        if gap:
            await asyncio.sleep(gap)
        began = time.monotonic()
        try:
            url = f"{random.choice(self.urls)}/wechat/xian"
            status, content = await self.wire.post(url, query, body, PATIENCE)
        except (TimeoutError, Cut, OSError) as error:
            self.faults[type(error).__name__] += 1
            return
        self.acknowledged.append(time.monotonic() - began)
        if status != 200:
            self.faults[str(status)] += 1
            return
        said = "" if content == b"success" else self.opened(content)
        if IN_TROUBLE in said:
            self.faults["told to send again"] += 1
        else:
            self.taken.add(fields["Content"])
        if not shown and fields["Content"] in self.in_danger and "110" in said:
            self.helped.add(fields["Content"])
        if said and not shown:  # the platform shows one answer a message
            self.read[fields["FromUserName"]].append(said)
        shown.add(1)

    def opened(self, content: bytes) -> str:
        return self.platform.opened(content)["Content"]

    def print(self) -> None:
        said = sum(map(len, self.said.values()))
        print(f"messages            {said}, copies answered {len(self.acknowledged)}")
        print(f"{FAULT} {said - len(self.taken)} (no copy answered within 5 s)")
        print(f"copies refused      {dict(self.faults)}")
        in_danger = f"{len(self.helped)} of {len(self.in_danger)}"
        print(f"110 at once         {in_danger} in danger read it in the very first answer")
        times = sorted(self.acknowledged) or [0.0]
        shares = [(p, times[min(len(times) - 1, len(times) * p // 100)]) for p in (50, 95, 99, 100)]
        print("acknowledged        " + ", ".join(f"p{p} {t * 1000:.0f} ms" for p, t in shares))


@asynccontextmanager
async def listening(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    await runner.cleanup()


def interface(storm: Storm) -> AbstractAsyncContextManager[str]:
    """The platform's own addresses, light: token and customer-service message."""
    platform = storm.platform

    async def token(request: web.Request) -> web.Response:
        platform.fetched += 1
        return web.json_response({"access_token": "bench", "expires_in": 7200})

    async def send(request: web.Request) -> web.Response:
        said = await request.json()
        window = platform.windows[said["touser"]]
        code = 45047 if window.left <= 0 else 45015 if window.until <= platform.now() else 0
        if code == 0:
            window.left -= 1
            storm.read[said["touser"]].append(said["text"]["content"])
            storm.last_read = time.monotonic()
        return web.json_response({"errcode": code})

    app = web.Application()
    app.router.add_post("/cgi-bin/stable_token", token)
    app.router.add_post("/cgi-bin/message/custom/send", send)
    return listening(app)
