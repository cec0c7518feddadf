"""Cut off: every move of the table, killed before its commit, leaves nothing of itself; done again
it is done once and told once."""

from contextlib import suppress
from datetime import date

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from router.applications import moves, promise
from router.applications.status import NEXT, State
from router.dispatch.models import Timer
from router.errors import RouterError
from router.referrals.schemas import Notice
from tests import factories
from tests.router.applications.test_notices import NOTICE

S = State
UNTIL = date(2026, 3, 16)
# By the applicant or between the staff; of all else the applicant hears
SILENT = {S.SUBMITTED, S.SUPPLEMENTED, S.WITHDRAWN, S.OBJECTED, S.RETURNED, S.CLOSED}
BEFORE = {  # how an application comes to be there
    S.DRAFT: (), S.SUBMITTED: (S.SUBMITTED,),
    S.SUPPLEMENT: (S.SUBMITTED, S.SUPPLEMENT),
    S.SUPPLEMENTED: (S.SUBMITTED, S.SUPPLEMENT, S.SUPPLEMENTED),
    S.ACCEPTED: (S.SUBMITTED, S.ACCEPTED),
    S.ASSIGNED: (S.SUBMITTED, S.ACCEPTED, S.ASSIGNED),
    S.ENDED: (S.SUBMITTED, S.ACCEPTED, S.ASSIGNED, S.ENDED),
    S.REFUSED: (S.SUBMITTED, S.REFUSED),
    S.OBJECTED: (S.SUBMITTED, S.REFUSED, S.OBJECTED),
    S.TERMINATED: (S.SUBMITTED, S.ACCEPTED, S.TERMINATED),
}  # fmt: skip


class Killed(Exception):
    """The process is gone."""


async def do(institution, it, was, to):
    """The move as the applicant, the reviewer or the lawyer makes it."""
    desk, boss, review = institution.desk, institution.boss.id, institution.desk.review
    if to is S.ACCEPTED and was is S.SUPPLEMENT:
        await desk.ending.prior(it.id, boss, "LAL 44(1)(2)", None, "急", [], UNTIL)
    elif to is S.ACCEPTED and was is S.ASSIGNED:
        await desk.ending.change(it.id, boss, "原律师生病")
    else:
        await {
            S.SUBMITTED: lambda: desk.submit(it.id, promise.current().version, "web"),
            S.SUPPLEMENT: lambda: review.ask_more(it.id, boss, ["欠条"], UNTIL),
            S.SUPPLEMENTED: lambda: desk.supply(it.id, "补上了"),
            S.WITHDRAWN: lambda: desk.withdraw(it.id),
            S.ACCEPTED: lambda: review.accept(it.id, boss, "符合"),
            S.REFUSED: lambda: review.refuse(it.id, boss, "超过标准", ["LAL 34"]),
            S.TRANSFERRED: lambda: review.transfer(it.id, boss, "邻县", "事由在邻县"),
            S.ASSIGNED: lambda: review.assign(it.id, boss, institution.lawyer.id),
            S.TERMINATED: lambda: desk.ending.terminate(it.id, boss, "LAL 48(1)(7)", "本人要求"),
            S.RETURNED: lambda: desk.ending.send_back(it.id, boss, "不归本县"),
            S.OBJECTED: lambda: desk.object(it.id, "家里有病人"),
            S.UPHELD: lambda: review.uphold(it.id, boss, "仍然超过标准"),
            S.ENDED: lambda: desk.casework.end(it.id, institution.lawyer.id, institution.an_end()),
            S.CLOSED: lambda: desk.casework.report(it.id, institution.lawyer.id, "庭审一次"),
        }[to]()


async def brought_to(institution, was, number):
    if number:  # an organ's notice
        given = Notice.model_validate(NOTICE | {"number": number})
        return await institution.desk.notices.typed(institution.boss.id, "法院", "990101", given)
    it, before = await institution.filled(), S.DRAFT
    for to in BEFORE[was]:
        await do(institution, it, before, to)
        before = to
    return it


async def seen(institution, it):
    """State, history, letter, clock, the timers, and what the applicant was told."""
    await institution.fire()
    now = await institution.now(it)
    async with institution.db.read() as s:
        timers = sorted(await s.scalars(select(Timer.id).where(Timer.id.contains(it.id))))
    told = await institution.told(it)
    return (
        now.status,
        now.seq,
        await institution.history(it),
        now.decision,
        now.due_at,
        timers,
        told,
    )


@pytest.mark.parametrize("was", [state for state in State if NEXT[state]])
async def test_a_move_that_is_cut_off_leaves_nothing_and_done_again_is_done_and_told_once(
    institution, monkeypatch, was
):
    institution.lawyer = await factories.lawyer(institution.db, institution.clock)
    for count, to in enumerate(sorted(NEXT[was])):
        number = f"（2026）示法刑援{count}号" if to is S.RETURNED else ""
        it = await brought_to(institution, was, number)
        before = await seen(institution, it)
        for cut in ("claim", "commit"):
            with pytest.raises(Killed):
                await cut_off(institution, it, was, to, cut, monkeypatch)
            assert await seen(institution, it) == before, (was, to, cut)
        await do(institution, it, was, to)
        after = await seen(institution, it)
        assert (after[0], after[1]) == (to, before[1] + 1), (was, to)
        assert len(after[-1]) - len(before[-1]) == (to not in SILENT), (was, to)
        with suppress(RouterError):
            await do(institution, it, was, to)  # a second click
        assert await seen(institution, it) == after, (was, to)


async def cut_off(institution, it, was, to, cut, monkeypatch):
    def die(*_):
        raise Killed

    if cut == "claim":
        with monkeypatch.context() as patch:
            patch.setattr(moves, "_note", die)
            await do(institution, it, was, to)
        return
    event.listen(Session, "before_commit", die)
    try:
        await do(institution, it, was, to)
    finally:
        event.remove(Session, "before_commit", die)
