"""Whatever the network does to a citizen's messages, each has one effect, in their order."""

import asyncio
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from router import crypto
from router.bus import Bus
from router.channels.base import Inbound
from router.db import Database
from router.gateway.service import Gateway
from router.settings import Settings
from tests.conftest import POSTGRESQL, make_tables
from tests.fakes import FakeBot, FakeClock, FakeRouting, until

Arrival = tuple[int, int]  # the message's number, the process that it comes in through


@st.composite
def arrivals(draw: st.DrawFn) -> list[list[Arrival]]:
    """Every message at least once, any of them again, in any order, some at the same moment."""
    count = draw(st.integers(1, 6))
    numbers = list(range(1, count + 1)) + draw(st.lists(st.integers(1, count), max_size=6))
    shuffled = draw(st.permutations(numbers))
    each = [(number, draw(st.integers(0, 1))) for number in shuffled]
    together = draw(st.integers(1, 4))
    return [each[start : start + together] for start in range(0, len(each), together)]


@example(moments=[[(3, 0), (2, 1), (1, 1)], [(2, 1), (5, 1), (4, 1)], [(1, 1), (5, 0), (5, 1)]])
@given(moments=arrivals())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_each_message_has_one_effect_in_order(
    postgresql_tables: None, moments: list[list[Arrival]]
):
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder), moments))


async def play(folder: Path, moments: list[list[Arrival]]) -> None:
    url = POSTGRESQL or f"sqlite+aiosqlite:///{folder / 'jieyuan.db'}"
    await make_tables(url)
    crypto.use(crypto.Keyring([b"k" * 32]))
    bot, clock, bus = FakeBot(), FakeClock(), Bus(None)
    processes = [
        Gateway(Database(url), clock, bus, bot, FakeRouting(), Settings()) for _ in range(2)
    ]
    for gateway in processes:
        await gateway.start()
    try:
        conversation, _ = await processes[0].open("web", None, consent=True)

        def sent(number: int, process: int) -> Coroutine[Any, Any, object]:
            key = f"web:{conversation.id}:{number}"
            text = f"第{number}句"
            message = Inbound("web", conversation.id, key, text, client_seq=number)
            return processes[process].accept(message)

        for moment in moments:
            await asyncio.gather(*(sent(*arrival) for arrival in moment))
        expected = [f"第{n}句" for n in range(1, max(n for m in moments for n, _ in m) + 1)]

        async def answers() -> list[str]:
            async with processes[1].db.read() as s:
                lines = await processes[1].transcript(s, conversation.id, after=2)
            return [line.text for line in lines if line.who == "bot"]

        async def answered() -> bool:
            return len(await answers()) >= len(expected)

        await until(answered)
        assert bot.texts == expected
        assert await answers() == [f"收到:{text}" for text in expected]
        assert bot.most_at_once == 1
        async with processes[0].db.read() as s:
            seqs = [line.seq for line in await processes[0].transcript(s, conversation.id)]
        assert seqs == list(range(1, 2 * len(expected) + 3)), "numbered without a gap"
    finally:
        for gateway in processes:
            await gateway.stop()
            await gateway.db.close()
