"""Builds and wires a router process. Nobody imports this module but the command line and tests."""

import asyncio
import importlib
import logging
import pkgutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from redis.asyncio import Redis

import router.channels
from bot import heap
from router import crypto, health, ocr, peers, scan, speech
from router.agencies.service import Agencies
from router.applications.service import Applications
from router.bus import Bus
from router.channels.hotline import setup as telephone
from router.channels.hotline.sms import cases as case_texts
from router.channels.hotline.sms.letters import LetterTexts
from router.channels.web import messages
from router.channels.wechat import accounts as wechat_accounts
from router.channels.wechat import endpoints as wechat_endpoints
from router.channels.wechat import media as wechat_media
from router.channels.wechat import unagreed as wechat_unagreed
from router.channels.wechat.service import WeChat
from router.clock import Clock, SystemClock
from router.db import Database
from router.destinations.registry import Destinations
from router.dispatch.errands import Errands
from router.dispatch.service import Dispatch
from router.errors import BadRequest, NotFound, RouterError, WrongMethod
from router.events import (
    ApplicationMoved,
    Events,
    LetterSent,
    MediationMoved,
    NobodyThere,
    OfferAccepted,
    ReferralMoved,
    TicketClosed,
    TicketReturned,
)
from router.gateway import applied, emergency, mediations, organs, posted
from router.gateway.bot_client import Bot, RasaBot
from router.gateway.desk_news import DeskNews
from router.gateway.service import Gateway
from router.guard import BodyLimit, Private
from router.lawbook import LawBook
from router.lawyers.service import Lawyers
from router.limits import Limits
from router.mediation.service import Mediations
from router.mediation.sides import Sides
from router.parts import Parts
from router.referrals import endpoints as partners_api
from router.referrals.service import Referrals
from router.routing import endpoints as internal
from router.routing.service import Routing
from router.secrets import data_keys, service_token
from router.sending.service import Sendings
from router.settings import ROOT, Settings
from router.web import render, static
from router.web.rooms import PAGES, UPLOADS

log = logging.getLogger(__name__)


