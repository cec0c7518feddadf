"""Where the two Python environments are, and what a child of ours needs to see of the world."""

import os
import sys
from pathlib import Path

from router.settings import ROOT

BOT_PYTHON = Path(os.environ.get("JIEYUAN_BOT_PYTHON", ROOT / "bot" / ".venv" / "bin" / "python"))

QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
    "PYTHONUNBUFFERED": "1",
    "OMP_NUM_THREADS": "1",  # two cores are shared by four processes
}


def child_environment(**more: str) -> dict[str, str]:
    return {**os.environ, **QUIET, "PYTHONPATH": str(ROOT), **more}


def fail(sentence: str) -> int:
    """One clear sentence for the operator; the exit status of the command."""
    print(f"错误:{sentence}", file=sys.stderr)
    return 1
