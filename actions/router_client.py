"""The only door to the router: six posts, each answered or a named error, never silence."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

Send = Callable[[str, dict[str, Any]], Awaitable[tuple[int, bytes]]]  # path, body: status, body
TIMEOUT = 3.0  # seconds; a citizen waits for this, and Rasa's lock outlives it by far


class RouterError(Exception):
    """对不住，系统这会儿出了点问题，您说的我没处理好。可以转人工，或者打12348。"""


class RouterDown(RouterError):
    """No answer, or not one that can be read."""


class RouterRefused(RouterError):
    """An answer that says no (a token, an unknown conversation)."""


class ImpossibleFact(RouterError):
    """A fact that cannot be: which one, and the sentence for the citizen."""

    def __init__(self, fact: str, sentence: str) -> None:
        super().__init__(fact)
        self.fact, self.sentence = fact, sentence


class Router:
    """Kept connections; one instance per action server. `send` takes their place in tests."""

    def __init__(self, url: str, token: str, send: Send | None = None):
        self._url, self._headers = url.rstrip("/"), {"Authorization": f"Bearer {token}"}
        self._send = send or self._over_http
        self._session: aiohttp.ClientSession | None = None  # belongs to the loop that first asks

    @classmethod
    def from_environment(cls) -> Router:
        return cls(
            os.environ.get("ROUTER_URL", "http://127.0.0.1:8000"),
            os.environ.get("SERVICE_TOKEN", ""),
        )

    async def screen(self, **body: Any) -> dict[str, Any]:
        return await self._post("screenings", body)

    async def ticket(self, **body: Any) -> dict[str, Any]:
        return await self._post("tickets", body)

    async def call_back(self, **body: Any) -> dict[str, Any]:
        return await self._post("callbacks", body)

    async def status(self, conversation: str, reference: str | None) -> str:
        answer = await self._post("status", {"conversation": conversation, "reference": reference})
        return str(answer["text"])

    async def new_case(self, conversation: str) -> None:
        await self._post("cases", {"conversation": conversation})

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def _over_http(self, path: str, body: dict[str, Any]) -> tuple[int, bytes]:
        if self._session is None:
            # below uvicorn's 5 s, so that we never send on a connection it is closing
            connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=4)
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=TIMEOUT),
            )
        async with self._session.post(self._url + path, json=body) as response:
            return response.status, await response.read()

    async def _post(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            status, raw = await self._send(f"/internal/{name}", body)
            answer = json.loads(raw)
        except (aiohttp.ClientError, OSError, asyncio.TimeoutError, ValueError) as error:
            raise RouterDown(type(error).__name__) from error
        if not isinstance(answer, dict):
            raise RouterDown("shape")
        if status == 422 and answer.get("fact"):
            raise ImpossibleFact(str(answer["fact"]), str(answer.get("error", "")))
        if status >= 500:
            raise RouterDown(str(status))
        if status >= 400:
            raise RouterRefused(str(status))
        return answer
