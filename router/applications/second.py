"""双人复核: where the office wants it (data/applications/second.yml), what one person decides is a
draft until another confirms it. A draft is no move: clocks run on, nobody outside hears of it."""

from datetime import datetime
from functools import cache
from typing import Any, Final

import yaml
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from router import audit
from router.applications import moves
from router.applications.errors import (
    ApplicationMovedOn,
    BadDecision,
    DraftWaits,
    OwnDraft,
)
from router.applications.models import Application
from router.applications.status import NEXT, State
from router.settings import ROOT

FILE = ROOT / "data" / "applications" / "second.yml"
DECISIONS: Final = (State.ACCEPTED, State.REFUSED, State.TERMINATED)


class Offices(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    regions: frozenset[str]


@cache
def offices() -> Offices:
    return Offices.model_validate(yaml.safe_load(FILE.read_text("utf-8")))


def of_office(application: Application) -> bool:
    """Not of an objection: another person answers it anyhow."""
    here = application.region in offices().regions
    return here and application.status != State.OBJECTED


def wanted(application: Application, to: State) -> bool:
    return to in DECISIONS and of_office(application)


def free(application: Application) -> None:
    """Raises DraftWaits: one thing is decided at a time."""
    if application.drafted_by:
        raise DraftWaits(application=application.id)


async def keep(
    s: AsyncSession, application: Application, to: State, letter: dict[str, Any], by: str,
    now: datetime,
) -> None:  # fmt: skip
    """The draft, in the history. Raises ApplicationMovedOn, DraftWaits."""
    free(application)
    if to not in NEXT[State(application.status)]:
        raise ApplicationMovedOn(application=application.id, to=to)
    words = str(letter.get("reasons") or "")
    sets = {"drafted_by": by}
    await moves.note(s, application, f"drafted_{to.value}", now, by=by, words=words, sets=sets)
    application.draft = {
        "to": to.value, "letter": letter, "number": application.seq, "at": now.isoformat(),
    }  # fmt: skip
    await audit.record(s, now, by, f"application_drafted_{to.value}", application.id)


def taken(application: Application, number: int, by: str) -> tuple[State, dict[str, Any]]:
    """What is confirmed: the decision and its letter. `number`: of the draft that was read. Raises
    ApplicationMovedOn, OwnDraft."""
    draft = _read(application, number)
    if application.drafted_by == by:
        raise OwnDraft(application=application.id)
    return State(draft["to"]), {**draft["letter"], "drafted_by": application.drafted_by}


async def back(
    s: AsyncSession, application: Application, number: int, by: str, reasons: str, now: datetime
) -> None:
    """To who drafted it, with a reason; they themselves may take it back without one. Raises
    ApplicationMovedOn, BadDecision."""
    _read(application, number)
    own = application.drafted_by == by
    if not reasons and not own:
        raise BadDecision()
    how = "draft_taken_back" if own else "draft_sent_back"
    await moves.note(s, application, how, now, by=by, words=reasons, sets=moves.NO_DRAFT)
    await audit.record(s, now, by, f"application_{how}", application.id)


def _read(application: Application, number: int) -> dict[str, Any]:
    draft: dict[str, Any] = application.draft
    if not application.drafted_by or draft["number"] != number:
        raise ApplicationMovedOn(application=application.id)
    return draft
