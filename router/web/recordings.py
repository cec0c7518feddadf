"""A call's recording, played on the case's page; every time it is in the audit trail."""

from fastapi import APIRouter, Depends, Response

from router.channels.hotline import recordings
from router.errors import Forbidden, NotFound
from router.web import staff
from router.web.origin import same_origin
from router.web.staff import P, Staff

pages = APIRouter(prefix="/desk", dependencies=[Depends(same_origin)])


@pages.get("/tickets/{ticket_id}/recordings/{recording_id}")
async def play(p: P, me: Staff, ticket_id: str, recording_id: str) -> Response:
    async with p.db.read() as s:
        ticket = await staff.open_case(p, s, ticket_id, me)
        if not staff.may_read(ticket, me):
            raise Forbidden(ticket=ticket_id)
        found = await recordings.sound(s, recording_id, ticket.conversation_id)
    if found is None:
        raise NotFound(recording=recording_id)
    await staff.trace(p, me, "hear_recording", f"{ticket_id}:{recording_id}")
    return Response(found, media_type="audio/wav")
