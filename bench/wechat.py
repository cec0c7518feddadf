"""A storm on the WeChat channel: messages of many followers, three copies each, together or seconds
apart, to any of the routers, while the dialogue takes 0.1 to 30 s. Counts effects, order, fault
notices; times acknowledgements and the drain behind them. Ends with 1 where an acknowledged message
was lost or doubled.

    ./jieyuan bench wechat                         a minute of it, 12,000 messages
    ./jieyuan bench wechat --messages 100000       the whole: more than eight minutes at 200/s
    … [--users 34000 --rate 200] [--slow 0.1 30] [--routers 2] [--redis URL] [--database URL]
      [--kill] [--stock] [--profile FILE]

Several routers share the bundled Valkey unless told otherwise.

--stock: the same storm against bare Rasa behind a thin adapter, and against werobot.
"""

import argparse
import asyncio
import contextlib
import cProfile
import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import uvloop
from sqlalchemy import insert, select

from bench.duty import routers as duty
from bench.official import adapter
from bench.official.storm import SlowBot, Storm, interface
from router import crypto
from router.channels.wechat import carry, followers
from router.channels.wechat.models import Follower, Parcel
from router.clock import SystemClock
from router.conversations.models import Conversation, Message
from router.db import Database, new_id
from router.secrets import data_keys
from router.settings import Settings
from tests.channels.wechat.conftest import write_account
from tests.fake_wechat import Official, Platform


def serve(options: argparse.Namespace) -> None:
    import uvicorn

    from router import logs
    from router.app import build_app

    logs.set_up()
    carry.CLAIM = CLAIM
    app = build_app(Settings(), bot=SlowBot(*options.slow))
    profile = cProfile.Profile() if options.profile else contextlib.nullcontext()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # uvicorn raises it again at its end
    try:
        with profile:
            uvicorn.run(app, port=options.serve, log_config=None, access_log=False)
    finally:
        if options.profile:
            profile.dump_stats(options.profile)


CLAIM = timedelta(seconds=8)  # instead of a minute: who is killed is not waited for so long
Process = subprocess.Popen[bytes]


@contextmanager
def _serving(options: argparse.Namespace, ports: Iterable[int]) -> Iterator[list[Process]]:
    subprocess.run([sys.executable, "-m", "router.cli", "prepare"], check=True)
    told = ["--slow", *map(str, options.slow)]
    told += ["--profile", options.profile] if options.profile else []
    one = [sys.executable, "-m", "bench.wechat", *told, "--serve"]
    routers = [subprocess.Popen([*one, str(port)]) for port in ports]
    try:
        yield routers
    finally:
        for router in routers:
            router.terminate()
        for router in routers:
            router.wait()


def _spent(routers: list[Process]) -> tuple[float, float, float]:
    """Seconds of CPU, the routers' and this process's, which plays the platform; and how long the
    routers waited for a core that another program had."""
    waited = sum(int(_proc(router, "schedstat").split()[1]) for router in routers)
    return sum(map(_cpu, routers)), time.process_time(), waited / 1e9


def _cpu(process: Process) -> float:
    """See proc(5)."""
    numbers = _proc(process, "stat").rpartition(")")[2].split()
    return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")


def _proc(process: Process, name: str) -> str:
    return Path(f"/proc/{process.pid}/{name}").read_text()


async def _kill(options: argparse.Namespace, routers: list[Process]) -> None:
    """kill -9 for the first one, half-way; it begins anew."""
    if not options.kill:
        return
    await asyncio.sleep(options.messages / options.rate / 2)
    routers[0] = _anew(routers[0])


def _anew(router: Process) -> Process:
    router.kill()
    router.wait()
    return subprocess.Popen(router.args)


async def bench(options: argparse.Namespace, state: Path) -> int:
    async with AsyncExitStack() as stack:
        if options.routers > 1 and not options.redis:
            part, options.redis = duty.valkey(state)
            await part.start()
            stack.push_async_callback(part.kill)
            await duty.answers(options.redis)
        return await _bench(options, state)


