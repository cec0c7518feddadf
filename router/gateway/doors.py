"""One-time ways from another channel to the web page, where the same talk goes on.

Only the hash is stored. A GET uses nothing up: chat apps open every link to look for dangers.
"""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, update

from router.clock import Clock
from router.conversations.models import Conversation, Door
from router.db import Database
from router.errors import RouterError

GOOD_FOR = timedelta(minutes=30)


class DoorClosed(RouterError):
    """这个链接已经用过或者过期了。请回到微信公众号，发“网页”两个字，会有新的链接。"""

    status = 410


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Doors:
    def __init__(self, db: Database, clock: Clock, session_ttl: timedelta) -> None:
        self._db, self._clock, self._session_ttl = db, clock, session_ttl

    async def open(self, conversation_id: str) -> str:
        """A token for an address; those made before for the same talk open nothing any more."""
        token = secrets.token_urlsafe(32)
        door = Door(
            hash=_hash(token),
            conversation_id=conversation_id,
            expires_at=self._clock.now() + GOOD_FOR,
        )
        async with self._db.write() as s:
            await s.execute(delete(Door).where(Door.conversation_id == conversation_id))
            s.add(door)
        return token

    async def enter(self, token: str) -> str:
        """A session token for the talk behind it, once. Raises DoorClosed."""
        now, session_token = self._clock.now(), secrets.token_urlsafe(32)
        async with self._db.write() as s:
            used = delete(Door).where(Door.hash == _hash(token), Door.expires_at > now)
            conversation_id = await s.scalar(used.returning(Door.conversation_id))
            if conversation_id is None:
                raise DoorClosed()
            await s.execute(
                update(Conversation)
                .where(Conversation.id == conversation_id)
                .values(token_hash=_hash(session_token), token_expires_at=now + self._session_ttl)
            )
        return session_token
