"""Where it stands, for who has the reference and its code: the same on the web and by telephone.

The code follows from the reference and the data key, so that none is stored; it opens nothing but
this answer. A wrong code, and a reference that nobody has, are answered alike.
"""

import hmac
import unicodedata
from datetime import datetime
from itertools import product

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from router.applications.models import Application
from router.applications.status import LABELS, State, next_step
from router.clock import Clock, china_date
from router.codes import ALPHABET, standing_codes
from router.conversations.models import Conversation
from router.db import Database
from router.errors import RouterError
from router.limits import Limits
from router.routing.service import Routing

PREFIX, LENGTH = "JY", 8
TRIES = "10/hour"  # at one reference: of a million codes
FROM_ONE = "30/hour"  # of one caller or address
KEYPAD = {
    sign: key
    for key, signs in zip("23456789", ("ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ"),
                          strict=True)
    for sign in signs + key
}  # fmt: skip
CALL = "急事请拨打 12348；有危险请马上拨打 110。"


class NotFoundSo(RouterError):
    """没有查到。请核对编号和查询码：编号形如 JY-XXXX-XXXX，查询码是 6 位数字。"""

    status = 404


def keyed(reference: str) -> str:
    """The keys of a telephone under its last eight signs."""
    signs = reference.removeprefix(PREFIX).replace("-", "")
    return "".join(KEYPAD.get(sign, "0") for sign in signs)


def _plain(typed: str) -> str:
    text = unicodedata.normalize("NFKC", typed).upper()
    return "".join(c for c in text if c.isascii() and c.isalnum())


class Standing:
    def __init__(self, db: Database, clock: Clock, limits: Limits, routing: Routing) -> None:
        self._db, self._clock, self._limits, self._routing = db, clock, limits, routing

    async def asked(self, reference: str, code: str, who: str) -> str:
        """As it is typed or keyed; `who`: address or number, for the limit. Raises NotFoundSo,
        TooFast."""
        async with self._db.read() as s:
            found = await match(s, reference, code)
        return await self.tell(found, reference, who)

    async def tell(self, found: str | None, reference: str, who: str) -> str:
        """`found`: of match(). It is counted first, and only then answered."""
        await self._limits.check("standing-from", who, FROM_ONE)
        await self._limits.check("standing", keyed(_last(reference)), TRIES)
        if found is None:
            raise NotFoundSo()
        async with self._db.read() as s:
            talk = await s.get_one(Conversation, found)
        return await self.of(talk)

    async def of(self, talk: Conversation) -> str:
        """Lines: each matter where it is, what is next, by when and whom to call."""
        said = await self._routing.status(talk.id)
        async with self._db.read() as s:
            forms = await s.scalars(
                select(Application)
                .where(Application.conversation_id == talk.id)
                .order_by(Application.created_at)
            )
            lines = [said, *(_application(one, self._clock.now()) for one in forms)]
        return "\n".join(lines if CALL in said else [*lines, CALL])


def _good(reference: str, code: str) -> bool:
    return any([hmac.compare_digest(one, code) for one in standing_codes(reference)])


async def match(s: AsyncSession, reference: str, code: str) -> str | None:
    """The conversation; None where either is wrong, or the keys are not clear."""
    found = [r for r in await _like(s, _last(reference)) if _good(r.reference, _plain(code))]
    return found[0].id if len(found) == 1 else None


def _last(typed: str) -> str:
    """The eight signs after JY."""
    text = _plain(typed)[:40]
    return text.removeprefix(PREFIX) if len(text) > LENGTH else text


async def _like(s: AsyncSession, wanted: str) -> list[Conversation]:
    """Those that were meant: letters as they are, or the keys under them. Unknown ones are looked
    for all the same."""
    keys = len(wanted) == LENGTH and not set(wanted) - set("23456789")
    starts = [wanted[:2]]
    if keys:
        under = [[sign for sign in ALPHABET if KEYPAD[sign] == key] for key in wanted[:2]]
        starts = ["".join(pair) for pair in product(*under)]
    column = Conversation.reference
    spans = [column.between(f"{PREFIX}-{one}22-2222", f"{PREFIX}-{one}ZZ-ZZZZ") for one in starts]
    exact = [column == f"{PREFIX}-{wanted[:4]}-{wanted[4:]}"]
    rows = await s.scalars(select(Conversation).where(or_(*(spans if keys else exact))))
    return [row for row in rows if not keys or keyed(row.reference) == wanted]


def _application(one: Application, now: datetime) -> str:
    state, due = State(one.status), china_date(one.due_at) if one.due_at else None
    by = f"{due.month}月{due.day}日" if due else ""
    return f"法律援助申请 {one.reference}：{LABELS[state]}。{next_step(state, by)}"
