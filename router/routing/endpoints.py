"""`/internal`: the one door of the dialogue's actions to the router.

Plain Starlette routes: a screening is part of every turn of every citizen, and FastAPI's way to an
endpoint takes longer than the screening itself.
"""

import hmac
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from router.eligibility import FactError
from router.errors import BadRequest, Forbidden
from router.parts import Parts, parts


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")
    conversation: str = Field(max_length=64)


class _Screening(_Asked):
    message_id: str = Field(min_length=1, max_length=64)
    facts: dict[str, Any]
    label: str | None = None
    details: dict[str, Any] = {}


class _Ticket(_Asked):
    message_id: str = Field(min_length=1, max_length=64)
    destination: str = Field(max_length=64)
    note: str | None = Field(default=None, max_length=500)
    language: str | None = Field(default=None, max_length=20)


class _CallBack(_Asked):
    message_id: str = Field(min_length=1, max_length=64)
    number: str = Field(max_length=32)


class _Status(_Asked):
    reference: str | None = Field(default=None, max_length=64)


def _service_only(request: Request, p: Parts) -> None:
    """Compared in constant time; without a token of our own nobody gets in."""
    ours = p.settings.SERVICE_TOKEN
    shown = request.headers.get("authorization", "")
    expected = f"Bearer {ours.get_secret_value()}" if ours else ""
    if not ours or not hmac.compare_digest(shown.encode(), expected.encode()):
        raise Forbidden()


async def _screenings(asked: _Screening, p: Parts) -> JSONResponse:
    try:
        found = await p.routing.screen(
            asked.conversation, asked.message_id, asked.facts, asked.label, asked.details
        )
        return JSONResponse(found)
    except FactError as wrong:
        return JSONResponse({"error": wrong.sentence, "fact": wrong.fact}, status_code=422)


async def _tickets(asked: _Ticket, p: Parts) -> JSONResponse:
    return JSONResponse(
        await p.routing.open_ticket(
            asked.conversation,
            asked.message_id,
            asked.destination,
            asked.note,
            language=asked.language,
        )
    )


async def _status(asked: _Status, p: Parts) -> JSONResponse:
    return JSONResponse({"text": await p.routing.status(asked.conversation, asked.reference)})


async def _call_back(asked: _CallBack, p: Parts) -> JSONResponse:
    return JSONResponse(
        await p.routing.call_back(asked.conversation, asked.message_id, asked.number)
    )


async def _cases(asked: _Asked, p: Parts) -> JSONResponse:
    return JSONResponse({"case_no": await p.routing.next_case(asked.conversation)})


A = TypeVar("A", bound=_Asked)
Answer = Callable[[A, Parts], Awaitable[JSONResponse]]


def _route(name: str, kind: type[A], answer: Answer[A]) -> Route:
    async def endpoint(request: Request) -> JSONResponse:
        p = await parts(request)
        _service_only(request, p)
        request.scope["route"] = route  # for the metrics, as FastAPI does
        try:
            asked = kind.model_validate_json(await request.body())
        except ValidationError as error:
            raise BadRequest() from error
        return await answer(asked, p)

    route = Route(f"/internal/{name}", endpoint, methods=["POST"])
    return route


routes = [
    _route("screenings", _Screening, _screenings),
    _route("tickets", _Ticket, _tickets),
    _route("status", _Status, _status),
    _route("callbacks", _CallBack, _call_back),
    _route("cases", _Asked, _cases),
]
