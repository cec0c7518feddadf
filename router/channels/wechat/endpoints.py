"""What the platform calls: one address per account, `/wechat/<name>`."""

import asyncio
import logging
import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from router.channels.wechat import envelope, metrics
from router.channels.wechat.accounts import Account
from router.channels.wechat.envelope import NotThePlatform
from router.channels.wechat.messages import message
from router.channels.wechat.service import reply_fields
from router.channels.wechat.talk import NoAnswerYet
from router.errors import BadRequest, NotFound
from router.parts import Parts, parts

log = logging.getLogger(__name__)
api = APIRouter()
P = Annotated[Parts, Depends(parts)]
WRONG_RATE = "30/minute"  # per address; right ones are never counted
PATIENCE = 6  # seconds; the platform hangs up after 5
DONE = b"success"  # in clear, also in safe mode


async def account(name: str, p: P) -> Account:
    found = p.wechat.accounts.get(name)
    if found is None:
        raise NotFound()
    return found


Ours = Annotated[Account, Depends(account)]


@api.get("/wechat/{name}")
async def verify(ours: Ours, p: P, request: Request) -> Response:
    """The platform's question whether the address is the account's: its echostr, as it came."""
    query = request.query_params
    try:
        envelope.check_query(ours, query, p.clock.now())
    except NotThePlatform:
        await _count_wrong(p, request, ours)
        raise
    return Response(query.get("echostr", ""), media_type="text/plain")


@api.post("/wechat/{name}")
async def receive(ours: Ours, p: P, request: Request) -> Response:
    began = p.clock.monotonic()
    body = await request.body()
    try:
        came = envelope.opened(ours, request.query_params, body, p.clock.now())
        heard = message(ours.name, came.fields)
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
