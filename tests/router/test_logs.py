"""The logs tell of events, ids and timings, and never of what a citizen said."""

import asyncio
import io
import logging
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from router.logs import JsonLines
from router.parts import Parts
from router.tickets.service import of_conversation
from tests.fakes import FakeBot, until

API = "/api/web/conversations"
NAME, PHONE, ID_NUMBER = "欧阳若兰", "13912345678", "110101199003074512"
SAID = f"我叫{NAME},手机{PHONE},身份证{ID_NUMBER}"
SECRETS = (NAME, PHONE, ID_NUMBER)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that the router would write, with its own loggers and the server's at their loudest."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    loggers = [logging.getLogger(name) for name in (None, "router", "uvicorn", "asyncio")]
    levels = [logger.level for logger in loggers]
    loggers[0].addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.INFO if logger is loggers[0] else logging.DEBUG)
    yield written
    loggers[0].removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


def without_words(written: io.StringIO) -> str:
    """The log, after looking into it for everything that the citizen said."""
    text = written.getvalue()
    for secret in SECRETS:
        assert secret not in text, text
    return text


async def begin(client: httpx.AsyncClient) -> str:
    return str((await client.post(API, json={"consent": True})).json()["id"])


async def say(client: httpx.AsyncClient, id: str, seq: int, text: str) -> httpx.Response:
    body = {"id": f"message-{seq}", "seq": seq, "text": text}
    return await client.post(f"{API}/{id}/messages", json=body)


async def test_a_talk_with_the_bot_a_lawyer_and_110_leaves_no_word_in_the_logs(
    client: httpx.AsyncClient, parts: Parts, bot: FakeBot, logged: io.StringIO
):
    id = await begin(client)
    await say(client, id, 1, SAID)
    await until(lambda: bot.texts)
    await say(client, id, 2, f"救命,他正在打我,我是{NAME}")
    await until(lambda: len(bot.texts) == 2)
    token = parts.settings.SERVICE_TOKEN
    assert token
    internal = {"Authorization": f"Bearer {token.get_secret_value()}"}
    told = {"conversation": id, "message_id": "m", "destination": "duty_lawyer", "note": SAID}
    assert (await client.post("/internal/tickets", json=told, headers=internal)).is_success
    wrong = {"conversation": id, "message_id": "m", "facts": {"matter": SAID, "name": NAME}}
    assert (await client.post("/internal/screenings", json=wrong, headers=internal)).is_error
    assert (await client.post("/internal/status", json={"x": SAID}, headers=internal)).is_error
    async with parts.db.read() as s:
        assert await of_conversation(s, id)
    assert "refused" in without_words(logged)  # it was listening


async def test_a_refused_message_leaves_no_word_in_the_logs(
    client: httpx.AsyncClient, logged: io.StringIO
):
    id = await begin(client)
    assert (await say(client, id, 0, SAID)).status_code == 422
    assert (await say(client, id, 1, SAID * 2000)).status_code == 413
    assert (await client.post(f"{API}/{id}/messages", content=SAID.encode())).status_code == 422
    assert without_words(logged).count('"refused"') >= 2


@pytest.mark.parametrize("mode", ["dead", "error", "silent"])
async def test_a_bot_in_trouble_leaves_no_word_in_the_logs(
    client: httpx.AsyncClient, bot: FakeBot, logged: io.StringIO, mode: str
):
    bot.mode = mode
    await say(client, await begin(client), 1, SAID)
    await until(lambda: "bot.trouble" in logged.getvalue())
    without_words(logged)


async def test_an_error_that_quotes_the_citizen_is_logged_by_kind_and_place_alone(
    client: httpx.AsyncClient, bot: FakeBot, logged: io.StringIO
):
    def quote(text: str) -> list[dict[str, object]]:
        raise ValueError(f"cannot answer {text}")

    bot.answer = quote
    await say(client, await begin(client), 1, SAID)
    await until(lambda: "bot.failed" in logged.getvalue())
    text = without_words(logged)
    assert "ValueError" in text and "fakes.py" in text


async def test_an_unforeseen_error_in_a_request_leaves_no_word_in_the_logs(
    client: httpx.AsyncClient, parts: Parts, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
):
    async def break_off(inbound: object) -> None:
        raise RuntimeError(f"cannot store {inbound}")

    id = await begin(client)
    monkeypatch.setattr(parts.gateway, "accept", break_off)
    answer = await say(client, id, 1, SAID)
    assert answer.status_code == 500 and NAME not in answer.text
    assert "unforeseen" in without_words(logged)


async def test_a_task_that_nobody_waited_for_leaves_no_word_in_the_logs(
    app: FastAPI, logged: io.StringIO
):
    async def break_off() -> None:
        raise RuntimeError(f"cannot store {SAID}")

    task = asyncio.create_task(break_off())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task  # asyncio tells of its exception when it is collected
    assert "RuntimeError" in without_words(logged)
