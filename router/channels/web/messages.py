"""The citizen's lines in, what is said to them out.

Plain Starlette routes: every turn takes both, and FastAPI's way to an endpoint costs more than
what is done there.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from router.channels.base import Inbound
from router.channels.web.schemas import AcceptedOut, Line, LinesOut, NewMessage, Page
from router.channels.web.session import CHANNEL, COOKIE, json_only
from router.conversations.models import Message
from router.errors import BadRequest
from router.gateway.lines import topic
from router.parts import Parts, parts

PATH = "/api/web/conversations/{id}/messages"
ZERO = timedelta(0)


async def _send(request: Request, p: Parts, own: str) -> Response:
    await json_only(request)
    try:
        message = NewMessage.model_validate_json(await request.body())
    except ValidationError as error:
        raise BadRequest() from error
    await p.limits.check_here("message", own, p.settings.MESSAGE_RATE)
    key = f"{CHANNEL}:{own}:{message.id}"
    accepted = await p.gateway.accept(
        Inbound(CHANNEL, own, key, message.text, client_seq=message.seq)
    )
    return _json(AcceptedOut(seq=accepted.seq, duplicate=accepted.duplicate), 202)


async def _read(request: Request, p: Parts, own: str) -> Response:
    """What came after a line; waits up to `wait` seconds for it, or for a change of the floor."""
    try:
        page = Page.model_validate(dict(request.query_params))
    except ValidationError as error:
        raise BadRequest() from error
    async with p.bus.waiting_for(topic(own)) as waiter:
        end = p.clock.now() + timedelta(seconds=page.wait)
        before = lines = await _lines(p, own, page.after)
        while lines == before and not lines.messages and (left := end - p.clock.now()) > ZERO:
            if await waiter.wait(left):
                lines = await _lines(p, own, page.after)
    return _json(lines)


async def _lines(p: Parts, conversation_id: str, after: int) -> LinesOut:
    found, speaker, thinking = await p.gateway.since(conversation_id, after)
    return LinesOut(messages=[_line(one) for one in found], speaker=speaker, thinking=thinking)


def _line(line: Message) -> Line:
    # what a citizen's own line is marked with is ours, not the page's
    extra = {} if line.who == "citizen" else line.extra
    return Line(
        seq=line.seq,
        who=line.who,
        text=line.text,
        extra=extra,
        client_seq=line.client_seq,
        at=line.created_at,
    )


def _json(said: BaseModel, status: int = 200) -> Response:
    return Response(said.model_dump_json(), status, media_type="application/json")


def _route(method: str, answer: Callable[[Request, Parts, str], Awaitable[Response]]) -> Route:
    async def endpoint(request: Request) -> Response:
        p, own = await parts(request), request.path_params["id"]
        request.scope["route"] = route  # for the metrics, as FastAPI does
        await p.gateway.recognise(request.cookies.get(COOKIE), own)
        return await answer(request, p, own)

    route = Route(PATH, endpoint, methods=[method])
    return route


routes = [_route("POST", _send), _route("GET", _read)]
