"""Signing in of lawyers and supervisors: argon2id, tokens kept as hashes."""

import asyncio
import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select, update

from router.clock import Clock
from router.db import Database
from router.errors import NotSignedIn, WrongPassword
from router.lawyers.models import Lawyer, StaffSession
from router.settings import Settings

_hasher = PasswordHasher()  # argon2id, RFC 9106's low-memory profile
# Checked when the login is unknown, so that both answers take the same time.
_NOBODY = _hasher.hash(secrets.token_urlsafe())


def hash_password(password: str) -> str:
    return _hasher.hash(password)


class Lawyers:
    def __init__(self, db: Database, clock: Clock, settings: Settings) -> None:
        self._db, self._clock = db, clock
        self._ttl = settings.STAFF_SESSION_TTL

    async def sign_in(self, login: str, password: str) -> str:
        """A new session's token. Raises WrongPassword, whichever of the two was wrong."""
        async with self._db.read() as s:
            lawyer = await s.scalar(select(Lawyer).where(Lawyer.login == login.strip()))
        known = (
            lawyer and lawyer.password_hash
        ) or _NOBODY  # imported, not given one yet: as nobody
        fits = await asyncio.to_thread(_fits, known, password)  # argon2 would hold up the loop
        if lawyer is None or not fits:
            raise WrongPassword()
        weak = _hasher.check_needs_rehash(known)  # a first password, hashed with hundreds of others
        better = await asyncio.to_thread(hash_password, password) if weak else known
        token, now = secrets.token_urlsafe(32), self._clock.now()
        async with self._db.write() as s:
            if weak:
                theirs = update(Lawyer).where(Lawyer.id == lawyer.id)
                same = theirs.where(Lawyer.password_hash == known)  # not renewed meanwhile
                await s.execute(same.values(password_hash=better))
            await s.execute(delete(StaffSession).where(StaffSession.expires_at <= now))
            s.add(
                StaffSession(
                    token_hash=_digest(token), lawyer_id=lawyer.id, expires_at=now + self._ttl
                )
            )
        return token

    async def signed_in(self, token: str | None) -> Lawyer:
        """Whose session it is. Raises NotSignedIn."""
        async with self._db.read() as s:
            lawyer = await s.scalar(
                select(Lawyer)
                .join(StaffSession, StaffSession.lawyer_id == Lawyer.id)
                .where(
                    StaffSession.token_hash == _digest(token or ""),
                    StaffSession.expires_at > self._clock.now(),
                )
            )
        if lawyer is None:
            raise NotSignedIn()
        return lawyer

    async def sign_out(self, token: str | None) -> None:
        async with self._db.write() as s:
            gone = delete(StaffSession).where(StaffSession.token_hash == _digest(token or ""))
            await s.execute(gone)


def _fits(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
