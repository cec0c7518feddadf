"""What the platform calls: one address per account, `/wechat/<name>`.

Plain Starlette routes: a storm comes through here, three copies of each message.
"""

import asyncio
import logging
import secrets

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from router.channels.wechat import envelope, metrics
from router.channels.wechat.accounts import Account
from router.channels.wechat.envelope import NotThePlatform
from router.channels.wechat.messages import message
from router.channels.wechat.reply import NoAnswerYet
from router.channels.wechat.service import reply_fields
from router.errors import BadRequest, NotFound
from router.parts import Parts, parts

log = logging.getLogger(__name__)
WRONG_RATE = "30/minute"  # per address; right ones are never counted
PATIENCE = 6  # seconds; the platform hangs up after 5
DONE = b"success"  # in clear, also in safe mode


def _account(request: Request, p: Parts) -> Account:
    found = p.wechat.accounts.get(request.path_params["name"])
    if found is None:
        raise NotFound()
    return found


async def verify(request: Request) -> Response:
    """The platform's question whether the address is the account's: its echostr, as it came."""
    p = await parts(request)
    ours = _account(request, p)
    query = request.query_params
    try:
        envelope.check_query(ours, query, p.clock.now())
    except NotThePlatform:
        await _count_wrong(p, request, ours)
        raise
    return Response(query.get("echostr", ""), media_type="text/plain")


async def receive(request: Request) -> Response:
    p = await parts(request)
    ours = _account(request, p)
    began = p.clock.monotonic()
    body = await request.body()
    try:
        came = envelope.opened(ours, request.query_params, body, p.clock.now())
        heard = message(ours.name, came.fields, began)
        if heard.to != ours.original_id:
            raise NotThePlatform(account=ours.name, because="to")
    except (NotThePlatform, BadRequest):
        await _count_wrong(p, request, ours)
        raise
    try:
        text = await p.wechat.hear(heard)
    except NoAnswerYet:
        await asyncio.sleep(max(0, began + PATIENCE - p.clock.monotonic()))
        text = ""
    metrics.ANSWERED.observe(p.clock.monotonic() - began)
    if not text:
        return Response(DONE, media_type="text/plain")
    now = p.clock.now()
    fields = reply_fields(heard, text, int(now.timestamp()))
    sealed = envelope.answer(ours, came, fields, now, secrets.token_hex(8))
    return Response(sealed, media_type="application/json" if came.as_json else "text/xml")


async def _count_wrong(p: Parts, request: Request, ours: Account) -> None:
    """Raises TooFast for an address that goes on."""
    metrics.REFUSED.inc()
    address = request.client.host if request.client else "?"
    await p.limits.check_here("wechat wrong", address, WRONG_RATE)


routes = [
    Route("/wechat/{name}", verify, methods=["GET"]),
    Route("/wechat/{name}", receive, methods=["POST"]),
]
