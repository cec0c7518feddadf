"""What is counted: for each source the cases of a span, and conditions that name parts of them. A
figure is the count of a condition and its list the same condition, so they cannot differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from router.applications import lanes
from router.applications.casework.ending import ANSWERS, ENDS
from router.applications.casework.models import AidCase, CaseGroup, QualityDraw, QualityReview
from router.applications.casework.opening import indices_of
from router.applications.casework.quality import GRADES
from router.applications.models import Application, ApplicationEvent
from router.applications.status import State
from router.conversations.models import Conversation
from router.destinations.labels import LABELS
from router.eligibility.facts import GROUPS
from router.mediation import report as mediations
from router.mediation.models import Mediation
from router.referrals.models import Referral
from router.report import setup
from router.report.period import Span
from router.tickets.models import Ticket

REFUSED = (State.REFUSED.value, State.OBJECTED.value, State.UPHELD.value)
TERMINATED = (State.TERMINATED.value, State.OBJECTED.value, State.UPHELD.value)
DUTY = Application.lane == lanes.DUTY_HELP
Parts = Mapping[str, ColumnElement[bool]]


@dataclass(frozen=True)
class Source:
    cases: Select[str]  # their references
    parts: Parts


def sources(span: Span, region: str = "") -> dict[str, Source]:
    """`region`: empty for all."""
    return {
        "came": _tickets(span, region),
        "received": _received(span, region),
        "notified": _notified(span, region),
        "accepted": _accepted(span, region),
        "duty": Source(_given(span, region).where(DUTY), {}),
        "closed": _closed(span, region),
        "terminated": _terminated(span, region),
        "mediation": _mediations(span, region),
        "asked": _asked(span, region),
        "drawn": _drawn(span, region),
    }


async def counted(s: AsyncSession, source: Source) -> dict[str, int]:
    """Key of a part to how many; "" is all of them."""
    parts = {"": true(), **source.parts}
    columns = [func.count().filter(part) for part in parts.values()]
    row = (await s.execute(source.cases.with_only_columns(*columns))).one()
    return dict(zip(parts, row, strict=True))


async def summed(s: AsyncSession, source: Source, column: Any) -> int:
    query = source.cases.with_only_columns(func.coalesce(func.sum(column), 0))
    return int(await s.scalar(query) or 0)


def listed(found: Mapping[str, Source], key: str) -> Select[str]:
    """The references of a figure: `accepted`, `accepted/matter:debt`. Raises KeyError."""
    name, _, part = key.partition("/")
    source = found[name]
    query = source.cases.where(source.parts[part]) if part else source.cases
    return query.order_by(source.cases.selected_columns[0])


def _aid(region: str) -> Select[str]:
    query = select(Application.reference).select_from(AidCase)
    query = query.join(Application, Application.id == AidCase.id)
    return query.where(Application.region == region) if region else query


def _received(span: Span, region: str) -> Source:
    query = select(Application.reference).select_from(Application)
    sent = Application.submitted_at
    query = query.where(sent >= span.since, sent < span.until)
    query = query.where(Application.region == region) if region else query
    given = exists().where(AidCase.id == Application.id)  # then the objection is to its end
    refused = and_(Application.status.in_(REFUSED), ~given)
    applied = query.where(Application.lane == lanes.APPLIED)
    return Source(applied, {"refused": refused})


def _notified(span: Span, region: str) -> Source:
    """What organs have notified: nobody has applied."""
    query = select(Application.reference).select_from(Application)
    at = Application.submitted_at
    query = query.where(at >= span.since, at < span.until, Application.lane != lanes.APPLIED)
    parts = {"duty": DUTY, "returned": Application.status == State.RETURNED.value}
    return Source(query.where(Application.region == region) if region else query, parts)


def _given(span: Span, region: str) -> Select[str]:
    """Aid that was given; what went back to the organ was none."""
    at, returned = AidCase.accepted_at, Application.status == State.RETURNED.value
    return _aid(region).where(at >= span.since, at < span.until, ~returned)


def _accepted(span: Span, region: str) -> Source:
    matter = Application.matter
    kinds = setup.current().kinds
    named = [one for some in kinds.values() for one in some]
    parts: dict[str, ColumnElement[bool]] = {
        "notified": Application.lane == lanes.NOTIFIED,
        "kind:civil": or_(matter.is_(None), matter.not_in(named)),
        **{f"kind:{kind}": matter.in_(some) for kind, some in kinds.items()},
        **{f"matter:{label}": matter == label for label in LABELS},
        "matter:": or_(matter.is_(None), matter.not_in(LABELS)),
        **{f"group:{group}": _of_group(group) for group in GROUPS},
    }
    return Source(_given(span, region).where(~DUTY), parts)


def _of_group(group: str) -> ColumnElement[bool]:
    return exists().where(
        CaseGroup.case_id == AidCase.id, CaseGroup.group_index.in_(indices_of(group))
    )


def _closed(span: Span, region: str) -> Source:
    on = AidCase.ended_on
    parts: dict[str, ColumnElement[bool]] = {
        **{f"outcome:{end}": AidCase.outcome == end for end in ENDS},
        "outcome:": AidCase.outcome.is_(None),
        "recovered": AidCase.recovered > 0,
        "waived": AidCase.waived > 0,
        "reported": AidCase.report_at.is_not(None),
    }
    return Source(_aid(region).where(on >= span.first, on < span.after, ~DUTY), parts)


def _terminated(span: Span, region: str) -> Source:
    """Aid that ended before the case did and was not given again since."""
    at = (
        select(func.max(ApplicationEvent.at))
        .where(
            ApplicationEvent.application_id == AidCase.id,
            ApplicationEvent.move == State.TERMINATED.value,
        )
        .scalar_subquery()
    )
    over = Application.status.in_(TERMINATED), at >= span.since, at < span.until
    return Source(_aid(region).where(*over, ~DUTY), {})


def _asked(span: Span, region: str) -> Source:
    at = AidCase.asked_at
    parts: dict[str, ColumnElement[bool]] = {
        "answered": AidCase.satisfied.is_not(None),
        "pleased": AidCase.satisfied.in_(("yes", "mostly")),
        **{f"answer:{one}": AidCase.satisfied == one for one in ANSWERS},
    }
    return Source(_aid(region).where(at >= span.since, at < span.until), parts)


def _drawn(span: Span, region: str) -> Source:
    at = QualityDraw.drawn_at
    query = (
        _aid(region)
        .join(QualityReview, QualityReview.application_id == Application.id)
        .join(QualityDraw, QualityDraw.id == QualityReview.draw_id)
        .where(at >= span.since, at < span.until)
    )
    parts: dict[str, ColumnElement[bool]] = {
        "graded": QualityReview.grade.is_not(None),
        **{f"grade:{one}": QualityReview.grade == one for one in GRADES},
    }
    return Source(query, parts)


def _mediations(span: Span, region: str) -> Source:
    at = Mediation.created_at
    query = (
        select(Referral.receipt)
        .select_from(Mediation)
        .join(Referral, Referral.id == Mediation.referral_id)
        .join(Ticket, Ticket.id == Referral.ticket_id)
        .where(at >= span.since, at < span.until)
    )
    return Source(query.where(Ticket.region == region) if region else query, mediations.parts())


def _tickets(span: Span, region: str) -> Source:
    """Calls and talks for a lawyer or another desk, and what grew out of each."""
    at = Ticket.created_at
    query = (
        select(Conversation.reference)
        .select_from(Ticket)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .where(at >= span.since, at < span.until)
    )
    mediated = exists().where(Mediation.referral_id == Referral.id, Referral.ticket_id == Ticket.id)
    parts: dict[str, ColumnElement[bool]] = {
        "aid": exists().where(Application.ticket_id == Ticket.id),
        "mediation": mediated,
        "guided": Ticket.outcome == "guided",
        "answered": Ticket.outcome == "answered",
    }
    return Source(query.where(Ticket.region == region) if region else query, parts)
