"""Partners and their keys. A key is shown once and stored as a hash, encrypted besides where its
owner signs with it; only the operator makes it."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router import audit
from router.db import new_id
from router.referrals.errors import KeyNotForThis, WrongKey
from router.referrals.models import Partner, PartnerKey

OPERATOR = "operator"  # in the audit trail: who has the server's command line
SCOPES = {"send": "可转来", "answer": "可答复", "call": "可转接来电"}


@dataclass(frozen=True)
class Caller:
    """A partner's computer that has shown a good key."""

    partner: Partner
    scopes: frozenset[str]

    def may(self, scope: str) -> None:
        if scope not in self.scopes:
            raise KeyNotForThis(partner=self.partner.id, scope=scope)


async def recognise(session: AsyncSession, shown: str, now: datetime) -> Caller:
    """Whose key it is. Raises WrongKey: unknown, expired and revoked are answered alike."""
    found = (
        await session.execute(
            select(Partner, PartnerKey)
            .join(PartnerKey, PartnerKey.partner_id == Partner.id)
            .where(
                PartnerKey.digest == _digest(shown),
                PartnerKey.revoked_at.is_(None),
                Partner.revoked_at.is_(None),
            )
        )
    ).one_or_none()
    if found is None or (found[1].expires_at and found[1].expires_at <= now):
        raise WrongKey()
    return Caller(found[0], frozenset(found[1].scopes))


async def by_key_id(
    session: AsyncSession, key_id: str, now: datetime
) -> tuple[Partner, PartnerKey] | None:
    """For who signs with the key (`secret`) instead of showing it."""
    found = (
        await session.execute(
            select(Partner, PartnerKey)
            .join(PartnerKey, PartnerKey.partner_id == Partner.id)
            .where(
                PartnerKey.id == key_id,
                PartnerKey.revoked_at.is_(None),
                Partner.revoked_at.is_(None),
            )
        )
    ).one_or_none()
    if found is None or (found[1].expires_at and found[1].expires_at <= now):
        return None
    return found[0], found[1]


async def add(
    session: AsyncSession,
    now: datetime,
    *,
    name: str,
    label: str,
    region: str,
    days: int,
    url: str | None,
) -> tuple[Partner, str | None]:
    """The partner, and the secret that signs what is pushed to its url. IntegrityError: the name
    is taken."""
    partner = Partner(
        id=new_id(), name=name, label=label, region=region, days=days, url=url, created_at=now
    )
    secret = secrets.token_urlsafe(32) if url else None
    partner.secret = secret or ""
    session.add(partner)
    await session.flush()
    await audit.record(session, now, OPERATOR, "partner_added", name)
    return partner, secret


async def new_key(
    session: AsyncSession,
    partner: Partner,
    scopes: Sequence[str],
    now: datetime,
    expires_at: datetime | None = None,
) -> str:
    """The key itself: the only time that anybody sees it."""
    key_id = secrets.token_hex(4)
    key = f"jy_{key_id}_{secrets.token_urlsafe(32)}"
    row = PartnerKey(
        id=key_id,
        partner_id=partner.id,
        digest=_digest(key),
        scopes=list(scopes),
        created_at=now,
        expires_at=expires_at,
    )
    if "call" in scopes:
        row.secret = key
    session.add(row)
    await session.flush()
    await audit.record(session, now, OPERATOR, "partner_key", f"{partner.name}:{key_id}")
    return key


async def by_name(session: AsyncSession, name: str) -> Partner | None:
    found: Partner | None = await session.scalar(
        select(Partner).where(Partner.name == name, Partner.revoked_at.is_(None))
    )
    return found


async def revoke(session: AsyncSession, named: str, now: datetime) -> bool:
    """A partner by its name with all its keys, or one key by its id. False: there is none."""
    for row, is_it in ((Partner, Partner.name == named), (PartnerKey, PartnerKey.id == named)):
        ended = update(row).where(is_it, row.revoked_at.is_(None)).values(revoked_at=now)
        if (await session.execute(ended)).rowcount:  # type: ignore[attr-defined]
            await audit.record(session, now, OPERATOR, "partner_revoked", named)
            return True
    return False


def fault_of(url: str, plain_allowed: bool) -> str | None:
    """What is wrong with an address that we shall push to; None: nothing."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "网址写得不对。"
    if not host or parts.username or parts.password or parts.fragment:
        return "网址应当形如 https://主机/路径,不带用户名、密码和 #。"
    if parts.scheme != "https" and not (plain_allowed and parts.scheme == "http"):
        return "网址应当以 https:// 开头:推送的内容里有个人信息。"
    return None


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
