"""The platform's side of a storm: who writes when, three copies each, and what comes back."""

import argparse
import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from router.channels.wechat.words import IN_TROUBLE
from tests.fake_wechat import Platform

GAPS = ((0, 0), (0.02, 0.05), (5, 10), (1, 5))  # seconds from the first copy to the others


class SlowBot:
    """A dialogue that takes its time, skewed: most answers are quick, some take half a minute."""

    def __init__(self, least: float, most: float) -> None:
        self.least, self.most = least, most

    async def say(self, sender: str, text: str, metadata: dict) -> list[dict]:
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
        self.taken: set[str] = set()  # what was acknowledged, and not told to be in trouble
        self.acknowledged: list[float] = []  # seconds
        self.faults: Counter[str] = Counter()
        self.read: dict[str, list[str]] = defaultdict(list)  # what each follower's screen shows
        self.said: dict[str, list[str]] = defaultdict(list)
        self.tasks: set[asyncio.Task] = set()

    def unread(self) -> list[str]:
        """Acknowledged, and no screen shows the answer."""
        answers = {openid: "\n".join(texts) for openid, texts in self.read.items()}
        return [
            text
            for openid, texts in self.said.items()
            for text in texts
            if text in self.taken and f"答{text}。" not in answers.get(openid, "")
        ]

    async def run(self, http: aiohttp.ClientSession) -> None:
        began = time.monotonic()
        for n in range(self.options.messages):
            await asyncio.sleep(max(0, began + n / self.options.rate - time.monotonic()))
            openid = f"oBENCH_{random.randrange(self.options.users):06}"
            self.said[openid].append(f"m{n}")
            fields = self.platform.message(openid, "text", Content=f"m{n}")
            self.platform._allow(fields)
            shown = set()
            for gap in (0, *random.choice(GAPS)):
                task = asyncio.create_task(self.copy(http, fields, gap, shown))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
        await asyncio.gather(*self.tasks)

    async def copy(self, http: aiohttp.ClientSession, fields: dict, gap: float, shown: set) -> None:
        await asyncio.sleep(gap)
        body, query = self.platform.sealed(fields)
        began = time.monotonic()
        try:
            url = f"{random.choice(self.urls)}/wechat/xian"
            async with http.post(url, params=query, data=body) as answer:
                content = await answer.read()
        except (TimeoutError, aiohttp.ClientError) as error:
            self.faults[type(error).__name__] += 1
            return
        self.acknowledged.append(time.monotonic() - began)
        if answer.status != 200:
            self.faults[str(answer.status)] += 1
            return
        said = "" if content == b"success" else self.platform.opened(content)["Content"]
        if IN_TROUBLE in said:
            self.faults["told to send again"] += 1
        else:
            self.taken.add(fields["Content"])
        if said and not shown:  # the platform shows one answer a message
            shown.add(1)
            self.read[fields["FromUserName"]].append(said)


def client() -> aiohttp.ClientSession:
    timeout = aiohttp.ClientTimeout(total=5)  # the platform's
    return aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0))


@asynccontextmanager
async def listening(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    await runner.cleanup()


def times(seconds: list[float]) -> None:
    times = sorted(seconds)
    shares = [(p, times[min(len(times) - 1, len(times) * p // 100)]) for p in (50, 95, 99, 100)]
    print("answered            " + ", ".join(f"p{p} {t * 1000:.0f} ms" for p, t in shares))
