"""A call's recording, played on the case's page; every time it is in the audit trail."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response
from fastapi.responses import StreamingResponse

from router.channels.hotline import recordings
from router.channels.hotline.models import Recording
from router.errors import Forbidden, NotFound
from router.web import staff
from router.web.origin import same_origin
from router.web.staff import P, Staff

pages = APIRouter(prefix="/desk", dependencies=[Depends(same_origin)])
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


@pages.get("/tickets/{ticket_id}/recordings/{recording_id}")
async def play(
    p: P, me: Staff, ticket_id: str, recording_id: str,
    asked: Annotated[str, Header(alias="range")] = "",
) -> Response:  # fmt: skip
    """Whole, or from where the listener has put the pointer: a range of bytes (RFC 9110 14)."""
    async with p.db.read() as s:
        ticket = await staff.open_case(p, s, ticket_id, me)
        if not staff.may_read(ticket, me):
            raise Forbidden(ticket=ticket_id)
        row = await s.get(Recording, recording_id)
    if row is None or row.conversation_id != ticket.conversation_id or row.deleted_at:
        raise NotFound(recording=recording_id)
    span = part_of(asked, row.size)
    if span is not None and span[0] >= span[1]:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{row.size}"})
    await staff.trace(p, me, "hear_recording", f"{ticket_id}:{recording_id}")
    start, stop = span or (0, row.size)
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(stop - start)}
    if span:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{row.size}"
    body = recordings.sound(p.db, row, start, stop)
    return StreamingResponse(body, 206 if span else 200, headers, "audio/wav")


def part_of(asked: str, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last; none: the whole, also where the header is another."""
    found = _RANGE.fullmatch(asked.strip())
    if found is None or found[0] == "bytes=-":
        return None
    first, last = found.groups()
    if not first:
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    return int(first), min(size, int(last) + 1) if last else size