def build_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    bot: Bot | None = None,
    redis: Redis | None = None,
    carriers: telephone.Maker = telephone.carriers,
    texter: telephone.TextMaker = telephone.texter,
    data: Path = ROOT / "data",
) -> FastAPI:
    """The router as an ASGI application; its parts are in `app.state.parts`."""
    wired = wire(
        settings, clock=clock or SystemClock(), bot=bot, redis=redis, carriers=carriers,
        texter=texter, data=data,
    )  # fmt: skip

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await wired.bus.start()
        following = asyncio.create_task(_follow_the_law(wired.lawbook))
        await wired.referrals.start()
        await wired.mediations.start()
        await wired.dispatch.start()
        await wired.gateway.start()
        wired.wechat.start()
        if wired.hotline:
            await wired.hotline.start()
        heap.freeze()
        try:
            yield
        finally:
            await wired.wechat.stop()
            if wired.hotline:
                await wired.hotline.stop()
            await wired.texts.stop()
            await wired.gateway.stop()
            await wired.gateway.bot.close()
            await wired.dispatch.stop()
            await wired.errands.stop()
            await wired.referrals.stop()
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await wired.bus.stop()
            await wired.db.close()

    app = FastAPI(title="接援", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.parts = wired
    app.add_middleware(BodyLimit, at_most=settings.BODY_MAX_BYTES, larger=UPLOADS)
    app.add_middleware(Private)
    app.add_middleware(health.Measured)
    app.exception_handler(RouterError)(_explain)
    app.exception_handler(RequestValidationError)(_explain_invalid)
    app.exception_handler(400)(_explain_invalid)
    app.exception_handler(404)(_explain_missing)
    app.exception_handler(405)(_explain_method)
    app.exception_handler(Exception)(_explain_unforeseen)
    busiest = [*wechat_endpoints.routes, *messages.routes, *internal.routes]
    app.router.routes.extend(busiest)  # first: each request looks from the beginning
    app.include_router(health.api)
    app.include_router(partners_api.api)
    for channel in _channels():
        app.include_router(channel)
    for pages in PAGES:
        app.include_router(pages)
    static.mount(app)
    return app


async def _follow_the_law(lawbook: LawBook) -> None:
    """Reads it anew when a sibling process did, or on SIGHUP."""
    loop = asyncio.get_running_loop()
    asked: set[asyncio.Task[None]] = set()  # kept, else they could be collected half-way

    def hang_up() -> None:
        task = loop.create_task(lawbook.reload_for_operator())
        asked.add(task)
        task.add_done_callback(asked.discard)

    with suppress(ValueError, RuntimeError):  # not the main thread
        loop.add_signal_handler(signal.SIGHUP, hang_up)
    try:
        await lawbook.follow()
    finally:
        with suppress(ValueError, RuntimeError):
            loop.remove_signal_handler(signal.SIGHUP)


def wire(
    settings: Settings,
    *,
    clock: Clock,
    bot: Bot | None,
    redis: Redis | None,
    carriers: telephone.Maker,
    texter: telephone.TextMaker,
    data: Path,
) -> Parts:
    crypto.use(crypto.Keyring(data_keys(settings)))
    settings.SERVICE_TOKEN = service_token(settings)
    if redis is None and settings.REDIS_URL:
        redis = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1)
    db = Database(settings.database_url)
    bus, events, limits = Bus(redis), Events(), Limits(settings.REDIS_URL)
    lawbook = LawBook(db, clock, bus, settings.REGION, data / "law")
    destinations = Destinations.load(data / "destinations")
    lawyers = Lawyers(db, clock, settings)
    dispatch = Dispatch(db, clock, bus, events, settings, destinations.queues())
    routing = Routing(db, clock, bus, lawbook, destinations, dispatch, settings)
    gateway = Gateway(db, clock, bus, bot or RasaBot.from_settings(settings), routing, settings)
    referrals_room = Referrals(db, clock, bus, events, dispatch, destinations, emergency.find)
    errands = Errands(db, clock, bus)
    scanner = scan.load(settings)
    aid = Applications(db, clock, bus, events, dispatch, destinations, lawbook, errands, scanner)
    sources = peers.load(settings, "agencies")
    agencies_room = Agencies(db, clock, bus, dispatch, errands, sources)
    courier = next(iter(peers.load(settings, "courier").values()), None)
    sendings = Sendings(db, clock, bus, events, dispatch, errands, courier)
    mediations_room = Mediations(db, clock, bus, events, dispatch)
    sides = Sides(db, clock, mediations_room)
    dispatch.timers.also |= sides.timers()
    mediators = mediations.Mediators(gateway, routing, destinations)
    official = wechat_accounts.load(settings)
    ears = speech.load(settings)
    letters = case_texts.CaseTexts(db, clock, bus, limits, settings)
    wechat = WeChat(official, db, clock, bus, gateway, limits, letters, redis, ears)
    dispatch.timers.also[wechat_media.TIMER] = wechat.media.fire
    dispatch.timers.also[case_texts.TIMER] = letters.fire
    dispatch.timers.also[wechat_unagreed.TIMER] = wechat.unagreed.fire
    desk_news = DeskNews(gateway)
    events.table = {
        OfferAccepted: [desk_news.accepted, referrals_room.follow],
        NobodyThere: [desk_news.nobody_there],
        TicketReturned: [desk_news.returned],
        TicketClosed: [desk_news.closed, referrals_room.follow, mediations_room.follow],
        ReferralMoved: [organs.Organs(gateway).tell],
        ApplicationMoved: [applied.Applied(gateway, aid.casework).tell],
        LetterSent: [
            posted.Posted(gateway, settings.PUBLIC_URL).tell,
            LetterTexts(db, clock, letters).tell,
        ],
        MediationMoved: [mediators.tell],
    }
    parts = Parts(
        settings=settings,
        clock=clock,
        db=db,
        bus=bus,
        events=events,
        limits=limits,
        lawbook=lawbook,
        destinations=destinations,
        lawyers=lawyers,
        dispatch=dispatch,
        routing=routing,
        referrals=referrals_room,
        applications=aid,
        mediations=mediations_room,
        sides=sides,
        gateway=gateway,
        texts=letters,
        wechat=wechat,
        errands=errands,
        agencies=agencies_room,
        sendings=sendings,
        reader=ocr.Reader() if settings.OCR else None,
        hotline=None,
    )
    telephone.install(parts, carriers, texter, ears)
    return parts


def _channels() -> list[APIRouter]:
    """Every folder of router/channels with an `endpoints.api` is a channel."""
    found = []
    for module in pkgutil.iter_modules(router.channels.__path__):
        if module.ispkg:
            rooms = importlib.import_module(f"router.channels.{module.name}.endpoints")
            found += [rooms.api] if hasattr(rooms, "api") else []
    return found


async def _explain(request: Request, error: Exception) -> Response:
    assert isinstance(error, RouterError)
    health.ERRORS.labels(error.code).inc()
    log.info("refused", extra={"code": error.code, "ids": error.ids})
    if render.wants_page(request):
        return render.error_page(request, error)
    told = {"error": error.sentence, "code": error.code}
    return JSONResponse(told, status_code=error.status, headers=error.headers)


async def _explain_invalid(request: Request, error: Exception) -> Response:
    return await _explain(request, BadRequest())


async def _explain_missing(request: Request, error: Exception) -> Response:
    return await _explain(request, NotFound())


async def _explain_method(request: Request, error: Exception) -> Response:
    return await _explain(request, WrongMethod())


async def _explain_unforeseen(request: Request, error: Exception) -> Response:
    log.error("unforeseen", exc_info=error)
    return await _explain(request, RouterError())
