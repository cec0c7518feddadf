"""What a referral owes to what its ticket has become. `after`: see Destinations.after()."""

from collections.abc import Mapping

from sqlalchemy import Select, and_, false, or_, select

from router.referrals.inbound import NOTICE
from router.referrals.models import Referral
from router.referrals.outbound import LAWYERS
from router.referrals.status import LIVE, State
from router.tickets.models import Ticket
from router.tickets.status import OUTCOMES as TICKET_OUTCOMES
from router.tickets.status import Status


def due(
    referral: Referral, ticket: Ticket, after: Mapping[str, str]
) -> tuple[State, str | None, str] | None:
    """Pure: the move, outcome and words that a referral owes to what its ticket has become."""
    if ticket.delivery == NOTICE:
        return None  # its application tells the organ
    status, outcome = Status(ticket.status), ticket.outcome or ""
    if status is Status.CLOSED and referral.direction == "in":
        if outcome == "out_of_scope":
            return State.RETURNED, None, TICKET_OUTCOMES[outcome]
        return State.CLOSED, outcome, ""
    if status is Status.CLOSED and not goes_on_without(referral, ticket, after):
        return State.CLOSED, outcome, ""
    taken = status is Status.ACCEPTED and referral.direction == "in"
    return (State.ACCEPTED, None, "") if taken and referral.status == State.SENT else None


def behind(after: Mapping[str, str]) -> Select[str]:
    """Tickets whose referrals owe a step; the same as due(), as a condition."""
    passed_on = [
        and_(Referral.destination == name, Ticket.outcome == outcome)
        for name, outcome in after.items()
    ]
    goes_on = or_(
        Ticket.delivery == "transfer",
        and_(Ticket.delivery.in_(LAWYERS), or_(false(), *passed_on)),
    )
    came, closed = Referral.direction == "in", Ticket.status == Status.CLOSED
    taken = and_(Ticket.status == Status.ACCEPTED, Referral.status == State.SENT)
    return (
        select(Referral.ticket_id)
        .join(Ticket, Ticket.id == Referral.ticket_id)
        .where(
            Referral.status.in_(LIVE),
            Ticket.delivery != NOTICE,
            or_(and_(came, or_(closed, taken)), and_(~came, closed, ~goes_on)),
        )
        .limit(200)
    )


def goes_on_without(referral: Referral, ticket: Ticket, after: Mapping[str, str]) -> bool:
    """The other organ's work does not end with this closed ticket."""
    if ticket.delivery in LAWYERS:
        return ticket.outcome == after.get(referral.destination, "")  # a lawyer passed it on
    return ticket.delivery == "transfer"  # the ticket was over when it began
