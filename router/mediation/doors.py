"""Ways into one mediation without an account: for a committee that has none and the other side.

A code of 59 bits, in a link or typed from paper, lets one browser in, once. Of the code only a
blind index is searched, of the browser's token only its hash; looking at the link uses nothing up.
"""

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router import crypto, scrub
from router.codes import ALPHABET
from router.db import new_id
from router.mediation.errors import DoorShut
from router.mediation.models import MediationDoor
from router.tickets import callbacks

COMMITTEE, RESPONDENT = "committee", "respondent"
GOOD_FOR = timedelta(days=30)  # CFG: this office's own, as long as a referral's answer
_TELLS = (scrub.PHONE, scrub.ID, scrub.ACCOUNT, scrub.NUMBER, scrub.PLACE)


def new_code() -> str:
    """E.g. K7Q2-9XMD-4RTB: nothing in it is misread."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))


def plain(typed: str) -> str:
    return "".join(c for c in typed.upper() if c.isascii() and c.isalnum())


def _index(code: str) -> list[str]:
    return crypto.current().indices(plain(code), "mediation door")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def mobile(number: str) -> str | None:
    """A mobile number of the mainland; None: it is none, and reads no message."""
    digits = re.sub(r"\D", "", callbacks.dialled(number) or "")
    return digits if re.fullmatch(r"1\d{10}", digits) else None


def tells_too_much(text: str) -> bool:
    """A number or an address in what the other side is to read. Reads a model: not on the loop."""
    left = scrub.scrub(text)
    return any(mark in left and mark not in text for mark in _TELLS)


def guest(door: MediationDoor) -> str:
    """Who acts through it, in histories and the audit trail."""
    return f"door:{door.side}:{door.id}"


def side_of(by: str | None) -> str | None:
    """Of guest(); None: one of the staff, or nobody."""
    kind, _, rest = (by or "").partition(":")
    return rest.partition(":")[0] if kind == "door" else None


async def issue(
    s: AsyncSession, mediation_id: str, side: str, by: str, told: dict[str, Any], now: datetime
) -> MediationDoor:
    """`told`: number, about. The one before of the same side opens nothing any more."""
    await close(s, mediation_id, now, side)
    code = new_code()
    door = MediationDoor(
        id=new_id(),
        mediation_id=mediation_id,
        side=side,
        code_index=_index(code)[0],
        by=by,
        created_at=now,
        expires_at=now + GOOD_FOR,
    )
    door.told = {**told, "code": code}
    s.add(door)
    await s.flush()
    return door


async def close(s: AsyncSession, mediation_id: str, now: datetime, side: str | None = None) -> None:
    """Takes back what is open, of one side or of both; who is inside is out."""
    found = select(MediationDoor).where(
        MediationDoor.mediation_id == mediation_id, MediationDoor.closed_at.is_(None)
    )
    if side:
        found = found.where(MediationDoor.side == side)
    for door in await s.scalars(found.with_for_update()):
        door.closed_at, door.guest_hash, door.told = now, None, {}


async def live(
    s: AsyncSession, mediation_id: str, side: str, now: datetime
) -> MediationDoor | None:
    found: MediationDoor | None = await s.scalar(
        select(MediationDoor).where(
            MediationDoor.mediation_id == mediation_id,
            MediationDoor.side == side,
            MediationDoor.closed_at.is_(None),
            MediationDoor.expires_at > now,
        )
    )
    return found


async def enter(s: AsyncSession, code: str, now: datetime) -> tuple[MediationDoor, str]:
    """The door and a token for this browser, once. Raises DoorShut, for every reason alike."""
    token = secrets.token_urlsafe(32)
    used = (
        update(MediationDoor)
        .where(
            MediationDoor.code_index.in_(_index(code)),
            MediationDoor.entered_at.is_(None),
            MediationDoor.closed_at.is_(None),
            MediationDoor.expires_at > now,
        )
        .values(entered_at=now, guest_hash=_hash(token))
        .returning(MediationDoor.id)
        .execution_options(synchronize_session=False)
    )
    found = await s.scalar(used)
    if found is None:
        raise DoorShut()
    door = await s.get_one(MediationDoor, found, populate_existing=True)
    door.told = {name: value for name, value in door.told.items() if name != "code"}
    return door, token


async def of_token(s: AsyncSession, token: str | None, now: datetime) -> MediationDoor:
    """Raises DoorShut."""
    found: MediationDoor | None = await s.scalar(
        select(MediationDoor).where(
            MediationDoor.guest_hash == _hash(token or ""),
            MediationDoor.closed_at.is_(None),
            MediationDoor.expires_at > now,
        )
    )
    if found is None:
        raise DoorShut()
    return found


def fits(door: MediationDoor, code: str) -> bool:
    """Whether it is this code's: who is inside may open the link again."""
    return door.code_index in _index(code)
