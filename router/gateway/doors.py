"""One-time ways from another channel to the web page, where the same talk goes on.

Only the hash is stored. A GET uses nothing up: chat apps open every link to look for dangers.
"""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from router import crypto
from router.clock import Clock
from router.codes import ALPHABET
from router.conversations.models import Conversation, Door
from router.db import Database
from router.errors import RouterError

GOOD_FOR = timedelta(minutes=30)
CODE_GOOD_FOR = timedelta(minutes=10)


class DoorClosed(RouterError):
    """这个链接已经用过或者过期了。请回到微信公众号，发“网页”两个字，会有新的链接。"""

    status = 410


def code_indices(reference: str, code: str) -> list[str]:
    """`code` without its hyphen. Short, so that only who has our key could try them all."""
    return crypto.current().indices(code, f"way to {reference}")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Doors:
    def __init__(self, db: Database, clock: Clock, session_ttl: timedelta) -> None:
        self._db, self._clock, self._session_ttl = db, clock, session_ttl

    async def open(self, conversation_id: str) -> str:
        """A token for an address; those made before for the same talk open nothing any more."""
        token = secrets.token_urlsafe(32)
        await self._put(conversation_id, _hash(token), GOOD_FOR)
        return token

    async def code(self, conversation_id: str, reference: str) -> str:
        """A code to be typed elsewhere with the reference; it takes the place of a token."""
        code = "".join(secrets.choice(ALPHABET) for _ in range(8))
        index = code_indices(reference, code)[0]
        await self._put(conversation_id, index, CODE_GOOD_FOR)
        return f"{code[:4]}-{code[4:]}"

    async def take(self, s: AsyncSession, reference: str, code: str) -> str | None:
        """The talk that this code opens, once; inside the caller's transaction."""
        fits = Door.hash.in_(code_indices(reference, code)), Door.expires_at > self._clock.now()
        used = delete(Door).where(*fits).returning(Door.conversation_id)
        found: str | None = await s.scalar(used)
        return found

    async def _put(self, conversation_id: str, hashed: str, good_for: timedelta) -> None:
        until = self._clock.now() + good_for
        door = Door(hash=hashed, conversation_id=conversation_id, expires_at=until)
        async with self._db.write() as s:
            await s.execute(delete(Door).where(Door.conversation_id == conversation_id))
            s.add(door)

    async def enter(self, token: str) -> str:
        """A session token for the talk behind it, once. Raises DoorClosed."""
        now = self._clock.now()
        async with self._db.write() as s:
            used = delete(Door).where(Door.hash == _hash(token), Door.expires_at > now)
            conversation_id = await s.scalar(used.returning(Door.conversation_id))
            if conversation_id is None:
                raise DoorClosed()
            return await self.let_in(s, conversation_id)

    async def let_in(self, s: AsyncSession, conversation_id: str) -> str:
        """A session token of this talk; the browser that had one is let out."""
        token = secrets.token_urlsafe(32)
        until = self._clock.now() + self._session_ttl
        theirs = update(Conversation).where(Conversation.id == conversation_id)
        await s.execute(theirs.values(token_hash=_hash(token), token_expires_at=until))
        return token
