"""`python -m reference.cti_gateway --app http://127.0.0.1:8000 --state gateway.db`

The played exchange is spoken to line by line on standard input:
`dial NUMBER`, then `LEG answer|say WORDS|press KEYS|star|hang`, and `list`.
"""

import argparse
import asyncio
import os
import sys

import httpx
import uvicorn

from reference.cti_gateway.exchange import Exchange, Phone
from reference.cti_gateway.gateway import Gateway
from reference.cti_gateway.journal import Journal


async def main() -> None:
    parser = argparse.ArgumentParser(prog="cti_gateway", description=__doc__)
    parser.add_argument("--app", default="http://127.0.0.1:8000", help="the router's address")
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--state", default="gateway.db", help="the journal")
    options = parser.parse_args()
    exchange = Exchange()
    async with httpx.AsyncClient(base_url=options.app) as app:
        gateway = Gateway(
            Journal(options.state), exchange, app, key=os.environ.get("CTI_KEY", "jieyuan"),
            secret_in=os.environ["CTI_SECRET_OUT"], secret_out=os.environ["CTI_SECRET_IN"],
        )  # fmt: skip
        gateway.start()
        server = uvicorn.Server(uvicorn.Config(gateway.api, port=options.port, log_level="warning"))
        console = asyncio.create_task(talk(exchange))
        await server.serve()
        console.cancel()
        await gateway.stop()


async def talk(exchange: Exchange) -> None:
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        match line.split(maxsplit=2):
            case ["dial", number]:
                print("leg", exchange.dials_in(number.strip(), "12348").leg_id[:8], flush=True)
            case ["list"]:
                for phone in exchange.phones.values():
                    print(phone.leg_id[:8], phone.number, phone.state, *phone.heard[-2:])
            case [leg, *what]:
                for phone in exchange.phones.values():
                    if phone.leg_id.startswith(leg):
                        act(phone, what)


def act(phone: Phone, what: list[str]) -> None:
    match what:
        case ["answer"]:
            phone.pick_up()
        case ["hang"]:
            phone.put_down()
        case ["star"]:
            phone.press_star()
        case ["say" | "press", words] if phone.asked and not phone.asked.done():
            heard = {"speech": words, "sure": "1"} if what[0] == "say" else {"keys": words}
            phone.asked.set_result(heard)


if __name__ == "__main__":
    asyncio.run(main())
