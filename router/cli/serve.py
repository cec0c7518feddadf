"""`./jieyuan serve`: one router process. Any number of them may share a database and a Redis."""

import argparse

import uvicorn

from router import logs
from router.app import build_app
from router.settings import Settings


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./jieyuan serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args(argv)
    settings = Settings()
    settings.refuse_demo_in_production()
    logs.set_up()
    uvicorn.run(
        build_app(settings),
        host=options.host,
        port=options.port,
        log_config=None,
        access_log=False,  # a URL may carry an id
        server_header=False,
        timeout_graceful_shutdown=3,  # open event streams never end by themselves
    )
    return 0
