"""The action server: `python -m actions.server --port 5055`. Private, quiet, this machine only."""

from __future__ import annotations

import argparse
import logging

from rasa_sdk.endpoint import create_app
from sanic import Sanic

from bot import heap

HOST = "127.0.0.1"


def build() -> Sanic:
    """Rasa's own action server with the package `actions` in it."""
    # create_app registers the loggers of sanic; a request line or a body has no place in a log
    for name in ("sanic.access", "sanic.root", "rasa_sdk.endpoint", "rasa_sdk.executor"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return create_app("actions.turn")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=5055)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    server = build()
    heap.freeze()
    server.run(HOST, options.parse_args().port, access_log=False, debug=False)


if __name__ == "__main__":
    main()
