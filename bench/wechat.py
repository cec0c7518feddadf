"""A storm on the WeChat channel: messages of many followers, three copies each, together or seconds
apart, while the dialogue takes 0.1 to 30 s. Counts effects, order, fault notices; times answers.

    ./jieyuan bench wechat [--messages 100000 --users 34000 --rate 200] [--slow 0.1 30]
"""

import argparse
import asyncio
import itertools
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path

import aiohttp
from aiohttp import web
from sqlalchemy import func, insert, select

from router import crypto
from router.channels.wechat import followers
from router.channels.wechat.models import Follower, Parcel
from router.clock import SystemClock
from router.conversations.models import Conversation, Message
from router.db import Database, new_id
from router.secrets import data_keys
from router.settings import Settings
from tests.channels.wechat.conftest import write_account
from tests.fake_wechat import Official, Platform

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


def serve(port: int, slow: list[float]) -> None:
    import uvicorn

    from router import logs
    from router.app import build_app

    logs.set_up()
    app = build_app(Settings(), bot=SlowBot(*slow))
    uvicorn.run(app, port=port, log_config=None, access_log=False)


class Storm:
    def __init__(self, options: argparse.Namespace, platform: Platform, url: str) -> None:
        self.options, self.platform, self.url = options, platform, url
        self.acknowledged: list[float] = []  # seconds
        self.faults: Counter[str] = Counter()
        self.read: dict[str, list[str]] = defaultdict(list)  # what each follower's screen shows
        self.said: dict[str, list[str]] = defaultdict(list)
        self.tasks: set[asyncio.Task] = set()

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
            async with http.post(f"{self.url}/wechat/xian", params=query, data=body) as answer:
                content = await answer.read()
        except (TimeoutError, aiohttp.ClientError) as error:
            self.faults[type(error).__name__] += 1
            return
        self.acknowledged.append(time.monotonic() - began)
        if answer.status != 200:
            self.faults[str(answer.status)] += 1
        elif content != b"success" and not shown:  # the platform shows one answer a message
            shown.add(1)
            said = self.platform.opened(content)["Content"]
            self.read[fields["FromUserName"]].append(said)


def _router(options: argparse.Namespace) -> subprocess.Popen[bytes]:
    subprocess.run([sys.executable, "-m", "router.cli", "prepare"], check=True)
    serving = [sys.executable, "-m", "bench.wechat", "--serve", str(options.port), "--slow"]
    return subprocess.Popen([*serving, *map(str, options.slow)])


async def bench(options: argparse.Namespace, state: Path) -> int:
    os.environ.update(STATE_DIR=str(state), MESSAGE_RATE="1000000/second", BOT_TIMEOUT="45")
    if options.database:
        os.environ["DATABASE_URL"] = options.database
    settings = Settings()
    platform = Platform(Official())
    storm = Storm(options, platform, f"http://127.0.0.1:{options.port}")
    async with _interface(storm) as api:
        write_account(state, platform.official, api)
        router = _router(options)
        crypto.use(crypto.Keyring(data_keys(settings)))
        db = Database(settings.database_url)
        await _followers(db, options.users)
        try:
            timeout = aiohttp.ClientTimeout(total=5)
            connector = aiohttp.TCPConnector(limit=0)
            async with aiohttp.ClientSession(timeout=timeout, connector=connector) as http:
                await _ready(http, storm.url)
                await storm.run(http)
                await _quiet(storm, options.slow[1])
            return await _report(db, storm)
        finally:
            router.terminate()
            router.wait()
            await db.close()


def _interface(storm: Storm):
    """The platform's own addresses, light: token and customer-service message."""
    from contextlib import asynccontextmanager

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
        return web.json_response({"errcode": code})

    @asynccontextmanager
    async def running():
        app = web.Application()
        app.router.add_post("/cgi-bin/stable_token", token)
        app.router.add_post("/cgi-bin/message/custom/send", send)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
        await runner.cleanup()

    return running()


