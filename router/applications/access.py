"""Reference and one-time code open an application in one browser; only hashes are stored.

A code is spent when it is used: the page then shows the next one. A wrong code and a reference that
nobody has are answered alike, after the same work.
"""

import hashlib
import hmac
import secrets
import unicodedata
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router import crypto
from router.applications.errors import NoAccess, WrongCode
from router.applications.models import Application
from router.codes import ALPHABET

GOOD_FOR = timedelta(hours=12)
PREFIX = "SQ"


def new_access_code() -> str:
    """Two groups of four, without what is misread: 40 bits, and few tries are let through."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(2))


def plain(typed: str) -> str:
    text = unicodedata.normalize("NFKC", typed).upper()
    return "".join(c for c in text if c.isascii() and c.isalnum())


def reference_of(typed: str) -> str:
    """As it is stored, from what people type."""
    text = plain(typed).removeprefix(PREFIX)[:8]
    return f"{PREFIX}-{text[:4]}-{text[4:]}"


def index_of(reference: str, code: str) -> list[str]:
    return crypto.current().indices(plain(code), f"application {reference}")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def give(application: Application) -> str:
    """A fresh code; the one before opens nothing any more."""
    code = new_access_code()
    application.code_index = index_of(application.reference, code)[0]
    return code


def let_in(application: Application, now: datetime) -> str:
    """A token for this browser; the browser before it is let out."""
    token = secrets.token_urlsafe(32)
    application.access_hash, application.access_until = _hash(token), now + GOOD_FOR
    return token


async def enter(
    session: AsyncSession, typed: str, code: str, now: datetime
) -> tuple[Application, str, str]:
    """The application, its next code and a token for this browser. Raises WrongCode."""
    reference = reference_of(typed)
    found = await session.scalar(select(Application).where(Application.reference == reference))
    stored = found.code_index if found else "-" * 64
    good = [hmac.compare_digest(stored, one) for one in index_of(reference, code)]
    if found is None or not any(good):
        raise WrongCode()
    spend = (
        update(Application)
        .where(Application.id == found.id, Application.code_index == stored)
        .values(code_index="spent")
        .execution_options(synchronize_session=False)
    )
    if (await session.execute(spend)).rowcount != 1:  # type: ignore[attr-defined]
        raise WrongCode()  # two browsers, one code
    await session.refresh(found)
    return found, give(found), let_in(found, now)


async def of_token(session: AsyncSession, token: str | None, now: datetime) -> Application:
    """Raises NoAccess."""
    query = select(Application).where(
        Application.access_hash == _hash(token or ""), Application.access_until > now
    )
    found = await session.scalar(query)
    if found is None:
        raise NoAccess()
    return found


async def leave(session: AsyncSession, token: str | None) -> None:
    """This browser's token opens nothing any more; the code stays as it is."""
    mine = update(Application).where(Application.access_hash == _hash(token or ""))
    await session.execute(mine.values(access_hash=None, access_until=None))
