"""Where the two Python environments are, and what a child of ours needs to see of the world."""

import os
import sys
from pathlib import Path

from pydantic import ValidationError

from router.secrets import BadKey
from router.settings import ROOT, MissingSettings, Settings

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


def missing(settings: Settings) -> str:
    """Nothing is made here: an empty database or a new key would answer with nothing."""
    database = settings.STATE_DIR / "jieyuan.db"
    if settings.DATABASE_URL is None and not database.is_file():
        return f"没有数据库 {database};请用 --state 指明目录,或设 DATABASE_URL。"
    key = settings.STATE_DIR / "keys" / "data.key"
    if settings.DATA_KEY is None and not key.is_file():
        return f"没有密钥 {key},存下的内容打不开;请用 --state 指明目录,或设 DATA_KEY。"
    return ""


def sentence_for(error: Exception) -> str | None:
    """What the operator can put right themselves; None for a fault of ours."""
    # here, not above: `up` has no database and stays small
    from asyncpg import PostgresError  # type: ignore[import-untyped]
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    from router.eligibility import LawError

    if isinstance(error, ValidationError) and error.title == "Settings":
        wrong = "、".join(str(one["loc"][0]) for one in error.errors())
        return f"这些设置写得不对:{wrong};写法见 README 的“设置”。"
    if isinstance(error, BadKey | MissingSettings | LawError):
        return str(error)
    if isinstance(error, SQLAlchemyError | PostgresError | ConnectionError):
        # the driver's own words carry no parameters of a statement
        why = error.orig if isinstance(error, DBAPIError) else type(error).__name__
        return f"数据库用不了({why});请检查 DATABASE_URL、STATE_DIR 和磁盘。"
    if isinstance(error, OSError):
        where = f" {error.filename}" if error.filename else ""
        return f"{error.strerror or error}{where};请检查目录权限和磁盘空间。"
    return None
