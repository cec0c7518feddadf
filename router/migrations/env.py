"""Run by Alembic: applies revisions over the router's own engine, SQLite and PostgreSQL alike."""

import asyncio
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from router import audit  # noqa: F401  (its table)
from router.applications import models as _applications  # noqa: F401
from router.applications.casework import models as _casework  # noqa: F401
from router.channels.hotline import models as _hotline  # noqa: F401
from router.channels.wechat import models as _wechat  # noqa: F401
from router.conversations import models as _conversations  # noqa: F401
from router.corrections import models as _corrections  # noqa: F401
from router.db import Base, UTCDateTime
from router.dispatch import models as _dispatch  # noqa: F401
from router.lawyers import models as _lawyers  # noqa: F401
from router.mediation import models as _mediation  # noqa: F401
from router.referrals import models as _referrals  # noqa: F401
from router.routing import models as _routing  # noqa: F401
from router.tickets import models as _tickets  # noqa: F401


def _plain_moments(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A revision must not depend on today's classes."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=_plain_moments,
        render_as_batch=connection.dialect.name == "sqlite",  # SQLite cannot alter a column
    )
    with context.begin_transaction():
        context.run_migrations()


async def _main() -> None:
    url = context.config.get_main_option("sqlalchemy.url")
    assert url
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)
        await connection.commit()
    await engine.dispose()


asyncio.run(_main())
