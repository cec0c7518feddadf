"""Rasa over HTTP: what its tracker says of a message, and each way in which it may fail."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from router.errors import BotUnavailable
from router.gateway.bot_client import RasaBot, answer_in
from router.gateway.replies import drafts


def user(message_id: str, text: str = "…") -> dict[str, Any]:
    return {"event": "user", "text": text, "metadata": {"message_id": message_id}}


def said(text: str, **data: Any) -> dict[str, Any]:
    return {"event": "bot", "text": text, "data": {"buttons": None, "custom": None} | data}


OTHER = [{"event": "action", "name": "action_listen"}, {"event": "slot", "name": "asked"}]


def test_a_message_the_tracker_does_not_know_was_never_played():
    assert answer_in([*OTHER, user("another"), said("好的")], "mine") is None


def test_an_answer_is_what_the_bot_said_up_to_the_next_message():
    events = [
        user("a"),
        said("甲"),
        *OTHER,
        user("mine"),
        *OTHER,
        said("乙"),
        said("丙"),
        *OTHER,
        user("b"),
        said("丁"),
    ]
    assert answer_in(events, "mine") == [{"text": "乙"}, {"text": "丙"}]


def test_a_message_that_was_played_and_left_without_an_answer_is_told_apart():
    assert answer_in([user("mine"), *OTHER], "mine") == []


def test_of_two_attempts_the_last_one_counts():
    assert answer_in([user("mine"), *OTHER, user("mine"), said("好的")], "mine") == [
        {"text": "好的"}
    ]


def test_buttons_and_custom_parts_come_back_from_the_tracker():
    buttons, custom = [{"title": "是", "payload": "是的"}], {"kind": "decision"}
    [reply] = answer_in([user("mine"), said("好的", buttons=buttons, custom=custom)], "mine") or []
    [draft] = drafts([reply], in_reply_to="mine")
    assert draft.extra == {"kind": "decision", "buttons": [{"title": "是", "say": "是的"}]}


@pytest.mark.parametrize(
    "nonsense", [[], [{}], ["?"], [{"text": ""}], [{"image": "x.png"}], [{"text": None}]]
)
def test_a_reply_without_anything_to_show_is_no_reply(nonsense: list[Any]):
    assert drafts(nonsense, in_reply_to="mine") == []


class Rasa:
    """Answers every request with one raw body, or hangs up."""

    def __init__(self) -> None:
        self.status, self.body, self.hangs_up = "200 OK", b"[]", False
        self.asked: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = [line for line in head.lower().split("\r\n") if line.startswith("content-length")]
        body = await reader.readexactly(int(length[0].split(":")[1])) if length else b""
        self.asked.append(head.split("\r\n")[0] + " " + body.decode())
        if not self.hangs_up:
            size = f"content-length: {len(self.body)}\r\nconnection: close\r\n\r\n"
            writer.write(f"HTTP/1.1 {self.status}\r\n{size}".encode() + self.body)
            await writer.drain()
        writer.close()


@pytest.fixture
async def rasa() -> Rasa:
    return Rasa()


@pytest.fixture
async def bot(rasa: Rasa) -> AsyncIterator[RasaBot]:  # type: ignore[override]
    server = await asyncio.start_server(rasa.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = RasaBot(f"http://127.0.0.1:{port}", "secret", timeout=5)
    yield client
    await client.close()
    server.close()


async def test_a_message_is_posted_with_its_id(bot: RasaBot, rasa: Rasa):
    rasa.body = json.dumps([{"recipient_id": "x", "text": "好的"}]).encode()
    assert await bot.say("c-1", "在吗", {"message_id": "m"}) == [
        {"recipient_id": "x", "text": "好的"}
    ]
    line, body = rasa.asked[0].split(" HTTP/1.1 ")
    assert line == "POST /webhooks/rest/webhook"
    assert json.loads(body) == {
        "sender": "c-1",
        "message": "在吗",
        "metadata": {"message_id": "m"},
    }


async def test_the_tracker_is_asked_with_the_token(bot: RasaBot, rasa: Rasa):
    rasa.body = json.dumps({"events": [user("m"), said("好的")]}).encode()
    assert await bot.answered("c-1", "m") == [{"text": "好的"}]
    assert rasa.asked[0].startswith("GET /conversations/c-1/tracker?")
    assert "token=secret" in rasa.asked[0]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("500 Internal Server Error", b"{}"),
        ("503 Service Unavailable", b""),
        ("400 Bad Request", b"{}"),
        ("200 OK", b"<html>"),
        ("200 OK", b""),
        ("200 OK", b'{"a":1}'),
        ("200 OK", b"null"),
        ("200 OK", b"\xff\xfe"),
    ],
)
async def test_an_answer_that_is_none_is_an_error(
    bot: RasaBot, rasa: Rasa, status: str, body: bytes
):
    rasa.status, rasa.body = status, body
    with pytest.raises(BotUnavailable) as raised:
        await bot.say("c-1", "在吗", {"message_id": "m"})
    assert raised.value.ids["because"] == "error"


async def test_a_bot_that_hangs_up_is_dead(bot: RasaBot, rasa: Rasa):
    rasa.hangs_up = True
    with pytest.raises(BotUnavailable) as raised:
        await bot.say("c-1", "在吗", {"message_id": "m"})
    assert raised.value.ids["because"] == "dead"
    assert not await bot.alive()


async def test_a_bot_that_is_not_there_is_dead():
    bot = RasaBot("http://127.0.0.1:9", "secret", timeout=5)
    with pytest.raises(BotUnavailable) as raised:
        await bot.say("c-1", "在吗", {"message_id": "m"})
    assert raised.value.ids["because"] == "dead"
    assert not await bot.alive()
    await bot.close()


async def test_a_bot_that_answers_is_alive(bot: RasaBot):
    assert await bot.alive()
