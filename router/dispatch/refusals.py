"""Who let a ticket pass (declined, did not answer, gave it back) and may not yet be asked again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, Table, and_, bindparam, exists, literal, or_

from router.db import UTCDateTime
from router.dispatch.models import Offer
from router.lawyers.models import Lawyer
from router.tickets.models import Ticket

_O: Table = Offer.__table__  # type: ignore[assignment]
_T: Table = Ticket.__table__  # type: ignore[assignment]
LET_PASS = ("declined", "expired", "returned", "taken_back")
NEVER_AGAIN = "interest"  # 利害关系: their reason stands, whatever time has passed


@dataclass(frozen=True)
class Refusals:
    """Of one ticket, by lawyer: how often, when last, and whether for good."""

    times: dict[str, int]
    last: dict[str, datetime]
    for_good: frozenset[str]

    @classmethod
    def of(cls, offers: Sequence[Any]) -> "Refusals":
        """Rows with the columns of an offer that was let pass."""
        times: dict[str, int] = {}
        last: dict[str, datetime] = {}
        for offer in offers:
            at = offer.answered_at or offer.created_at
            times[offer.lawyer_id] = times.get(offer.lawyer_id, 0) + 1
            last[offer.lawyer_id] = max(at, last.get(offer.lawyer_id, at))
        for_good = {o.lawyer_id for o in offers if o.reason == NEVER_AGAIN}
        return cls(times, last, frozenset(for_good))

    def rested(self, lawyer: Lawyer, now: datetime, pause: timedelta) -> bool:
        """True for who never refused. `abs`: a clock that was put back makes nobody wait longer."""
        if lawyer.id in self.for_good:
            return False
        last = self.last.get(lawyer.id)
        if last is None or abs(now - last) >= pause:
            return True
        return lawyer.duty_since is not None and lawyer.duty_since > last


# The same of one lawyer (see told) and any ticket, as a condition
REFUSED = exists().where(
    _O.c.ticket_id == _T.c.id,
    _O.c.lawyer_id == bindparam("me", type_=String),
    _O.c.status.in_([literal(how) for how in LET_PASS]),
    or_(
        _O.c.reason == literal(NEVER_AGAIN),
        and_(
            _O.c.answered_at > bindparam("since", type_=UTCDateTime),
            _O.c.answered_at < bindparam("until", type_=UTCDateTime),
            _O.c.answered_at >= bindparam("on_duty_since", type_=UTCDateTime),
        ),
    ),
)


def told(lawyer: Lawyer, now: datetime, pause: timedelta) -> dict[str, Any]:
    """What REFUSED asks for."""
    return {
        "me": lawyer.id,
        "since": now - pause,
        "until": now + pause,
        "on_duty_since": lawyer.duty_since or now - pause,
    }
