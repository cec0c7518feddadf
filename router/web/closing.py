"""Closing a case: its outcome, and what the lawyer corrects of what the machine has heard."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from router.applications.service import OUTCOME as AID
from router.clock import china_date
from router.corrections.service import Corrected
from router.destinations.labels import LABELS
from router.destinations.registry import Destinations
from router.eligibility.facts import FACTS, GROUPS, FactError, parse_facts, plain
from router.eligibility.words import UNITS
from router.errors import BadRequest
from router.gateway.text import KEPT_MAX_CHARS
from router.parts import Parts
from router.referrals.deadlines import due_after
from router.referrals.outbound import LAWYERS, organ_of
from router.routing import mediators
from router.tickets.models import Ticket
from router.tickets.status import OUTCOMES
from router.web import staff
from router.web.origin import same_origin
from router.web.staff import P, Staff

pages = APIRouter(prefix="/desk", dependencies=[Depends(same_origin)])
Words = Annotated[str, Form(max_length=KEPT_MAX_CHARS)]

# the few that decide most often
NUMBERS: Final = ("amount", "household_size", "household_income", "income_pc")
# Nobody was asked: that nothing was corrected confirms nothing
UNHEARD: Final = frozenset({"unreachable", "withdrawn"})
DOUBT: Final = "预审没有把这件事指向这里，请再看一眼。"


def form_of(intake: Mapping[str, Any], matter: str | None) -> dict[str, Any]:
    """What the machine has heard, as the form shows it."""
    facts, details = intake.get("facts") or {}, intake.get("details") or {}
    amount = facts.get("amount") or details.get("amount")
    told = {**facts, "amount": amount if isinstance(amount, int | float) else None}
    numbers = {name: told[name] for name in NUMBERS if told.get(name) is not None}
    groups = [one for one in facts.get("groups") or () if one in GROUPS]
    heard = {"label": intake.get("label") or matter, "groups": groups, **numbers}
    return {
        "heard": json.dumps(heard),
        "label": heard["label"],
        "labels": LABELS,
        "numbers": [
            (
                name,
                FACTS[name].label,
                UNITS[name],
                f"{numbers[name]:.10g}" if name in numbers else "",
            )
            for name in NUMBERS
        ],
        "groups": [(name, word, name in groups) for name, word in GROUPS.items()],
    }


def corrected(form: FormData) -> Corrected | None:
    """What the filled form says of what was heard. None: it says nothing. Raises BadRequest."""
    given = str(form.get("matter") or "")
    try:
        heard = json.loads(str(form.get("heard") or ""))
        label = heard["label"]
        known = {name: heard.get(name) for name in NUMBERS}
        told: dict[str, Any] = {name: _number(str(form.get(name) or "")) for name in NUMBERS}
        groups = [str(one) for one in form.getlist("groups")]
        said = parse_facts({**{k: v for k, v in told.items() if v is not None}, "groups": groups})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadRequest(fact=error.fact if isinstance(error, FactError) else "form") from error
    if given not in LABELS:
        if given or label:  # not one of the list, or taken back to nothing
            raise BadRequest(label=given[:40])
        return None
    values = {name: [known[name], told[name]] for name in NUMBERS if told[name] != known[name]}
    before, now = heard.get("groups") or [], plain(said.get("groups"))
    if set(now) != set(before):
        values["groups"] = [before, now]
    return Corrected(label, given, values)


def _number(text: str) -> float | int | None:
    text = text.strip().replace(",", "").replace("，", "")
    if not text:
        return None
    number = float(text)
    return int(number) if number.is_integer() else number


def onward(
    destinations: Destinations, ticket: Ticket, intake: Mapping[str, Any], now: datetime
) -> list[dict[str, str]]:
    """What each outcome that passes the case on would do, for the lawyer to read beforehand."""
    found = []
    for outcome in dict.fromkeys(destinations.after().values()):
        door = destinations.onward(outcome, intake)
        if door is None or door.referral is None or ticket.delivery not in LAWYERS:
            continue
        terms = door.referral
        due = china_date(due_after(now, terms.days, terms.working))
        span = f"{terms.days} {'个工作日' if terms.working else '天'}"
        told = str(intake.get("outcome") or ""), intake.get("label"), intake.get("facts") or {}
        found.append(
            {
                "outcome": outcome,
                "label": OUTCOMES[outcome],
                "organ": organ_of(door, ticket.region),
                "due": f"{due.month}月{due.day}日（{span}）",
                "doubt": "" if not told[0] or door.fits(*told) else DOUBT,
            }
        )
    return found


async def named(
    s: AsyncSession, p: Parts, ticket: Ticket, intake: Mapping[str, Any]
) -> list[dict[str, str]]:
    """onward() with the committee that would really have it."""
    now = p.clock.now()
    found = onward(p.destinations, ticket, intake, now)
    for one in found:
        door = p.destinations.onward(one["outcome"], intake)
        place = await mediators.place(s, ticket, door, now) if door else None
        if place:
            one["organ"] = place.name
    return found


@pages.post("/tickets/{ticket_id}/close")
async def close(
    request: Request, p: P, me: Staff, ticket_id: str, outcome: Annotated[str, Form()],
    note: Words = "",
) -> Response:  # fmt: skip
    if me.role == "supervisor":
        await p.dispatch.close(ticket_id, me.id, outcome, note.strip() or None)
        return RedirectResponse("/board", 303)
    await staff.owned(p, me, ticket_id)
    form = await request.form()
    said = corrected(form) if "heard" in form else None
    if said and said.untouched and outcome in UNHEARD:
        said = None
    await p.dispatch.close(ticket_id, me.id, outcome, note.strip() or None, said)
    aid = await p.applications.of_ticket(ticket_id) if outcome == AID else None
    if aid and aid.helper == me.id:
        return RedirectResponse(f"/desk/applications/{aid.id}?done=closed", 303)
    passed_on = outcome in p.destinations.after().values()
    return RedirectResponse(f"/desk?done={'passed_on' if passed_on else 'closed'}", 303)
