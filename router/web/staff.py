"""Who of the staff is at the browser, and which cases they may open."""

from typing import Annotated

from fastapi import Cookie, Depends, HTTPException, Request
from sqlalchemy.ext.asyncio import AsyncSession

from router import audit
from router.errors import Forbidden, NotFound, NotSignedIn
from router.lawyers.models import Lawyer
from router.parts import Parts, parts
from router.tickets.models import Ticket
from router.tickets.status import Status
from router.web.live import Gone

COOKIE = "jy_staff"
MEDIATOR = "mediator"  # a role that sees mediations alone
P = Annotated[Parts, Depends(parts)]


async def signed_in(
    request: Request, p: P, token: Annotated[str | None, Cookie(alias=COOKIE)] = None
) -> Lawyer:
    try:
        if not token:
            raise NotSignedIn()
        return await p.lawyers.signed_in(token)
    except NotSignedIn:
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            raise HTTPException(303, headers={"Location": "/desk/login"}) from None
        raise


Anybody = Annotated[Lawyer, Depends(signed_in)]


async def of_the_desk(me: Anybody) -> Lawyer:
    if me.role == MEDIATOR:
        raise Forbidden(lawyer=me.id)
    return me


Staff = Annotated[Lawyer, Depends(of_the_desk)]


async def of_mediation(me: Anybody) -> Lawyer:
    if me.role not in (MEDIATOR, "supervisor"):
        raise Forbidden(lawyer=me.id)
    return me


Mediating = Annotated[Lawyer, Depends(of_mediation)]


async def still_signed_in(request: Request, p: Parts) -> None:
    """A stream outlives its sign-in: whoever left or whose shift's session ended sees no more."""
    try:
        await p.lawyers.signed_in(request.cookies.get(COOKIE))
    except NotSignedIn:
        raise Gone() from None


async def supervisor(me: Staff) -> Lawyer:
    if me.role != "supervisor":
        raise Forbidden(lawyer=me.id)
    return me


Supervisor = Annotated[Lawyer, Depends(supervisor)]


def may_read(ticket: Ticket, me: Lawyer) -> bool:
    """The whole case: its owner, also after closing, and the supervisor."""
    return me.role == "supervisor" or ticket.owner == me.id


def is_asked(ticket: Ticket, me: Lawyer) -> bool:
    """Before accepting: matter, urgency and summary only."""
    return ticket.status == Status.OFFERED and ticket.offered_to == me.id


async def open_case(p: Parts, session: AsyncSession, ticket_id: str, me: Lawyer) -> Ticket:
    """The ticket; a case of somebody else is as if it did not exist."""
    ticket = await session.get(Ticket, ticket_id, populate_existing=True)
    if ticket is None or not (may_read(ticket, me) or is_asked(ticket, me)):
        raise NotFound(ticket=ticket_id, lawyer=me.id)
    return ticket


async def owned(p: Parts, me: Lawyer, ticket_id: str) -> None:
    async with p.db.read() as session:
        ticket = await open_case(p, session, ticket_id, me)
    if ticket.owner != me.id:
        raise NotFound(ticket=ticket_id, lawyer=me.id)


async def trace(p: Parts, me: Lawyer, action: str, *about: str) -> None:
    """Every look at a case, written before the page is sent."""
    if not about:
        return
    async with p.db.write() as session:
        for one in about:
            await audit.record(session, p.clock.now(), me.id, action, one)
            await session.flush()  # the next entry is hashed over this one
