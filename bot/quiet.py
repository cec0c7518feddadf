"""What every process of ours does before `import rasa`: no telemetry, no noise, no citizen's words.

Rasa puts messages into its log lines, at ERROR too (rest.message.received.failure), and an
exception may quote them: only names, levels, types and places in the code leave the process.
"""

from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path
from traceback import extract_tb
from typing import Any

from bot import no_tensorflow

_SAFE = ("event", "level", "event_key")


def _only_names(_: Any, __: str, event: dict[str, Any]) -> tuple[tuple[str], dict[str, Any]]:
    line = " ".join(f"{key}={event[key]!r}" for key in _SAFE if key in event)
    return (line,), {"exc_info": event.get("exc_info")}  # what the logger of logging is called with


class Reticent(logging.Formatter):
    """An exception by its type and where it came from, without what it says."""

    def formatException(self, ei: Any) -> str:
        places = [f"{Path(f.filename).name}:{f.lineno}" for f in extract_tb(ei[2])[-4:]]
        return f"{ei[0].__name__ if ei[0] else 'error'} at {' > '.join(places)}"


def prepare() -> None:
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    # More BLAS threads only fight for the cores on one short text
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    warnings.simplefilter("ignore")
    warnings.showwarning = lambda *_, **__: None  # Rasa's own imports set the filter anew
    no_tensorflow.install()
    import structlog

    handler = logging.StreamHandler()
    handler.setFormatter(Reticent("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _only_names,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        cache_logger_on_first_use=True,  # else every debug line that is dropped builds its logger
    )
