"""Run by the bot's environment: `bot/.venv/bin/python -m pytest tests/bot`.

The grammar of bot/language is read by both environments, so its tests run in both.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

if importlib.util.find_spec("rasa") is None:
    collect_ignore_glob = ["test_rasa_*.py"]
else:
    import os
    import tempfile

    from bot import quiet

    os.environ["RASA_CACHE_DIRECTORY"] = tempfile.mkdtemp(prefix="rasa-cache-")

    quiet.prepare()
