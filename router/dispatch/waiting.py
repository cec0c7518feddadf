"""What waits, seen from a lawyer: the first ticket that fits them.

Waiting tickets with the same place and wish are one line; the lines are few, however many wait.
A lawyer looks at the heads of those lines that they may serve.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import (
    BindParameter,
    Select,
    String,
    Subquery,
    Table,
    and_,
    bindparam,
    exists,
    literal,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from router.conversations.models import HOTLINE
from router.dispatch import conflicts, refusals
from router.dispatch.keys import PERSON, Wish, places
from router.lawyers.models import Lawyer
from router.tickets.models import Ticket
from router.tickets.service import OPEN

Rank = tuple[int, datetime, str]
_T: Table = Ticket.__table__  # type: ignore[assignment]
_FIRST_BESIDES = (
    select(_T.c.urgency, _T.c.created_at, _T.c.id)
    .where(
        OPEN, _T.c.place.is_not(None), _T.c.id.not_in(bindparam("besides", expanding=True))
    )
    # in order: else PostgreSQL hopes to meet one soon and reads the whole table
    .order_by(_T.c.urgency, _T.c.created_at, _T.c.id)
    .limit(literal(1, literal_execute=True))
)  # fmt: skip
HEADS = 8  # of each line: another process may be faster at the first

# From line to line along the index, without reading what stands in them.
_LINES = text("""
WITH RECURSIVE line(place, wants) AS (
  SELECT here.place, (SELECT min(t.wants) FROM tickets t
                      WHERE t.status = 'open' AND t.place = here.place)
  FROM (SELECT CAST(:a AS VARCHAR) AS place UNION SELECT CAST(:b AS VARCHAR)
        UNION SELECT CAST(:c AS VARCHAR) UNION SELECT CAST(:d AS VARCHAR)) here
  UNION ALL
  SELECT line.place, (SELECT min(t.wants) FROM tickets t
                      WHERE t.status = 'open' AND t.place = line.place AND t.wants > line.wants)
  FROM line WHERE line.wants IS NOT NULL
)
SELECT place, wants FROM line WHERE wants IS NOT NULL
""")


async def for_lawyer(
    s: AsyncSession, lawyer: Lawyer, now: datetime, pause: timedelta, on_telephone: bool,
    besides: Sequence[str] = (),
) -> list[str]:  # fmt: skip
    """Ids of tickets that they may be offered now, the most urgent first, then the oldest."""
    lines = [(PERSON, lawyer.id), *await _lines(s, lawyer)]
    told = refusals.told(lawyer, now, pause) | {"firm": lawyer.firm_id, "besides": besides}
    told["unless_post"] = HOTLINE if on_telephone else ""
    for n, (place, wants) in enumerate(lines):
        told |= {f"place{n}": place, f"wants{n}": wants}
    return list(await s.scalars(_heads(len(lines)), told))


async def _lines(s: AsyncSession, lawyer: Lawyer) -> list[tuple[str, str]]:
    near = places(lawyer.region)
    spots = dict(zip("abcd", [*near, *[near[-1]] * 3], strict=False))
    found = await s.execute(_LINES, spots)
    return [(place, wants) for place, wants in found if Wish.of(wants).met_by(lawyer)]


@lru_cache
def _heads(lines: int) -> Select[str]:
    heads = [_head(bindparam(f"place{n}"), bindparam(f"wants{n}")) for n in range(lines)]
    together = union_all(*(select(head) for head in heads)).subquery()
    order = together.c.urgency, together.c.created_at, together.c.id
    return select(together.c.id).order_by(*order).limit(literal(HEADS, literal_execute=True))


def _head(place: BindParameter[str], wants: BindParameter[str]) -> Subquery:
    me = bindparam("me", type_=String)
    other = _T.alias()
    held_elsewhere = exists().where(
        other.c.conversation_id == _T.c.conversation_id,
        or_(
            and_(other.c.status == literal("offered"), other.c.offered_to != me),
            and_(other.c.status == literal("accepted"), other.c.owner != me),
        ),
    )
    return (
        select(_T.c.id, _T.c.urgency, _T.c.created_at)
        .where(
            OPEN,
            _T.c.place == place,
            _T.c.wants == wants,
            _T.c.id.not_in(bindparam("besides", expanding=True)),
            _T.c.post != bindparam("unless_post", type_=String),
            ~refusals.REFUSED,
            ~conflicts.OTHER_SIDE,
            ~held_elsewhere,
        )
        .order_by(_T.c.urgency, _T.c.created_at, _T.c.id)
        .limit(literal(HEADS, literal_execute=True))
        .subquery()
    )


async def unseen(s: AsyncSession) -> Sequence[str]:
    """Those that nobody has looked for a lawyer for since they came or came back."""
    query = (
        select(Ticket.id)
        .where(OPEN, Ticket.place.is_(None))
        .order_by(Ticket.urgency, Ticket.created_at, Ticket.id)
    )
    return list(await s.scalars(query))


async def in_order(s: AsyncSession, ids: Sequence[str]) -> Sequence[str]:
    """Waiting or not: urgent first, then the oldest; those that are gone at the end."""
    query = select(Ticket.id).where(Ticket.id.in_(ids))
    found = await s.scalars(query.order_by(Ticket.urgency, Ticket.created_at, Ticket.id))
    return list(dict.fromkeys([*found, *ids]))


async def release(s: AsyncSession, ticket: Ticket) -> None:
    """The citizen's other tickets are looked at again: while this one was somebody's, they were
    kept from everybody else, also from who has become free or came on duty meanwhile."""
    theirs = Ticket.conversation_id == ticket.conversation_id
    freed = update(Ticket).where(OPEN, theirs)
    await s.execute(freed.values(place=None, wants=None))


def rank(ticket: Ticket) -> Rank:
    return ticket.urgency, ticket.created_at, ticket.id


async def first_besides(s: AsyncSession, ids: Sequence[str]) -> Rank | None:
    """Of what waits and is looked at again when somebody becomes free."""
    found = (await s.execute(_FIRST_BESIDES, {"besides": ids})).first()
    return (found.urgency, found.created_at, found.id) if found else None


async def first_is_another(
    s: AsyncSession, ticket: Ticket, lawyer_id: str, besides: Sequence[str], now: datetime,
    pause: timedelta, on_telephone: bool,
) -> bool:  # fmt: skip
    """A more urgent or older ticket waits that this lawyer could be offered just as well."""
    lawyer = await s.get_one(Lawyer, lawyer_id)
    first = await for_lawyer(s, lawyer, now, pause, on_telephone, besides)
    return bool(first) and rank(await s.get_one(Ticket, first[0])) < rank(ticket)
