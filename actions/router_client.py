"""The only door to the router: five posts, each answered or a named error, never silence."""

from __future__ import annotations

import os
from typing import Any

import httpx

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
    """Kept connections; one instance per action server."""

    def __init__(self, url: str, token: str, transport: httpx.AsyncBaseTransport | None = None):
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT,
            # below uvicorn's 5 s, so that we never send on a connection it is closing
            limits=httpx.Limits(max_connections=64, keepalive_expiry=4),
            trust_env=False,
            transport=transport,
        )

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

    async def status(self, conversation: str, reference: str | None) -> str:
        answer = await self._post("status", {"conversation": conversation, "reference": reference})
        return str(answer["text"])

    async def new_case(self, conversation: str) -> None:
        await self._post("cases", {"conversation": conversation})

    async def close(self) -> None:
        await self._http.aclose()

    async def _post(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            response = await self._http.post(f"/internal/{name}", json=body)
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise RouterDown(type(error).__name__) from error
        if not isinstance(answer, dict):
            raise RouterDown("shape")
        if response.status_code == 422 and answer.get("fact"):
            raise ImpossibleFact(str(answer["fact"]), str(answer.get("error", "")))
        if response.status_code >= 500:
            raise RouterDown(str(response.status_code))
        if response.status_code >= 400:
            raise RouterRefused(str(response.status_code))
        return answer
