"""Where a stock turn's time goes, taken out. Pinned to rasa 3.6.21 and tested."""

from __future__ import annotations

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
import rasa.shared.core.events as events
from jsonschema import Draft202012Validator
from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import EndpointConfig

ACTION_TIMEOUT = 20  # seconds; Rasa's 300 would hold the sender's lock far beyond its lifetime
IDLE = 3  # seconds; below the action server's own keep-alive, so that it never hangs up first


def _compile_the_validator_once() -> None:
    """56 % of a stock turn re-checks the schema of action answers against the schema of schemas."""
    validator = Draft202012Validator(RemoteAction.action_response_format_spec())

    def validate(self: RemoteAction, result: dict) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate


def _remember_event_types() -> None:
    """Rasa walks all event classes for every stored event; a long case has thousands."""
    look_up, known = events.Event.resolve_by_type, {}

    def resolve(type_name: str, default: type | None = None) -> type | None:
        if type_name not in known:
            found = look_up(type_name, default)
            if found is None or found is default:
                return found
            known[type_name] = found
        return known[type_name]

    events.Event.resolve_by_type = staticmethod(resolve)


class _Borrowed:
    """A session that `async with` does not close."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def __aenter__(self) -> aiohttp.ClientSession:
        return self._session

    async def __aexit__(self, *_: object) -> None:
        """It stays open for the next turn."""


def _keep_the_action_server_connected() -> None:
    """A new session and connection for every action call is a fifth of what the call costs."""
    sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession]
    sessions = WeakKeyDictionary()
    request_once = EndpointConfig.request
    new_session = EndpointConfig.session

    def session(self: EndpointConfig) -> Any:
        if self.basic_auth or self.headers:
            return new_session(self)
        loop = asyncio.get_running_loop()
        if loop not in sessions or sessions[loop].closed:
            sessions[loop] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(keepalive_timeout=IDLE),
                timeout=aiohttp.ClientTimeout(total=ACTION_TIMEOUT),
            )
        return _Borrowed(sessions[loop])

    async def request(self: EndpointConfig, *args: Any, **kwargs: Any) -> Any:
        try:
            return await request_once(self, *args, **dict(kwargs))
        except aiohttp.ServerDisconnectedError:  # hung up while idle; actions bear a second call
            return await request_once(self, *args, **kwargs)

    EndpointConfig.session = session
    EndpointConfig.request = request


_applied = False


def apply() -> None:
    global _applied
    if not _applied:
        _compile_the_validator_once()
        _remember_event_types()
        _keep_the_action_server_connected()
        _applied = True
