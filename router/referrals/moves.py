"""The only writer of a referral's state. Each move is one conditional update, one line of history,
and the timers of who must hear of it: all in the caller's transaction."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.claim import claim
from router.db import new_id
from router.dispatch import timers
from router.dispatch.models import Timer
from router.referrals.errors import ReferralMovedOn
from router.referrals.models import Partner, Referral, ReferralEvent
from router.referrals.status import LIVE, NEXT, State

PUSH, TELL, DUE = "referral_push", "referral_tell", "referral_due"  # kinds of timers


def timer_id(kind: str, row_id: str) -> str:
    return f"{kind}-{row_id}"


async def open_new(
    session: AsyncSession, referral: Referral, now: datetime, by: str | None = None
) -> None:
    """Stores a new referral with its first event and its deadline. Flush its ticket before."""
    referral.status, referral.created_at, referral.seq = State.SENT.value, now, 1
    session.add(referral)
    await session.flush()
    due = timer_id(DUE, referral.id)
    session.add(Timer(id=due, due_at=referral.due_at, kind=DUE, data={"referral": referral.id}))
    await _note(session, referral, "opened", now, was=None, by=by)


async def move(
    session: AsyncSession,
    referral: Referral,
    to: State,
    now: datetime,
    by: str | None = None,
    outcome: str | None = None,
    words: str = "",
) -> ReferralEvent:
    """Raises ReferralMovedOn when the table does not allow it or somebody else was faster."""
    was = State(referral.status)
    if to not in NEXT[was]:
        raise ReferralMovedOn(referral=referral.id, now=was, to=to)
    await _claim(session, referral, {"status": to.value})
    if to not in LIVE:
        await timers.drop(session, timer_id(DUE, referral.id))
    return await _note(
        session, referral, to.value, now, was=was, by=by, outcome=outcome, words=words
    )


async def say(
    session: AsyncSession, referral: Referral, now: datetime, by: str | None, words: str
) -> None:
    """More about where it stands, e.g. that another lawyer has the case."""
    await _claim(session, referral, {})
    await _note(session, referral, "said", now, was=State(referral.status), by=by, words=words)


async def overdue(session: AsyncSession, referral: Referral, now: datetime) -> None:
    """The alarm, once."""
    if referral.status in LIVE and referral.overdue_at is None:
        await _claim(session, referral, {"overdue_at": now})
        await _note(session, referral, "overdue", now, was=State(referral.status))


async def _claim(session: AsyncSession, referral: Referral, values: dict[str, object]) -> None:
    if not await claim(session, referral, values):
        raise ReferralMovedOn(referral=referral.id)


async def _note(
    session: AsyncSession,
    referral: Referral,
    how: str,
    now: datetime,
    *,
    was: State | None,
    by: str | None = None,
    outcome: str | None = None,
    words: str = "",
) -> ReferralEvent:
    event = ReferralEvent(
        id=new_id(),
        referral_id=referral.id,
        seq=referral.seq,
        at=now,
        move=how,
        was=was,
        now=referral.status,
        by=by,
        outcome=outcome,
    )
    event.words = words
    session.add(event)
    for kind in await _who_hears(session, referral, event):
        data = {"event": event.id, "tried": 0}
        session.add(Timer(id=timer_id(kind, event.id), due_at=now, kind=kind, data=data))
    return event


async def _who_hears(session: AsyncSession, referral: Referral, event: ReferralEvent) -> list[str]:
    """The citizen, of what was said by or for the other organ; the partner's computer, of what it
    did not do itself."""
    if event.move == "overdue":
        return []  # the board's alone
    out, opened = referral.direction == "out", event.move == "opened"
    kinds = [TELL] if out and event.by else []  # what they chose themselves they know
    if opened and not out:
        return kinds  # its sender has the receipt as an answer
    partner = await partner_of(session, referral)
    if partner and partner.url and event.by != author(partner):
        kinds.append(PUSH)
    return kinds


def author(partner: Partner) -> str:
    """How the history and the audit trail name a partner's computer."""
    return f"partner:{partner.name}"


async def partner_of(session: AsyncSession, referral: Referral) -> Partner | None:
    """None: an organ without a computer of ours, or one that was revoked."""
    if referral.partner_id is None:
        return None
    found: Partner | None = await session.scalar(
        select(Partner).where(Partner.id == referral.partner_id, Partner.revoked_at.is_(None))
    )
    return found
