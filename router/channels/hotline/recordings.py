"""Recordings: fetched from the carrier, checked, encrypted, deleted there; deleted here in time."""

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from router import crypto
from router.channels.hotline import store
from router.channels.hotline.models import Call, CallTask, Recording
from router.channels.hotline.port import CarrierError
from router.db import new_id
from router.speech import NotSound

if TYPE_CHECKING:
    from router.channels.hotline.service import Ground

CONSULTATION = "consultation"


class Damaged(ValueError):
    """What was stored is not what was fetched."""


async def keep(ground: "Ground", task: CallTask) -> None:
    """Once; the carrier's copy goes only after ours is in."""
    ref = str(task.args["ref"])
    async with ground.db.read() as s:
        call = await s.get_one(Call, task.call_id)
        kept = await s.scalar(select(Recording.id).where(Recording.ref == ref))
    if kept is None:
        sound = await ground.carrier(call).fetch(ref)
        if not sound:
            raise CarrierError("empty", wait=2.0)
        now = ground.clock.now()
        row = Recording(
            id=new_id(), call_id=call.id, conversation_id=call.conversation_id, ref=ref,
            kind=CONSULTATION, sha256=hashlib.sha256(sound).hexdigest(), size=len(sound),
            created_at=now, keep_until=now + ground.settings.RECORDING_KEEP,
        )  # fmt: skip
        row.sound_sealed = crypto.current().seal_bytes(sound, _bound_to(row))
        async with ground.db.write() as s:
            s.add(row)
            if ground.ears:
                store.task(s, call, "write_out", now, recording=row.id)
    await ground.carrier(call).delete(ref)


async def write_out(ground: "Ground", task: CallTask) -> None:
    """What a speech model hears in it: the carrier's recogniser hears only the citizen's answers
    to the assistant, or nothing."""
    row_id = str(task.args["recording"])
    async with ground.db.read() as s:
        heard = await sound(s, row_id, (await s.get_one(Recording, row_id)).conversation_id)
    if not heard or ground.ears is None:
        return
    try:
        text = await ground.ears.text(heard, "audio/wav")
    except NotSound as error:
        raise CarrierError(str(error)) from None
    async with ground.db.write() as s:
        row = await s.get_one(Recording, row_id, with_for_update=True)
        if row.deleted_at is None:
            row.words = text


async def of_case(s: AsyncSession, conversation_id: str) -> list[Recording]:
    rows = await s.scalars(
        select(Recording)
        .where(Recording.conversation_id == conversation_id, Recording.deleted_at.is_(None))
        .order_by(Recording.created_at)
    )
    return list(rows)


async def sound(s: AsyncSession, recording_id: str, conversation_id: str | None) -> bytes | None:
    """None: not of this case, or deleted. Raises Damaged."""
    row = await s.scalar(
        select(Recording)
        .options(undefer(Recording.sound_sealed))
        .where(Recording.id == recording_id, Recording.conversation_id == conversation_id)
    )
    if row is None or row.sound_sealed is None:
        return None
    plain = crypto.current().open_bytes(row.sound_sealed, _bound_to(row))
    if hashlib.sha256(plain).hexdigest() != row.sha256:
        raise Damaged(recording_id)
    return plain


async def prune(s: AsyncSession, now: datetime) -> None:
    """The sound and its words go; that there was one, and until when, stays."""
    over = update(Recording).where(Recording.keep_until <= now, Recording.deleted_at.is_(None))
    await s.execute(over.values(sound_sealed=None, words_sealed=None, deleted_at=now))


def _bound_to(row: Recording) -> str:
    return f"recordings:sound_sealed:{row.id}"
