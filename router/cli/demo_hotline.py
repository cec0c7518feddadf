"""The hotline's day beside a running `./jieyuan up`: an exchange of the reference gateway, two demo
lawyers with telephones, and the play in reference/cti_gateway/day.py. Nothing leaves this machine.
"""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import uvicorn
from sqlalchemy import select

from reference.cti_gateway.day import MOBILE, SEAT, Day
from reference.cti_gateway.exchange import Exchange
from reference.cti_gateway.gateway import Gateway
from reference.cti_gateway.journal import Journal
from router import crypto
from router.cli import staff
from router.cli.environment import fail, missing
from router.clock import SystemClock
from router.db import Database, new_id
from router.lawyers.models import Lawyer, Shift
from router.secrets import data_keys
from router.settings import Settings

PEOPLE = {"day": ("yanshi-zuoxi", "何固（演示）", "fixed"),
          "night": ("yanshi-yunzuoxi", "夜云（演示）", "cloud")}  # fmt: skip

PAUSE = 0.8  # seconds: the day takes a minute, and can be followed


def main(settings: Settings, told: dict[str, str], url: str, port: int) -> int:
    """`told`: the settings that `up` has of the played exchange."""
    if lacking := missing(settings):
        return fail(lacking)
    try:
        return asyncio.run(_day(settings, told, url, port))
    except (TimeoutError, httpx.ConnectError) as error:
        return fail(f"演示没有演完：{error or '连不上 up'}。请看 up 是否在运行、是否重启过。")


async def _day(settings: Settings, told: dict[str, str], url: str, port: int) -> int:
    passwords = await _people(settings)
    exchange = Exchange()
    async with httpx.AsyncClient(base_url=url) as app:
        gateway = Gateway(
            Journal(":memory:"), exchange, app, key=told["CTI_KEY"],
            secret_in=told["CTI_SECRET_OUT"], secret_out=told["CTI_SECRET_IN"],
        )  # fmt: skip
        if await gateway.post({"type": "sidecar.heartbeat", "data": {}}) != 204:
            return fail("up 还不认识演示电话网关，请把它重启一次。")
        server = uvicorn.Server(uvicorn.Config(gateway.api, port=port, log_level="error"))
        serving = asyncio.create_task(server.serve())
        gateway.start()
        desks = {name: await _desk(url, PEOPLE[name][0], passwords[name]) for name in PEOPLE}

        async def duty(who: str, on: bool) -> None:
            await desks[who].post("/desk/duty", data={"on": "yes" if on else "no"})

        try:
            await Day(exchange, duty, lambda line: print(line, flush=True), pause=PAUSE).play()
        finally:
            for who, desk in desks.items():
                await duty(who, False)
                await desk.aclose()
            await gateway.stop()
            server.should_exit = True
            await serving
    return 0


async def _desk(url: str, login: str, password: str) -> httpx.AsyncClient:
    """A browser that is signed in."""
    desk = httpx.AsyncClient(base_url=url, headers={"Origin": url})
    await desk.post("/desk/login", data={"login": login, "password": password})
    return desk


async def _people(settings: Settings) -> dict[str, str]:
    """Passwords of the two lawyers, made where they are not there; both on a shift of two hours."""
    crypto.use(crypto.Keyring(data_keys(settings)))
    found: dict[str, str] = {}
    for who, (login, name, seat) in PEOPLE.items():
        found[who] = await staff.renew(settings, login) or await staff.add(
            settings, login, name, False
        )
        await _on_shift(settings, login, seat)
    return found


async def _on_shift(settings: Settings, login: str, seat: str) -> None:
    db, now = Database(settings.database_url), SystemClock().now()
    try:
        async with db.write() as s:
            row: Any = await s.scalar(select(Lawyer).where(Lawyer.login == login))
            row.phone, row.seat_phone, row.posts = MOBILE, SEAT, ["hotline"]
            hours = now - timedelta(minutes=1), now + timedelta(hours=2)
            s.add(
                Shift(
                    id=new_id(), lawyer_id=row.id, starts_at=hours[0], ends_at=hours[1],
                    post="hotline", seat=seat,
                )
            )  # fmt: skip
    finally:
        await db.close()
