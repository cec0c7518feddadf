"""What every process of ours does before `import rasa`: no telemetry, no noise, no citizen's words.

Rasa puts messages into its log lines, at ERROR too (rest.message.received.failure), so that only
the event's name, its level and an exception's type leave the process.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from typing import Any

from bot import no_tensorflow

_SAFE = ("event", "level", "event_key")


def _only_names(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    kept = {key: event[key] for key in _SAFE if key in event}
    if event.get("exc_info"):
        kind, error, trace = sys.exc_info()
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if kind is not None and trace is not None:
            code = trace.tb_frame.f_code
            kept["error"] = kind.__name__
            kept["at"] = f"{os.path.basename(code.co_filename)}:{trace.tb_lineno}"
    return kept


def prepare() -> None:
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    # More BLAS threads only fight for the cores on one short text
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    warnings.simplefilter("ignore")
    no_tensorflow.install()
    import structlog

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.processors.add_log_level,
            _only_names,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
