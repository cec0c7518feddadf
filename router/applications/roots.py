"""What an application grows out of: one trouble of a talk, the ticket's or the present one."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.applications.models import Application
from router.conversations.models import Conversation, Message
from router.tickets.models import Ticket


def of(talk: Conversation) -> str:
    """The key of what is talked about now."""
    return f"{talk.id}:{talk.case_no}"


def trouble(talk: Conversation, ticket: Ticket | None) -> tuple[str, str]:
    """Key and intake of the ticket's trouble: the talk may have gone on to another one."""
    told = json.loads(talk.intake or "{}")
    if ticket and talk.case_no > 1 and told.get("label") != ticket.matter:
        return f"{talk.id}:{ticket.id}", ticket.intake
    return of(talk), talk.intake or (ticket.intake if ticket else "")


def grown(root: str) -> Any:
    return select(Application).where(Application.grown_from == root)


async def said(s: AsyncSession, conversation_id: str) -> list[str]:
    """The citizen's own lines, in order."""
    theirs = Message.conversation_id == conversation_id, Message.who == "citizen"
    rows = await s.scalars(select(Message).where(*theirs).order_by(Message.seq))
    return [row.text for row in rows]