async def _followers(db: Database, count: int) -> None:
    """Who has agreed already: the storm is of talks, not of greetings."""
    now = SystemClock().now()
    names = [f"oBENCH_{n:06}" for n in range(count)]
    for start in range(0, count, 1000):
        talks, rows = [], []
        for openid in names[start : start + 1000]:
            talk = new_id()
            talks.append(
                {
                    "id": talk, "channel": "wechat", "reference": talk, "token_hash": talk,
                    "token_expires_at": now + timedelta(days=30), "region": "990101",
                    "status": "open", "case_no": 1, "last_seq": 2, "next_client_seq": 1,
                    "bot_troubled": False, "carried_seq": 2, "consent_at": now,
                    "created_at": now, "updated_at": now,
                }
            )  # fmt: skip
            index = followers.person_index("xian", openid)[0]
            row = Follower(id=new_id(), account="xian", person_index=index, conversation_id=talk)
            row.openid, row.created_at, row.quota = openid, now, 0
            rows.append({c: getattr(row, c) for c in Follower.__table__.columns.keys()})
        async with db.write() as s:
            await s.execute(insert(Conversation), talks)
            await s.execute(insert(Follower.__table__), rows)


async def _ready(http: aiohttp.ClientSession, url: str) -> None:
    for _ in range(300):
        try:
            async with http.get(f"{url}/healthz") as answer:
                if answer.status < 500:
                    return
        except (aiohttp.ClientError, TimeoutError):
            await asyncio.sleep(0.2)
    raise SystemExit("the router did not start")


async def _quiet(storm: Storm, slowest: float) -> None:
    """Until nothing new has come for longer than the slowest dialogue."""
    seen, since = -1, time.monotonic()
    while time.monotonic() - since < slowest + 5:
        now = sum(map(len, storm.read.values()))
        if now != seen:
            seen, since = now, time.monotonic()
        await asyncio.sleep(1)


async def _report(db: Database, storm: Storm) -> int:
    stored: dict[str, list[str]] = defaultdict(list)
    async with db.read() as s:
        rows = await s.execute(
            select(Follower, Message)
            .join(Message, Message.conversation_id == Follower.conversation_id)
            .where(Message.who == "citizen")
            .order_by(Message.conversation_id, Message.seq)
        )
        for follower, line in rows:
            stored[follower.openid].append(line.text)
    said = sum(map(len, storm.said.values()))
    kept = Counter(text for texts in stored.values() for text in texts)
    answers = {openid: "\n".join(texts) for openid, texts in storm.read.items()}
    unread = [
        text
        for openid, texts in storm.said.items()
        for text in texts
        if f"答{text}。" not in answers.get(openid, "")
    ]
    out_of_order = sum(
        _misplaced([answers[o].find(f"答{t}。") for t in texts if f"答{t}。" in answers[o]])
        for o, texts in stored.items()
        if o in answers
    )
    times = sorted(storm.acknowledged)
    print(f"messages            {said}, copies {len(times)}")
    print(f"effects             {sum(kept.values())}, doubled {sum(n > 1 for n in kept.values())}")
    print(f"lost                {said - len(kept)}")
    async with db.read() as s:
        held = await s.scalar(
            select(func.count()).select_from(Parcel).where(Parcel.state == "waiting")
        )
    print(f"pieces kept for the next contact {held}")
    print(f"answers not read    {len(unread)}")
    print(f"answers out of order {out_of_order}")
    print(f"faults              {dict(storm.faults)}")
    for share in (0.5, 0.95, 0.99, 1):
        value = times[min(len(times) - 1, int(len(times) * share))]
        print(f"acknowledged p{share * 100:<5g} {value * 1000:.0f} ms")
    print(f"tokens fetched      {storm.platform.fetched}")
    return int(bool(storm.faults or unread or len(kept) != said or sum(kept.values()) != said))


def _misplaced(places: list[int]) -> int:
    return sum(one > other for one, other in itertools.pairwise(places))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--users", type=int, default=34_000)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--slow", type=float, nargs=2, default=[0.1, 30.0])
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--database", help="postgresql+asyncpg://… instead of SQLite")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.slow)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(bench(options, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
