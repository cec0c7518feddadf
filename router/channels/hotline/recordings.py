"""Recordings: fetched from the carrier piece by piece, encrypted, checked, deleted there; deleted
here in time. None is ever whole in memory."""

import hashlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import datetime, timedelta

from sqlalchemy import Delete, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from router import crypto
from router.channels.hotline import store, tasks
from router.channels.hotline.ground import Ground
from router.channels.hotline.models import Call, CallTask, Recording, RecordingPart
from router.channels.hotline.port import CarrierError
from router.db import Database
from router.speech import NotSound

log = logging.getLogger(__name__)
CONSULTATION = "consultation"
PART = 1 << 20  # bytes: half a minute of sound
MB = 1 << 20
PATIENCE = 36  # tries: a day, and the carrier has it as long
LONGEST = timedelta(hours=1)  # between two of them


class Damaged(ValueError):
    """What was stored is not what was fetched."""


async def keep(ground: Ground, task: CallTask) -> None:
    """Once; the carrier's copy goes only after ours is in, and read again."""
    ref = str(task.args["ref"])
    async with ground.db.read() as s:
        call = await s.get_one(Call, task.call_id)
        kept = await s.scalar(select(Recording.id).where(Recording.ref == ref))
    try:
        if kept is None:
            await _fetch(ground, task, call, ref)
        await ground.carrier(call).delete(ref)
    except CarrierError as error:
        if (error.wait is None and not error.unknown) or task.tries >= PATIENCE:
            raise
        log.warning("hotline.recording_waits", extra={"call": call.id, "because": error.code})
        raise tasks.Later(min(timedelta(seconds=2**task.tries), LONGEST)) from None


async def _fetch(ground: Ground, task: CallTask, call: Call, ref: str) -> None:
    row_id, most = task.key, ground.settings.RECORDING_MAX_MB * MB
    async with ground.db.write() as s:
        await tasks.hold(s, task, ground.clock.now())
        await s.execute(_parts_of(row_id))  # of a process that died at it
    whole, size = hashlib.sha256(), 0
    async with aclosing(_even(ground.carrier(call).fetch(ref))) as pieces:
        async for piece in pieces:
            if size + len(piece) > most:
                raise CarrierError("too_long")
            async with ground.db.write(soon=True) as s:
                await tasks.hold(s, task, ground.clock.now())
                s.add(_part(row_id, size, piece))
            whole.update(piece)
            size += len(piece)
    if not size:
        raise CarrierError("empty", wait=2.0)
    now, digest = ground.clock.now(), whole.hexdigest()
    row = Recording(
        id=row_id, call_id=call.id, conversation_id=call.conversation_id, ref=ref,
        kind=CONSULTATION, sha256=digest, size=size,
        created_at=now, keep_until=now + ground.settings.RECORDING_KEEP,
    )  # fmt: skip
    await check(ground.db, row)
    async with ground.db.write() as s:
        await tasks.hold(s, task, now)
        s.add(row)
        if ground.ears:
            store.task(s, call, "write_out", now, recording=row.id)


async def _even(pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """In parts, however the network cuts them."""
    part = bytearray()
    async for piece in pieces:
        part += piece
        while len(part) >= PART:
            yield bytes(part[:PART])
            del part[:PART]
    if part:
        yield bytes(part)


def _part(row_id: str, begins: int, piece: bytes) -> RecordingPart:
    sealed = crypto.current().seal_bytes(piece, _bound_to(row_id, begins))
    return RecordingPart(recording_id=row_id, begins=begins, size=len(piece), sealed=sealed)


async def give_up(ground: Ground, task: CallTask) -> None:
    """Pieces of what is not whole go; the carrier's copy stays there."""
    async with ground.db.write() as s:
        whole = select(Recording.id).where(Recording.id == task.key)
        await s.execute(_parts_of(task.key).where(~whole.exists()))


def _parts_of(row_id: str) -> Delete:
    return delete(RecordingPart).where(RecordingPart.recording_id == row_id)


async def write_out(ground: Ground, task: CallTask) -> None:
    """What a speech model hears in it: the carrier's recogniser hears only the citizen's answers
    to the assistant, or nothing."""
    row_id = str(task.args["recording"])
    async with ground.db.read() as s:
        row = await s.get_one(Recording, row_id)
    if row.deleted_at or ground.ears is None:
        return
    heard = b"".join([piece async for piece in sound(ground.db, row)])
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


async def sound(
    db: Database, row: Recording, start: int = 0, stop: int | None = None
) -> AsyncIterator[bytes]:
    """Its bytes from `start` to before `stop`, each part opened by itself. Raises Damaged."""
    at, end = start, row.size if stop is None else stop
    while at < end:
        here = RecordingPart.recording_id == row.id, RecordingPart.begins <= at
        async with db.read() as s:
            last = select(RecordingPart).where(*here).order_by(RecordingPart.begins.desc()).limit(1)
            part = await s.scalar(last)
        if part is None or at >= part.begins + part.size:
            raise Damaged(row.id)
        plain = crypto.current().open_bytes(part.sealed, _bound_to(row.id, part.begins))
        piece = plain[at - part.begins : end - part.begins]
        yield piece
        at += len(piece)


async def check(db: Database, row: Recording) -> None:
    """Raises Damaged."""
    whole = hashlib.sha256()
    async for piece in sound(db, row):
        whole.update(piece)
    if whole.hexdigest() != row.sha256:
        raise Damaged(row.id)


async def prune(s: AsyncSession, now: datetime) -> None:
    """The sound and its words go; that there was one, and until when, stays."""
    old = Recording.keep_until <= now, Recording.deleted_at.is_(None)
    gone = select(Recording.id).where(*old)
    await s.execute(delete(RecordingPart).where(RecordingPart.recording_id.in_(gone)))
    await s.execute(update(Recording).where(*old).values(words_sealed=None, deleted_at=now))


def _bound_to(row_id: str, begins: int) -> str:
    """The first part as whole recordings were, before there were parts."""
    return f"recordings:sound_sealed:{row_id}" + (f":{begins}" if begins else "")
