"""What the reviewer's page of an application says of it, beside the form itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from router.applications import assigning, blocks, clocks, lanes, letters
from router.applications.models import Application, ApplicationEvent, Ask
from router.applications.status import DRAFTING, LABELS, NEXT, NOTES, OBJECTABLE, State
from router.clock import china_date
from router.lawyers.models import Lawyer
from router.parts import Parts
from router.web import words
from router.web.applytyped import is_told
from router.web.citizen import names_of


def kind(one: Application) -> str:
    """What an organ notified; empty: somebody has applied."""
    told = lanes.known().kinds.get(str(one.notice.get("kind") or ""))
    return told.label if told else ""


def may(it: Application) -> set[str]:
    """What the reviewer may decide here; what has its own form is not among it, and nothing is
    while a decision waits for a second person."""
    if it.drafted_by:
        return set()
    own = {State.ACCEPTED} if State(it.status) in (State.SUPPLEMENT, State.ASSIGNED) else set()
    if it.lane == lanes.APPLIED:
        own.add(State.RETURNED)
    return {one.value for one in NEXT[State(it.status)] - own}


def shown(it: Application) -> list[tuple[str, list[tuple[str, str]]]]:
    """Title and rows of each part; nothing before its owner let it be read."""
    if not is_told(it):
        return []
    if it.lane == lanes.APPLIED:
        return blocks.shown(it.form)
    rows = [("姓名", str(it.form["name"])), ("证件号码", str(it.form["id_number"] or "—"))]
    return [("被追诉人", rows)]


def asked(ask: Ask | None, found: list[assigning.Candidate]) -> dict[str, str] | None:
    """Who is asked now, and until when."""
    if ask is None:
        return None
    whom = [one.name if ask.lawyer_id else one.firm for one in found
            if one.id == ask.lawyer_id or (ask.firm_id and one.firm_id == ask.firm_id)]  # fmt: skip
    return {"id": ask.id, "whom": whom[0] if whom else "", "until": words.day_time(ask.answer_by)}


def firms(found: list[assigning.Candidate]) -> list[tuple[str, str]]:
    """Id and name, in the turn of their lawyers."""
    return list(dict.fromkeys((one.firm_id, one.firm) for one in found if one.firm_id))


async def drafted(p: Parts, s: AsyncSession, it: Application, me: Lawyer) -> dict[str, Any] | None:
    """The decision that waits for a second person, with its letter as it would go out today."""
    if not it.drafted_by:
        return None
    draft, today = it.draft, p.clock.now()
    told = {**draft["letter"], "at": today.isoformat()}
    if draft["to"] in OBJECTABLE:
        told["until"] = china_date(clocks.due("objection", today)).isoformat()
    names = await names_of(s, {it.drafted_by})
    others = select(Lawyer.id).where(Lawyer.role == "supervisor", Lawyer.id != it.drafted_by)
    return {
        "what": LABELS[State(draft["to"])].removeprefix("决定"),
        "number": draft["number"],
        "by": names.get(it.drafted_by, ""),
        "mine": it.drafted_by == me.id,
        "alone": await s.scalar(others.limit(1)) is None,
        "letter": letters.of(it, p.law.articles, told),
    }


def relatives(it: Application) -> str:
    """By which day the organ tells the relatives of who applied from custody, while it matters."""
    asked = it.notice.get("asked_at") if it.lane == lanes.APPLIED else None
    if not asked or not NEXT[State(it.status)]:
        return ""
    return words.of_day(china_date(clocks.due("relatives", datetime.fromisoformat(asked))))


async def waiting(s: AsyncSession, me: Lawyer) -> tuple[list[Application], list[Application]]:
    """Decisions that others have drafted, and one's own; what is due first comes first."""
    if me.role != "supervisor":
        return [], []
    query = select(Application).where(Application.drafted_by.is_not(None))
    found = list(await s.scalars(query.order_by(Application.due_at)))
    own = [it for it in found if it.drafted_by == me.id]
    return [it for it in found if it not in own], own


async def history(s: AsyncSession, it: Application, boss: bool) -> list[dict[str, str]]:
    """What the reviewers say to one another is for them alone."""
    query = select(ApplicationEvent).where(ApplicationEvent.application_id == it.id)
    events = (await s.scalars(query.order_by(ApplicationEvent.seq))).all()
    shown = [one for one in events if boss or one.move not in DRAFTING]
    names = await names_of(s, {one.by for one in shown if one.by})
    return [
        {
            "at": words.day_time(one.at),
            "what": NOTES.get(one.move) or _what(it, one),
            "by": names.get(one.by or "", ""),
            "words": one.words,
        }
        for one in shown
    ]


def _what(it: Application, one: ApplicationEvent) -> str:
    return "收到机关通知" if one.was is None and it.referral_id else LABELS[State(one.now)]


def titles(p: Parts, cites: tuple[str, ...]) -> list[tuple[str, str]]:
    """Articles in words, to choose from."""
    known = p.law.articles
    return [(cite, f"{known[cite].title}：{known[cite].text}") for cite in cites if cite in known]
