"""A router that fails is one honest sentence; each failure has a name."""

import asyncio
import json
from typing import Any

import pytest

from actions.memory import Memory
from actions.router_client import ImpossibleFact, Router, RouterDown, RouterRefused
from tests.actions.desk import Desk, told, wants


@pytest.mark.parametrize("status", [401, 404, 500, 503])
async def test_a_router_that_refuses_or_fails_is_one_honest_sentence(status: int) -> None:
    desk, memory = Desk(wants("lawyer"), status=status), Memory()
    reply = await told(desk, memory, "厂里欠我四个月工资", "labour_pay")
    assert "系统" in reply.text and [b["payload"] for b in reply.buttons] == ["转人工"]
    assert memory.label == "labour_pay", "what was told is kept"


async def test_a_router_that_is_gone_has_a_name() -> None:
    router = Router("http://127.0.0.1:9", "s")
    with pytest.raises(RouterDown):
        await router.status("c", None)
    await router.close()


async def test_a_router_that_does_not_answer_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    monkeypatch.setattr("actions.router_client.TIMEOUT", 0.1)
    router = Router(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", "s")
    with pytest.raises(RouterDown):
        await router.status("c", None)
    await router.close()
    server.close()


async def test_the_router_s_answers_are_told_apart() -> None:
    async def answer(path: str, body: dict[str, Any]) -> tuple[int, bytes]:
        kind = path.rsplit("/", 1)[1]
        if kind == "screenings":
            return 422, json.dumps({"error": "不能大于50", "fact": "household_size"}).encode()
        if kind == "tickets":
            return 403, json.dumps({"error": "口令不对"}).encode()
        return 200, b"<html>"

    router = Router("http://r", "s", send=answer)
    with pytest.raises(ImpossibleFact) as wrong:
        await router.screen(conversation="c")
    assert wrong.value.fact == "household_size"
    with pytest.raises(RouterRefused):
        await router.ticket(conversation="c")
    with pytest.raises(RouterDown):
        await router.status("c", None)
