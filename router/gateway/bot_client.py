"""The only door to Rasa. Rasa answers 200 for almost everything: silence is a fault too."""

import json
from typing import Any, Protocol

import aiohttp

from router.errors import BotUnavailable
from router.secrets import rasa_token
from router.settings import Settings

Reply = dict[str, Any]


class Bot(Protocol):
    async def say(self, sender: str, text: str, metadata: dict[str, Any]) -> list[Reply]:
        """Plays one message. Raises BotUnavailable(because=dead|error|slow)."""

    async def answered(self, sender: str, message_id: str) -> list[Reply] | None:
        """What the bot has answered to this message already; None: it never got it."""

    async def alive(self) -> bool: ...

    async def close(self) -> None: ...


class RasaBot:
    """Rasa's REST channel, over connections that are kept."""

    def __init__(self, url: str, token: str, timeout: float) -> None:
        self._url, self._token = url.rstrip("/"), token
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=2)
        self._session: aiohttp.ClientSession | None = None  # belongs to the loop that first asks

    @classmethod
    def from_settings(cls, settings: Settings) -> "RasaBot":
        token = rasa_token(settings).get_secret_value()
        # longer than the gateway waits, which tells the citizen and then hangs up itself
        return cls(settings.RASA_URL, token, settings.BOT_TIMEOUT.total_seconds() + 5)

    async def say(self, sender: str, text: str, metadata: dict[str, Any]) -> list[Reply]:
        body = {"sender": sender, "message": text, "metadata": metadata}
        answer = await self._send("POST", "/webhooks/rest/webhook", json=body)
        if not isinstance(answer, list):
            raise BotUnavailable(because="error")
        return answer

    async def answered(self, sender: str, message_id: str) -> list[Reply] | None:
        tracker = await self._send(
            "GET",
            f"/conversations/{sender}/tracker",
            params={"include_events": "ALL", "token": self._token},
        )
        return answer_in(tracker.get("events") or [], message_id)

    async def alive(self) -> bool:
        try:
            await self._send("GET", "/version", timeout=aiohttp.ClientTimeout(total=2))
        except BotUnavailable:
            return False
        return True

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            # Sanic closes an idle connection after 5 s; never send on one it is about to close.
            # No proxy (trust_env) and no cookies between us and Rasa
            connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=3)
            jar = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=jar, timeout=self._timeout
            )
        return self._session

    async def _send(self, method: str, path: str, **what: Any) -> Any:
        try:
            async with self._http().request(method, self._url + path, **what) as response:
                if response.status != 200:
                    raise BotUnavailable(because="error", status=response.status)
                return json.loads(await response.read())
        except aiohttp.ConnectionTimeoutError as error:
            raise BotUnavailable(because="dead", error="timeout") from error
        except TimeoutError as error:
            raise BotUnavailable(because="slow") from error
        except (aiohttp.ClientError, OSError) as error:
            raise BotUnavailable(because="dead", error=type(error).__name__) from error
        except ValueError as error:
            raise BotUnavailable(because="error") from error


def answer_in(events: list[dict[str, Any]], message_id: str) -> list[Reply] | None:
    """The bot's events after the last user event with this id, up to the next user event."""
    answer: list[Reply] | None = None
    ours = False
    for event in events:
        if event.get("event") == "user":
            ours = (event.get("metadata") or {}).get("message_id") == message_id
            answer = [] if ours else answer
        elif event.get("event") == "bot" and ours and answer is not None:
            answer.append(_as_reply(event))
    return answer


def _as_reply(event: dict[str, Any]) -> Reply:
    data = event.get("data") or {}
    parts = {"text": event.get("text"), **{key: data.get(key) for key in ("buttons", "custom")}}
    return {key: value for key, value in parts.items() if value}