async def _bench(options: argparse.Namespace, state: Path) -> int:
    os.environ.update(STATE_DIR=str(state), MESSAGE_RATE="1000000/second", BOT_TIMEOUT="45")
    for name, value in (("DATABASE_URL", options.database), ("REDIS_URL", options.redis)):
        if value:
            os.environ[name] = value
    settings = Settings()
    platform = Platform(Official())
    ports = range(options.port, options.port + options.routers)
    storm = Storm(options, platform, [f"http://127.0.0.1:{port}" for port in ports])
    async with interface(storm) as api:
        write_account(state, platform.official, api)
        with _serving(options, ports) as routers:
            crypto.use(crypto.Keyring(data_keys(settings)))
            db = Database(settings.database_url)
            await _followers(db, options.users)
            for url in storm.urls:
                await _ready(url)
            before, began = _spent(routers), time.monotonic()
            killing = asyncio.create_task(_kill(options, routers))
            await storm.run()
            await killing
            stormed, over = _spent(routers), time.monotonic()
            await _quiet(storm, options.slow[1])
            print("ours:")
            spent = [after - was for was, after in zip(before, stormed, strict=True)]
            theirs, own, _ = (seconds * 1000 / options.messages for seconds in spent)
            print(f"CPU a message       routers {theirs:.1f} ms, storm and platform {own:.1f} ms,")
            share, waited = spent[0] / (over - began), spent[2] / (over - began)
            print(
                f"                    routers {share:.0%} of a core, {waited:.0%} waiting for one"
            )
            print(f"drained             {max(0, storm.last_read - over):.0f} s after the last copy")
            try:
                return await _report(db, storm)
            finally:
                await db.close()


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


async def _ready(url: str) -> None:
    end = time.monotonic() + 300
    async with aiohttp.ClientSession() as http:
        while time.monotonic() < end:
            try:
                async with http.get(f"{url}/healthz") as answer:
                    if answer.status < 500:
                        return
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(0.2)
    raise SystemExit("the router did not start")


async def _quiet(storm: Storm, slowest: float) -> None:
    """Until all is read, or the slowest dialogue is over and nothing new comes."""
    seen, since, end = -1, time.monotonic(), time.monotonic() + slowest + 5
    while time.monotonic() < max(end, since + 5):
        await asyncio.sleep(1)
        now = sum(map(len, storm.read.values()))
        if now != seen:
            seen, since = now, time.monotonic()
        elif not storm.unread():  # dear to count, so only when it has become quiet
            return


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
    kept_back = await _kept_back(db)
    unread = [text for text in storm.unread() if f"答{text}。" not in kept_back]
    out_of_order = sum(
        _misplaced([answers[o].find(f"答{t}。") for t in texts if f"答{t}。" in answers[o]])
        for o, texts in stored.items()
        if o in answers
    )
    doubled, lost = sum(n > 1 for n in kept.values()), len(storm.taken - set(kept))
    storm.print()
    print(f"effects             {sum(kept.values())}, doubled {doubled}")
    print(f"acknowledged, lost  {lost}")
    print(f"kept for the next contact, as 5 in 48 hours asks: {kept_back.count('答')} answers")
    print(f"answers not read    {len(unread)}")
    print(f"answers out of order {out_of_order}")
    print(f"tokens fetched      {storm.platform.fetched}")
    faults = bool(storm.faults or len(kept) != said) and not storm.options.kill
    alone = storm.in_danger - storm.helped
    return int(bool(faults or unread or lost or doubled or out_of_order or alone))


async def _kept_back(db: Database) -> str:
    async with db.read() as s:
        found = await s.scalars(select(Parcel).where(Parcel.state == "waiting"))
        return "\n".join(one.text for one in found)


def _misplaced(places: list[int]) -> int:
    return sum(one > other for one, other in itertools.pairwise(places))


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=12_000)
    parser.add_argument("--users", type=int, default=34_000)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--slow", type=float, nargs=2, default=[0.1, 30.0])
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--database", help="postgresql+asyncpg://… instead of SQLite")
    parser.add_argument("--redis", help="redis://… instead of the bundled Valkey")
    parser.add_argument("--routers", type=int, default=1)
    parser.add_argument("--kill", action="store_true", help="kill -9 for one of them, half-way")
    parser.add_argument("--stock", action="store_true", help="the other sides as well")
    parser.add_argument("--profile", help="where the first router's CPU goes: a file for pstats")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.serve:
        serve(options)
        return 0
    if options.stock:
        uvloop.run(adapter.rasa(options))
        uvloop.run(adapter.werobot(options))
    with tempfile.TemporaryDirectory() as folder:
        return uvloop.run(bench(options, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
